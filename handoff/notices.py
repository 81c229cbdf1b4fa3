"""What a customer is told of their matter: in the chat, by letter, and under which address they see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from bot.understanding import Button, Language, Reply
from handoff.conversations.matters import ALL_WELL, NOT_WELL
from handoff.conversations.tables import ConversationRow
from handoff.letters import Letters, first_name
from handoff.mail import Letter
from handoff.settings import Settings
from handoff.stages import Stages
from handoff.texts import Texts

PATH = "/asi/"


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

    def call(self, row: ConversationRow, token: str, what: Literal["agreed", "moved", "again", "cancelled"], when: str = "") -> Letter | None:
        """When they will be called, or that nobody calls; where the time is changed."""
        if not self._mails(row):
            return None
        subject = self._say(row, f"call_letter.{what}_subject", when=when, company=self._settings.company)
        after = "change_mind" if what == "cancelled" else "other_time"
        lines = [self._say(row, f"call_letter.{what}", when=when), self._say(row, f"call_letter.{after}")]
        return self._letter(row, token, subject, lines, "notice.see")

    def left_out(self, row: ConversationRow, names: Sequence[str]) -> Letter | None:
        """Which of their files could not be taken, and how to send them."""
        if not self._settings.sends_mail or row.email is None:
            return None
        listed = ", ".join(names)
        lines = [self._say(row, "left_out.lead"), self._say(row, "left_out.files", files=listed), self._say(row, "left_out.how")]
        subject = self._say(row, "left_out.subject", company=self._settings.company)
        return self._letters.plain(row, subject=subject, lines=lines, hello=self.hello(row))

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

    def survey_letter(self, row: ConversationRow, token: str) -> Letter | None:
        """How it was: asked by letter, answered on the page."""
        if not (self._settings.sends_mail and row.email):
            return None
        subject = self._say(row, "survey.subject", company=self._settings.company)
        return self._letter(row, token, subject, [self._say(row, "survey.lead")], "survey.answer")

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


def _in_a_sentence(name: str) -> str:
    """„Ootame tarnijat“ goes on a sentence as „ootame tarnijat“."""
    return name[:1].lower() + name[1:]
