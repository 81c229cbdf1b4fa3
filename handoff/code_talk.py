"""What is said of a code while the bot has the conversation: that it is on its way, that enough were sent, that it is over."""

from __future__ import annotations

import json

from bot.understanding import Button, Reply, Turn
from handoff.conversations import codes
from handoff.conversations.service import ASK_HUMAN
from handoff.conversations.turns import Owed
from handoff.database import Database
from handoff.errors import TooMany, Unreadable
from handoff.letters import MINUTES, Letters
from handoff.texts import Texts

LEAVE_CONTACT = "/leave_contact"


class CodeTalk:
    """Answers the buttons and the news that `handoff.conversations.codes` makes."""

    def __init__(self, database: Database, texts: Texts, letters: Letters) -> None:
        self._database, self._texts, self._letters = database, texts, letters

    def turn(self, owed: Owed) -> Turn:
        """The bot's turn for a payload of `SEND_CODE` or `CODE_OVER`. Asked twice for one message, it sends one code."""
        payload = owed.incoming.payload or ""
        wanted = payload.partition("{")[2]
        entry_id = str(json.loads("{" + wanted)["entry"]) if wanted else None
        if payload.startswith(codes.CODE_OVER):
            again = Button(self._say(owed, "code.button"), codes.SEND_CODE + payload.removeprefix(codes.CODE_OVER))
            return self._reply(owed, self._say(owed, "code.over"), again, self._person(owed))
        try:
            address = codes.send(self._database, owed.conversation_id, cause=f"message:{owed.message_id}", write=self._letters.code, entry_id=entry_id)
        except TooMany:
            return self._reply(owed, self._say(owed, "code.enough"), self._person(owed))
        except Unreadable:  # the address is gone since the button was offered
            return self._reply(owed, self._say(owed, "code.nobody"), self._person(owed))
        return self._reply(owed, self._texts.say(owed.language, "code.said", email=address, minutes=MINUTES))

    def _reply(self, owed: Owed, text: str, *buttons: Button) -> Turn:
        return Turn((Reply(text, buttons, language=owed.language),), ())

    def _person(self, owed: Owed) -> Button:
        here = owed.incoming.people_available
        return Button(self._say(owed, "talk_to_human" if here else "code.contact"), ASK_HUMAN if here else LEAVE_CONTACT)

    def _say(self, owed: Owed, key: str) -> str:
        return self._texts.say(owed.language, key)
