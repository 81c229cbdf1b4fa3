"""Dependency audit: known vulnerabilities in what `requirements.lock` names.

Rasa 3.6.21 is the last open release and holds some packages back; nobody can raise those, so they are listed and don't fail
the check (docs/architecture.md says how the house shields them). Everything else fails it. Where the advisory database can't
be reached, that is said and nothing is claimed.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
ALSO_HELD = ("rasa", "rasa-sdk", "skops", "keras", "tensorflow-estimator", "tensorboard", "werkzeug", "numpy")  # by what Rasa holds


@dataclass
class Verdict:
    """`open` must be mended by us, `held` can't be until Rasa goes, `unknown` were not looked up."""

    open: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    unknown: int = 0
    looked_up: int = 0


def held_by_rasa(project: Mapping[str, Any]) -> set[str]:
    """Names of packages that Rasa's own requirements cap from above or pin."""
    rasa = next(entry for entry in project["tool"]["uv"]["dependency-metadata"] if entry["name"] == "rasa")
    capped = [requirement for requirement in rasa["requires-dist"] if "<" in requirement or "==" in requirement]
    return {_name(requirement) for requirement in capped} | set(ALSO_HELD)


def judge(dependencies: Iterable[Mapping[str, Any]], held: set[str]) -> Verdict:
    """Sort pip-audit's findings."""
    verdict = Verdict()
    for dependency in dependencies:
        if "skip_reason" in dependency:
            verdict.unknown += 1
            continue
        verdict.looked_up += 1
        for found in dependency["vulns"]:
            line = f"{dependency['name']} {dependency['version']}: {found['id']} (mended in {', '.join(found['fix_versions']) or 'no release yet'})"
            (verdict.held if _name(dependency["name"]) in held else verdict.open).append(line)
    return verdict


def find_uv() -> str | None:
    """uv as `make` has it: the system's, or the one that `make install` put beside the code where there is none."""
    own = ROOT / ".uv" / "bin" / "uv"
    return shutil.which("uv") or (str(own) if own.exists() else None)


def main() -> int:
    """0 when nothing open was found, 1 when something was, with the findings printed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    uv = find_uv()
    if uv is None:
        print("audit: needs uv, which `make install` gets: run `make audit`, which does that first")  # noqa: T201
        return 1
    command = [
        uv,
        "tool",
        "run",
        "--quiet",
        "pip-audit",
        "--disable-pip",
        "--require-hashes",
        "--format",
        "json",
        "--progress-spinner",
        "off",
        "-r",
        str(ROOT / "requirements.lock"),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (a fixed command)
    try:
        verdict = judge(json.loads(run.stdout)["dependencies"], held_by_rasa(project))
    except (ValueError, KeyError):
        print(f"audit: pip-audit gave no report: {run.stderr.strip()[-300:]}")  # noqa: T201
        return 1
    for line in verdict.held:
        print(f"audit: held back by Rasa: {line}")  # noqa: T201
    for line in verdict.open:
        print(f"audit: TO MEND: {line}")  # noqa: T201
    print(f"audit: {verdict.looked_up} packages looked up, {len(verdict.open)} to mend, {len(verdict.held)} held back by Rasa")  # noqa: T201
    if verdict.unknown:
        print(f"audit: {verdict.unknown} could not be looked up: the advisory database did not answer for them from here")  # noqa: T201
    return 1 if verdict.open else 0


def _name(requirement: str) -> str:
    return re.split(r"[\s<>=!~\[;]", requirement, maxsplit=1)[0].lower().replace("_", "-")


if __name__ == "__main__":
    sys.exit(main())
