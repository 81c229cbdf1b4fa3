"""What an editor is still writing is tried out: nearly as sure as it will be once published, and nothing that is answered from changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.encoder import OnnxEncoder
from bot.faq.decision import SAME_WORDING
from bot.faq.live import LiveFaq
from bot.faq.matcher import MatcherWeights
from bot.rehearsal import Rehearsal
from bot.understand import Reader
from bot.understanding import FaqEntry, Probe, Reading

ENTRIES = [
    FaqEntry("pakk", "Kuidas saan oma saadetist jälgida?", "Saatsime teile jälgimiskoodi. Sisestage see kullerfirma lehel."),
    FaqEntry("tagastus", "Kuidas kaupa tagastada?", "Tagastada saab 14 päeva jooksul.", examples=("kas saab kingad tagasi tuua",)),
    FaqEntry("arve", "Kust leian oma ostu arve?", "Arve saadame e-postile kohe pärast maksmist."),
    FaqEntry("lahti", "Mis kell on pood avatud?", "Pood on avatud tööpäeviti kell 10–18."),
    FaqEntry("maksmine", "Kuidas ostu eest maksta?", "Maksta saab kaardiga, pangalingiga või sularahas poes."),
]
CAMEL = FaqEntry("kaamel", "Kas te kaameleid müüte?", "Jah, meil on kaks kaamelit.", examples=("kui palju maksab üks kaamel",))
NEAR = 0.1  # of so few entries one more changes what words weigh; of a hundred it is under 0.01


@pytest.fixture(scope="module")
def live(real_encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> LiveFaq:
    made = LiveFaq(Reader(real_encoder, MatcherWeights.load()), tmp_path_factory.mktemp("faq"))
    made.replace(ENTRIES, revision=1)
    return made


@pytest.fixture
def rehearsal(live: LiveFaq, tmp_path: Path) -> Rehearsal:
    return Rehearsal(live, tmp_path)


def best(reading: Reading) -> tuple[str, float]:
    return reading.candidates[0].entry_id, reading.candidates[0].probability


def test_a_new_entry_is_found_before_it_is_published_and_by_nobody_else(live: LiveFaq, rehearsal: Rehearsal) -> None:
    (reading,) = rehearsal.read([Probe("kas müüte ka kaameleid")], CAMEL)
    assert best(reading)[0] == "kaamel"
    assert "kaamel" not in {one.entry_id for one in live.reader().read("kas müüte ka kaameleid").candidates}


@pytest.mark.parametrize("draft", [CAMEL, replace(ENTRIES[0], question="Kus mu kaamel on?", examples=("kaameli jälgimine",))])
@pytest.mark.parametrize("text", ["kus mu kaamel on", "kuidas saadetist jälgida", "millal pood lahti on"])
def test_what_is_tried_is_what_will_be_answered(real_encoder: OnnxEncoder, rehearsal: Rehearsal, draft: FaqEntry, text: str) -> None:
    published = Reader(real_encoder, MatcherWeights.load())
    others = [draft if entry.id == draft.id else entry for entry in ENTRIES]
    published.replace_entries(others if draft in others else [*others, draft], revision=1)
    (tried,), then = rehearsal.read([Probe(text)], draft), published.read(text)
    assert (best(tried)[0], tried.action) == (best(then)[0], then.action)
    assert best(tried)[1] == pytest.approx(best(then)[1], abs=NEAR)


def test_without_a_draft_it_reads_as_customers_are_read(live: LiveFaq, rehearsal: Rehearsal) -> None:
    (tried,) = rehearsal.read([Probe("kust arve saab")], None)
    assert tried == live.reader().read("kust arve saab")


def test_an_own_wording_is_read_as_if_it_were_new(rehearsal: Rehearsal) -> None:
    wording, question = ENTRIES[1].examples[0], ENTRIES[1].question
    known, new, absent = rehearsal.read([Probe(wording), Probe(wording, "tagastus"), Probe(question, "tagastus")], None)
    assert best(known) == ("tagastus", SAME_WORDING)
    assert best(new)[0] == "tagastus"
    assert best(new)[1] < SAME_WORDING
    assert "tagastus" not in {one.entry_id for one in absent.candidates}


def test_a_wording_taken_from_another_entry_is_nobodys_for_sure(rehearsal: Rehearsal) -> None:
    wording = ENTRIES[1].examples[0]
    (reading,) = rehearsal.read([Probe(wording)], replace(CAMEL, examples=(wording,)))
    assert reading.candidates[0].probability != SAME_WORDING


def test_several_entries_are_tried_together_and_one_that_would_be_gone_answers_nothing(rehearsal: Rehearsal) -> None:
    other = replace(CAMEL, id="kaamel-2", question="Kas kaamelit saab rentida?", examples=())
    probes = [Probe(CAMEL.question), Probe(other.question), Probe(ENTRIES[1].question)]
    first, second, gone = rehearsal.read(probes, None, (CAMEL, other), (ENTRIES[1].id,))
    assert (best(first)[0], best(second)[0]) == (CAMEL.id, other.id)
    assert ENTRIES[1].id not in {one.entry_id for one in gone.candidates}
    (alone,) = rehearsal.read(probes[2:], None, (), (ENTRIES[1].id,))
    assert ENTRIES[1].id not in {one.entry_id for one in alone.candidates}
    (still,) = rehearsal.read(probes[2:], None)
    assert best(still)[0] == ENTRIES[1].id


def test_a_draft_is_copied_once_and_anew_after_publishing(live: LiveFaq, rehearsal: Rehearsal) -> None:
    first = rehearsal._reader((CAMEL,))
    assert rehearsal._reader((replace(CAMEL),)) is first
    live.replace(ENTRIES, revision=live.revision + 1)
    assert rehearsal._reader((CAMEL,)) is not first


def test_grounds_name_the_nearest_wording_and_the_shared_words(rehearsal: Rehearsal) -> None:
    one, other = rehearsal.grounds("kas kingi saab tagastada", ["tagastus", "olematu", "arve"], None)
    assert one.entry_id == "tagastus"
    assert one.wording in (ENTRIES[1].question, *ENTRIES[1].examples)
    assert set(one.words) == {"kingi", "tagastada"}
    assert (other.entry_id, other.words) == ("arve", ())
