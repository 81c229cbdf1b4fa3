"""The encoder's training, on an encoder of two layers and a vocabulary of letters."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bot import adapt, e5, lessons
from bot.adapter import Adapter
from bot.encoder import content, cut
from bot.export import graph
from bot.faq.bank import Asked, Business
from bot.smoothing import Exactly
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
LESSONS = lessons.Lessons(BUSINESSES, {"greet": ["tere", "hei", "tervist"], "thank": ["tänan", "aitäh"]}, [["raha", "pappi", "money"], ["kapp", "automaat"]])


def test_learning_changes_every_matrix_and_says_how_far_it_is() -> None:
    said: list[str] = []
    learned = adapt.adapt(LESSONS, tiny_weights(), plan=lessons.Plan(steps=10, rank=4, token_dim=16), progress=said.append)
    assert set(learned.up) == {f"l{layer}.{part}.w" for layer in range(2) for part in ("q", "k", "v", "ao", "fi", "fo")}
    assert all(np.abs(change).max() > 0 for change in learned.up.values())
    assert learned.tokens.shape == (16, HIDDEN)
    assert said[0].startswith("step 10 of 10, loss ")


def test_a_step_asks_two_businesses_and_leaves_follow_ups_out() -> None:
    plan = lessons.Plan(steps=1)
    ((queries, entries),) = lessons.steps(LESSONS, plan, random.Random(1))
    assert {entry.id.split("-")[0] for entry in entries} == {"pood", "pank"}
    assert not any("soome" in query.text.lower() for query in queries)
    assert any(not query.groups for query in queries)
    assert any(group.startswith("intent ") for query in queries for group in query.groups)


def test_slips_keep_most_of_a_text() -> None:
    dice = random.Random(5)
    typed = {lessons.as_typed("Kus on minu õunamahl?", dice) for _ in range(200)}
    assert "Kus on minu ounamahl?" in typed
    assert "kus on minu õunamahl?" in typed
    assert all(abs(len(text) - 21) <= 1 for text in typed)


def test_late_similarity_is_one_for_the_same_tokens_and_ignores_padding() -> None:
    one, two = torch.eye(3)[:2], torch.eye(3)[2:]
    found = adapt.late_similarity([one, two], [one, two, -two])
    assert found.numpy() == pytest.approx(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, -1.0]]))


def test_words_are_read_from_every_file_and_a_lone_one_teaches_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("- [riknenud, hallitanud]\n- [üksi]\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("- [kapp, automaat]\n", encoding="utf-8")
    assert lessons.read_words(tmp_path) == [["riknenud", "hallitanud"], ["kapp", "automaat"]]


@pytest.mark.parametrize("content", ["[1, 2]", "- arve, tšekk", "- [on, off]", "- {a: b}", "just words", "- ["])
def test_a_broken_group_of_words_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.yml").write_text(content, encoding="utf-8")
    with pytest.raises(lessons.LearningFailed, match=r"a\.yml"):
        lessons.read_words(tmp_path)


@pytest.mark.parametrize("text", ["query: kus on pakk?", "passage: " + "arve on siin. " * 30])
def test_what_was_learned_is_what_is_exported(tmp_path: Path, text: str) -> None:
    """The network that trains and the file that serves read a text alike: scaling, the tokens' map and where the text's own tokens stand."""
    import onnxruntime

    weights = tiny_weights()
    kept = list(range(len(weights.pieces)))
    learned = adapt.adapt(LESSONS, weights, plan=lessons.Plan(steps=10, rank=4, token_dim=16, rate=0.02))
    network = adapt._Network(weights, kept, lessons.Plan(rank=4, token_dim=16)).eval()
    for key, change in network.changes.items():
        name = f"{key.replace('_', '.')}.w"
        change.down.data, change.up.data = torch.from_numpy(learned.down[name]), torch.from_numpy(learned.up[name]) / adapt._STRENGTH
    network.tokens.data = torch.from_numpy(learned.tokens)
    tokenizer = e5.tokenizer(weights.pieces)
    (vector,), (tokens,) = adapt._Reader(network, tokenizer).read([text])

    def served(adapter: Adapter | None) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        graph(weights, kept, adapter, Exactly()).write(tmp_path / "model.onnx")
        session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
        ids = np.array([cut(tokenizer.encode(text).ids, adapt._MOST_TOKENS)])
        pooled, states = session.run(["vector", "tokens"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        before = len(tokenizer.encode(text.split(maxsplit=1)[0]).ids) - 1
        return pooled[0], states[0][content(ids.shape[1], before)]

    pooled, states = served(learned)
    assert float(pooled @ vector.detach().numpy()) > 0.98
    assert states.shape == tokens.shape
    assert float((states * tokens.detach().numpy()).sum(axis=1).min()) > 0.95
    assert float(served(None)[0] @ pooled) < 0.97


def test_one_business_alone_can_not_be_learned_from() -> None:
    with pytest.raises(lessons.LearningFailed, match="fewer than two"):
        adapt.adapt(lessons.Lessons(BUSINESSES[:1], {}), tiny_weights())


def test_an_odd_number_of_businesses_never_meets_itself() -> None:
    three = lessons.Lessons([*BUSINESSES, business("buss", ("sõit", "pilet"))], {})
    for _, entries in lessons.steps(three, lessons.Plan(steps=9), random.Random(2)):
        assert len({entry.id for entry in entries}) == len(entries)
