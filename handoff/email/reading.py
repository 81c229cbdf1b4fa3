"""Bytes of a mail as an `Arrived` letter. Whatever is broken in it, something readable comes out: nothing that was sent to us may stop the box."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Collection, Iterator
from email.message import Message

from imap_tools.message import MailAttachment, MailMessage
from tnefparse import TNEF  # type: ignore[import-untyped]

from bot.understanding import Language
from handoff.conversations.arriving import Arrived, Came, LeftOut
from handoff.conversations.tickets import checked_email
from handoff.conversations.words import clean
from handoff.email import natures
from handoff.email.folding import fold
from handoff.email.plain import as_text
from handoff.errors import Unreadable

log = logging.getLogger(__name__)

IsOwn = Callable[[str, str], bool]
LONGEST_SUBJECT, LONGEST_NAME = 300, 200
MOST_ANSWERED, MOST_FILES = 30, 60
SMALLEST_PICTURE = 3_000  # bytes; of pictures in the text, what is smaller is a logo or counts who has read it
CHARSETS = ("utf-8", "windows-1257", "latin-1")  # tried when a letter does not say, or says something wrong: ours are Baltic
_ID = re.compile(r"<[^<>\s]+>")
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_ENGLISH = re.compile(r"\b(the|and|you|please|hello|my|your|is|have|would|order|thanks|thank)\b", re.IGNORECASE)
_ESTONIAN = re.compile(r"[õäöü]|\b(ja|on|ei|kas|tere|palun|mu|minu|teie|mis|kuidas|aga|see)\b", re.IGNORECASE)


def nobody(_message_id: str, _seal: str) -> bool:
    """No letter is our own."""
    return False


def read(raw: bytes, *, ours: Collection[str], is_own: IsOwn = nobody, cut: bool = False) -> Arrived:
    """The letter. `ours` are our own addresses, in small letters; `is_own` knows the seal of a Message-ID; `cut`: these bytes are only its beginning."""
    try:
        return _read(raw, ours, is_own, cut)
    except Exception:  # a library stumbled: what it is about is kept all the same, and the letter is in the box
        log.exception("a letter could not be read as it should be")
        return _roughly(raw, ours, cut)


def _read(raw: bytes, ours: Collection[str], is_own: IsOwn, cut: bool) -> Arrived:
    mail = MailMessage.from_bytes(raw)
    message = mail.obj
    sender, name = _sender(mail, ours)
    subject = one_line(mail.subject, LONGEST_SUBJECT)
    nature = natures.nature_of(message, sender=sender, subject=subject, is_own=is_own)
    text, files, left_out = _content(mail)
    if cut:
        left_out, files = [*left_out, *(LeftOut(file.name, "letter_too_large") for file in files[-1:])], files[:-1]  # the last one is cut off
    own, folded = fold(text)
    why, named = natures.why_bounced(message) if nature == "bounce" else ("", [])
    return Arrived(
        message_id=_message_id(message, raw),
        sender=sender,
        sender_name=name,
        subject=subject,
        text=_words(own),
        language=spoken(own or subject),
        nature=nature,
        answers=[*named, *_answers(message)],
        words=_words_in_addresses(mail, ours),
        folded=folded,
        files=files,
        left_out=left_out,
        of_bounce=why,
        cut=cut,
    )


def _roughly(raw: bytes, ours: Collection[str], cut: bool) -> Arrived:
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    text = _decoded(body[:20_000], None)
    found = re.search(rb"^From:.*?([\w.+-]+@[\w.-]+)", head, re.IGNORECASE | re.MULTILINE)
    sender = _address(found[1].decode("ascii", errors="ignore")) if found else ""
    subject = re.search(rb"^Subject:(.*)$", head, re.IGNORECASE | re.MULTILINE)
    about = one_line(_decoded(subject[1], None), LONGEST_SUBJECT) if subject else ""
    own, folded = fold(text)
    nature = "own" if sender in ours else "person"
    return Arrived(_made_up_id(raw), sender, "", about, _words(own), spoken(own), nature="auto" if nature == "own" else "person", folded=folded, cut=cut)


def spoken(text: str) -> Language:
    """By its letters and commonest words; the language of our answer until the bot or a person knows better."""
    letters = [letter for letter in text if letter.isalpha()]
    if len(_CYRILLIC.findall(text)) * 2 > len(letters):
        return "ru"
    return "en" if len(_ENGLISH.findall(text)) > len(_ESTONIAN.findall(text)) else "et"


def one_line(text: str, most: int) -> str:
    """Without line breaks and control signs: it goes into a header again."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())[:most]


def _sender(mail: MailMessage, ours: Collection[str]) -> tuple[str, str]:
    """Who is answered: who wrote, or where our own site's form says that an answer should go, who filled that in."""
    written = [mail.from_values, *mail.reply_to_values]
    known = [(address, one_line(one.name or "", LONGEST_NAME)) for one in written if one and (address := _address(one.email))]
    others = [one for one in known if one[0].casefold() not in ours]
    return others[0] if others else ("", "")


def _address(value: str) -> str:
    try:
        return checked_email(value)
    except Unreadable:
        return ""


def _message_id(message: Message, raw: bytes) -> str:
    found = _ID.search(str(message.get("Message-ID") or ""))
    return found.group()[:900] if found else _made_up_id(raw)


def _made_up_id(raw: bytes) -> str:
    """For letters without one: the same letter has the same."""
    return f"<{hashlib.sha256(raw).hexdigest()}@none.invalid>"


def _answers(message: Message) -> list[str]:
    """Nearest first."""
    named = [*_ID.findall(str(message.get("In-Reply-To") or "")), *reversed(_ID.findall(str(message.get("References") or "")))]
    return list(dict.fromkeys(named))[:MOST_ANSWERED]


def _words_in_addresses(mail: MailMessage, ours: Collection[str]) -> list[str]:
    """What stands after the + in our address."""
    places = [str(value) for name in ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To") for value in mail.obj.get_all(name, [])]
    words: list[str] = []
    for name, word, host in re.findall(r"([\w.-]+)\+([0-9a-f]{30})@([\w.-]+)", " ".join(places)):
        if f"{name}@{host}".casefold() in ours:
            words.append(word)
    return words


def _content(mail: MailMessage) -> tuple[str, list[Came], list[LeftOut]]:
    """The words, the files, and what could not be opened."""
    plain = "\n\n".join(_texts(mail.obj, "text/plain")).strip()
    html = "\n".join(_texts(mail.obj, "text/html"))
    text = plain or (as_text(html) if html else "") or _without_parts(mail.obj)
    files: list[Came] = []
    left_out: list[LeftOut] = []
    for part in mail.attachments[:MOST_FILES]:
        if part.content_type in _TNEF or part.filename.casefold() == "winmail.dat":
            words, inner, broken = _unpacked(part.payload)
            text = text or words
            files += inner
            left_out += broken
        elif not _is_decoration(part):
            files.append(Came(one_line(part.filename, LONGEST_NAME) or "fail", part.payload))
    return text, files, left_out


def _texts(message: Message, kind: str) -> Iterator[str]:
    for part in message.walk():
        if part.get_content_type() == kind and not part.get_filename() and part.get_content_disposition() != "attachment":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield _decoded(payload, part.get_content_charset())


def _without_parts(message: Message) -> str:
    """The words of a letter that says it has parts and names no boundary between them."""
    if message.get_content_maintype() != "multipart" or message.is_multipart():
        return ""
    payload = message.get_payload(decode=True)
    return _decoded(payload, None).strip() if isinstance(payload, bytes) else ""


def _decoded(content: bytes, charset: str | None) -> str:
    for one in dict.fromkeys([*([charset] if charset and charset != "us-ascii" else []), *CHARSETS]):
        try:
            return content.decode(one)
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode("utf-8", errors="replace")


def _is_decoration(part: MailAttachment) -> bool:
    return part.content_type.startswith("image/") and bool(part.content_id) and len(part.payload) < SMALLEST_PICTURE


def _unpacked(content: bytes) -> tuple[str, list[Came], list[LeftOut]]:
    """What Outlook has wrapped up in a winmail.dat."""
    try:
        inside = TNEF(content, do_checksum=False)
        body = inside.body if isinstance(inside.body, str) else _decoded(inside.body or b"", None)
        html = inside.htmlbody if isinstance(inside.htmlbody, str) else _decoded(inside.htmlbody or b"", None)
        files = [Came(one_line(str(one.long_filename()), LONGEST_NAME) or "fail", bytes(one.data)) for one in inside.attachments[:MOST_FILES]]
    except Exception:  # the library raises whatever its unpacking does
        return "", [], [LeftOut("winmail.dat", "broken")]
    words = body.strip("\0 \r\n") or as_text(html)
    return words, files, [] if words or files else [LeftOut("winmail.dat", "broken")]


def _words(text: str) -> str:
    """As every message is kept. A letter without words is none the less a letter."""
    try:
        return clean(text)
    except Unreadable:
        return ""
