"""Rasa's graph components, one a file. Thin: what they do lives in `bot.estonian`, `bot.intents` and `bot.faq`."""
