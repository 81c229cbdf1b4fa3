"""The bank of businesses: read with care, because what learns from it believes every word."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.faq.bank import ENCODER, MATCHER, TEST, BankError, read_bank

BANK = Path(__file__).parents[2] / "data" / "bank"
GOOD = """
business: pood
part: encoder
topics:
  - id: pood-pakk
    question: "Kus on pakk?"
    answer: "Teel."
    asked:
      typical: ["pakk kus", {text: "pakk ja arve", also_ok: [pood-arve]}]
  - id: pood-arve
    question: "Kus on arve?"
    answer: "Kontol."
    asked: {typical: []}
out_of_scope: ["kus on kuu"]
"""


def write(folder: Path, text: str, name: str = "pood") -> Path:
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def test_questions_know_their_topic_and_what_else_is_right(tmp_path: Path) -> None:
    (business,) = read_bank(write(tmp_path, GOOD))
    assert [(one.text, one.topic, sorted(one.right)) for one in business.asked] == [
        ("pakk kus", "pood-pakk", ["pood-pakk"]),
        ("pakk ja arve", "pood-pakk", ["pood-arve", "pood-pakk"]),
        ("kus on kuu", "", []),
    ]


def test_only_the_wanted_part_is_read(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace("business: pood", "business: pank").replace("part: encoder", "part: test"), "pank")
    assert [business.name for business in read_bank(tmp_path, TEST)] == ["pank"]
    assert len(read_bank(tmp_path)) == 2
    with pytest.raises(BankError, match="no matcher business"):
        read_bank(tmp_path, MATCHER)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("part: encoder", "parts: test", r"pood\.yml: write `part:`"),
        ("part: encoder", "part: tests", r"pood\.yml: write `part:`"),
        ('    answer: "Teel."\n', "", r"pood\.yml, topic pood-pakk: answer is missing"),
        ("also_ok: [pood-arve]", "also_ok: [pood-raha]", "not here: pood-raha"),
        ("id: pood-arve", "id: pood-pakk", "same id: pood-pakk"),
        ("topics:", "topics: {", r"pood\.yml"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    with pytest.raises(BankError, match=said):
        read_bank(write(tmp_path, GOOD.replace(was, becomes)))


def test_two_businesses_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "one")
    with pytest.raises(BankError, match="same `business:`"):
        read_bank(write(tmp_path, GOOD, "two"))


def test_the_shipped_bank_is_wide_and_each_business_teaches_one_thing() -> None:
    businesses = read_bank(BANK)
    ids = [entry.id for business in businesses for entry in business.entries]
    assert len(ids) == len(set(ids)) >= 1000
    assert {business.part for business in businesses} == {ENCODER, MATCHER, TEST}
    assert sum(business.part == TEST for business in businesses) >= 4
