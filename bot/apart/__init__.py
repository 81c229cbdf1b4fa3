"""The bot in a process of its own. `parent` keeps the promises of `bot.understanding.Understanding` there, `worker` is what runs; `frames` go between.

Rasa, spaCy and the matcher keep Python busy for most of a message's milliseconds. In the house's own process the web, the database and the streams
would wait for them, as only one thread at a time runs Python; beside it both processors work. And whatever happens to the bot (memory that has run out,
a crash in a library of C) takes no conversation with it: the house says so kindly, and wakes it anew.
"""
