"""Whatever comes in, from the customer's browser, a site or the disk: it is read, or refused with the error that its reader declares. Never anything else."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from bot.personal import MASKS, find, mask
from handoff import markdown
from handoff.accounts.common import is_common
from handoff.accounts.seal import Broken, Seal
from handoff.conversations import filetypes, identity
from handoff.conversations.filetypes import TYPES
from handoff.errors import Unopenable, Unreadable
from handoff.vault import Vault, new_key
from handoff.widget import shapes
from tests.handoff import files

SECRET = "poe-ja-abilise-uhine-saladus-2026!"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
PIECES = (
    "**",
    "_",
    "`",
    "[",
    "](",
    ")",
    "<script>",
    "javascript:",
    "&lt;",
    "\n- ",
    "1. ",
    "![",
    "https://",
    "\n\n",
    "õ",
    "<img onerror=x>",
    "|",
    "#",
    "\\",
    "> ",
    "\x00",
    "\u202e",
)
MARKED = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=25).map("".join)
MESSY = st.lists(
    st.sampled_from(("5", "viis", "kuus ", "+372", "@", ".ee", "Mari", "[", "]", "EE38", "isikukood ", "[telefon]", "\n", "шесть ")) | st.text(max_size=6),
    max_size=20,
)
BODIES = (shapes.Start, shapes.Say, shapes.Rate, shapes.Speak, shapes.Seen, shapes.Identify, shapes.Agree)
quick = settings(max_examples=60, deadline=None)


@quick
@given(MESSY.map("".join))
def test_masking_hides_what_it_found_and_changes_nothing_else(text: str) -> None:
    spans, masked = find(text), mask(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    rest: list[str] = []
    at = 0
    for span in spans:
        rest, at = [*rest, text[at : span.start]], span.end
    pieces = re.split("|".join(re.escape(f"[{name}]") for name in MASKS.values()), masked)
    assert "".join(pieces) == "".join(re.split("|".join(re.escape(f"[{name}]") for name in MASKS.values()), "".join([*rest, text[at:]])))


@pytest.mark.parametrize("shape", BODIES, ids=lambda shape: shape.__name__)
@quick
@given(body=JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(("text", "client_id", "choice", "number", "secret", "token", "language", "version"), JSON)))
def test_a_body_of_the_chat_is_read_or_refused(shape: type[BaseModel], body: object) -> None:
    with suppress(ValidationError):
        shape.model_validate(body)
    with suppress(ValidationError):
        shape.model_validate_json(json.dumps(body))


@quick
@given(
    st.text(max_size=200)
    | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1"))
    | st.builds(lambda *parts: ".".join(parts), *[st.text(max_size=30)] * 3)
)
def test_a_token_of_a_site_is_read_or_refused(token: str) -> None:
    with pytest.raises(Unreadable):
        identity.read(token, SECRET)


@quick
@given(
    st.fixed_dictionaries(
        {name: JSON | st.just(int(time.time())) | st.just("mari") for name in ("sub", "iat", "exp")}, optional={"name": JSON, "email": JSON, "phone": JSON}
    )
)
def test_a_rightly_signed_token_with_anything_in_it_is_read_or_refused(said: dict[str, object]) -> None:
    token = jwt.api_jws.encode(json.dumps({"aud": identity.AUDIENCE, **said}).encode(), SECRET, algorithm=identity.ALGORITHM)
    with suppress(Unreadable):
        assert identity.read(token, SECRET).subject


@pytest.mark.parametrize("wrong", [float("inf"), "99999999999", [1], {"a": 1}, None, True])
@pytest.mark.parametrize("part", ["exp", "iat"])
def test_a_time_that_is_none_is_refused(part: str, wrong: object) -> None:
    said = {"aud": identity.AUDIENCE, "sub": "mari", "iat": int(time.time()), "exp": int(time.time()) + 60, part: wrong}
    with pytest.raises(Unreadable):
        identity.read(jwt.api_jws.encode(json.dumps(said).encode(), SECRET, algorithm=identity.ALGORITHM), SECRET)


class Tags(HTMLParser):
    """The tags as a browser reads them: „<img onerror=x>“ within quotes is words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


def test_tags_are_seen_as_a_browser_sees_them() -> None:
    read = Tags()
    read.feed('<img alt="<script>" onerror=x><a href="javascript:x">y</a>')
    assert read.found == [("img", [("alt", "<script>"), ("onerror", "x")]), ("a", [("href", "javascript:x")])]


@pytest.mark.parametrize("write", [markdown.as_html, markdown.as_page, markdown.as_notice], ids=lambda write: write.__name__)
@quick
@given(text=MARKED)
def test_markdown_never_becomes_a_script(write: Callable[[str], str], text: str) -> None:
    read = Tags()
    read.feed(str(write(text)))
    assert not {tag for tag, _ in read.found} & {"script", "iframe", "object", "embed", "style", "svg", "form"}
    assert not [name for _, attributes in read.found for name, value in attributes if name.startswith("on") or "javascript:" in (value or "")[:40].lower()]
    assert isinstance(markdown.as_plain(text), str)
    assert isinstance(markdown.as_letter(text), str)


@quick
@given(
    head=st.sampled_from((b"", files.PDF[:9], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04", b"RIFF", b"GIF89a", b"<svg")),
    rest=st.binary(max_size=300),
    name=st.text(max_size=20),
)
def test_a_file_is_recognised_or_refused(tmp_path_factory: pytest.TempPathFactory, head: bytes, rest: bytes, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / "anything"
    path.write_bytes(head + rest)
    with suppress(Unreadable):
        assert filetypes.recognise(Path(path), name=name, allowed=frozenset(TYPES)) in TYPES.values()


@quick
@given(st.text(max_size=120) | st.from_regex(r"~[12]\.[0-9a-f]{8}\.[A-Za-z0-9_-]*", fullmatch=True))
def test_what_we_have_not_sealed_does_not_open(value: str) -> None:
    vault = Vault(new_key())
    for row in ("", "rida"):
        with pytest.raises(Unopenable):
            vault.open("event.body", value, row)
    with pytest.raises(Unopenable):
        vault.open("event.body", f"~2.{vault.key_id}.{value.encode().hex()}", "rida")


@quick
@given(st.text(max_size=120))
def test_a_cookie_that_we_have_not_sealed_is_broken(value: str) -> None:
    with pytest.raises(Broken):
        Seal(lambda: SECRET, purpose="cookie").open(value, seconds=60)


@quick
@given(st.text(max_size=60))
def test_any_password_is_weighed(password: str) -> None:
    assert is_common(password, about=(password[:5], "")) in (True, False)
