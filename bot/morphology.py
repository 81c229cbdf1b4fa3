"""Vabamorf: lemmas, compound parts and spelling of single words. The only file that touches EstNLTK.

Importing `estnltk` loads pandas, NLTK and matplotlib (5 s); its `vabamorf` folder needs none of them, so that folder is
loaded as a package of its own. Vabamorf keeps global state: one instance in the process, behind a lock.
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.words import pairs, words

_ALIAS = "_abiline_vabamorf"
_LOCK = threading.Lock()
# Letters that people type without their marks, and the stand-ins they type for them ("j6uluks", "yhenda").
_RESTORED = {"a": "ä", "o": "õö", "u": "ü", "s": "š", "z": "ž", "y": "ü", "6": "õ", "2": "ä", "8": "ö", "w": "v", "x": "ks"}
_MOST_VARIANTS = 256
_LONGEST_WORD = 40  # beyond this it is no word and the search for corrections gets slow


class MorphologyMissing(Exception):
    """EstNLTK is not installed or its files can't be loaded; the message says so."""


@dataclass(frozen=True)
class Word:
    """What is known about one written form, whatever stands around it.

    `corrected` is the form itself, with its diacritics restored, or the best suggestion. `lemmas` are of the corrected
    form, all readings; `parts` the lemmas of a compound's parts (empty for a simple word).
    """

    text: str
    corrected: str
    lemmas: tuple[str, ...]
    parts: tuple[str, ...]
    pos: str
    known: bool
    suggestions: tuple[str, ...]


@lru_cache(maxsize=50_000)
def read_word(text: str, *, correct: bool = True) -> Word:
    """Analyse one form. With `correct` an unknown form is read as what was probably meant."""
    slang = pairs("colloquial").get(text.lower())
    if slang:
        lemmas, parts, pos = _analysed(slang.split()[-1])
        return Word(text, slang, lemmas, parts, pos, True, ())
    if not any(letter.isalpha() for letter in text) or len(text) > _LONGEST_WORD:
        return Word(text, text, (text.lower(),), (), "Z", True, ())
    if _is_known(text):
        return Word(text, text, *_analysed(text), True, ())
    suggestions = _suggestions(text) if correct and text.lower() not in words("undecided") else ()
    corrected = suggestions[0] if suggestions else text
    return Word(text, corrected, *_analysed(corrected), False, suggestions)


def _suggestions(text: str) -> tuple[str, ...]:
    """What may be meant: forms that differ in marks alone come first, then Vabamorf's own by closeness."""
    marked = [form for form in _variants(text) if _is_known(form)]
    if marked:
        return tuple(sorted(marked, key=lambda form: (len(_analysed(form)[1]), _rareness(text, form)))[:5])
    with _LOCK:
        found = _vabamorf().spellcheck([text])[0]["suggestions"]
    lower = [form for form in found if len(form) > 1 and (form[:1].islower() or text[:1].isupper() or form.lower() not in found)]
    return tuple(sorted(lower, key=lambda form: _distance(text.lower(), form.lower()))[:5])


def _variants(text: str) -> list[str]:
    """All forms with some letters given their marks back, least changed first, without the text itself."""
    choices = [letter + _RESTORED.get(letter, "") if letter != "x" else "x" for letter in text.lower()]
    total = 1
    for options in choices:
        total *= len(options)
    if total > _MOST_VARIANTS:
        choices = [letter + _RESTORED[letter] if letter in "aou" else letter for letter in text.lower()]
    forms = ("".join(letters) for letters in itertools.islice(itertools.product(*choices), _MOST_VARIANTS))
    return [form for form in forms if form != text.lower()]


def _rareness(text: str, form: str) -> int:
    """Changed letters, `ö` for an `o` counted double: `õ` is the commoner one."""
    return sum((2 if new in "öšž" else 1) for old, new in zip(text.lower(), form, strict=True) if old != new)


def _distance(one: str, other: str) -> float:
    """Optimal string alignment; a missing mark costs a quarter, a doubled letter a half, two letters swapped 0.7."""
    rows = [[float(index) for index in range(len(other) + 1)]]
    for i, letter in enumerate(one, 1):
        row = [float(i)]
        for j, wanted in enumerate(other, 1):
            change = 0.0 if letter == wanted else 0.25 if wanted in _RESTORED.get(letter, "") else 1.0
            drop = 0.5 if i > 1 and letter == one[i - 2] else 0.9
            insert = 0.5 if j > 1 and wanted == other[j - 2] else 0.8
            cost = min(rows[i - 1][j] + drop, row[j - 1] + insert, rows[i - 1][j - 1] + change)
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted and letter != wanted:
                cost = min(cost, rows[i - 2][j - 2] + 0.7)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1] + (0.3 if one[:1] != other[:1] else 0.0)


@lru_cache(maxsize=50_000)
def _is_known(text: str) -> bool:
    with _LOCK:
        return bool(_vabamorf().spellcheck([text], suggestions=False)[0]["spelling"])


@lru_cache(maxsize=50_000)
def _analysed(text: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """(lemmas, compound parts, part of speech) of a form; an unknown form is guessed."""
    with _LOCK:
        analyses: Sequence[dict[str, Any]] = _vabamorf().analyze([text], disambiguate=False, propername=False)[0]["analysis"]
        # Proper names only where nothing else is known: "Tallinn" yes, "Arve" (a name too) no.
        analyses = analyses or _vabamorf().analyze([text])[0]["analysis"]
    if not analyses:
        return (text.lower(),), (), "X"
    lemmas = dict.fromkeys(_base(analysis["lemma"].lower()) for analysis in analyses)
    parts = dict.fromkeys(part for analysis in analyses for part in _parts(analysis))
    return tuple(lemmas), tuple(parts), str(analyses[0]["partofspeech"])


def _parts(analysis: dict[str, Any]) -> list[str]:
    tokens: list[str] = analysis["root_tokens"]
    if len(tokens) < 2:
        return []
    last = analysis["lemma"].lower().removeprefix("".join(tokens[:-1]).lower())
    return [_first_lemma(token.lower()) for token in tokens[:-1] if len(token) > 1] + ([_base(last)] if len(last) > 1 else [])


def _first_lemma(part: str) -> str:
    """A compound's first part stands in its stem or genitive: `tellimuse` → `tellimus`, `paki` → `pakk`."""
    with _LOCK:
        analyses = _vabamorf().analyze([part], disambiguate=False, guess=False, propername=False)[0]["analysis"]
    nouns = [analysis["lemma"] for analysis in analyses if analysis["partofspeech"] in "SAV"]
    return _base((nouns or [part])[0].lower())


def _base(lemma: str) -> str:
    """A doing named as a thing becomes the doing: `tagastamine` → `tagastama`."""
    return lemma[:-4] + "ma" if lemma.endswith("mine") and len(lemma) > 6 else lemma


@lru_cache(maxsize=1)
def _vabamorf() -> Any:
    """EstNLTK's Vabamorf. Raises `MorphologyMissing`."""
    if "estnltk" in sys.modules:  # already paid for; two copies would share Vabamorf's global state
        return importlib.import_module("estnltk.vabamorf.morf").Vabamorf.instance()
    spec = importlib.util.find_spec("estnltk")
    if spec is None or not spec.submodule_search_locations:
        raise MorphologyMissing("EstNLTK is not installed: run `uv sync`")
    folder = Path(next(iter(spec.submodule_search_locations))) / "vabamorf"
    own = importlib.util.spec_from_file_location(_ALIAS, folder / "__init__.py", submodule_search_locations=[str(folder)])
    if own is None or own.loader is None:
        raise MorphologyMissing(f"no Vabamorf in {folder}: reinstall EstNLTK")
    package = importlib.util.module_from_spec(own)
    sys.modules[_ALIAS] = package
    own.loader.exec_module(package)
    return importlib.import_module(f"{_ALIAS}.morf").Vabamorf.instance()
