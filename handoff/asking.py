"""What customers are asked after a conversation, and told when they answer: keeps the promise of `handoff.conversations.surveys.Asks`."""

from __future__ import annotations

from collections.abc import Callable

from bot.understanding import Button, Language, Reply
from handoff.conversations.scores import Scale
from handoff.conversations.surveys import SCORE
from handoff.conversations.tables import ConversationRow
from handoff.mail import Letter
from handoff.settings import Settings
from handoff.texts import Texts

Write = Callable[[ConversationRow], Letter | None]


class Asking:
    """The operator's question in the customer's language."""

    def __init__(self, scale: Scale, low: int, texts: Texts, write: Write | None = None) -> None:
        self.scale, self.low, self._texts, self._write = scale, low, texts, write

    @classmethod
    def of(cls, settings: Settings, texts: Texts, write: Write | None = None) -> Asking | None:
        """None where nothing is asked. `write` makes the letter for whoever is not in the chat; without it they are not asked."""
        if settings.survey == "none":
            return None
        scale = Scale(settings.survey)
        return cls(scale, scale.low if settings.low_score is None else settings.low_score, texts, write)

    def question(self, language: Language) -> Reply:
        buttons = tuple(Button(str(step), f"{SCORE}{step}") for step in self.scale.steps)
        return Reply(self._texts.say(language, f"survey.{self.scale}"), buttons, language=language)

    def more(self, language: Language, *, low: bool) -> Reply:
        return Reply(self._texts.say(language, "survey.more_low" if low else "survey.more"), language=language)

    def thanks(self, language: Language) -> Reply:
        return Reply(self._texts.say(language, "survey.thanks"), language=language)

    def letter(self, row: ConversationRow) -> Letter | None:
        return self._write(row) if self._write else None
