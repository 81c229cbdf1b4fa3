"""The dependency audit fails for what we can raise and lists what Rasa holds back."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tools import audit
from tools.audit import find_uv, held_by_rasa, judge
from tools.large_files import LARGEST, too_large

ROOT = Path(__file__).parent.parent
VULN = {"id": "GHSA-x", "fix_versions": ["9"]}


def test_what_rasa_pins_or_caps_is_held_and_what_it_only_asks_for_is_not() -> None:
    held = held_by_rasa(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")))

    assert {"tensorflow", "sanic", "aiohttp", "packaging"} <= held
    assert not {"cryptography", "fastapi", "httpx", "certifi"} & held


def test_a_vulnerability_in_a_package_of_ours_is_to_mend() -> None:
    verdict = judge([{"name": "fastapi", "version": "1", "vulns": [VULN]}], {"sanic"})

    assert verdict.open == ["fastapi 1: GHSA-x (mended in 9)"]
    assert verdict.held == []


def test_a_vulnerability_in_a_package_that_rasa_holds_is_listed_and_does_not_fail() -> None:
    verdict = judge([{"name": "Sanic", "version": "21.12.2", "vulns": [VULN]}], {"sanic"})

    assert verdict.open == []
    assert len(verdict.held) == 1


def test_what_could_not_be_looked_up_is_counted_and_not_called_fine() -> None:
    verdict = judge([{"name": "rich", "version": "1", "skip_reason": "not found"}], set())

    assert (verdict.looked_up, verdict.unknown) == (0, 1)


def test_a_file_over_a_megabyte_is_refused(tmp_path: Path) -> None:
    large, small = tmp_path / "large.bin", tmp_path / "small.bin"
    large.write_bytes(b"0" * (LARGEST + 1))
    small.write_bytes(b"0")

    assert too_large([str(large), str(small)]) == [str(large)]


def test_what_was_learned_may_be_larger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bot").mkdir()
    learned = tmp_path / "bot" / "adapter.npz"
    learned.write_bytes(b"0" * (LARGEST + 1))
    assert too_large(["bot/adapter.npz"]) == []
    learned.write_bytes(b"0" * (2 * LARGEST + 1))
    assert too_large(["bot/adapter.npz"]) == ["bot/adapter.npz"]


def test_uv_is_found_also_where_only_make_has_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh machine has none of its own."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    assert find_uv() is None
    (tmp_path / ".uv" / "bin").mkdir(parents=True)
    (tmp_path / ".uv" / "bin" / "uv").touch()
    assert find_uv() == str(tmp_path / ".uv" / "bin" / "uv")
