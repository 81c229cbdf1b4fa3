"""The spaCy `et` pipeline: tokens, Vabamorf's lemmas and compounds, spelling; and all that is read off one text, once.

`Analysis` is made once per text and reused by every component. spaCy's tensor library imports torch and TensorFlow when
they are installed (seconds, hundreds of megabytes) although a blank pipeline computes nothing: they are hidden from it.
"""

from __future__ import annotations

import re
import sys
import unicodedata
import warnings
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from bot import entities, language
from bot.entities import Entity
from bot.morphology import Word, read_word
from bot.understanding import Language, SpellingMark
from bot.words import pairs, words

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline
    from spacy.tokens import Doc

COMPONENT = "vabamorf"
_HEAVY = ("torch", "tensorflow", "mxnet")
_MOST_CORRECTED = 8  # unknown words per text that get suggestions; each costs milliseconds
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”“»)]*\s+(?=[\"„“«(]?[^\W\d_a-zõäöüšžа-яё])|(?<=[!?…])\s+|\n+")
_ABBREVIATED = re.compile(r"(?:\b\d{1,4}|\b(?:nt|jne|lk|nr|tel|st|vt|pr|hr|dr|prof|kl|sh|u|ca|a|s|tk|OÜ|AS|[A-ZÕÄÖÜ]))\.$")
_TYPED_QUOTES = str.maketrans({"’": "'", "`": "'", "´": "'", "\u00a0": " ", "\u200b": "", "\u200d": "\u200d"})
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_UNREAD = re.compile(r"https?://\S+|\S+@\S+|\b[\w-]+(?:\.[\w-]+)+(?:/\S*)?|\]\([^)]*\)|`[^`]*`|\{\{.*?\}\}|\S*\d\S*")
_BEFORE_SENTENCE = ' \t"„“”»«(*•–-'
_MOST_MARKS = 40  # unknown words that are told of; each new one costs milliseconds
_BARE = re.compile(r"[õäöüšž]", re.IGNORECASE)


@dataclass(frozen=True)
class Token:
    """One word of a text: where it stands (end exclusive) and what Vabamorf says of it."""

    start: int
    end: int
    word: Word

    @property
    def is_stop(self) -> bool:
        return self.word.text.lower() in words("stop_et") or self.word.corrected.lower() in words("stop_et") or set(self.word.lemmas) <= words("stop_et")


@dataclass(frozen=True)
class Analysis:
    """Everything read off one text. `tokens` are its words without punctuation."""

    text: str
    normal: str
    language: Language | None
    tokens: tuple[Token, ...]
    entities: tuple[Entity, ...]

    @cached_property
    def corrected(self) -> str:
        """The text as it was probably meant: marks restored, slips and slang resolved."""
        out, at = [], 0
        for token in self.tokens:
            if token.word.corrected != token.word.text:
                corrected = token.word.corrected
                out += [self.normal[at : token.start], corrected[:1].upper() + corrected[1:] if token.word.text[:1].isupper() else corrected]
                at = token.end
        return "".join([*out, self.normal[at:]])

    @cached_property
    def guessed(self) -> bool:
        """Whether a word was taken for another than with its marks left out: a slip, or a name that Vabamorf does not know."""
        return any(not word.known and _bare(word.corrected) != _bare(word.text) for word in (token.word for token in self.tokens))

    @cached_property
    def lemmas(self) -> tuple[str, ...]:
        """First lemma of each word, in order."""
        return tuple(token.word.lemmas[0] for token in self.tokens)

    @cached_property
    def topical(self) -> tuple[Token, ...]:
        """The words that carry the topic."""
        return tuple(token for token in self.tokens if not token.is_stop)

    @cached_property
    def unknown_share(self) -> float:
        """Share of words that are not Estonian ones as typed, 0…1."""
        return sum(not token.word.known for token in self.tokens) / len(self.tokens) if self.tokens else 0.0

    @cached_property
    def unreadable_share(self) -> float:
        """Share of words for which not even a correction was found, 0…1: high for gibberish."""
        lost = sum(not token.word.known and not token.word.suggestions for token in self.tokens)
        return lost / len(self.tokens) if self.tokens else 0.0

    @property
    def has_words(self) -> bool:
        return any(letter.isalpha() for token in self.tokens for letter in token.word.text)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        return split_sentences(self.normal)


@lru_cache(maxsize=2_000)
def analyse(text: str) -> Analysis:
    """Read one text: 1–4 ms for a message met for the first time."""
    normal = normalise(text)
    doc = pipeline()(normal)
    return Analysis(text, normal, doc._.language, doc._.words, entities.find(normal))


def normalise(text: str) -> str:
    """One form for what looks alike: composed letters, plain spaces and apostrophes, no control characters."""
    composed = unicodedata.normalize("NFC", text).translate(_TYPED_QUOTES)
    plain = "".join(letter if unicodedata.category(letter) != "Cc" or letter == "\n" else " " for letter in composed)
    return re.sub(r"[^\S\n]+", " ", plain).strip()


def split_sentences(text: str) -> tuple[str, ...]:
    """Sentences of a message; a date ("3. märtsil") or an abbreviation does not end one."""
    out: list[str] = []
    for piece in _SENTENCE_END.split(text):
        if out and _ABBREVIATED.search(out[-1]):
            out[-1] = f"{out[-1]} {piece}"
        elif piece and piece.strip():
            out.append(piece.strip())
    return tuple(out)


def proofread(text: str) -> tuple[SpellingMark, ...]:
    """Words of an Estonian text that Vabamorf does not know; names, addresses, numbers and markup are passed over, and a text in another language."""
    if language.detect(text) not in ("et", None):
        return ()
    skipped = [match.span() for match in _UNREAD.finditer(text)]
    marks: list[SpellingMark] = []
    for match in _WORD.finditer(text):
        if len(marks) == _MOST_MARKS:
            break
        if any(begin < match.end() and match.start() < end for begin, end in skipped) or _is_named(text, match):
            continue
        word = read_word(match.group())
        if word.known and word.corrected == word.text:
            continue
        suggestions = word.suggestions or ((word.corrected,) if word.corrected != word.text else ())
        if suggestions or match.group().islower():  # a capital that nothing is known of is a name
            marks.append(SpellingMark(match.start(), match.end(), match.group(), tuple(_like(match.group(), form) for form in suggestions)))
    return tuple(marks)


def _is_named(text: str, match: re.Match[str]) -> bool:
    """Whether a word looks like a name: a capital inside it, or at its beginning within a sentence."""
    form = match.group()
    if form.isupper() or any(letter.isupper() for letter in form[1:]):
        return True
    before = text[: match.start()].rstrip(_BEFORE_SENTENCE)
    return form[0].isupper() and bool(before) and before[-1] not in ".!?…:\n"


def _like(form: str, suggestion: str) -> str:
    """The suggestion with the capital that was typed."""
    return suggestion[:1].upper() + suggestion[1:] if form[:1].isupper() else suggestion


@lru_cache(maxsize=1)
def pipeline() -> Pipeline:
    """The blank Estonian pipeline with the component `vabamorf`; built once."""
    _import_spacy_alone()
    import spacy
    from spacy.language import Language as Pipeline
    from spacy.tokens import Doc, Token

    Doc.set_extension("language", default=None, force=True)
    Doc.set_extension("words", default=(), force=True)
    for name, default in (("lemmas", ()), ("parts", ()), ("suggestions", ()), ("corrected", ""), ("known", True)):
        Token.set_extension(name, default=default, force=True)
    if not Pipeline.has_factory(COMPONENT):
        Pipeline.component(COMPONENT, func=annotate)
    nlp = spacy.blank("et")
    nlp.add_pipe(COMPONENT)
    return nlp


def annotate(doc: Doc) -> Doc:
    """The component: sets lemma and part of speech of each token, its extensions, and the text's language and words."""
    doc._.language = language.detect(doc.text)
    read = _read_all(doc.text, doc._.language)
    by_start = {token.start: token.word for token in read}
    for token in doc:
        word = by_start.get(token.idx)
        if word is None:
            continue
        token.lemma_ = word.lemmas[0]
        token.tag_ = word.pos
        token._.lemmas, token._.parts, token._.suggestions = word.lemmas, word.parts, word.suggestions
        token._.corrected, token._.known = word.corrected, word.known
    doc._.words = read
    return doc


def _read_all(text: str, spoken: Language | None) -> tuple[Token, ...]:
    """Words are cut here, not by spaCy, whose tokens split "e-post" and keep "Tere!Tellimus" in one."""
    found = [(match.start(), match.end(), match.group()) for match in _WORD.finditer(text)]
    left = _MOST_CORRECTED if spoken in ("et", None) else 0
    read: list[Token] = []
    for start, end, form in found:
        word = read_word(form, correct=left > 0)
        left -= not word.known
        read.append(Token(start, end, word))
    if spoken == "et" and not _BARE.search(text) and any(_BARE.search(token.word.corrected) for token in read):
        return tuple(Token(token.start, token.end, _marked(token.word)) for token in read)
    return tuple(read)


def _bare(word: str) -> str:
    """Without its marks: „tähtaeg“ → „tahtaeg“."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(letter))


def _marked(word: Word) -> Word:
    """A word of a text typed without marks: "parast" is read as "pärast", keeping its own lemmas as well."""
    meant = pairs("diacritics").get(word.text.lower())
    if meant is None:
        return word
    other = read_word(meant)
    return Word(word.text, meant, (*other.lemmas, *word.lemmas), other.parts, other.pos, word.known, word.suggestions)


def _import_spacy_alone() -> None:
    """Import spaCy without the tensor libraries it looks for; they stay importable afterwards."""
    if "spacy" in sys.modules:
        return
    hidden = [name for name in _HEAVY if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        with warnings.catch_warnings():  # what spaCy pulls in uses things that today's libraries call deprecated
            warnings.simplefilter("ignore")
            import spacy  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]
