"""Personal data in what people type: the labelled set with its floors, and what must hold for any text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.ee import ik

from bot.personal import FORMS, MASKS, find, mask
from bot.understanding import PERSONAL_FORMS, PERSONAL_KINDS

LABELLED = Path(__file__).parent / "sets" / "personal.txt"
LOOKED_AT, HELD_OUT = 0, 1
_LABEL = re.compile(r"\[(?P<kind>\w+)\|(?P<text>[^\]]+)\]")
PIECES = ("Mari", "tamm", "5123", "4567", "elan", "Kesk", "5-3", "@", "ee38", "[", "]", "nimi on", ".", "\n", "3", "ул.")
BETWEEN = st.sampled_from(("", " ", "-", ".", " - ", "/", "\u00a0", "  "))


@dataclass(frozen=True)
class Line:
    """What was typed, and the personal data in it as (kind, start, end)."""

    text: str
    labels: tuple[tuple[str, int, int], ...]

    def masked(self, kind: str, start: int, end: int) -> bool:
        """Nothing of it stays readable, and it is called what it is."""
        spans = find(self.text)
        covered = {place for span in spans for place in range(span.start, span.end)}
        hidden = all(place in covered for place in range(start, end) if self.text[place].isalnum())
        return hidden and any(span.kind == kind and span.start < end and start < span.end for span in spans)


def read(line: str) -> Line:
    text, labels, at = "", [], 0
    for match in _LABEL.finditer(line):
        text += line[at : match.start()]
        labels.append((match["kind"], len(text), len(text) + len(match["text"])))
        text, at = text + match["text"], match.end()
    return Line(text + line[at:], tuple(labels))


@cache
def lines(part: int) -> tuple[Line, ...]:
    written = [line for line in LABELLED.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return tuple(read(line) for line in written[part::2])


def test_the_set_is_large_enough_to_mean_something() -> None:
    both = [*lines(LOOKED_AT), *lines(HELD_OUT)]
    counted = Counter(kind for line in both for kind, *_ in line.labels)
    assert set(counted) == set(MASKS)
    assert min(counted.values()) >= 30
    assert sum(bool(line.labels) for line in both) >= 320
    assert sum(not line.labels for line in both) >= 100


@pytest.mark.parametrize("part", [LOOKED_AT, HELD_OUT])
@pytest.mark.parametrize("kind", sorted(MASKS))
def test_each_kind_is_found_as_often_as_promised(kind: str, part: int) -> None:
    found = {line.text[start:end]: line.masked(kind, start, end) for line in lines(part) for one, start, end in line.labels if one == kind}
    floor = 0.98 if kind in FORMS else 0.9
    assert sum(found.values()) / len(found) >= floor, [text for text, hit in found.items() if not hit]


@pytest.mark.parametrize("part", [LOOKED_AT, HELD_OUT])
def test_what_only_looks_like_personal_data_stays_readable(part: int) -> None:
    plain = [line.text for line in lines(part) if not line.labels]
    alarms = [mask(text) for text in plain if find(text)]
    assert len(alarms) / len(plain) <= 0.02, alarms


def test_the_house_names_the_same_kinds_as_the_bot() -> None:
    assert set(PERSONAL_KINDS) == set(MASKS)
    assert set(PERSONAL_FORMS) == FORMS


def test_only_the_kinds_that_are_asked_for_are_masked() -> None:
    assert mask("Minu nimi on Mari Tamm, tel 5123 4567", FORMS) == "Minu nimi on Mari Tamm, tel [telefon]"


@pytest.mark.parametrize(
    ("typed", "masked"),
    [
        ("38001085718-le", "[isikukood]-le"), ("iks 3 8 0 0 1 0 8 5 7 1 8", "iks [isikukood]"),
        ("rääkisin Marile ja Ivanoviga", "rääkisin [nimi] ja Ivanoviga"),
        ("elan Tamme 7-3", "elan [aadress]"), ("tellimus 12345678", "tellimus 12345678"), ("kirjutasin info@kodukaup.ee", "kirjutasin info@kodukaup.ee"),
        ("Maria kleit", "Maria kleit"), ("меня зовут Иван Петров", "меня зовут [nimi]"), ("[telefon] ja [nimi]", "[telefon] ja [nimi]"),
        ("55512345 38001085718 4111111111111111", "[telefon] [isikukood] [kaardinumber]"),
    ],
)  # fmt: skip
def test_a_mask_covers_the_data_and_leaves_the_words(typed: str, masked: str) -> None:
    assert mask(typed) == masked


@settings(max_examples=30, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join),
    )
)
def test_masking_never_fails_and_masking_again_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_no_number_with_a_check_digit_leaks_however_it_is_spaced(data: st.DataObject) -> None:
    number = data.draw(st.one_of(codes(), accounts(), cards()))
    between = data.draw(BETWEEN)
    every = data.draw(st.integers(1, 5))
    spaced = between.join(number[place : place + every] for place in range(0, len(number), every))
    before, after = data.draw(st.sampled_from((("", ""), ("kood ", " palun"), ("ik:", "."), ("(", ")"), ("55512345 ", "-le"))))
    masked = mask(f"{before}{spaced}{after}")
    assert number[-4:] not in re.sub(r"\W", "", masked), masked


@st.composite
def codes(draw: st.DrawFn) -> str:
    start = (
        f"{draw(st.sampled_from('3456'))}{draw(st.integers(0, 24)):02}{draw(st.integers(1, 12)):02}{draw(st.integers(1, 28)):02}{draw(st.integers(0, 999)):03}"
    )
    return start + ik.calc_check_digit(f"{start}0")


@st.composite
def accounts(draw: st.DrawFn) -> str:
    body = f"{draw(st.integers(0, 10**16 - 1)):016}"
    return "EE" + iban.calc_check_digits(f"EE00{body}") + body


@st.composite
def cards(draw: st.DrawFn) -> str:
    start = draw(st.sampled_from(("4", "51", "55", "2221"))) + f"{draw(st.integers(0, 10**14 - 1)):014}"
    return start[:15] + luhn.calc_check_digit(start[:15])


def spelt() -> list[Line]:
    return [read(line) for line in (LABELLED.parent / "spelt.txt").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def test_the_set_of_numbers_told_in_words_has_both_kinds_of_lines() -> None:
    assert len(spelt()) >= 55
    assert sum(not line.labels for line in spelt()) >= 20


@pytest.mark.parametrize("line", spelt(), ids=lambda line: line.text[:40])
def test_a_number_told_in_words_is_found_and_counting_is_not_one(line: Line) -> None:
    assert [span.kind for span in find(line.text)] == [kind for kind, *_ in line.labels]
    assert all(line.masked(*label) for label in line.labels)
