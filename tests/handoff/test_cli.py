"""The command line: what people can mend is said in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from bot.adapter import AdapterUnreadable
from bot.encoder import EncoderMissing
from bot.faq.bank import BankError
from bot.faq.matcher import WeightsUnreadable
from bot.understanding import BotUnavailable
from handoff import cli
from handoff.errors import NotFound, SettingsError, Unreadable


@pytest.mark.parametrize("error", [AdapterUnreadable, EncoderMissing, BankError, WeightsUnreadable, BotUnavailable, SettingsError])
def test_an_error_that_people_can_mend_is_one_line(error: type[Exception], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> None:
        raise error("bank.yml: mend it")

    monkeypatch.setattr(cli, "app", fails)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err.strip()
    assert said.endswith("bank.yml: mend it")
    assert "Traceback" not in said


def test_the_bank_s_test_businesses_can_be_measured_from_the_command_line() -> None:
    told = CliRunner().invoke(cli.app, ["quality", "--help"])
    assert told.exit_code == 0
    assert "--plots" in told.output


def test_the_promises_of_a_house_are_counted_and_its_waits_written_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABILINE_DATA_DIR", str(tmp_path))
    told = CliRunner().invoke(cli.app, ["waiting", "--export", str(tmp_path / "days.csv")])
    assert told.exit_code == 0
    assert "No promise" in told.output
    assert (tmp_path / "days.csv").read_text(encoding="utf-8").strip() == "waiting_since,claimed_at"


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`command("user", "list")` on a house of its own."""
    monkeypatch.setenv("ABILINE_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(cli, "console", Console(width=200))
    return lambda *words: CliRunner().invoke(cli.app, list(words))


def test_people_are_made_listed_and_given_another_role(command: Callable[..., Result]) -> None:
    assert command("user", "add", "anu", "Anu", "--role", "admin").exit_code == 0
    assert command("user", "add", "jaan", "Jaan [Tamm]").exit_code == 0
    assert command("user", "role", "jaan", "supervisor").exit_code == 0
    assert command("user", "totp-reset", "jaan").exit_code == 0
    listed = command("user", "list").output
    assert "Jaan [Tamm]" in listed
    assert "supervisor" in listed


def test_the_command_line_leaves_an_admin_too(command: Callable[..., Result]) -> None:
    command("user", "add", "anu", "Anu", "--role", "admin")
    assert isinstance(command("user", "role", "anu", "agent").exception, Unreadable)
    assert isinstance(command("user", "role", "arvatud", "agent").exception, NotFound)
    assert isinstance(command("user", "totp-reset", "arvatud").exception, NotFound)
