"""The encoder's training, on an encoder of two layers and a vocabulary of letters."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from bot import adapt, e5
from bot.faq.bank import Asked, BankError, Business
from bot.understanding import FaqEntry

HIDDEN, INNER = 64, 128
LETTERS = "abcdefghijklmnopqrsšzžtuvwõäöüxy:?. ▁"
WORDS = ("pakk", "arve", "raha", "konto", "kood", "aeg")


def tiny_weights() -> e5.Weights:
    rng = np.random.default_rng(3)
    pieces = [(text, 0.0) for text in e5.SPECIAL] + [(letter, -3.0) for letter in dict.fromkeys(LETTERS)]

    def matrix(rows: int, columns: int) -> e5.Matrix:
        return e5.Matrix(rng.integers(0, 16, (rows, columns)).astype(np.uint8), np.full((rows, columns // e5.BLOCK), 0.02, np.float32))

    def ones(size: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.ones(size, np.float32)

    matrices = {"emb.word": matrix(len(pieces), HIDDEN)}
    vectors = {"emb.pos": np.zeros(e5.MAX_TOKENS * HIDDEN, np.float32), "emb.type": np.zeros(HIDDEN, np.float32)}
    vectors |= {"emb.ln.w": ones(HIDDEN), "emb.ln.b": 0 * ones(HIDDEN)}
    for layer in range(2):
        for part in ("q", "k", "v", "ao", "fi", "fo"):
            rows, columns = {"fi": (INNER, HIDDEN), "fo": (HIDDEN, INNER)}.get(part, (HIDDEN, HIDDEN))
            matrices[f"l{layer}.{part}.w"] = matrix(rows, columns)
            vectors[f"l{layer}.{part}.b"] = np.zeros(rows, np.float32)
        for norm in ("aln", "oln"):
            vectors |= {f"l{layer}.{norm}.w": ones(HIDDEN), f"l{layer}.{norm}.b": 0 * ones(HIDDEN)}
    return e5.Weights(HIDDEN, 2, 2, INNER, 1e-12, pieces, matrices, vectors)


def business(name: str, words: tuple[str, ...]) -> Business:
    entries = tuple(FaqEntry(f"{name}-{word}", f"kus on {word}?", f"{word} on siin.") for word in words)
    asked = [Asked(f"{start} {entry.id.split('-')[1]}", frozenset([entry.id]), "typical", entry.id) for entry in entries for start in ("kuda", "palun", "miks")]
    return Business(
        name, entries, (*asked, Asked("midagi muud", frozenset(), "out_of_scope"), Asked("aga soome?", frozenset([entries[0].id]), "followup", entries[0].id))
    )


BUSINESSES = [business("pood", WORDS[:3]), business("pank", WORDS[3:])]
LESSONS = adapt.Lessons(BUSINESSES, {"greet": ["tere", "hei", "tervist"], "thank": ["tänan", "aitäh"]}, [["raha", "pappi", "money"], ["kapp", "automaat"]])


def test_learning_changes_every_matrix_and_says_how_far_it_is() -> None:
    said: list[str] = []
    learned = adapt.adapt(LESSONS, tiny_weights(), plan=adapt.Plan(steps=10, rank=4, token_dim=16), progress=said.append)
    assert set(learned.up) == {f"l{layer}.{part}.w" for layer in range(2) for part in ("q", "k", "v", "ao", "fi", "fo")}
    assert all(np.abs(change).max() > 0 for change in learned.up.values())
    assert learned.tokens.shape == (16, HIDDEN)
    assert said[0].startswith("step 10 of 10, loss ")


def test_a_step_asks_two_businesses_and_leaves_follow_ups_out() -> None:
    plan = adapt.Plan(steps=1)
    ((queries, entries),) = adapt._steps(LESSONS, plan, random.Random(1))
    assert {entry.id.split("-")[0] for entry in entries} == {"pood", "pank"}
    assert not any("soome" in query.text.lower() for query in queries)
    assert any(not query.groups for query in queries)
    assert any(group.startswith("intent ") for query in queries for group in query.groups)


def test_slips_keep_most_of_a_text() -> None:
    dice = random.Random(5)
    typed = {adapt._as_typed("Kus on minu õunamahl?", dice) for _ in range(200)}
    assert "Kus on minu ounamahl?" in typed
    assert "kus on minu õunamahl?" in typed
    assert all(abs(len(text) - 21) <= 1 for text in typed)


def test_late_similarity_is_one_for_the_same_tokens_and_ignores_padding() -> None:
    import torch

    one, two = torch.eye(3)[:2], torch.eye(3)[2:]
    found = adapt.late_similarity([one, two], [one, two])
    assert found.numpy() == pytest.approx(np.eye(2))


def test_words_are_read_from_every_file_and_a_lone_one_teaches_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("- [riknenud, hallitanud]\n- [üksi]\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("- [kapp, automaat, 7]\n", encoding="utf-8")
    assert adapt.read_words(tmp_path) == [["riknenud", "hallitanud"], ["kapp", "automaat", "7"]]


def test_a_broken_file_of_words_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(BankError, match=r"a\.yml"):
        adapt.read_words(tmp_path)
