"""Which questions ask the same: what a text asks becomes a sketch, and sketches that lie together are a group.

A sketch is one row of small numbers, so it can be kept and compared without the text: the encoder's vector, what the topics that the bank knows
say about it (the bridge), its lemmas and its groups of meaning. Each part weighs what it was found to be worth on businesses of the bank.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bot.encoder import Vectors
from bot.estonian import Analysis
from bot.faq.bridge import Bridge
from bot.faq.clusters import NOBODY, agglomerated, medoid, nearest, renamed
from bot.faq.decision import CHAT, CHAT_PREFIX, GIBBERISH, HUMAN, leading
from bot.faq.facts import Centre
from bot.faq.meanings import meanings
from bot.faq.question import Question
from bot.understanding import Gathering, Group, KnownGroup
from bot.words import words

ALIKE = 0.44  # average likeness from which questions stand together
AT_ONCE = 1_500  # questions that are put together in one go
_HASHED = 256  # places for lemmas, and as many for groups of meaning
_TOPICS, _LEMMAS, _MEANINGS = 0.3, 0.16, 0.2  # what each part is worth where the encoder's vector is worth 1
_FOREIGN = 1.15  # a question in English or Russian shares no lemma with an Estonian one: what is left counts for more
_PART = 0.6  # of a compound
_STEP = 1 / 100  # of the small numbers that are kept
_MOST = 127
_SURE_CHAT = 0.9  # below it a question of a few words may only look like chat
NEW = "new "  # begins the name of a group that was not there before


class Sketcher:
    """Makes sketches; those of another encoder or bridge lie elsewhere, so `name` goes with them."""

    def __init__(self, centre: Centre, bridge: Bridge | None, encoder: str) -> None:
        self._centre, self._bridge = centre, bridge
        self.name = f"{zlib.crc32(f'{encoder} {bridge.digest() if bridge else None} 1'.encode()):08x}"

    def of(self, question: Question) -> bytes:
        """What a question asks; questions alike lie near one another."""
        foreign = question.analysis.language in ("en", "ru")
        more = _FOREIGN if foreign else 1.0
        vector = _unit(question.vector - self._centre.query)
        parts = [vector * more]
        if self._bridge:
            parts.append(self._bridge.expanded(self._bridge.likeness(vector[None]))[0] * more * _TOPICS**0.5)
        lemmas = {} if foreign else _lemmas(question.analysis)
        parts.append(_hashed(lemmas.items()) * _LEMMAS**0.5)
        parts.append(_hashed((str(group), sure) for group, sure in meanings().of(question.analysis).items()) * more * _MEANINGS**0.5)
        small = np.clip(np.round(np.concatenate(parts) / _STEP), -_MOST, _MOST)
        return bytes(small.astype(np.int8))


def asks_something(question: Question, intents: Sequence[tuple[str, float]]) -> bool:
    """False for greetings, small talk, a mere wish for a person and letters at random: they are nobody's question."""
    name, sure = leading(intents)
    empty = name in HUMAN or name in CHAT or name == GIBBERISH or name.startswith(CHAT_PREFIX)
    return question.analysis.has_words and bool(question.analysis.topical) and not (empty and sure >= _SURE_CHAT)


def gathered(sketches: Sequence[bytes], present: Sequence[str | None], known: Sequence[KnownGroup]) -> Gathering:
    """Put questions into groups, in their order. `present` are the groups that they stand in now, `known` those that stay as they are.

    A few are put together anew, and groups keep their names by whose questions they have; of many, those that stand somewhere stay there, and
    the others go to the likest group or make one among themselves. The same questions in the same order always make the same groups.
    """
    vectors = _read(sketches)
    kept = [group.id for group in known]
    settled = nearest(vectors, _means([group.mean for group in known], vectors), ALIKE)
    free = np.flatnonzero(settled == NOBODY)
    before = [None if present[row] in kept else present[row] for row in free]
    names = np.array([kept[place] if place != NOBODY else "" for place in settled], object)
    names[free] = _anew(vectors[free], before) if len(free) <= AT_ONCE else _beside(vectors[free], before)
    rows: dict[str, list[int]] = {}
    for row in free:
        rows.setdefault(names[row], []).append(int(row))
    return Gathering(tuple(names), tuple(_group(name, vectors, own) for name, own in rows.items()))


def _anew(vectors: Vectors, former: Sequence[str | None]) -> list[str]:
    """Every question's group, all put together from nothing."""
    labels = agglomerated(vectors, ALIKE)
    names = renamed(labels, former)
    return [str(names.get(int(label), f"{NEW}{label}")) for label in labels]


def _beside(vectors: Vectors, former: Sequence[str | None]) -> list[str]:
    """Every question's group, where those that have one stay in it."""
    names = list(former)
    own: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        if name is not None:
            own.setdefault(name, []).append(row)
    titles = list(own)
    means = np.stack([vectors[rows].mean(axis=0) for rows in own.values()]) if own else vectors[:0]
    left = [row for row, name in enumerate(names) if name is None]
    for start in range(0, len(left), AT_ONCE):
        rows = np.array(left[start : start + AT_ONCE])
        found = nearest(vectors[rows], means, ALIKE)
        alone = rows[found == NOBODY]
        labels = agglomerated(vectors[alone], ALIKE)
        made = [f"{NEW}{start}-{label}" for label in labels]
        for row, name in [*zip(rows, (titles[place] if place != NOBODY else "" for place in found), strict=True), *zip(alone, made, strict=True)]:
            names[row] = name
        fresh = list(dict.fromkeys(made))
        means = np.concatenate([means, *(vectors[alone[labels == label]].mean(axis=0, keepdims=True) for label in dict.fromkeys(labels.tolist()))])
        titles += fresh
    return [str(name) for name in names]


def _group(name: str, vectors: Vectors, rows: Sequence[int]) -> Group:
    own = vectors[rows]
    return Group(name, own.mean(axis=0).astype(np.float16).tobytes(), rows[medoid(own)])


def _read(sketches: Sequence[bytes]) -> Vectors:
    """(n, places of a sketch)."""
    return np.frombuffer(b"".join(sketches), np.int8).reshape(len(sketches), -1 if sketches else 0).astype(np.float32) * np.float32(_STEP)


def _means(kept: Sequence[bytes], beside: Vectors) -> Vectors:
    """(groups, places); a mean that was kept of other sketches is nowhere near."""
    read = [np.frombuffer(one, np.float16).astype(np.float32) for one in kept]
    return np.stack([one if len(one) == beside.shape[1] else np.zeros(beside.shape[1], np.float32) for one in read]) if read else beside[:0]


def _lemmas(analysis: Analysis) -> Mapping[str, float]:
    """What the words may be, a weak reading for less."""
    held: dict[str, float] = {}
    for token in analysis.topical:
        held |= {part: _PART for part in token.word.parts if part not in words("stop_et")}
        held |= dict.fromkeys(token.word.lemmas, 1.0)
    return held


def _hashed(terms: Iterable[tuple[str, float]]) -> Vectors:
    """(_HASHED,), of length one: each term has a place and a sign of its own."""
    out = np.zeros(_HASHED, np.float32)
    for term, weight in terms:
        code = zlib.crc32(term.encode())
        out[code % _HASHED] += weight if code >> 16 & 1 else -weight
    return _unit(out)


def _unit(vector: Vectors) -> Vectors:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), dtype=np.float32)
