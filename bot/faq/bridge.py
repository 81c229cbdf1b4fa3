"""A bridge over the bank: from a question to questions alike of other businesses, to what those were about, to the entry about the same.

A customer who writes „luuk jäi lukku“ shares no word with „Pakiautomaadi uks ei avane“, but others before her did write so of doors that
stay shut, and the bank knows what they meant. Question and entry are each held against every topic of the bank; two that are about the same
topics belong together. Topics are those of the businesses the encoder learned from; the matcher learns what the bridge is worth on others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.encoder import Encoder, Vectors
from bot.faq.bank import Business
from bot.faq.facts import Centre
from bot.products import Products

COLUMNS = ("bridged", "expanded")
_DIM = 128  # of the vectors kept: 384 numbers rank a little better (recall@1 + 0.001) and weigh three times as much
_ABOVE = 0.2  # how much liker than to the mean topic something must be to a topic to be about it
_WARMTH = 0.035  # of the softmax that turns likeness to topics into the mean of their entries
_MOST = 127  # of an int8


@dataclass(frozen=True)
class Bridge:
    """Immutable: the bank's questions and entries as short vectors. `starts` are the first questions of each topic."""

    basis: Vectors  # (dim, small): the directions kept
    questions: npt.NDArray[np.int8]  # (questions, small), topic by topic
    starts: npt.NDArray[np.int64]  # (topics,)
    passages: npt.NDArray[np.int8]  # (topics, small)
    scale: Vectors  # (small,): what one step of an int8 is in each direction

    @cached_property
    def _asked(self) -> Products:
        return Products(self.questions)

    @cached_property
    def _said(self) -> Vectors:
        return np.asarray(self.passages * self.scale, dtype=np.float32)

    @staticmethod
    def learn(businesses: Sequence[Business], encoder: Encoder, centre: Centre) -> Bridge | None:
        """From the businesses' questions and entries; None without any."""
        asked: dict[str, list[str]] = {entry.id: [] for business in businesses for entry in business.entries}
        for one in (one for business in businesses for one in business.asked):
            if one.topic and one.kind != "followup":
                asked[one.topic].append(one.text)
        entries = [entry for business in businesses for entry in business.entries if asked[entry.id]]
        if not entries:
            return None
        questions = _unit(encoder.queries([text for entry in entries for text in asked[entry.id]]) - centre.query)
        passages = _unit(encoder.passages([f"{entry.question} {entry.answer}" for entry in entries]) - centre.passage)
        _, _, directions = np.linalg.svd(np.concatenate([questions, passages])[::3], full_matrices=False)
        basis = np.ascontiguousarray(directions[:_DIM].T, dtype=np.float32)
        both = np.concatenate([questions, passages]) @ basis
        scale = np.maximum(np.abs(both).max(axis=0) / _MOST, 1e-9).astype(np.float32)
        small = np.round(both / scale).astype(np.int8)
        starts = np.cumsum([0, *(len(asked[entry.id]) for entry in entries)])[:-1]
        return Bridge(basis, small[: len(questions)], starts.astype(np.int64), small[len(questions) :], scale)

    def likeness(self, questions: Vectors) -> Vectors:
        """(n, dim) centred questions → (n, topics): how like each is to the topic's likest question."""
        near, step = self._asked.near(questions @ self.basis * self.scale)
        return np.asarray(np.maximum.reduceat(near, self.starts, axis=1) * step, dtype=np.float32)

    def about(self, passages: Vectors) -> Vectors:
        """(n, dim) centred passages → (n, topics): how like each is to the topic's own entry."""
        return np.asarray(passages @ self.basis @ self._said.T, dtype=np.float32)

    def expanded(self, likeness: Vectors) -> Vectors:
        """(n, topics) → (n, small): the mean of the entries of the topics a question is likest to."""
        share = np.exp((likeness - likeness.max(axis=1, keepdims=True)) / _WARMTH)
        return _unit(share / share.sum(axis=1, keepdims=True) @ self._said)

    def crossed(self, question: Vectors) -> Crossed:
        """A centred question (dim,)."""
        likeness = self.likeness(question[None])
        return Crossed(_profile(likeness)[0], self.expanded(likeness)[0])

    def digest(self) -> str:
        """Changes with the content."""
        return hashlib.sha256(b"".join(array.tobytes() for array in self._arrays().values())).hexdigest()[:16]

    def save(self, path: Path) -> None:
        np.savez_compressed(path, allow_pickle=False, **self._arrays())

    @staticmethod
    def load(path: Path) -> Bridge:
        """Raises `OSError`, `ValueError` or `KeyError` for what is no bridge."""
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:  # numpy leaves a broken file of its own open
            return Bridge(kept["basis"].astype(np.float32), kept["questions"], kept["starts"], kept["passages"], kept["scale"])

    def _arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        basis = self.basis.astype(np.float16)
        return {"basis": basis, "questions": self.questions, "starts": self.starts, "passages": self.passages, "scale": self.scale}


@dataclass(frozen=True)
class Crossed:
    """Where one question stands on the far side."""

    topics: Vectors  # (topics,) what it is about
    expanded: Vectors  # (small,) what entries about that say


class Crossing:
    """Immutable: where an FAQ's entries stand on the far side."""

    def __init__(self, bridge: Bridge, passages: Vectors, owners: npt.NDArray[np.int64], entries: int) -> None:
        """`passages` (n, dim), centred, belong to the entry rows `owners` (n,); of an entry's several the likest counts."""
        self._bridge = bridge
        self._topics = _profile(bridge.about(passages))
        self._short = _unit(passages @ bridge.basis)
        self._owners = owners
        self._entries = entries

    def scores(self, asked: Crossed) -> Vectors:
        """(entries, 2): the topics that a question shares with each entry, and how near the entry is to what such topics say."""
        by_passage = np.stack([self._topics @ asked.topics, self._short @ asked.expanded], axis=1)
        out = np.full((self._entries, len(COLUMNS)), -1.0, dtype=np.float32)
        np.maximum.at(out, self._owners, by_passage)
        return out


def _profile(likeness: Vectors) -> Vectors:
    """What stands out among the topics, each row of length one (or nought where nothing does)."""
    outstanding = np.maximum(likeness - likeness.mean(axis=1, keepdims=True) - _ABOVE, 0.0)
    return _unit(outstanding)


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)
