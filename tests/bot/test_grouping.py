"""Vectors that lie together become groups: without a number of groups, the same each time, and with names that stay."""

from __future__ import annotations

import numpy as np
import pytest

from bot.encoder import Encoded, Vectors
from bot.estonian import analyse
from bot.faq import grouping
from bot.faq.clusters import NOBODY, agglomerated, medoid, nearest, renamed
from bot.faq.facts import Centre
from bot.faq.grouping import NEW, Sketcher, asks_something, gathered
from bot.faq.question import Question
from bot.grouped import compared
from bot.understanding import KnownGroup

EAST, NORTH = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)


def around(*centres: Vectors, each: int = 3) -> Vectors:
    """Some vectors near each of these."""
    noise = np.random.default_rng(3).normal(scale=0.05, size=(len(centres) * each, 2))
    return np.asarray(np.repeat(np.stack(centres), each, axis=0) + noise, dtype=np.float32)


def sketch(vector: Vectors) -> bytes:
    return bytes(np.round(vector * 100).astype(np.int8))


def mean(vector: Vectors) -> bytes:
    return bytes(vector.astype(np.float16))


def test_what_lies_together_is_one_group_and_nobody_says_how_many_there_are() -> None:
    assert agglomerated(around(EAST, NORTH, -EAST), 0.5).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert agglomerated(around(EAST), 0.5).tolist() == [0, 0, 0]


def test_one_or_none_is_put_together_with_nobody() -> None:
    assert agglomerated(EAST[None], 0.5).tolist() == [0]
    assert agglomerated(np.zeros((0, 2), np.float32), 0.5).tolist() == []


def test_a_chain_of_neighbours_is_no_group() -> None:
    angles = np.linspace(0, np.pi, 9)
    chain = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert len(set(agglomerated(chain, 0.6).tolist())) > 1


def test_average_linkage_is_what_scipy_makes_of_it() -> None:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    vectors = np.random.default_rng(5).normal(size=(60, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    apart = 1 - vectors @ vectors.T
    np.fill_diagonal(apart, 0)
    theirs = fcluster(linkage(squareform((apart + apart.T) / 2, checks=False), "average"), 1 - 0.25, "distance")
    assert compared(theirs.tolist(), agglomerated(vectors, 0.25).tolist())["rand"] == 1


def test_a_vector_joins_the_likest_mean_or_nobody() -> None:
    assert nearest(around(EAST, NORTH, each=1), np.stack([NORTH, -EAST]), 0.5).tolist() == [NOBODY, 0]
    assert nearest(EAST[None], np.zeros((0, 2), np.float32), 0.5).tolist() == [NOBODY]


def test_the_middle_of_a_group_is_likest_to_all() -> None:
    assert medoid(np.stack([EAST, (EAST + NORTH) / 2**0.5, NORTH])) == 1


def test_a_name_goes_with_most_of_its_questions() -> None:
    assert renamed([0, 0, 0, 1, 1], ["a", "a", "b", "b", "b"]) == {0: "a", 1: "b"}
    assert renamed([0, 0, 1], [None, None, "a"]) == {1: "a"}


def test_groups_keep_their_names_when_new_questions_come() -> None:
    vectors = around(EAST, NORTH)
    first = gathered([sketch(one) for one in vectors], [None] * 6, [])
    assert len(set(first.names)) == 2
    assert all(name.startswith(NEW) for name in first.names)
    present = [*(f"old {name}" for name in first.names), None]
    again = gathered([sketch(one) for one in [*vectors, NORTH]], present, [])
    assert list(again.names) == [*present[:6], present[5]]
    assert {group.id for group in again.groups} == set(present[:6])


def test_a_known_group_takes_what_asks_the_same_and_is_not_made_anew() -> None:
    found = gathered([sketch(one) for one in around(EAST, NORTH, each=2)], [None] * 4, [KnownGroup("kõrval", mean(EAST))])
    assert found.names[:2] == ("kõrval", "kõrval")
    (group,) = found.groups
    assert group.id == found.names[2] == found.names[3]
    assert group.middle in (2, 3)


def test_a_mean_of_another_form_takes_nobody() -> None:
    found = gathered([sketch(EAST)], [None], [KnownGroup("vana", mean(np.ones(5, np.float32)))])
    assert found.names[0].startswith(NEW)


def test_nothing_gathered_is_no_group() -> None:
    assert gathered([], [], [KnownGroup("kõrval", mean(EAST))]).groups == ()


def test_of_many_questions_those_that_stand_somewhere_stay_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "AT_ONCE", 3)
    vectors = around(EAST, NORTH, -EAST, each=4)
    found = gathered([sketch(one) for one in vectors], ["ida", "ida", *[None] * 10], [])
    assert found.names[:4] == ("ida",) * 4
    assert compared([0] * 4 + [1] * 4 + [2] * 4, found.names)["rand"] == 1
    assert len(found.groups) == 3


def test_the_same_words_have_the_same_sketch_and_others_another() -> None:
    nought = np.zeros(3, np.float32)
    centre = Centre(nought, nought, nought, nought)
    sketcher = Sketcher(centre, None, "e")

    def of(text: str) -> bytes:
        encoded = Encoded(np.array([0.6, 0.8, 0.0], np.float32), np.zeros((1, 3), np.float32))
        return sketcher.of(Question(analyse(text), encoded))

    assert of("kus mu pakk on") == of("kus mu pakk on")
    assert of("kus mu pakk on") != of("kus mu arve on")
    assert sketcher.name != Sketcher(centre, None, "another").name


@pytest.mark.parametrize(
    ("text", "intent", "asks"), [("kus mu pakk on", "ask_question", True), ("kus mu pakk on", "greet", False), ("!!!", "ask_question", False)]
)
def test_a_greeting_and_a_text_without_words_ask_nothing(text: str, intent: str, asks: bool) -> None:
    encoded = Encoded(np.zeros(3, np.float32), np.zeros((1, 3), np.float32))
    assert asks_something(Question(analyse(text), encoded), [(intent, 0.97)]) is asks


def test_figures_are_one_for_the_very_groups_and_nought_for_chance() -> None:
    assert compared(["a", "a", "b"], [7, 7, 8]) == {"rand": 1.0, "bcubed": 1.0, "pairs": 1.0}
    apart = compared(["a", "a", "b", "b"], [0, 1, 2, 3])
    assert (apart["rand"], apart["pairs"]) == (0.0, 1.0)
    assert compared(["a", "b", "c", "c"], [0, 0, 0, 0])["pairs"] == pytest.approx(1 / 6)
