"""What a folder keeps of the long steps: a run that was cut short goes on where it was, and the quick figures are measured again without training again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from bench.material import Material

LONG_SECONDS = 300  # what took less is measured each time


class Kept:
    """Seconds by the name of a step, in `folder`; of other material than theirs they are forgotten."""

    def __init__(self, folder: Path, material: Material) -> None:
        self._path = folder / "kept.json"
        self._of = hashlib.sha256(repr(material).encode()).hexdigest()
        self.again: list[str] = []

    def once(self, step: str, measure: Callable[[], float]) -> float:
        """What the step took: measured now, or by an earlier run; those are named in `again`."""
        seconds = self._read()
        if step in seconds:
            self.again.append(step)
            return seconds[step]
        took = measure()
        if took >= LONG_SECONDS:
            self._keep(self._read() | {step: took})
        return took

    def _keep(self, seconds: dict[str, float]) -> None:
        self._path.write_text(json.dumps({"of": self._of, "seconds": seconds}), encoding="utf-8")

    def _read(self) -> dict[str, float]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return dict(kept["seconds"]) if kept.get("of") == self._of else {}
