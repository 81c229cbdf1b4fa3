"""The steps of a guide lead where they say, are all reached, and come to an end whatever a customer answers."""

from __future__ import annotations

import pytest

from bot.faq.steps import following, wrong_steps
from bot.understanding import Step

ROUTER = (
    Step("kaabel", "Kas kaabel on pistikus?", yes="tuli", no="pane"),
    Step("pane", "Pange kaabel pistikusse."),
    Step("tuli", "Kas tuli põleb?", yes="korras", no="kaabel"),
    Step("korras", "Tore, kõik töötab!"),
)

ROUND = [Step("a", "Kas?", yes="b", no="b"), Step("b", "Ja nüüd?", yes="a", no="a"), Step("c", "Lõpp.")]


def test_a_guide_whose_questions_may_lead_back_and_still_end_is_whole() -> None:
    assert wrong_steps(ROUTER) == []
    assert [following(ROUTER, place) for place in range(4)] == [["tuli", "pane"], ["tuli"], ["korras", "kaabel"], []]


def test_plain_steps_follow_each_other() -> None:
    assert wrong_steps([Step("a", "Avage."), Step("b", "Sulgege.")]) == []


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([Step("a", "Kas?", yes="b", no="c"), Step("b", "Jah.", end=True)], [(0, "no", "step_unknown")]),
        ([Step("a", "Kas?", yes="b"), Step("b", "Jah.")], [(0, "no", "step_one_way")]),
        ([Step("a", "Kas?", yes="b", no="b", end=True), Step("b", "Jah.")], [(0, "end", "step_end_asks")]),
        ([Step("a", "Avage."), Step("a", "Sulgege.")], [(1, "id", "step_twice")]),
        ([Step("a", "Avage.", end=True), Step("b", "Sulgege.")], [(1, "text", "step_unreached")]),
        (
            [Step("a", "Kas?", yes="b", no="b"), Step("b", "Ja nüüd?", yes="a", no="a"), Step("c", "Lõpp.")],
            [(2, "text", "step_unreached"), (0, "text", "step_endless")],
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_step_and_part(steps: list[Step], told: list[tuple[int, str, str]]) -> None:
    assert [(one.place, one.part, one.code) for one in wrong_steps(steps)] == told
    assert all("„" in one.message for one in wrong_steps(steps))
