"""Letters that customers get by themselves, in the language of their conversation, as `handoff.mail` sends them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.utils import urlize
from markupsafe import Markup

from bot.understanding import Language
from handoff.conversations import codes
from handoff.conversations.parcels import Parcel, Said
from handoff.conversations.tables import ConversationRow
from handoff.database import now
from handoff.mail import Letter
from handoff.markdown import as_html, as_letter
from handoff.settings import Settings
from handoff.texts import Texts

HERE = Path(__file__).parent
GREETINGS = ("tere", "hei", "hello", "hi ", "hi,", "dear ", "good ", "здравствуй", "добрый", "доброе", "привет", "уважаем", "lugupeetud", "hea ", "kallis ")
LONGEST_FIRST_NAME = 40
MINUTES = int(codes.LIVES.total_seconds() // 60)


class Letters:
    """Writes them with the house's name."""

    def __init__(self, settings: Settings) -> None:
        self._company = settings.company
        self._is_read = bool(settings.imap_url.get_secret_value())
        self._texts = Texts(HERE / "texts")
        self._templates = Environment(
            loader=FileSystemLoader([*filter(None, [settings.mail_templates]), HERE / "templates"]),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def code(self, row: ConversationRow, code: str, *, on_page: Language | None = None) -> Letter:
        """The code, large and alone; worth nothing once it is over. It was asked for in the chat, or on a page in this language."""
        language = on_page or cast(Language, row.language)
        values = {"company": self._company, "code": f"{code[:3]} {code[3:]}", "minutes": MINUTES, "place": "page" if on_page else "chat"}
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

    def plain(self, row: ConversationRow, *, subject: str, lines: Sequence[str], hello: str) -> Letter:
        """Some lines and nothing to press."""
        html = Markup("").join(Markup("<p>{}</p>").format(line) for line in [hello, *lines, self._company])
        return Letter(
            to=row.email or "", subject=subject, text="\n\n".join([hello, *lines, self._company]), html=html, language=row.language, conversation_id=row.id
        )

    def answer(self, parcel: Parcel, *, url: str) -> Letter:
        """What a person, or the bot in their place, has said. `url`: of the page where the matter stands."""
        language = cast(Language, parcel.row.language)
        subject = parcel.subject or self._texts.say(language, "answer.subject", company=self._company)
        is_reply = parcel.subject and not parcel.subject.casefold().startswith("re:")
        values = {
            "company": self._company,
            "hello": self._hello(parcel),
            "said": parcel.said,
            "by_bot": all(one.by_bot for one in parcel.said),
            "from_chat": parcel.from_chat,
            "quoted": parcel.quoted,
            "url": url,
            "is_read": self._is_read,
        }
        return Letter(
            to=parcel.row.email or "",
            subject=f"Re: {subject}" if is_reply else subject,
            text=self._render(language, "answer_letter.txt", plain=_plain, **values),
            html=self._render(language, "answer_letter.html", formatted=_formatted, **values),
            language=language,
            conversation_id=parcel.row.id,
        )

    def _hello(self, parcel: Parcel) -> str:
        """Only where the writer has not greeted already."""
        first = parcel.said[0].text.casefold().lstrip()
        if first.startswith(GREETINGS):
            return ""
        name = first_name(parcel.row)
        language = cast(Language, parcel.row.language)
        return self._texts.say(language, "notice.hello_name", name=name) if name else self._texts.say(language, "notice.hello")

    def _render(self, language: Language, name: str, **values: object) -> str:
        def t(key: str, **filled: object) -> str:
            return self._texts.say(language, key, **filled)

        return self._templates.get_template(name).render(t=t, language=language, **values)


def first_name(row: ConversationRow) -> str:
    """The first name alone, or nothing: neither a page nor a letter tells more of the person."""
    family, comma, given = (row.name or "").partition(",")
    first = (given if comma else family).split()[:1]
    return first[0][:LONGEST_FIRST_NAME] if first and "@" not in first[0] and not any(letter.isdigit() for letter in first[0]) else ""


def _plain(said: Said) -> str:
    return as_letter(said.text) if said.by_bot else said.text


def _formatted(said: Said) -> Markup:
    """An agent's words are plain, with the addresses in them as links; the bot's are Markdown."""
    if said.by_bot:
        return as_html(said.text)
    parts = [urlize(part.strip(), rel="noreferrer").replace("\n", "<br>") for part in said.text.split("\n\n") if part.strip()]
    return Markup("".join(f"<p>{part}</p>" for part in parts))  # noqa: S704 (urlize escapes)
