"""A file is what its bytes say, whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from handoff.conversations.filetypes import TYPES, recognise
from handoff.conversations.shelf import own_name
from handoff.errors import Unreadable
from tests.handoff import files
from tests.handoff.sender import ALL


def recognised(tmp_path: Path, content: bytes, name: str = "") -> str:
    path = tmp_path / "tundmatu"
    path.write_bytes(content)
    return recognise(path, name=name, allowed=ALL).name


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (files.picture("JPEG"), "jpeg"),
        (files.picture("PNG"), "png"),
        (files.picture("WEBP"), "webp"),
        (files.moving_picture(), "gif"),
        (files.PDF, "pdf"),
        ("Tere, šokolaad jäi saamata\r\n".encode(), "txt"),
        (files.word_document(), "docx"),
        (files.archive(**{"[Content_Types]___xml": b"<Types/>", "xl__workbook___xml": b"<x/>"}), "xlsx"),
        (files.open_document(), "odt"),
        (files.open_document("application/vnd.oasis.opendocument.spreadsheet"), "ods"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_is_what_its_bytes_say(tmp_path: Path, content: bytes, kind: str) -> None:
    assert recognised(tmp_path, content) == kind


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (files.SVG, "pilt.png"),
        (files.HTML, "pilt.png"),
        (files.HTML, "kiri.txt"),
        (b"\n  " + files.SVG, "kiri.txt"),
        (b"alert(1)", "pilt.png"),
        (b"alert(1)", "abi.js"),
        (b"MZ\x90\x00" + bytes(200), "arve.pdf"),
        (b"\x7fELF" + bytes(200), "kiri.txt"),
        (files.word_document(macros=True), "kiri.docx"),
        (files.archive(mimetype=b"application/vnd.oasis.opendocument.text", Basic__x=b"kood"), "kiri.odt"),
        (files.archive(lihtsalt___txt=b"x"), "kiri.docx"),
        (b"PK\x03\x04 katki", "kiri.docx"),
        (b"<script>%PDF-1.7", "arve.pdf"),
        (b"", "pilt.png"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # an archive's bytes hold the time it was made
)
def test_what_is_none_of_these_is_refused_whatever_it_is_called(tmp_path: Path, content: bytes, name: str) -> None:
    with pytest.raises(Unreadable) as refused:
        recognised(tmp_path, content, name)
    assert refused.value.code == ("file_type" if content else "file_empty")


def test_what_the_house_does_not_allow_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "arve.pdf"
    path.write_bytes(files.PDF)
    with pytest.raises(Unreadable, match="jpeg, png"):
        recognise(path, name="arve.pdf", allowed=frozenset({"jpeg", "png"}))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("minu pilt.JPG", "minu pilt.JPG"),
        ("pilt.png", "pilt.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Pildid\\õun.jpeg", "õun.jpeg"),
        ("\u202egpj.exe", "gpj.jpg"),
        ("..", "fail.jpg"),
        ("", "fail.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie x.jpg"),
        ("kiri v1.2 lõplik", "kiri v1.2 lõplik.jpg"),
        ("ü" * 300 + ".jpg", "ü" * 115 + ".jpg"),
    ],
)
def test_a_name_is_only_a_name_and_ends_as_what_the_file_is(given: str, kept: str) -> None:
    assert own_name(given, TYPES["jpeg"]) == kept
