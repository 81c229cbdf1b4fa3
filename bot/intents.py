"""Which intent a text has: multinomial logistic regression over vectors, lemmas and characters.

Vectors carry meaning, lemmas carry the words that matter, characters survive slips and slang. Works for anyone's intents;
knows none of ours. Kept as plain arrays and JSON, never as a pickle.
"""

from __future__ import annotations

import itertools
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bot.encoder import Vectors
from bot.estonian import Analysis
from bot.mendable import Mendable

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_LEMMA_BUCKETS, _CHAR_BUCKETS = 4096, 8192
_CHAR_SIZES = (2, 3, 4, 5)
_VECTOR_SCALE = 3.0  # length of the centred vectors, beside words of length _WORDS_SCALE
_SIGN_SCALE = 0.5
_WORDS_SCALE = 3.0
_PENALTY = 4.0  # scikit-learn's C
_FILE_ARRAYS, _FILE_ABOUT = "intents.npz", "intents.json"
_FORM = 2


class IntentsUnreadable(Mendable):
    """The saved classifier is missing or of another version; the message names the folder and the mend."""


@dataclass(frozen=True)
class _Learned:
    labels: tuple[str, ...]
    centre: Vectors  # (dim,)
    idf: npt.NDArray[np.float32]  # (buckets,)
    weight: npt.NDArray[np.float32]  # (labels, columns)
    bias: npt.NDArray[np.float32]  # (labels,)


class IntentModel:
    """Empty until `fit` or `load`."""

    def __init__(self) -> None:
        self._learned: _Learned | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        return self._learned.labels if self._learned else ()

    def fit(self, analyses: Sequence[Analysis], labels: Sequence[str], vectors: Vectors) -> None:
        """Learn from texts read beforehand, their labels, and their query vectors (n, dim)."""
        from scipy.sparse import csr_matrix, hstack
        from sklearn.linear_model import LogisticRegression

        names = tuple(sorted(set(labels)))
        if len(names) < 2:  # nothing to tell apart: always that one
            nothing = np.zeros(0, np.float32)
            self._learned = _Learned(names, np.zeros(vectors.shape[1], np.float32), nothing, np.zeros((0, 0), np.float32), nothing)
            return
        counts = _counts(analyses)
        idf = _idf(counts)
        centre = vectors.mean(axis=0)
        columns = hstack([csr_matrix(_dense(analyses, vectors, centre)), _weighted(counts, idf)], format="csr")
        model = LogisticRegression(C=_PENALTY, max_iter=400, class_weight="balanced" if len(names) > 2 else None)
        model.fit(columns, np.array(labels))
        weight, bias = model.coef_, model.intercept_
        if len(names) == 2:  # scikit-learn keeps one row for two classes
            weight, bias = np.vstack([-weight, weight]) / 2, np.append(-bias, bias) / 2
        self._learned = _Learned(names, centre.astype(np.float32), idf, weight.astype(np.float32), bias.astype(np.float32))

    def predict(self, analyses: Sequence[Analysis], vectors: Vectors) -> list[list[tuple[str, float]]]:
        """Per text all intents with their probability, best first. Raises `IntentsUnreadable` when nothing was learned."""
        if self._learned is None:
            raise IntentsUnreadable("the intent classifier has learned nothing yet: run `abiline train`")
        learned = self._learned
        if not analyses:
            return []
        if len(learned.labels) < 2:
            return [[(label, 1.0) for label in learned.labels] for _ in analyses]
        dense = _dense(analyses, vectors, learned.centre)
        split = dense.shape[1]
        by_word = np.stack([_word_scores(analysis, learned.idf, learned.weight[:, split:]) for analysis in analyses])
        scores = dense @ learned.weight[:, :split].T + by_word + learned.bias
        mass = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances = mass / mass.sum(axis=1, keepdims=True)
        return [sorted(((label, float(chance)) for label, chance in zip(learned.labels, row, strict=True)), key=lambda pair: -pair[1]) for row in chances]

    def save(self, folder: Path) -> None:
        """Raises `IntentsUnreadable` when nothing was learned."""
        if self._learned is None:
            raise IntentsUnreadable("nothing learned, nothing to save")
        folder.mkdir(parents=True, exist_ok=True)
        learned = self._learned
        np.savez_compressed(folder / _FILE_ARRAYS, centre=learned.centre, idf=learned.idf, weight=learned.weight.astype(np.float16), bias=learned.bias)
        (folder / _FILE_ABOUT).write_text(json.dumps({"form": _FORM, "labels": learned.labels}, ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def load(folder: Path) -> IntentModel:
        """Raises `IntentsUnreadable`."""
        try:
            about: dict[str, Any] = json.loads((folder / _FILE_ABOUT).read_text(encoding="utf-8"))
            with np.load(folder / _FILE_ARRAYS, allow_pickle=False) as arrays:
                kept = {name: arrays[name].astype(np.float32) for name in ("centre", "idf", "weight", "bias")}
        except (OSError, ValueError, KeyError) as error:
            raise IntentsUnreadable(f"no usable intent classifier in {folder} ({type(error).__name__}): run `abiline train`") from error
        if about.get("form") != _FORM:
            raise IntentsUnreadable(f"the intent classifier in {folder} is of another version: run `abiline train`")
        model = IntentModel()
        model._learned = _Learned(tuple(about["labels"]), **kept)
        return model


def _dense(analyses: Sequence[Analysis], vectors: Vectors, centre: Vectors) -> npt.NDArray[np.float32]:
    """(n, dim + signs): the centred unit vector and a few plain signs."""
    away = vectors - centre
    unit = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
    return np.hstack([unit * _VECTOR_SCALE, np.array([_signs(one) for one in analyses], np.float32) * _SIGN_SCALE]).astype(np.float32)


def _signs(analysis: Analysis) -> list[float]:
    kinds = {entity.kind for entity in analysis.entities}
    letters = [letter for letter in analysis.normal if letter.isalpha()]
    return [
        math.log(1 + len(analysis.tokens)), math.log(1 + len(analysis.sentences)), analysis.unknown_share, analysis.unreadable_share,
        float("?" in analysis.text), float("!" in analysis.text), sum(letter.isupper() for letter in letters) / max(len(letters), 1),
        float(not analysis.has_words), 2.0 * ("email" in kinds), 2.0 * ("phone" in kinds), float("order_number" in kinds),
        float(analysis.language == "en"), float(analysis.language == "ru"), float(analysis.language is None),
    ]  # fmt: skip


def _counts(analyses: Sequence[Analysis]) -> csr_matrix:
    """(n, buckets): hashed lemma 1–2-grams, then hashed character n-grams."""
    from scipy.sparse import csr_matrix

    rows, columns, values = [], [], []
    for row, analysis in enumerate(analyses):
        counts = _buckets(analysis)
        rows += [row] * len(counts)
        columns += list(counts)
        values += [1 + math.log(count) for count in counts.values()]
    return csr_matrix((np.array(values, np.float32), (rows, columns)), shape=(len(analyses), _LEMMA_BUCKETS + _CHAR_BUCKETS))


def _buckets(analysis: Analysis) -> Counter[int]:
    counts = Counter(zlib.crc32(gram.encode()) % _LEMMA_BUCKETS for gram in _lemma_grams(analysis))
    counts.update(_LEMMA_BUCKETS + zlib.crc32(gram.encode()) % _CHAR_BUCKETS for gram in _char_grams(analysis))
    return counts


def _word_scores(analysis: Analysis, idf: npt.NDArray[np.float32], weight: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(labels,): what `_weighted` of this one text gives under `weight` (labels, buckets); sparse matrices of one row cost milliseconds."""
    counts = _buckets(analysis)
    columns = np.fromiter(counts, np.int64, len(counts))
    values = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * idf[columns]
    for half in (columns < _LEMMA_BUCKETS, columns >= _LEMMA_BUCKETS):
        values[half] *= _WORDS_SCALE / max(float(np.linalg.norm(values[half])), 1e-9)
    return np.asarray(weight[:, columns] @ values, dtype=np.float32)


def _lemma_grams(analysis: Analysis) -> Iterable[str]:
    lemmas = ["<", *analysis.lemmas, ">"]
    for token in analysis.tokens:
        yield from token.word.lemmas
        yield from token.word.parts
    yield from (f"{one} {other}" for one, other in itertools.pairwise(lemmas))


def _char_grams(analysis: Analysis) -> Iterable[str]:
    text = f" {analysis.corrected.lower()} "
    for size in _CHAR_SIZES:
        yield from (text[at : at + size] for at in range(len(text) - size + 1))


def _idf(counts: csr_matrix) -> npt.NDArray[np.float32]:
    held = np.asarray((counts > 0).sum(axis=0)).ravel()
    return np.asarray(np.log((1 + counts.shape[0]) / (1 + held)) + 1, dtype=np.float32)


def _weighted(counts: csr_matrix, idf: npt.NDArray[np.float32]) -> csr_matrix:
    """TF-IDF, lemmas and characters each of the same length."""
    from scipy.sparse import diags, hstack

    weighted = counts @ diags(idf)
    halves = [weighted[:, :_LEMMA_BUCKETS], weighted[:, _LEMMA_BUCKETS:]]
    lengths = [np.sqrt(np.asarray(half.multiply(half).sum(axis=1)).ravel()) for half in halves]
    return hstack([diags(_WORDS_SCALE / np.maximum(length, 1e-9)) @ half for half, length in zip(halves, lengths, strict=True)], format="csr")
