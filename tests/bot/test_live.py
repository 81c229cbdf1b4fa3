"""An FAQ that changes entry by entry answers as one built anew does, small or large, and answers while much is read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.encoder import OnnxEncoder
from bot.estonian import analyse
from bot.faq import evidence, live
from bot.faq.facts import FactCache
from bot.faq.live import LiveFaq
from bot.faq.matcher import Matcher, MatcherWeights
from bot.faq.question import read_questions
from bot.understand import Reader
from bot.understanding import Candidate, FaqEntry
from tests.bot.fake_encoder import WideEncoder, WordEncoder

THINGS = ("arve", "pakk", "kaup", "parool", "lepingu koopia", "kingitus", "tellimus", "maja", "kaart", "auto")
DEEDS = ("tagastada", "maksta", "leida", "muuta", "tühistada", "saata", "parandada")
ASKED = ("kuidas arvet maksta", "tahan paki tagasi saata", "unustasin parooli", "lepingu tuhistamine", "where is my card", "kas müüte kaameleid")


def entry(number: int, form: int) -> FaqEntry:
    thing, deed = THINGS[number % len(THINGS)], DEEDS[(number + form) % len(DEEDS)]
    examples = (f"{thing} {deed} kohe",) if form % 2 else ()
    foreign = {"en": {"question": f"How about {thing}?", "answer": f"In form {form}."}} if form == 3 else {}
    return FaqEntry(f"kirje-{number}", f"Kuidas {thing} {deed}?", f"Avage leht {number} ja valige {thing}.", examples, foreign, tags=(deed,))


WEIGHTS = MatcherWeights.load()
CACHE = FactCache(WideEncoder())
QUESTIONS = read_questions([analyse(text) for text in ASKED], WideEncoder())


def answers(matcher: Matcher) -> list[tuple[Candidate, ...]]:
    return [matcher.match(question) for question in QUESTIONS]


@pytest.fixture(params=[256, 4], ids=["looked at entry by entry", "found by neighbours and words"])
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """The most entries that are all looked at."""
    for name, value in (("SMALL", request.param), ("_NEAR", 2), ("_WORDED", 1), ("_SAMPLED", 2)):
        monkeypatch.setattr(evidence, name, value)
    return int(request.param)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 11), st.integers(-1, 3)), min_size=1, max_size=14))
def test_any_row_of_changes_ends_in_what_is_built_anew(small: int, changes: list[tuple[int, int]]) -> None:
    held: dict[int, FaqEntry] = {}
    changed = Matcher.over((), CACHE, WEIGHTS)
    for number, form in changes:
        held.pop(number, None)
        if form >= 0:
            held[number] = entry(number, form)
        changed = Matcher.over(list(held.values()), CACHE, WEIGHTS, changed)
    anew = Matcher.over(list(held.values()), FactCache(WideEncoder()), WEIGHTS)
    assert answers(changed) == answers(anew)


def test_a_large_faq_answers_nearly_as_if_every_entry_were_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [replace(entry(number, number % 3), id=f"kirje-{number}-{form}", answer=f"Lehel {number} {form}.") for number in range(10) for form in range(6)]
    whole = answers(Matcher.over(many, CACHE, WEIGHTS))
    monkeypatch.setattr(evidence, "SMALL", 50)
    quick = answers(Matcher.over(many, CACHE, WEIGHTS))
    assert [found[0].entry_id for found in quick] == [found[0].entry_id for found in whole]
    assert [found[0].probability for found in quick] == pytest.approx([found[0].probability for found in whole], abs=0.05)


def test_a_draft_in_a_large_faq_is_found_and_one_taken_away_is_not(small: int) -> None:
    many = [entry(number, 0) for number in range(10)]
    base, camel = Matcher.over(many, CACHE, WEIGHTS), FaqEntry("kaamel", "Kas müüte kaameleid?", "Jah, kahte.")
    assert base.amended(camel, CACHE.scratch()).match(QUESTIONS[-1])[0].entry_id == "kaamel"
    first = base.match(QUESTIONS[0])[0].entry_id
    assert first not in {one.entry_id for one in base.without(first).match(QUESTIONS[0])}
    assert first not in base.without(first).by_id


def test_only_what_changed_is_read(words_encoder: WordEncoder) -> None:
    encoder = WideEncoder()
    cache = FactCache(encoder)
    before = Matcher.over([entry(1, 0), entry(2, 0)], cache, WEIGHTS)
    encoder.encoded.clear()
    Matcher.over([entry(1, 0), replace(entry(2, 0), answer="Küsige meilt.")], cache, WEIGHTS, before)
    assert len(encoder.encoded) == 2


class SlowReader(Reader):
    """Tells of every portion that it reads, before it reads it."""

    told: Callable[[Sequence[FaqEntry]], None] = staticmethod(lambda _: None)

    def learn(self, entries: Sequence[FaqEntry]) -> None:
        self.told(entries)
        super().learn(entries)


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LiveFaq:
    monkeypatch.setattr(live, "AT_ONCE", 2)
    monkeypatch.setattr(live, "SHOW_SECONDS", 0)
    return LiveFaq(SlowReader(WideEncoder(), WEIGHTS), tmp_path / "nothing")


def test_while_many_entries_are_read_those_that_are_there_are_answered_from(slow: LiveFaq, caplog: pytest.LogCaptureFixture) -> None:
    slow.replace([entry(0, 0)], revision=1)
    seen: list[list[str]] = []
    reader = slow.reader()
    assert isinstance(reader, SlowReader)
    reader.told = lambda _: seen.append([f"{one.id} {one.tags[0]}" for one in reader.entries])
    slow.replace([entry(0, 1), *(entry(number, 0) for number in range(1, 5))], revision=2)
    assert seen == [["kirje-0 tagastada"], ["kirje-0 maksta", "kirje-1 maksta"], ["kirje-0 maksta", "kirje-1 maksta", "kirje-2 leida", "kirje-3 muuta"]]
    assert slow.revision == 2
    assert len(reader.entries) == 5
    assert "2 of 5" in caplog.text


def test_what_is_published_while_many_entries_are_read_does_not_wait_for_them_all(slow: LiveFaq) -> None:
    reader = slow.reader()
    assert isinstance(reader, SlowReader)
    many = [entry(number, 0) for number in range(8)]
    portions: list[Sequence[FaqEntry]] = []

    def publish(portion: Sequence[FaqEntry]) -> None:
        portions.append(portion)
        if len(portions) == 1:
            slow.want([entry(11, 0), *many], revision=2)

    reader.told = publish
    slow.replace(many, revision=1)
    assert portions[1][0].id == "kirje-11"
    assert slow.revision == 2
    assert len(reader.entries) == 9


def test_of_changes_that_come_at_once_only_the_last_is_worked_off(slow: LiveFaq) -> None:
    reader = slow.reader()
    assert isinstance(reader, SlowReader)
    built: list[int] = []
    replaced = reader.replace_entries
    reader.replace_entries = lambda entries, *, revision: (built.append(revision), replaced(entries, revision=revision))[-1]  # type: ignore[method-assign,func-returns-value]
    with slow._changing:  # one change is under way
        waiting = []
        for revision in range(3, 7):
            slow.want([entry(revision, 0)], revision=revision)
            waiting.append(threading.Thread(target=slow.settle))
            waiting[-1].start()
    for thread in waiting:
        thread.join()
    assert built == [6]
    assert slow.revision == 6


def test_the_real_bots_words_and_vectors_survive_a_restart(real_encoder: OnnxEncoder, tmp_path: Path) -> None:
    entries = [entry(number, 3) for number in range(3)]
    first = Matcher.over(entries, FactCache(real_encoder, tmp_path), WEIGHTS)
    second = Matcher.over(entries, FactCache(real_encoder, tmp_path), WEIGHTS)
    question = read_questions([analyse("kuidas arvet maksta")], real_encoder)[0]
    assert first.match(question) == second.match(question)
    assert np.array_equal(first.evidence.table(first.evidence.asked(question)).raw, second.evidence.table(second.evidence.asked(question)).raw)
