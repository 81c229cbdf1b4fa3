"""Letters that customers get by themselves, in the language of their conversation, as `handoff.mail` sends them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.understanding import Language
from handoff.conversations import codes
from handoff.conversations.tables import ConversationRow
from handoff.database import now
from handoff.mail import Letter
from handoff.settings import Settings
from handoff.texts import Texts

HERE = Path(__file__).parent
MINUTES = int(codes.LIVES.total_seconds() // 60)


class Letters:
    """Writes them with the house's name."""

    def __init__(self, settings: Settings) -> None:
        self._company = settings.company
        self._texts = Texts(HERE / "texts")
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )

    def code(self, row: ConversationRow, code: str) -> Letter:
        """The code, large and alone; worth nothing once it is over."""
        language = cast(Language, row.language)
        values = {"company": self._company, "code": f"{code[:3]} {code[3:]}", "minutes": MINUTES}
        return Letter(
            to=row.email or "",
            subject=self._texts.say(language, "code.subject", **values),
            text=self._render(language, "code_letter.txt", **values),
            html=self._render(language, "code_letter.html", **values),
            language=language,
            conversation_id=row.id,
            until=(now() + codes.LIVES).isoformat(),
        )

    def code_words(self, row: ConversationRow) -> str:
        """What an agent says in the chat when the code is on its way."""
        return self._texts.say(cast(Language, row.language), "code.said_plain", email=codes.shown(row.email or ""), minutes=MINUTES)

    def notice(self, row: ConversationRow, *, subject: str, lines: Sequence[str], button: str, url: str, hello: str) -> Letter:
        """Some lines and the link to the page where the matter stands."""
        language = cast(Language, row.language)
        values = {"company": self._company, "hello": hello, "lines": lines, "button": button, "url": url}
        return Letter(
            to=row.email or "",
            subject=subject,
            text=self._render(language, "notice_letter.txt", **values),
            html=self._render(language, "notice_letter.html", **values),
            language=language,
            conversation_id=row.id,
        )

    def _render(self, language: Language, name: str, **values: object) -> str:
        def t(key: str, **filled: object) -> str:
            return self._texts.say(language, key, **filled)

        return self._templates.get_template(name).render(t=t, language=language, **values)
