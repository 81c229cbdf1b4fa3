"""What is new in a letter, apart from what it quotes and how it is signed. Folded, never lost: the parts together are the letter."""

from __future__ import annotations

import re

from mailparser_reply import EmailReplyParser  # type: ignore[import-untyped]
from mailparser_reply.constants import MAIL_LANGUAGES, QUOTED_MATCH_INCLUDE  # type: ignore[import-untyped]
from mailparser_reply.parser import EmailMessage  # type: ignore[import-untyped]

from handoff.conversations.arriving import Folded
from handoff.conversations.words import LONGEST

LONGEST_READ = 60_000  # characters that are looked through for quotes; what is behind is one
LONGEST_LINE = 1_000  # the library's patterns take their time with a longer one, and no program writes such a header
_QUOTED = re.compile(r"^\s*(>|\|)")
_SEPARATOR = re.compile(r"^-{3,}.*-{3,}$", re.MULTILINE)


def _headers(names: str) -> str:
    """From:, Sent: and the like in another language, two lines of them at least, as the library writes its own."""
    return str(r"((?:(?:^|\n|\n" + QUOTED_MATCH_INCLUDE + r")[* ]*(?:" + names + r"):[ *]*(?:\s{,2}).*){2,}(?:\n.*){,1})")


# The library knows a dozen languages, and not ours.
MAIL_LANGUAGES["et"] = {
    "wrote_header": (
        r"^(" + QUOTED_MATCH_INCLUDE + r"(?:.{0,200}\n?.{0,200}kirjutas(?:id)?\b.{0,200}\n?.{0,80}:|"
        r"(?:-{2,} ?)(?:Algne (?:sõnum|kiri|teade)|Originaal(?:sõnum|kiri)|Edasi(?:saadetud|statud) (?:kiri|sõnum))(?: ?-{2,}))) *$"
    ),
    "from_header": _headers("Saatja|Kellelt|Saadetud|Kuupäev|Kellele|Saaja|Adressaat|Koopia|Teema|Pealkiri"),
    "disclaimers": ["Hoiatus:", "Konfidentsiaalne:"],
    "signatures": [
        *("Lugupidamisega", "Lugupidades", "Parimate soovidega", "Parimate tervitustega", "Heade soovidega", "Tervitades", "Tervitustega", "Tervitusi"),
        *("Austusega", "Parimat[,!]?$", "Kõike head[,!]?$", "Päikest[,!]?$", "Ilusat päeva[,!]?$", "Ette tänades", "Aitäh ette"),
        r"Saadetud (?:minu |mu )?(?:iphone|ipad|android|samsung|huawei|telefoni|nuti|seadme|outlook|mobii)",
    ],
    "sent_from": "Hankige Outlook|Hangi Outlook",
}
MAIL_LANGUAGES["ru"] = {
    "wrote_header": (
        r"^(" + QUOTED_MATCH_INCLUDE + r"(?:.{0,200}\n?.{0,200}(?:пишет|писала?|написала?)(?:\(а\))?.{0,80}:|"
        r".{0,80}\d{4}(?: ?г\.?)?,? (?:в )?\d{1,2}:\d\d.{0,200}<[^<>\n]+@[^<>\n]+> ?:|"
        r"(?:-{2,} ?)(?:Исходное сообщение|Пересылаемое сообщение|Пересланное сообщение|Оригинальное сообщение)(?: ?-{2,}))) *$"
    ),
    "from_header": _headers("От|От кого|Отправлено|Дата|Кому|Копия|Тема"),
    "disclaimers": ["Внимание:", "Конфиденциально:"],
    "signatures": ["С уважением", "С наилучшими", "Всего доброго", "Всего хорошего", "Заранее спасибо", "Заранее благодар", "Отправлено (?:с|из) "],
    "sent_from": "Скачать Outlook",
}
LANGUAGES = ["et", "ru", "en", "de"]


def fold(text: str) -> tuple[str, list[Folded]]:
    """What stands in the talk, at most as long as any message, and what is folded below it. Where everything would be folded, nothing is."""
    read, behind = text[:LONGEST_READ], text[LONGEST_READ:]
    own, folded = _parts(read.replace("\r\n", "\n").strip())
    if not _SEPARATOR.sub("", own).strip():  # a forwarded letter, or an answer below each line
        own, folded = read.strip(), []
    if len(own) > LONGEST:
        cut = max(own.rfind("\n", LONGEST // 2, LONGEST), own.rfind(" ", LONGEST // 2, LONGEST))
        cut = cut if cut > 0 else LONGEST
        own, folded = own[:cut].rstrip(), [Folded("more", own[cut:].strip()), *folded]
    return own, [*folded, *([Folded("more", behind)] if behind.strip() else [])]


def _parts(text: str) -> tuple[str, list[Folded]]:
    own, signature, quote = text, "", ""
    if all(len(line) <= LONGEST_LINE for line in text.split("\n")):
        parser = EmailReplyParser(languages=list(LANGUAGES))
        message = EmailMessage(text=text, languages=list(parser.languages), keep_hyphen_lists=True).read()
        if message.replies:
            first = message.replies[0]
            signature = first.signatures or ""
            own = first.content.removesuffix(signature).strip() if signature else first.content
            quote = message.text[message.text.find(first.content) + len(first.content) :].strip() if len(message.replies) > 1 else ""
            if first.headers:  # it begins with a quote
                own, signature, quote = "", "", message.text
    own, below = _without_quoted_end(own)
    parts = [("signature", signature), ("quote", "\n".join(part for part in (below, quote) if part))]
    return own, [Folded("signature" if kind == "signature" else "quote", part.strip()) for kind, part in parts if part.strip()]


def _without_quoted_end(text: str) -> tuple[str, str]:
    """Lines that begin with `>` at the end, with empty ones between them."""
    lines = text.split("\n")
    end = len(lines)
    while end and (_QUOTED.match(lines[end - 1]) or not lines[end - 1].strip()):
        end -= 1
    return "\n".join(lines[:end]).rstrip(), "\n".join(lines[end:]).strip()
