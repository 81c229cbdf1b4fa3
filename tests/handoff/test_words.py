"""What may be sent as text, and what a page can say about the rest."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.conversations.words import LONGEST, MOST_MARKS, clean
from handoff.errors import Unreadable


@pytest.mark.parametrize("text", ["šokolaad", "öötöö", "jäääär", "Kus mu pakk on?", "Где моя посылка?", "a", "7", "?!", "…", "/restart", "1️⃣"])
def test_what_people_write_is_kept_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("text", ["😀", "👍🏽", "👨‍👩‍👧", "🇪🇪", "❤️", "🩷", "🫨"])
def test_an_emoji_alone_is_kept_even_a_newer_one_than_pythons_tables(text: str) -> None:
    assert clean(text) == text


def test_letters_and_marks_are_put_together() -> None:
    assert clean(unicodedata.normalize("NFD", "õhtusöök žürii")) == "õhtusöök žürii"


def test_the_edges_are_trimmed_and_lines_stay() -> None:
    assert clean("  Tere!\n\tKus mu pakk on?  \n") == "Tere!\n\tKus mu pakk on?"


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u3000", "\u00a0"])
def test_nothing_is_empty(text: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        clean(text)
    assert (refusal.value.code, refusal.value.field) == ("empty", "text")


@pytest.mark.parametrize("text", ["\u200d", "\u00ad\u00ad", "\u2063", "\u0301", "\ufe0f", "\u200b", "\u202e\u202e"])
def test_what_shows_nothing_is_refused(text: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        clean(text)
    assert refusal.value.code in ("empty", "not_text")


def test_ten_thousand_characters_are_too_long() -> None:
    with pytest.raises(Unreadable) as refusal:
        clean("õ" * 10_000)
    assert (refusal.value.code, refusal.value.field) == ("too_long", "text")
    assert "10000" in refusal.value.message


def test_the_longest_text_fits_and_one_more_does_not() -> None:
    assert clean("ä" * LONGEST) == "ä" * LONGEST
    with pytest.raises(Unreadable):
        clean("ä" * (LONGEST + 1))


@pytest.mark.parametrize("text", ["\x00\x01\x02\x03PK\x04", "\x7fELF\x02\x01\x01\x00\x00\x00", "\ufffd\ufffd\ufffd\ufffdab", "\ue000\ue001\ue002x"])
def test_binary_is_not_text(text: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        clean(text)
    assert refusal.value.code == "not_text"


def test_a_stray_control_character_is_dropped() -> None:
    assert clean("Kus mu\x00 pakk\x1b on?\x07") == "Kus mu pakk on?"


def test_zalgo_is_cut_to_what_letters_can_carry() -> None:
    zalgo = "T" + "\u0334\u0321\u0319" * 10 + "ere"
    kept = clean(zalgo)
    assert kept.startswith("T")
    assert kept.endswith("ere")
    assert sum(unicodedata.combining(character) > 0 for character in kept) == MOST_MARKS


def test_enclosing_marks_pile_up_no_higher() -> None:
    assert clean("T" + "\u0489" * 50 + "ere") == "T" + "\u0489" * MOST_MARKS + "ere"


@pytest.mark.parametrize("filler", ["\u3164", "\u2800", "\uffa0", "\u061c"])
def test_what_is_seen_as_nothing_is_nothing(filler: str) -> None:
    assert clean(f"Te{filler}re") == "Tere"
    with pytest.raises(Unreadable):
        clean(filler)


def test_direction_overrides_are_dropped() -> None:
    assert clean("arve\u202efdp.exe") == "arvefdp.exe"


@given(st.text(max_size=LONGEST))
def test_whatever_is_kept_is_readable_and_stays_so(text: str) -> None:
    try:
        kept = clean(text)
    except Unreadable:
        return
    assert kept == kept.strip() != ""
    assert not set(kept) & set("\u202e\u200b\x00\ufffd")
    assert clean(kept) == kept
    kept.encode()
