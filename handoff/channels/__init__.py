"""Messengers: Telegram, Slack and Facebook Messenger, in the same conversations and the same desk as the chat."""
