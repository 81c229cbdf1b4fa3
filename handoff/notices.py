"""What a customer is told of their matter: in the chat, by letter, and under which address they see it."""

from __future__ import annotations

from typing import cast

from bot.understanding import Button, Language, Reply
from handoff.conversations.matters import ALL_WELL, NOT_WELL
from handoff.conversations.tables import ConversationRow
from handoff.letters import Letters
from handoff.mail import Letter
from handoff.settings import Settings
from handoff.stages import Stages
from handoff.texts import Texts

PATH = "/asi/"
LONGEST_FIRST_NAME = 40


class Notices:
    """Keeps the promise of `handoff.conversations.matters.Tells` with the operator's choices."""

    def __init__(self, settings: Settings, texts: Texts, stages: Stages, letters: Letters) -> None:
        self._settings, self._texts, self._stages, self._letters = settings, texts, stages, letters

    def url(self, token: str) -> str:
        """The page under which the matter is seen."""
        return f"{self._settings.public_url}{PATH}{token}"

    def words(self, row: ConversationRow, stage: str, token: str) -> str | None:
        """In the chat, from the agent."""
        if "chat" not in self._settings.notices:
            return None
        language, found = cast(Language, row.language), self._stages.get(stage)
        return self._say(row, "notice.chat", stage=_in_a_sentence(found.names[language]), next=found.nexts[language], url=self.url(token))

    def letter(self, row: ConversationRow, stage: str, token: str) -> Letter | None:
        """To the customer's address, if there is one and mail is sent."""
        if not self._mails(row):
            return None
        language, found = cast(Language, row.language), self._stages.get(stage)
        subject = self._say(row, "notice.subject", stage=found.names[language], company=self._settings.company)
        return self._letter(row, token, subject, [found.names[language], found.nexts[language]], "notice.see")

    def received(self, row: ConversationRow, token: str) -> Letter | None:
        """That a ticket has come."""
        if not self._mails(row):
            return None
        language, found = cast(Language, row.language), self._stages.shown(None, closed=False)
        subject = self._say(row, "notice.received_subject", company=self._settings.company)
        return self._letter(row, token, subject, [found.names[language], found.nexts[language]], "notice.see")

    def question(self, row: ConversationRow) -> Reply | None:
        """„Kas kõik sai korda?“ in the chat."""
        if "chat" not in self._settings.notices:
            return None
        buttons = (Button(self._say(row, "follow_up.yes"), ALL_WELL), Button(self._say(row, "follow_up.no"), NOT_WELL))
        return Reply(self._say(row, "follow_up.ask"), buttons, language=cast(Language, row.language))

    def question_letter(self, row: ConversationRow, token: str) -> Letter | None:
        """The same by letter: answered on the page, because a link in a letter is opened by machines too."""
        if not self._mails(row):
            return None
        ask = self._say(row, "follow_up.ask")
        return self._letter(row, token, f"{ask} ({self._settings.company})", [ask, self._say(row, "follow_up.lead")], "notice.answer")

    def hello(self, row: ConversationRow) -> str:
        """By the first name, if it is known."""
        name = first_name(row)
        return self._say(row, "notice.hello_name", name=name) if name else self._say(row, "notice.hello")

    def _mails(self, row: ConversationRow) -> bool:
        return "mail" in self._settings.notices and self._settings.sends_mail and row.email is not None

    def _letter(self, row: ConversationRow, token: str, subject: str, lines: list[str], button: str) -> Letter:
        return self._letters.notice(row, subject=subject, lines=lines, button=self._say(row, button), url=self.url(token), hello=self.hello(row))

    def _say(self, row: ConversationRow, key: str, **values: object) -> str:
        return self._texts.say(cast(Language, row.language), key, **values)


def first_name(row: ConversationRow) -> str:
    """The first name alone, or nothing: neither a page nor a letter tells more of the person."""
    family, comma, given = (row.name or "").partition(",")
    first = (given if comma else family).split()[:1]
    return first[0][:LONGEST_FIRST_NAME] if first and "@" not in first[0] and not any(letter.isdigit() for letter in first[0]) else ""


def _in_a_sentence(name: str) -> str:
    """„Ootame tarnijat“ goes on a sentence as „ootame tarnijat“."""
    return name[:1].lower() + name[1:]
