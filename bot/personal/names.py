"""Names of people, in any case: „Marile“, „Tamme“, „Ivanovilt“, «Ивана Петрова».

What many names are besides (a month, a tree, a dress) decides how much must stand around one: an unmistakable given name is enough by
itself; a surname that is a word needs a given name, a title or „minu nimi on“ before it; and a name that stands with a thing („Maria
kleit“, „mudel Emma“) is the thing's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from bot.personal.lists import words
from bot.personal.span import Span

_NEAR = 40  # characters around a name that are looked at
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CASES = ("le", "lt", "l", "ga", "ks", "st", "sse", "s", "ni", "ta", "na", "t", "d", "de", "te", "")
_VOWELS = "aeiu"
_SENTENCE_END = re.compile(r"(?:[.!?\n:;•]\s*|[„\"(«]\s*)$")
_THING = re.compile(
    r"(?:klei[td]|šokolaad|sokolaad|komm|kompve|diivan|voodi|tool|tugitool|laud|laua|kap[pi]|riiul|king|saapa|saap|sandaal|kot[ti]|käeko|jop[ei]|mant[el]|seeli|pluus|särk|särg|sok[ki]|mütsi?|salli?\b|kreem|seep|seebi|lõhn|parfüüm|"
    r"jäätis|leib|leiva|juust|viin|õlu|õlle|vein|siider|kohv|tee\b|mudel|kollektsioon|seeria|sari\b|too[td]e|tapeet|vaip|vaiba|kardin|lamp|lambi|peeg[el]|rat[ta]|telk|telgi|kelk|mäng|nuk[ku]|raamat|film|restoran|hotell|spa\b|pood|"
    r"poe|apteek|kauplus|keskus|staadion|teat[er]|kino|laev|praam|tänav|kirik|selts|klubi|kool\b|gümnaasium|park|plats|toon|värv|suurus|versioon|dress\b|shoes|sofa|chair|size|плать|диван|размер|as\b|oü\b|grupp|group|kanal|talu|küla|vald)",
    re.IGNORECASE,
)
_COMPANY = re.compile(r"^[^.!?\n]{0,30}\b(?:OÜ|AS|MTÜ|TÜ|FIE|pojad|Ltd|Grupp)\b")
_TITLED = re.compile(
    r"(?:\b(?:härra|hr|proua|prl|pr|preili|dr|doktor|mr|mrs|ms|klient|saaja|omanik|kontaktisik|allkiri|allkirjastas|õpetaja|arst|kuller|müüja|teenindaja|konsultant|nõustaja|juht|direktor|esimees|patsient|õpilane|õpilase|poeg|poja|tütar|tütre|abikaasa|mees|naine|ema|isa|"
    r"õde|vend|sõber|sõbranna|töötaja|raamatupidaja|liige|keegi|г-н|г-жа|господин|госпожа)\.?\s+(?:[A-ZÕÄÖÜ]\.\s?)?)$",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"(?<!\w)(?:[A-ZÕÄÖÜŠŽ]\. ?){1,2}$")
_INTRODUCED = re.compile(
    r"\b(?:(?:minu|mu|tema|ta|kliendi|lapse|ema|isa|pere)? ?(?:ees- ja perekonna)?nimi(?: on|:)|nimega|nimele|nimel|"
    r"mina olen|ma olen|olen|siin(?: on)?|lugupidamisega|tervitades|tervitused|tervitusi|parimat|"
    r"parimate soovidega|heade soovidega|aitäh|tänan|"
    r"my name is|i'?m|i am|this is|regards|sincerely|yours|thanks|меня зовут|с уважением|на имя|мо[её] имя|зовут|это|я)\b[ ,:!\n]{1,3}",
    re.IGNORECASE,
)
_LARGE_PAIR = re.compile(r"[A-ZÕÄÖÜŠŽ][a-zõäöüšž]+(?:-[A-ZÕÄÖÜŠŽ][a-zõäöüšž]+)?(?: [A-ZÕÄÖÜŠŽ][a-zõäöüšž]+(?:-[A-ZÕÄÖÜŠŽ][a-zõäöüšž]+)?){1,2}")
_SURE_INTRODUCTION = re.compile(r"nimi|nime|name|lugupidamisega|tervit|parimat|regards|sincerely", re.IGNORECASE)
_BEFORE_NAMED = re.compile(r"\s(?:nimele|nimel|nimega)\b", re.IGNORECASE)
_SURNAME_FORM = re.compile(
    r"[A-ZŠŽ][a-zõäöüšž]+(?:ov|ova|ev|eva|enko|enko|tšuk|ski|skaja|skis|berg|mann|stein|mägi|mäe|mets|saare?|sepp|puu|vere|maa|nen|ela|son|sen)(?:i|a|le|lt|l|ga|ile|ilt|ga|iga|st)?"
)
_RUSSIAN_GIVEN = re.compile(
    r"(?:Иван|Александр|Алексей|Алексе|Сергей|Серге|Дмитри[йяею]|Андре[йяею]|Михаил|Николай|Никола|Владимир|Виктор|Олег|Игорь|Игор|Юри[йяю]|Максим|Павел|Павл|Роман|Артём|Артем|Евгени[йяею]|Константин|Антон|Денис|Кирилл|Илья|Иль[яеию]|Борис|Валери[йяею]|Василий|Васили|Виталий|Витали|"
    r"Григорий|Григори|Леонид|Станислав|Тимур|Ольг|Елен|Анн|Мари[яеию]|Наталь|Натали|Татьян|Ирин|Светлан|Екатерин|Анастаси|Юли[яеию]|Людмил|Галин|Валентин|Нин|Вер|Надежд|Любов|Лидия|Лиди|Тамар|Марин|Оксан|Ксени|Дарь|Полин|Алин|Виктори|Вероник|Кристин|Диан|Софь|Софи|Яна|Ян)"
    r"(?:а|у|ом|е|ы|ой|и|я|ю|ем|ей|ью|ь)?"
)
_RUSSIAN = re.compile(
    rf"(?<![\w-])(?P<given>{_RUSSIAN_GIVEN.pattern})(?!\w)"
    rf"(?P<rest>(?: [А-ЯЁ][а-яё]+(?:вич|вна|ов|ев|ёв|ин|ова|ева|ина|ский|ская|енко|ук|як|ец|ко)(?:а|у|ым|ем|ой|е|ы|ого|ому|ую)?){{0,2}})(?!\w)"
)
_RUSSIAN_THING = re.compile(r"(?:плать\w*|диван\w*|модел\w*|кресл\w*)\s+$", re.IGNORECASE)


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int

    @property
    def is_large(self) -> bool:
        return self.text[0].isupper()


def find(text: str) -> Iterator[Span]:
    """Introduced ones first, then given names with what follows them, then titled surnames, then Russian ones."""
    if not any(letter.isupper() for letter in text) and not _INTRODUCED.search(text) and not _BEFORE_NAMED.search(text):
        yield from _small_pairs(text)
        return
    yield from _introduced(text)
    yield from _given(text)
    yield from _surnames(text)
    yield from _small_pairs(text)
    for match in _RUSSIAN.finditer(text):
        if not _RUSSIAN_THING.search(text[max(0, match.start() - _NEAR) : match.start()]):
            yield Span("name", match.start(), match.end())


def is_given(word: str) -> bool:
    """Whether it is a given name of the list in any case."""
    return _is_form(word, "given_names")


def is_surname(word: str) -> bool:
    """Whether it is a surname of the list in any case."""
    return _is_form(word, "surnames")


def _introduced(text: str) -> Iterator[Span]:
    """„minu nimi on …“: up to three words that are names or written like them."""
    for match in _INTRODUCED.finditer(text):
        taken: list[_Word] = []
        for word in _following(text, match.end()):
            listed = is_given(word.text) or (bool(taken) and is_surname(word.text))
            unlisted = word.is_large and (bool(taken) or _SURE_INTRODUCTION.search(match.group()) is not None)
            small_word = not word.is_large and not taken and word.text in words("also_words") and not _SURE_INTRODUCTION.search(match.group())
            if len(taken) == 3 or small_word or not (listed or unlisted):
                break
            taken.append(word)
        if taken and not _COMPANY.match(text[taken[-1].end :][:_NEAR]) and not _is_thing(text, taken[0].start, taken[-1].end):
            yield Span("name", taken[0].start, taken[-1].end)
    for match in _LARGE_PAIR.finditer(text):
        if _BEFORE_NAMED.match(text, match.end()):
            yield Span("name", match.start(), match.end())


def _given(text: str) -> Iterator[Span]:
    found = [_Word(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]
    for place, word in enumerate(found):
        if not word.is_large or word.text.isupper() or not is_given(word.text):
            continue
        last = place
        while last + 1 < len(found) and last < place + 2 and _goes_on(text, found[last], found[last + 1]):
            last += 1
        if last == place and _is_rather_a_word(text, word):
            continue
        if not _is_thing(text, word.start, found[last].end) and not _COMPANY.match(text[found[last].end :][:_NEAR]):
            yield Span("name", word.start, found[last].end)


def _surnames(text: str) -> Iterator[Span]:
    for match in _WORD.finditer(text):
        if not match.group()[0].isupper() or match.group().isupper():
            continue
        before = text[max(0, match.start() - _NEAR) : match.start()]
        titled = _TITLED.search(before)
        initial = _INITIAL.search(before)
        looks = is_surname(match.group()) or _SURNAME_FORM.fullmatch(match.group()) is not None
        if initial and looks:
            yield Span("name", match.start() - len(before) + initial.start(), match.end())
        elif titled and not _is_thing(text, match.start(), match.end()) and (looks or is_given(match.group())):
            yield Span("name", match.start(), match.end())


def _small_pairs(text: str) -> Iterator[Span]:
    """„mari tamm“ written small: a given name with a surname right after it."""
    found = [_Word(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]
    for one, other in pairwise(found):
        beside = text[one.end : other.start] == " " and not one.is_large
        if beside and is_given(one.text) and is_surname(other.text) and (one.text not in words("also_words")):
            yield Span("name", one.start, other.end)


def _is_rather_a_word(text: str, word: _Word) -> bool:
    """Whether a name that stands alone is read as the word that it is too: „Anna teada“, but „rääkisin Annaga“ and a signature."""
    form = word.text.lower()
    if form not in words("also_words"):
        return False
    signs = not text[word.end : word.end + _NEAR].strip(" .!,")
    return form not in _plain("given_names") or (_begins_sentence(text, word.start) and not signs)


def _goes_on(text: str, before: _Word, word: _Word) -> bool:
    """Whether the next word is a part of the same name."""
    return text[before.end : word.start] == " " and word.is_large and not word.text.isupper() and not _THING.match(word.text)


def _following(text: str, start: int) -> Iterator[_Word]:
    """Words with single spaces between them from here on."""
    at = start
    while (match := _WORD.match(text, at)) is not None:
        yield _Word(match.group(), match.start(), match.end())
        if text[match.end() : match.end() + 1] != " ":
            return
        at = match.end() + 1


def _is_thing(text: str, start: int, end: int) -> bool:
    """Whether a thing bears the name: its word stands right after, in small letters or not, or right before."""
    after = text[end : end + _NEAR].lstrip(" ")
    if _THING.match(after):
        return True
    before = re.search(r"([^\W\d_]+) $", text[max(0, start - _NEAR) : start])
    return before is not None and _THING.match(before[1]) is not None


def _begins_sentence(text: str, start: int) -> bool:
    return start == 0 or _SENTENCE_END.search(text[max(0, start - _NEAR) : start]) is not None


@cache
def _is_form(word: str, kind: str) -> bool:
    """The nominative itself, or its genitive with the ending of a case."""
    lower = word.lower()
    stems = _plain(kind) | _genitives(kind)
    if lower in stems:
        return True
    return any(ending and lower.endswith(ending) and lower[: -len(ending)] in _genitives(kind) for ending in _CASES)


@cache
def _plain(kind: str) -> frozenset[str]:
    return frozenset(name.partition("/")[0].lower() for name in words(kind))


@cache
def _genitives(kind: str) -> frozenset[str]:
    """All that a case's ending may follow: a name that ends in a vowel stays as it is, others get one."""
    found: set[str] = set()
    for name in words(kind):
        nominative, _, genitive = name.lower().partition("/")
        if genitive:
            found.add(genitive)
        elif nominative[-1] in "aeiouõäöüy":
            found.add(nominative)
        else:
            found.update(nominative + vowel for vowel in _VOWELS)
            if nominative.endswith("ne"):
                found.add(nominative[:-2] + "se")
    return frozenset(found)
