"""What a file is, by its own bytes. The name and what the sender calls it count for nothing, or only against it."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from handoff.errors import Unreadable

HEAD_BYTES = 4_096
MOST_ENTRIES = 5_000  # of a document that is a zip archive
LONGEST_CONTENTS = 1_000_000  # bytes of its list of parts
TEXT_ENDINGS = ("", ".txt", ".text", ".log", ".csv", ".md")


@dataclass(frozen=True)
class FileType:
    """A kind of file that may be allowed. `ending` is the one that a file of this kind is given."""

    name: str
    media: str
    ending: str
    drawn: bool = False  # a picture: it is drawn anew before it is kept


TYPES = {
    one.name: one
    for one in (
        FileType("jpeg", "image/jpeg", ".jpg", drawn=True),
        FileType("png", "image/png", ".png", drawn=True),
        FileType("webp", "image/webp", ".webp", drawn=True),
        FileType("gif", "image/gif", ".gif", drawn=True),
        FileType("pdf", "application/pdf", ".pdf"),
        FileType("txt", "text/plain; charset=utf-8", ".txt"),
        FileType("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
        FileType("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
        FileType("odt", "application/vnd.oasis.opendocument.text", ".odt"),
        FileType("ods", "application/vnd.oasis.opendocument.spreadsheet", ".ods"),
    )
}
OPEN_DOCUMENTS = {TYPES[name].media.encode(): name for name in ("odt", "ods")}


def recognise(path: Path, *, name: str, allowed: frozenset[str]) -> FileType:
    """The file's type. Raises `Unreadable` with code `file_empty`, or `file_type` when it is none of the allowed."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise Unreadable("The file is empty.", code="file_empty", field="file")
    found = _by_first_bytes(head) or _archive(path, head) or _text(path, Path(name).suffix.lower())
    if found is None or found not in allowed:
        raise Unreadable(f"A file is one of these: {', '.join(sorted(allowed))}.", code="file_type", field="file")
    return TYPES[found]


def _by_first_bytes(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    return "pdf" if head.startswith(b"%PDF-") else None


def _archive(path: Path, head: bytes) -> str | None:
    """A document of the office programs, without macros: only its table of contents is read, nothing is unpacked."""
    if not head.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            parts = set(archive.namelist())
            if len(parts) > MOST_ENTRIES:
                return None
            if "mimetype" in parts and archive.getinfo("mimetype").file_size < HEAD_BYTES:
                carries_code = any(part.startswith(("Basic/", "Scripts/")) for part in parts)
                return None if carries_code else OPEN_DOCUMENTS.get(archive.read("mimetype").strip())
            return _of_parts(archive, parts)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError):
        return None


def _of_parts(archive: zipfile.ZipFile, parts: set[str]) -> str | None:
    contents = "[Content_Types].xml"
    if contents not in parts or archive.getinfo(contents).file_size > LONGEST_CONTENTS:
        return None
    if b"macroEnabled" in archive.read(contents) or any(part.lower().endswith("vbaproject.bin") for part in parts):
        return None
    return "docx" if "word/document.xml" in parts else "xlsx" if "xl/workbook.xml" in parts else None


def _text(path: Path, ending: str) -> str | None:
    """Plain text: UTF-8 without control characters. Whatever begins like a page or a drawing (HTML, SVG, XML) is none,
    and neither is text that calls itself something else."""
    if ending not in TEXT_ENDINGS:
        return None
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if text.lstrip().startswith("<") or any(character < " " and character not in "\t\n\r\f" for character in text):
        return None
    return "txt"
