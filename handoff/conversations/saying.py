"""The bot's words in the log of a conversation, whoever lets it speak."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.understanding import Reply
from handoff.conversations import store
from handoff.conversations.events import Kind
from handoff.conversations.tables import ConversationRow, EventRow


def append_reply(session: Session, row: ConversationRow, reply: Reply, *, about: str | None = None) -> EventRow:
    """The bot says something. `about`: that it belongs to no question of the customer's, kept where only the server reads it. The row must be locked."""
    body: dict[str, Any] = {"text": reply.text}
    if reply.buttons:
        body["buttons"] = [button.title for button in reply.buttons]
    if reply.language:
        body["language"] = reply.language  # the page marks what is in another language than its own
    if reply.entry_id:
        body |= {"entry_id": reply.entry_id, "probability": reply.probability}
    hidden: dict[str, Any] = {"payloads": [button.payload for button in reply.buttons]} if reply.buttons else {}
    if about is not None:
        hidden["payload"] = about
    return store.append(session, row, Kind.MESSAGE, actor="bot", body=body, hidden=hidden)
