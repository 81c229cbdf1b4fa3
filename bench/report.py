"""The table: what was measured of both, their ratio, and what we want it to be."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.rounds import Measured

BEGIN, END = "<!-- measured by `abiline bench` -->", "<!-- end of what was measured -->"
MILLION = 1_000_000


@dataclass(frozen=True)
class Line:
    """One figure. `ratio` is ours against the other's."""

    figure: str
    ours: str
    stock: str
    ratio: float | None
    goal: str
    reached: bool


@dataclass(frozen=True)
class Report:
    """All of one run. `kept` names the steps that an earlier run in the same folder measured."""

    ours: Measured
    stock: Measured
    encoder: dict[str, float]
    questions: int
    kept: tuple[str, ...] = ()

    def lines(self) -> list[Line]:
        """In the order in which people look at them."""
        ours, stock = self.ours, self.stock
        rest = ours.p50 * 1000 - self.encoder["p50_ms"]
        share = ours.per_second / self.encoder["per_second"]
        live = _line("a new answer live", ours.change, stock.change, _seconds, None, goal="ours ≤ 1 s", reached=ours.change <= 1)
        return [
            _line("message sent → answer on the stream, p50", ours.p50, stock.p50, _ms, 0.5),
            _line("… p95", ours.p95, stock.p95, _ms, 0.5),
            Line("… all but the encoder, p50", f"{rest:.1f} ms", "", None, "≤ 6 ms", rest <= 6),
            _line("answers a second, 32 customers at once", ours.per_second, stock.per_second, lambda rate: f"{rate:.1f}", 2.5, more=True),
            Line("… share of the encoder's own ceiling", f"{share:.2f}", "", None, "≥ 0.4", share >= 0.4),
            _line("… of questions that others have asked in the same words", ours.per_second_again, stock.per_second_again, lambda rate: f"{rate:.1f}", None),
            _line("start to first answer", ours.start, stock.start, _seconds, 0.3),
            _line("memory while serving", ours.memory, stock.memory, lambda size: f"{size / MILLION:.0f} MB", 0.5),
            Line("… TensorFlow, torch loaded", _names(ours.loaded), _names(stock.loaded), None, "none", not ours.loaded),
            _line("training, processor time", ours.training, stock.training, _seconds, 0.25),
            replace(live, ratio=None, stock=f"≥ {live.stock}, by its training") if stock.change_is_least else live,
            Line("answered at once from the right entry", f"{ours.right:.3f}", f"{stock.right:.3f}", None, "", True),
        ]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "machine": machine(),
            "questions": self.questions,
            "kept": list(self.kept),
            "encoder": self.encoder,
            "lines": [asdict(line) for line in self.lines()],
            **{name: asdict(one) | {"p50": one.p50, "p95": one.p95} for name, one in (("ours", self.ours), ("stock", self.stock))},
        }

    def as_markdown(self) -> str:
        """For the docs, with the machine and the day."""
        rows = [
            f"| {one.figure} | {one.ours} | {one.stock} | {_ratio(one.ratio)} | {one.goal}{'' if one.reached else ' (not reached)'} |" for one in self.lines()
        ]
        head = f"{machine()}. {self.questions} questions, {datetime.datetime.now(datetime.UTC):%Y-%m-%d}."
        if self.kept:
            head += f" From an earlier run: {', '.join(self.kept)}."
        return "\n".join([head, "", "| figure | Abiline | stock Rasa | ratio | goal |", "| --- | --- | --- | --- | --- |", *rows])


def write(report: Report, path: Path) -> None:
    """Put the table in place of the last one. Raises `ValueError` when the file has no place for it."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} has no lines {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n{report.as_markdown()}\n{END}{after}", encoding="utf-8")


def machine() -> str:
    """Processor, cores, memory and versions."""
    model = next((line.partition(": ")[2] for line in _read("/proc/cpuinfo").splitlines() if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("rasa", "tensorflow", "onnxruntime"))
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}, {versions}"


def _line(
    figure: str, ours: float, stock: float, show: Callable[[float], str], bound: float | None, *, more: bool = False, goal: str = "", reached: bool = True
) -> Line:
    ratio = ours / stock
    if bound is not None:
        goal, reached = f"{'≥' if more else '≤'} {bound} ×", ratio >= bound if more else ratio <= bound
    return Line(figure, show(ours), show(stock), ratio, goal, reached)


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2g} ×"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s"


def _names(loaded: list[str]) -> str:
    return ", ".join(loaded) or "none"


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
