"""What a customer's few words mean on the scale of the question."""

from __future__ import annotations

import pytest

from handoff.conversations.scores import Scale, read


@pytest.mark.parametrize(
    ("text", "score"),
    [
        *(("5", 5), (" 5! ", 5), ("viis", 5), ("Viis!", 5), ("annan viie", 5), ("hinne 4", 4), ("neli punkti", 4), ("3, aitäh", 3), ("üks", 1)),
        *(("4/5", 4), ("5️⃣", 5), ("★★★★", 4), ("⭐⭐", 2), ("I give it a 5", 5), ("three", 3), ("моя оценка пять", 5), ("четвёрка", 4), ("ставлю 2", 2)),
    ],
)
def test_a_number_in_any_clothes_is_a_score(text: str, score: int) -> None:
    assert read(text, Scale.CSAT) == score


@pytest.mark.parametrize(
    "text",
    [
        *("", "aitäh", "Kus mu pakk on?", "5?", "5 tk", "viis paari kingi", "tellimus 5", "0", "6", "7/10", "10/10", "4 või 5", "4-5", "1.5", "3,5", "12:30"),
        *("55", "123", "kell 5", "kuus", "ei", "five pairs of shoes", "у меня 5 заказов", "annan viie, aga pakk on ikka veel tulemata ja vihane olen"),
    ],
)
def test_what_says_something_else_is_no_score(text: str) -> None:
    assert read(text, Scale.CSAT) is None


@pytest.mark.parametrize(
    ("scale", "text", "score"), [(Scale.NPS, "0", 0), (Scale.NPS, "kümme", 10), (Scale.NPS, "9/10", 9), (Scale.CES, "seitse", 7), (Scale.CES, "8", None)]
)
def test_each_scale_has_its_own_ends(scale: Scale, text: str, score: int | None) -> None:
    assert read(text, scale) == score
