"""How long a published entry takes to its first right answer, by the size of the FAQ: told in the tests' own report, never asserted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.encoder import OnnxEncoder
from bot.faq.facts import FactCache
from bot.faq.live import LiveFaq
from bot.faq.matcher import MatcherWeights
from bot.understand import Reader
from bot.understanding import FaqEntry, Probe
from tests.bot.many_entries import ManyEntries

ANIMALS = ("kaamel", "elevant", "jääkaru", "krokodill", "pingviin")
ASKED = ("kuidas arvet maksta", "tahan kauba tagasi saata", "unustasin parooli ara", "kaua tarne aega võtab", "where is my parcel", "как отменить заказ")
CHEAP = (pytest.mark.figures, pytest.mark.load)


def animal(name: str) -> FaqEntry:
    return FaqEntry(f"uus-{name}", f"Kas teil saab näha, kuidas {name} sööb?", f"Jah, meie {name} sööb iga päev kell kolm.", examples=(f"{name} söömas",))


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(100, marks=CHEAP),
        pytest.param(1_000, marks=CHEAP),
        *(pytest.param(size, marks=[pytest.mark.load, pytest.mark.timeout(3600)]) for size in (10_000, 100_000)),
    ],
)
def test_what_is_published_is_answered_whatever_the_size_of_the_faq(
    size: int, real_encoder: OnnxEncoder, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    many = ManyEntries(real_encoder)
    entries = many.entries(size)
    faq = LiveFaq(Reader(many, MatcherWeights.load(), cache=FactCache(many, tmp_path)), tmp_path)
    faq.replace(entries, revision=1)
    found: list[str] = []

    def publish(revision: int, changed: list[FaqEntry], text: str) -> None:
        faq.replace([*entries, *changed], revision=revision)
        found.append(faq.reader().read(text).candidates[0].entry_id)

    new = [animal(name) for name in ANIMALS]
    published = [timed(lambda at=at: publish(2 + at, new[: at + 1], f"mis kell {ANIMALS[at]} sööb")) for at in range(len(new))]  # type: ignore[misc]
    taken = timed(lambda: publish(20, new[1:], "mis kell kaamel sööb"))
    assert found[:-1] == [entry.id for entry in new]
    assert found[-1] != new[0].id

    draft = animal("rebane")
    tried: list[str] = []
    copies = [faq.reader().rehearsing((draft,), None)]
    rehearsed = timed(lambda: tried.append(copies[0].read("mis kell rebane sööb").candidates[0].entry_id))
    wordings = [Probe(entry.question, entry.id) for entry in entries[:20]]
    gate = timed(lambda: [copies[0].as_if_new(probe.text, probe.of or "").read(probe.text) for probe in wordings]) / len(wordings)
    assert tried == [draft.id]

    for text in ASKED:
        faq.reader().read(text)
    answers = [timed(lambda text=text: faq.reader().read(text)) for _ in range(5) for text in ASKED]  # type: ignore[misc]
    copies.clear()
    faq.replace([], revision=30)  # a hundred thousand entries are in memory once
    again = LiveFaq(Reader(many, MatcherWeights.load(), cache=FactCache(many, tmp_path)), tmp_path)
    restarted = timed(lambda: again.replace(entries, revision=1))
    told = (statistics.median(published), max(published), taken, rehearsed, gate, statistics.median(answers))
    record_property(
        f"{size:6} entries",
        "publish → first right answer {:.0f} ms (slowest {:.0f}), taken away {:.0f}, draft asked {:.0f}, gate {:.0f} each, answer p50 {:.0f}, ".format(*told)
        + f"restart {restarted / 1000:.1f} s",
    )
