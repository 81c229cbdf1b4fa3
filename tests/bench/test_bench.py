"""The bench itself: what is asked is fair, what is started is ended, and the table says what was measured. Nothing here asserts a time."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from bench.command import check
from bench.contender import Answer
from bench.kept import Kept
from bench.material import Material, material
from bench.ours import OurCustomer
from bench.report import BEGIN, END, Report, write
from bench.rounds import AT_ONCE, Measured, interleaved, never_heard, together
from bench.running import NotMeasured, Running, free_port
from bench.stock import Stock
from bot.examples import Example
from bot.faq.bank import Asked
from bot.understanding import FaqEntry
from tests.conftest import ROOT

PARCEL = FaqEntry("pakk", "Kus mu pakk on?", "Teel.", examples=("pakk [teel]", "kus pakk"))
SMALL = Material((PARCEL,), (Asked("kus see on", frozenset({"pakk"}), "typical", "pakk"),), (Example("tere", "greet"), Example("tänan", "thank")))


@pytest.fixture(scope="module")
def asked() -> Material:
    return material(300)


def test_no_wording_is_both_taught_and_asked(asked: Material) -> None:
    taught = {text for entry in asked.entries for text in (entry.question, *entry.examples)}
    assert len(asked.questions) == 300
    assert not taught & {one.text for one in asked.questions}
    assert all(len(entry.examples) == 3 for entry in asked.entries)


def test_each_run_asks_the_same(asked: Material) -> None:
    assert material(300).questions == asked.questions
    assert material(300, seed=1).questions != asked.questions


def test_every_question_has_its_answer_among_the_entries(asked: Material) -> None:
    ids = {entry.id for entry in asked.entries}
    assert all(one.right and one.right <= ids for one in asked.questions)


def test_the_other_project_holds_together(tmp_path: Path) -> None:
    Stock(tmp_path, SMALL).write()
    read = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in tmp_path.rglob("*.yml")}
    said = {*read["domain"]["responses"], *read["domain"]["actions"]}
    assert {step["action"] for rule in read["rules"]["rules"] for step in rule["steps"] if "action" in step} <= said
    assert [one["intent"] for one in read["nlu"]["nlu"]] == ["greet", "thank", "faq/pakk"]
    assert "- pakk (teel)" in read["nlu"]["nlu"][-1]["examples"]  # brackets would mark an entity
    assert "utter_faq/pakk" in said
    compile((tmp_path / "actions.py").read_text(encoding="utf-8"), "actions.py", "exec")


def program(tmp_path: Path, code: str) -> Running:
    return Running([sys.executable, "-c", code], log=tmp_path / "log", cwd=tmp_path, environment={})


def test_the_other_is_told_where_its_actions_are_also_when_it_was_trained_before(tmp_path: Path, asked: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    Stock(tmp_path, asked).write()
    later = Stock(tmp_path, asked)
    started: list[tuple[str, ...]] = []

    class Started:
        def __init__(self, *words: str) -> None:
            started.append(words)

        def wait_until(self, ready: object, seconds: float) -> None: ...

    monkeypatch.setattr(later, "_rasa", Started)
    later.start("tere")
    (port,) = (words[-1] for words in started if "actions" in words)
    assert f":{port}/webhook" in (tmp_path / "endpoints.yml").read_text(encoding="utf-8")


def test_who_answers_nothing_right_was_not_measured() -> None:
    check([Measured("Abiline", right=0.4), Measured("stock Rasa", right=0.1)])
    with pytest.raises(NotMeasured, match="stock Rasa"):
        check([Measured("Abiline", right=0.4), Measured("stock Rasa", right=0.0)])


def test_a_program_that_ends_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotMeasured, match=r"ended with 3:\nkaamel"):
        program(tmp_path, "print('kaamel', flush=True); raise SystemExit(3)").finish(30)


def test_a_program_that_is_done_says_how_long_processors_worked_for_it_and_not_how_long_it_waited(tmp_path: Path) -> None:
    code = "import subprocess, sys, time; time.sleep(1); subprocess.run([sys.executable, '-c', 'sum(range(20_000_000))'])"
    assert program(tmp_path, code).finish(30) > 0.05
    slept = program(tmp_path, "import time; time.sleep(1.5)").finish(30)
    assert slept < 1


def test_a_program_that_never_is_ready_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    running = program(tmp_path, "import time; time.sleep(60)")
    try:
        with pytest.raises(NotMeasured, match="took too long"):
            running.wait_until(lambda: False, 0)
    finally:
        running.stop()


def test_memory_counts_children_and_stopping_ends_them(tmp_path: Path) -> None:
    child = "import time; held = bytearray(80_000_000); open('child', 'w').write(str(__import__('os').getpid())); time.sleep(60)"
    running = program(tmp_path, f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])")
    running.wait_until((tmp_path / "child").exists, 30)
    running.wait_until(lambda: bool((tmp_path / "child").read_text()), 30)
    assert running.memory() > 80_000_000
    assert running.loaded() == []
    running.stop()
    pid = int((tmp_path / "child").read_text())
    with pytest.raises(ProcessLookupError):
        _wait_for_end(pid)


def _wait_for_end(pid: int) -> None:
    while True:
        os.kill(pid, 0)
        if "State:\tZ" in Path(f"/proc/{pid}/status").read_text():
            raise ProcessLookupError(pid)


def test_a_long_step_is_measured_once_for_a_folder_and_a_quick_one_each_time(tmp_path: Path) -> None:
    first = Kept(tmp_path, SMALL)
    assert (first.once("training", lambda: 900.0), first.once("start", lambda: 9.0)) == (900.0, 9.0)
    later = Kept(tmp_path, SMALL)
    assert (later.once("training", lambda: 1.0), later.once("start", lambda: 1.0)) == (900.0, 1.0)
    assert (first.again, later.again) == ([], ["training"])


def test_what_was_measured_of_other_material_or_is_half_written_is_measured_anew(tmp_path: Path, asked: Material) -> None:
    Kept(tmp_path, SMALL).once("training", lambda: 900.0)
    assert Kept(tmp_path, asked).once("training", lambda: 500.0) == 500.0
    (tmp_path / "kept.json").write_text('{"of": "', encoding="utf-8")
    assert Kept(tmp_path, asked).once("training", lambda: 700.0) == 700.0


class _Counting:
    """Answers at once, and notes who was asked."""

    def __init__(self, name: str, log: list[str], entry_id: str | None = "pakk") -> None:
        self.name, self._log, self._entry_id = name, log, entry_id
        self.present = self.most = 0

    async def customer(self) -> _Counting:
        self.present += 1
        self.most = max(self.most, self.present)
        return self

    async def asks(self, text: str) -> Answer:
        await asyncio.sleep(0)
        self._log.append(self.name)
        return Answer(0.5, self._entry_id)

    async def leaves(self) -> None:
        self.present -= 1


async def test_both_are_asked_the_same_and_take_turns_at_going_first() -> None:
    log: list[str] = []
    measured = [Measured("ours"), Measured("stock")]
    await interleaved([_Counting("ours", log), _Counting("stock", log, None)], SMALL.questions * 3, measured, lambda _: None)  # type: ignore[list-item]
    assert log == ["stock", "ours", "ours", "stock", "stock", "ours"]
    assert [len(one.answers) for one in measured] == [3, 3]
    assert [one.right for one in measured] == [1.0, 0.0]


async def test_many_customers_ask_at_once_and_all_leave() -> None:
    log: list[str] = []
    crowd = _Counting("ours", log)
    rate = await together(crowd, never_heard(SMALL.questions), 0.05)  # type: ignore[arg-type]
    assert crowd.most == AT_ONCE
    assert crowd.present == 0
    assert len(log) >= AT_ONCE
    assert rate > 0


def test_what_was_never_heard_is_the_same_words_in_another_text_each_time() -> None:
    asked = SMALL.questions * 2
    texts = list(itertools.islice(never_heard(asked[:1]), 15))
    assert len({*texts, asked[0].text}) == 16
    assert {" ".join(text.split()) for text in texts} == {asked[0].text}


@pytest.fixture
def report() -> Report:
    ours = Measured("Abiline", training=10, start=3, change=0.2, memory=500_000_000, answers=[0.02] * 20, right=0.5, per_second=40, per_second_again=90)
    stock = Measured("stock Rasa", training=100, start=60, change=120, memory=1_500_000_000, loaded=["tensorflow"], answers=[0.05] * 20, per_second=20)
    stock.per_second_again = 30
    return Report(ours, stock, {"p50_ms": 6.0, "per_second": 80}, 20)


def test_the_table_tells_ratios_and_what_was_not_reached(report: Report) -> None:
    lines = {line.figure: line for line in report.lines()}
    p50 = lines["message sent → answer on the stream, p50"]
    assert p50.ratio == pytest.approx(0.4)
    assert p50.reached
    assert (lines["… all but the encoder, p50"].ours, lines["… all but the encoder, p50"].reached) == ("14.0 ms", False)
    assert (lines["answers a second, 32 customers at once"].ratio, lines["answers a second, 32 customers at once"].reached) == (2.0, False)
    assert (lines["… share of the encoder's own ceiling"].ours, lines["… share of the encoder's own ceiling"].reached) == ("0.50", True)
    assert lines["… of questions that others have asked in the same words"].ratio == 3
    assert lines["training, processor time"].reached
    assert json.loads(json.dumps(report.as_dict()))["stock"]["loaded"] == ["tensorflow"]


def test_what_the_other_would_need_at_least_is_told_as_that_and_has_no_ratio() -> None:
    ours, stock = (Measured(name, answers=[0.02] * 20, start=1, memory=1, per_second=1, per_second_again=1) for name in ("Abiline", "stock Rasa"))
    ours.training, ours.change = 1, 0.2
    stock.training, stock.change, stock.change_is_least = 1200, 600, True
    (row,) = (line for line in Report(ours, stock, {"p50_ms": 5, "per_second": 100}, 20).lines() if line.figure == "a new answer live")
    assert (row.ours, row.stock, row.ratio, row.reached) == ("0.2 s", "≥ 600.0 s, by its training", None, True)


def test_the_table_takes_the_place_of_the_last_one(report: Report, tmp_path: Path) -> None:
    docs = tmp_path / "performance.md"
    docs.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write(report, docs)
    text = docs.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "| training, processor time | 10.0 s | 100.0 s | 0.1 × | ≤ 0.25 × |" in text
    assert "| answers a second, 32 customers at once | 40.0 | 20.0 | 2 × | ≥ 2.5 × (not reached) |" in text
    assert "old" not in text


def test_docs_without_a_place_for_the_table_stay_as_they_are(report: Report, tmp_path: Path) -> None:
    docs = tmp_path / "performance.md"
    docs.write_text("nothing here\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has no lines"):
        write(report, docs)
    assert docs.read_text(encoding="utf-8") == "nothing here\n"


def test_our_docs_have_the_place() -> None:
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)


def test_a_customer_of_ours_is_answered_over_the_stream(tmp_path: Path) -> None:
    port = free_port()
    house = Running([sys.executable, "-m", "tests.serve", str(port), str(tmp_path / "house")], log=tmp_path / "log", cwd=ROOT, environment={})
    try:
        house.wait_until(lambda: _is_up(port), 60)
        first, second = asyncio.run(_asked_twice(f"http://127.0.0.1:{port}"))
    finally:
        house.stop()
    assert first.entry_id == "kuidas-tagastada"
    assert second.seconds > 0


async def _asked_twice(address: str) -> tuple[Answer, Answer]:
    mari = await OurCustomer.comes(address)
    try:
        return await mari.asks("Kuidas saan kaupa tagastada?"), await mari.asks("tere")
    finally:
        await mari.leaves()


def _is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/widget/config").is_success
    except httpx.HTTPError:
        return False
