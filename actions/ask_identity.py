"""An answer for verified customers only, and we don't know yet who this is: says so kindly and offers the ways to find out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation, wording

Events = list[dict[str, Any]]
SEND_CODE = "/send_code"  # the house sends it and takes it back, see handoff.conversations.codes


def must_be_known(tracker: Tracker, entry: Mapping[str, Any]) -> bool:
    """Whether the entry is told to verified customers only and this one is none. A separate Rasa knows nobody."""
    return bool(entry.get("needs_identity")) and not conversation.metadata(tracker).get("verified")


def ask_identity(dispatcher: CollectingDispatcher, tracker: Tracker, entry: Mapping[str, Any]) -> Events:
    """A code to the address on file, where there is one and mail is sent, and a person or a contact."""
    language, here = conversation.language(tracker), conversation.people_available(tracker)
    by_code = bool(conversation.metadata(tracker).get("may_get_code"))
    code = {"title": wording.title(language, "send_code"), "payload": SEND_CODE + json.dumps({"entry": entry["entry_id"]})}
    person = {"title": wording.title(language, "person" if here else "contact"), "payload": "/ask_human" if here else "/leave_contact"}
    dispatcher.utter_message(text=wording.identity(language, by_code=by_code), buttons=[*([code] if by_code else []), person])
    return []
