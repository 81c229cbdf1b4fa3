"""Where the milliseconds go: py-spy looks at a serving Abiline while customers ask, one after another; the stacks are drawn as a flame graph.

    python -m bench.flame FOLDER docs/pictures/flame.svg

`FOLDER` is one that `abiline bench --folder` has used. The picture is read from above: what calls stands over what it calls, and a box is as
wide as its share of the processor's time (Gregg, The flame graph, Communications of the ACM 59(6), 2016).
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from bench.material import ROOT, material
from bench.ours import Ours
from bench.running import Running
from tools.audit import find_uv

QUESTIONS, WARM_UP, RATE = 300, 40, 400  # RATE: looks a second
LEAST = 0.006  # of all time: narrower boxes can't be read and are left out
WIDTH, ROW, EDGE, LETTER = 1200, 18, 8, 6.3  # of the picture; LETTER: how wide one is
DEEPEST = 34  # rows
# What every task and thread begins with tells nothing.
AROUND = re.compile(
    r"asyncio/|threading\.py|concurrent/futures|uvicorn/(main|server|_compat)|typer/|click/|<frozen|<string>|__main__\.py|handoff/cli|<module>|anyio/"
    r"|^process \d+|bot/apart/worker\.py"
)
# Threads that wait for something to do: py-spy can't always tell them from busy ones.
IDLE = re.compile(r"^(EpollSelector\.select|Condition\.wait|Queue\.get|Runner\.run) \(|^(\w+\.)?(_listen|_taken) \(bot/apart/")
KINDS = (
    ("the encoder", re.compile(r"onnxruntime|bot/encoder|tokenizers"), "#e8590c"),
    ("matching and decision", re.compile(r"\(bot/|numpy|faiss|estnltk|vabamorf"), "#f08c00"),
    ("Rasa", re.compile(r"rasa|\(actions/"), "#7048e8"),
    ("the database", re.compile(r"sqlalchemy|sqlite|psycopg"), "#2b8a3e"),
    ("the house", re.compile(r"\(handoff/"), "#1c6dd0"),
    ("the web", re.compile(r"starlette|fastapi|uvicorn|httptools|h11|pydantic|json"), "#0b7285"),
)
OTHER = "#868e96"


@dataclass
class Box:
    """A function at one place of the stacks; `looks` at it or at what it called."""

    name: str
    looks: int = 0
    below: dict[str, Box] = field(default_factory=dict)


def stacks(raw: Iterable[str]) -> Iterator[tuple[list[str], int]]:
    """Stacks, the caller first, and how often each was seen, of py-spy's raw format: `caller (file:line);called (file:line) count`.
    What every stack begins with is left out; so are stacks that are nothing else, and those that wait."""
    for line in raw:
        told, _, count = line.rpartition(" ")
        frames = [re.sub(r":\d+\)$", ")", frame) for frame in told.split(";")]
        first = next((number for number, frame in enumerate(frames) if not AROUND.search(frame)), len(frames))
        if frames[first:] and not IDLE.match(frames[-1]):
            yield frames[first:], int(count)


def grown(seen: Iterable[tuple[Sequence[str], int]]) -> Box:
    """All stacks as one tree."""
    root = Box("")
    for frames, count in seen:
        at = root
        at.looks += count
        for frame in frames:
            at = at.below.setdefault(frame, Box(frame))
            at.looks += count
    return root


def drawn(root: Box) -> str:
    """The tree as SVG; every box has its function and share as a title, and colours that hold on light and dark."""
    boxes = list(_placed(root, EDGE, 0, (WIDTH - 2 * EDGE) / max(root.looks, 1)))
    top = ROW + 2 * EDGE
    height = top + (max((row for _box, _x, row, _wide in boxes), default=0) + 1) * ROW + EDGE
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Flame graph of a serving Abiline" '
        'font-family="ui-monospace, monospace" font-size="10.5">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        *_legend(),
    ]
    for box, x, row, wide in boxes:
        share = f"{box.looks / root.looks:.1%}"
        shown = box.name[: int((wide - 6) / LETTER)] if wide > 30 else ""
        text = f'<text x="{x + 3:.1f}" y="{top + row * ROW + 12}" fill="#fff">{escape(shown)}</text>' if shown else ""
        lines.append(
            f'<g><title>{escape(box.name)} {share}</title><rect x="{x:.1f}" y="{top + row * ROW}" width="{max(wide - 0.5, 0.5):.1f}" '
            f'height="{ROW - 1}" rx="2" fill="{_colour(box.name)}"/>{text}</g>'
        )
    return "\n".join([*lines, "</svg>", ""])


def shares(seen: Iterable[tuple[Sequence[str], int]]) -> dict[str, float]:
    """Which share of the time each kind of code took: a look belongs to the innermost frame that is of a kind."""
    counted = dict.fromkeys([name for name, _, _ in KINDS] + ["the rest"], 0)
    for frames, count in seen:
        kind = next((name for frame in reversed(frames) for name, known, _ in KINDS if known.search(frame)), "the rest")
        counted[kind] += count
    whole = max(sum(counted.values()), 1)
    return {name: count / whole for name, count in counted.items()}


def _placed(box: Box, x: float, row: int, scale: float) -> Iterator[tuple[Box, float, int, float]]:
    least = LEAST * (WIDTH - 2 * EDGE)
    for one in sorted(box.below.values(), key=lambda one: -one.looks):
        wide = one.looks * scale
        if wide >= least and row < DEEPEST:
            yield one, x, row, wide
            yield from _placed(one, x, row + 1, scale)
        x += wide


def _colour(frame: str) -> str:
    return next((colour for _, known, colour in KINDS if known.search(frame)), OTHER)


def _legend() -> Iterator[str]:
    x = float(EDGE)
    for name, colour in [(name, colour) for name, _, colour in KINDS] + [("other", OTHER)]:
        yield f'<rect x="{x:.0f}" y="{EDGE}" width="12" height="12" rx="2" fill="{colour}"/><text x="{x + 17:.0f}" y="{EDGE + 10}" fill="#212529">{name}</text>'
        x += 40 + len(name) * LETTER


async def _ask(one: Ours, texts: Sequence[str]) -> None:
    for text in texts:
        customer = await one.customer()
        try:
            await customer.asks(text)
        finally:
            await customer.leaves()


def record(folder: Path) -> list[str]:
    """Serve from `folder`, ask, and give what py-spy saw. Raises `bench.running.NotMeasured`."""
    asked = material(QUESTIONS)
    texts = [question.text for question in asked.questions]
    one, raw = Ours(folder / "ours", asked, folder / "ours" / "models"), folder / "flame.raw"
    raw.unlink(missing_ok=True)
    one.start(texts[0])
    try:
        asyncio.run(_ask(one, texts[:WARM_UP]))
        pid = str(one.programs[0].pid)
        command = [find_uv() or "uv", "tool", "run", "--quiet", "py-spy", "record", "--pid", pid, "--subprocesses", "--rate", str(RATE)]
        command += ["--function", "--format", "raw", "--output", str(raw), "--duration", "3600"]
        looking = Running(command, log=folder / "flame.log", cwd=ROOT, environment={})
        began = time.monotonic()
        while not looking.last_words() and time.monotonic() - began < 60:
            time.sleep(0.05)  # it says what it does once it looks
        asyncio.run(_ask(one, texts))
        looking.ask_to_end()
    finally:
        one.stop()
    return raw.read_text(encoding="utf-8").splitlines()


def main(folder: Path, picture: Path) -> None:
    """Record, draw, and say the shares."""
    seen = list(stacks(record(folder)))
    picture.write_text(drawn(grown(seen)), encoding="utf-8")
    for name, share in shares(seen).items():
        print(f"{share:6.1%}  {name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
