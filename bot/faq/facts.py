"""What is read off one entry alone, whatever stands beside it: vectors, tokens, words, meanings. Reading it is what takes long; it is kept by content.

An FAQ is then put together from its entries' facts in a fraction of a second, from nothing else, so that an FAQ changed a hundred times is the
same as one built anew.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.encoder import Encoded, Encoder, Vectors, stacked
from bot.estonian import analyse
from bot.faq.alignment import Tokens
from bot.faq.meanings import Groups, entry_meanings, meanings
from bot.faq.passages import ASKED, Kind, Passage, passages_of
from bot.faq.shelf import Shelf
from bot.faq.vectors import VectorCache
from bot.faq.vocabulary import EntryWords, Vocabulary, read_forms, read_terms
from bot.understanding import FaqEntry

_FILE = "words1.db"
_READ_BY = ("estonian.py", "morphology.py", "language.py", "words", "faq/vocabulary.py", "faq/meanings.py")  # in bot/: they decide what is read
_AT_ONCE = 128  # entries whose kept vectors are in memory twice
_COMPARED = 256  # tokens of one passage that are compared


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


@dataclass(frozen=True, eq=False)
class Facts:
    """Of one entry. Rows of `vectors` are its passages; tokens are centred."""

    entry: FaqEntry
    vectors: Vectors  # (passages, dim), as the encoder gives them
    kinds: npt.NDArray[np.int8]  # (passages,)
    whole: dict[str, Tokens]  # language → tokens of question and answer together
    examples: tuple[Tokens, ...]  # tokens of each other wording
    words: EntryWords
    groups: Groups  # of meaning
    wordings: tuple[tuple[str, ...], ...]  # its questions as sorted lemmas
    lot: bytes  # as good as drawn, and the same for as long as the id is


class FactCache:
    """Reads entries, each content once: given a folder, once for all processes and restarts. Safe to use from several threads."""

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        self.vectors = VectorCache(encoder, folder)
        self.vocabulary = Vocabulary()
        self._words = Shelf(folder / _FILE if folder else None, maker=reading_name())

    @property
    def dim(self) -> int:
        return self.vectors.dim

    def scratch(self) -> FactCache:
        """See `Shelf.scratch`."""
        made = object.__new__(FactCache)
        made.vectors, made.vocabulary, made._words = self.vectors.scratch(), self.vocabulary, self._words.scratch()
        return made

    def read(self, entries: Sequence[FaqEntry], centre: Centre | None = None) -> list[Facts]:
        """The entries' facts, in their order, tokens centred by `centre` or, without one, not at all."""
        return [facts for at in range(0, len(entries), _AT_ONCE) for facts in self._read(entries[at : at + _AT_ONCE], centre)]

    def _read(self, entries: Sequence[FaqEntry], centre: Centre | None) -> list[Facts]:
        passages = [passages_of(entry) for entry in entries]
        encoded = iter(self.encoded([passage for one in passages for passage in one]))
        texts = self._read_words(entries)
        read = zip(entries, passages, texts, strict=True)
        return [self._facts(entry, [(passage, next(encoded)) for passage in one], text, centre) for entry, one, text in read]

    def lacking(self, entries: Sequence[FaqEntry]) -> list[FaqEntry]:
        """Those that have a text that was never read."""
        passages = [(entry.id, passage) for entry in entries for passage in passages_of(entry)]
        wordings = self.vectors.lacking_wordings([passage.text for _, passage in passages if passage.kind in ASKED])
        answers = self.vectors.lacking_passages([passage.text for _, passage in passages if passage.kind not in ASKED])
        new = {entry_id for entry_id, passage in passages if passage.text in (wordings if passage.kind in ASKED else answers)}
        return [entry for entry in entries if entry.id in new]

    def encoded(self, passages: Sequence[Passage]) -> list[Encoded]:
        """Each passage encoded for what it is."""
        wordings = iter(self.vectors.wordings([passage.text for passage in passages if passage.kind in ASKED]))
        answers = iter(self.vectors.passages([passage.text for passage in passages if passage.kind not in ASKED]))
        return [next(wordings if passage.kind in ASKED else answers) for passage in passages]

    def _facts(self, entry: FaqEntry, both: Sequence[tuple[Passage, Encoded]], text: dict[str, Any], centre: Centre | None) -> Facts:
        said, asked = (centre.passage_token, centre.query_token) if centre else (0.0, 0.0)
        return Facts(
            entry=entry,
            vectors=np.stack([one.vector for _, one in both]),
            kinds=np.array([passage.kind for passage, _ in both], np.int8),
            whole={passage.language: _unit(one.tokens, said) for passage, one in both if passage.kind is Kind.FULL},
            examples=tuple(_unit(one.tokens, asked) for passage, one in both if passage.kind is Kind.EXAMPLE),
            words=self.vocabulary.numbered(text["terms"], text["forms"]),
            groups=Groups.of({int(group): certainty for group, certainty in text["groups"].items()}),
            wordings=tuple(tuple(lemmas) for lemmas in text["wordings"]),
            lot=hashlib.md5(entry.id.encode(), usedforsecurity=False).digest(),
        )

    def _read_words(self, entries: Sequence[FaqEntry]) -> list[dict[str, Any]]:
        keys = [_key(entry) for entry in entries]
        kept = self._words.get(keys)
        made = {key: _words(entry) for key, entry in dict(zip(keys, entries, strict=True)).items() if key not in kept}
        self._words.put(made)
        return [json.loads((kept | made)[key]) for key in keys]


def own_centre(queries: Sequence[Encoded], passages: Sequence[Encoded], dim: int) -> Centre:
    """The means of these very texts."""
    asked, said = (stacked(read, dim).mean(axis=0) if read else np.zeros(dim, np.float32) for read in (queries, passages))
    return Centre(asked, said, _token_mean(queries), _token_mean(passages))


@cache
def reading_name() -> str:
    """Changes whenever words might be read otherwise: with the code and the word lists that read them."""
    bot = Path(__file__).parents[1]
    digest = hashlib.sha256(importlib.metadata.version("estnltk").encode())
    for path in (path for name in _READ_BY for path in (sorted((bot / name).glob("*.*")) if (bot / name).is_dir() else [bot / name])):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _words(entry: FaqEntry) -> bytes:
    wordings = [sorted(analyse(text).lemmas) for text in (entry.question, *entry.examples)]
    form = {
        "terms": read_terms(entry), "forms": read_forms(entry), "groups": entry_meanings(entry, meanings()), "wordings": [one for one in wordings if one],
    }  # fmt: skip
    return json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode()


def _key(entry: FaqEntry) -> str:
    texts = [entry.question, entry.answer, *entry.examples, "", *(one[name] for one in entry.translations.values() for name in ("question", "answer"))]
    return hashlib.sha256("\0".join([*texts, "", *entry.tags]).encode()).hexdigest()


def _unit(tokens: npt.NDArray[Any], mean: Vectors | float) -> Tokens:
    centred = tokens[:_COMPARED].astype(np.float32) - mean
    return Tokens.of(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9))


def _token_mean(read: Sequence[Encoded]) -> Vectors:
    tokens = [one.tokens.astype(np.float32) for one in read if len(one.tokens)]
    return np.asarray(np.concatenate(tokens).mean(axis=0), dtype=np.float32) if tokens else np.zeros(1, np.float32)
