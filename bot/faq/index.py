"""Vectors in, neighbours out. The only file that imports FAISS; distance becomes similarity here, once.

An index is an immutable snapshot: new entries make a new one, which is put in place of the old by one assignment. Vectors
of passages met before come from a cache, so replacing one entry encodes one entry.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
from collections import ChainMap
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from bot.encoder import Encoded, Encoder, Vectors, stacked
from bot.faq.alignment import Alignment
from bot.understanding import FaqEntry

Rows = npt.NDArray[np.int64]
log = logging.getLogger(__name__)
_POOLED = 15.0  # how sharply the nearest of an entry's passages counts before the others


class Kind(IntEnum):
    """What of an entry a passage is."""

    QUESTION = 0
    FULL = 1  # question and answer together
    ANSWER = 2
    EXAMPLE = 3


ASKED = frozenset({Kind.QUESTION, Kind.EXAMPLE})  # these are questions themselves


@dataclass(frozen=True)
class Passage:
    entry: int  # row of the entry
    kind: Kind
    text: str
    language: str = "et"


@dataclass(frozen=True)
class Centre:
    """Means of questions and passages in general.

    E5's vectors crowd in one corner of the space: two unrelated texts have a similarity of 0.8. Taking the mean away
    spreads them. A small FAQ's own mean is half its content, so the general one is mixed in with the weight of `prior` passages.
    """

    query: Vectors  # (dim,)
    passage: Vectors  # (dim,)
    query_token: Vectors  # (token dim,)
    passage_token: Vectors  # (token dim,)
    prior: float = 60.0


class VectorCache:
    """Passages read by the encoder, by content, in memory and, given a folder, in a SQLite file there, so that a restart encodes nothing again."""

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        self._encoder = encoder
        self._known: MutableMapping[str, Encoded] = {}
        self._lock = threading.Lock()
        self._file = folder / "vectors2.db" if folder else None
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._known.update(self._read_or_begin_anew(self._file))

    @property
    def dim(self) -> int:
        return self._encoder.dim

    def scratch(self) -> VectorCache:
        """A cache that knows what this one knows, and forgets with its own end what it learns besides: drafts are nobody's to keep."""
        made = VectorCache(self._encoder)
        made._known = ChainMap({}, self._known)
        return made

    def passages(self, texts: Sequence[str]) -> list[Encoded]:
        """Answers, read as what is looked for. Only texts never met before are encoded."""
        return self._cached("passage", texts, self._encoder.read_passages)

    def wordings(self, texts: Sequence[str]) -> list[Encoded]:
        """Questions, read as what is asked: a question is nearer to its like than to any passage."""
        return self._cached("query", texts, self._encoder.read_queries)

    def _cached(self, how: str, texts: Sequence[str], read_new: Callable[[Sequence[str]], list[Encoded]]) -> list[Encoded]:
        keys = [hashlib.sha256(f"{self._encoder.name}\0{how}\0{text}".encode()).hexdigest() for text in texts]
        with self._lock:
            new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
            if new:
                read = dict(zip(new, read_new(list(new.values())), strict=True))
                self._known.update(read)
                self._write(read)
            return [self._known[key] for key in keys]

    def _read_or_begin_anew(self, file: Path) -> dict[str, Encoded]:
        """What is kept; a file that can't be read is thrown away, since all of it can be computed again."""
        try:
            return self._read()
        except sqlite3.DatabaseError as error:
            log.warning("%s can't be read (%s): its vectors are computed again", file.name, type(error).__name__)
            file.unlink(missing_ok=True)
            return {}

    def _read(self) -> dict[str, Encoded]:
        with closing(self._open()) as connection, connection:
            connection.execute("DELETE FROM passages WHERE encoder <> ?", (self._encoder.name,))  # another encoder's are of no use any more
            rows = connection.execute("SELECT key, vector, tokens, length FROM passages WHERE encoder = ?", (self._encoder.name,)).fetchall()
        return {
            key: Encoded(np.frombuffer(vector, np.float32), np.frombuffer(tokens, np.float16).astype(np.float32).reshape(length, -1))
            for key, vector, tokens, length in rows
        }

    def _write(self, read: dict[str, Encoded]) -> None:
        if self._file is None:
            return
        name = self._encoder.name
        rows = [(key, name, one.vector.astype(np.float32).tobytes(), one.tokens.astype(np.float16).tobytes(), len(one.tokens)) for key, one in read.items()]
        with closing(self._open()) as connection, connection:
            connection.executemany("INSERT OR REPLACE INTO passages VALUES (?, ?, ?, ?, ?)", rows)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(str(self._file), timeout=10)
        connection.execute("CREATE TABLE IF NOT EXISTS passages (key TEXT PRIMARY KEY, encoder TEXT, vector BLOB, tokens BLOB, length INTEGER)")
        return connection


class Index:
    """Immutable: the passages of some entries, centred, and the neighbours of a question among them."""

    def __init__(self, entries: Sequence[FaqEntry], cache: VectorCache, centre: Centre | None = None, *, beside: Index | None = None) -> None:
        """With `beside` passages are centred as they are there, so that these few entries' similarities can stand among that index's."""
        self.entries = tuple(entries)
        self.passages = passages_of(self.entries)
        read = _read(self.passages, cache)
        vectors = stacked(read, cache.dim)
        self._centre = centre or own_centre(read, read, cache.dim)
        asked = np.array([passage.kind in ASKED for passage in self.passages], dtype=bool)
        self._mean: Vectors = beside._mean if beside else _mixed_mean(vectors[~asked], self._centre)
        self._vectors = _unit(vectors - np.where(asked[:, None], self._centre.query, self._mean))
        self._owner = np.array([passage.entry for passage in self.passages], dtype=np.int64)
        self._kind = np.array([passage.kind for passage in self.passages], dtype=np.int64)
        self._flat = faiss.IndexFlatIP(vectors.shape[1])
        if len(self.passages):
            self._flat.add(self._vectors)
        whole = {(passage.language, passage.entry): one.tokens for passage, one in zip(self.passages, read, strict=True) if passage.kind is Kind.FULL}
        self._alignments = {language: self._alignment(whole, language) for language in {language for language, _ in whole}}
        self._order = np.argsort(self._owner, kind="stable")
        self._firsts = np.searchsorted(self._owner[self._order], np.arange(len(self.entries)))
        examples = [(passage.entry, one.tokens) for passage, one in zip(self.passages, read, strict=True) if passage.kind is Kind.EXAMPLE]
        self._examples = Alignment(examples, len(self.entries), self._centre.query_token, self._centre.query_token)

    def __len__(self) -> int:
        return len(self.entries)

    def search(self, vectors: Vectors, k: int) -> tuple[Vectors, Rows]:
        """Questions (n, dim) → similarities and passage rows, both (n, min(k, passages)), best first."""
        asked = self.centred(vectors)
        if not len(self.passages):
            return np.zeros((len(asked), 0), np.float32), np.zeros((len(asked), 0), np.int64)
        similarities, rows = self._flat.search(asked, min(k, len(self.passages)))
        return similarities, rows

    def aligned(self, tokens: Vectors, language: str | None = None) -> Vectors:
        """(entries, 3): how well a question's tokens are met by each entry's, in its language where there is a translation, and by its
        examples; an entry without an example is as near by them as by itself."""
        chosen = self._alignments.get(language or "et") or self._alignments.get("et")
        if not chosen:
            return np.zeros((0, 3), np.float32)
        whole, by_example = chosen.scores(tokens), self._examples.scores(tokens)[:, :1]
        return np.concatenate([whole, np.maximum(by_example, whole[:, :1])], axis=1)

    def _alignment(self, whole: Mapping[tuple[str, int], Vectors], language: str) -> Alignment:
        tokens = [(row, whole.get((language, row), whole["et", row])) for row in range(len(self.entries))]
        return Alignment(tokens, len(self.entries), self._centre.query_token, self._centre.passage_token)

    def by_entry(self, vectors: Vectors, *, k: int = 1024) -> Vectors:
        """(n, entries, kinds + 1): the best similarity to each entry's passages of each kind, and a soft best of all its passages together.

        An entry without a passage of a kind, or with none among the nearest `k`, gets the entry's question instead for
        examples, and the least similarity found for the rest.
        """
        similarities, rows = self.search(vectors, k)
        if not similarities.shape[1]:
            return np.zeros((len(similarities), len(self.entries), len(Kind) + 1), np.float32)
        least = similarities.min(axis=1)
        out = np.full((len(similarities), len(self.entries), len(Kind)), -2.0, dtype=np.float32)
        asked = np.repeat(np.arange(len(rows)), rows.shape[1])
        flat = rows.ravel()
        np.maximum.at(out, (asked, self._owner[flat], self._kind[flat]), similarities.ravel())
        out[:, :, Kind.EXAMPLE] = np.maximum(out[:, :, Kind.EXAMPLE], out[:, :, Kind.QUESTION])
        out = np.where(out < -1.5, least[:, None, None], out)
        near = np.repeat(least[:, None], len(self.passages), axis=1)
        near[asked, flat] = similarities.ravel()
        return np.concatenate([out, self._pooled(near)[:, :, None]], axis=2)

    def _pooled(self, near: Vectors) -> Vectors:
        """(n, passages) → (n, entries): an entry with several near passages is nearer than one with a single lucky one."""
        sums = np.add.reduceat(np.exp(_POOLED * near[:, self._order]), self._firsts, axis=1)
        counts = np.diff(np.append(self._firsts, len(self._order)))
        return np.asarray(np.log(sums / counts) / _POOLED, dtype=np.float32)

    def centred(self, vectors: Vectors) -> Vectors:
        """Questions (n, dim), without what questions have in common, each of length one."""
        return _unit(np.asarray(vectors, dtype=np.float32) - self._centre.query)

    def nearest_wording(self, row: int, vector: Vectors, language: str | None) -> str:
        """Of an entry's question, also in the given language, and other wordings the one that is nearest to a question (dim,)."""
        own = [(place, self.passages[place]) for place in np.flatnonzero(self._owner == row)]
        rows = [place for place, passage in own if passage.kind in ASKED and passage.language in ("et", language)]
        best = int(np.argmax(self._vectors[rows] @ self.centred(vector[None])[0]))
        return str(self.passages[rows[best]].text)

    def whole(self) -> tuple[Vectors, Rows]:
        """The vectors of the passages that are question and answer together, and the rows of the entries they belong to."""
        chosen = self._kind == Kind.FULL
        return self._vectors[chosen], self._owner[chosen]


def passages_of(entries: Sequence[FaqEntry]) -> tuple[Passage, ...]:
    """Every passage of every entry, translations included."""
    out: list[Passage] = []
    for row, entry in enumerate(entries):
        versions = {"et": {"question": entry.question, "answer": entry.answer}, **entry.translations}
        for language, texts in versions.items():
            question, answer = texts["question"], texts["answer"]
            pairs = ((Kind.QUESTION, question), (Kind.FULL, f"{question} {answer}"), (Kind.ANSWER, answer))
            out += [Passage(row, kind, text, language) for kind, text in pairs]
        out += [Passage(row, Kind.EXAMPLE, example) for example in entry.examples]
    return tuple(out)


def _read(passages: Sequence[Passage], cache: VectorCache) -> list[Encoded]:
    """Each passage encoded for what it is."""
    wordings = iter(cache.wordings([passage.text for passage in passages if passage.kind in ASKED]))
    answers = iter(cache.passages([passage.text for passage in passages if passage.kind not in ASKED]))
    return [next(wordings if passage.kind in ASKED else answers) for passage in passages]


def own_centre(queries: Sequence[Encoded], passages: Sequence[Encoded], dim: int) -> Centre:
    """The means of these very texts."""
    asked, said = (stacked(read, dim).mean(axis=0) if read else np.zeros(dim, np.float32) for read in (queries, passages))
    return Centre(asked, said, _token_mean(queries), _token_mean(passages))


def _token_mean(read: Sequence[Encoded]) -> Vectors:
    tokens = [one.tokens for one in read if len(one.tokens)]
    return np.asarray(np.concatenate(tokens).mean(axis=0), dtype=np.float32) if tokens else np.zeros(1, np.float32)


def _mixed_mean(vectors: Vectors, centre: Centre) -> Vectors:
    mixed = (vectors.sum(axis=0) + centre.prior * centre.passage) / (len(vectors) + centre.prior)
    return np.asarray(mixed, dtype=np.float32)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
