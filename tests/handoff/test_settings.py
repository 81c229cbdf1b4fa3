"""A wrong setting stops the start and names its key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from handoff.accounts.tables import Role
from handoff.errors import SettingsError
from handoff.settings import read_settings, signing_key


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No ABILINE_ variable of the developer and no .env of the repository."""
    for name in [name for name in os.environ if name.startswith("ABILINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_it_is_sqlite_on_this_machine() -> None:
    settings = read_settings()
    assert (settings.host, settings.sqlalchemy_url, settings.environment) == ("127.0.0.1", "sqlite:///var/abiline.db", "development")
    assert settings.intake_token.get_secret_value() == ""


def test_a_setting_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABILINE_PORT", "8080")
    assert read_settings().port == 8080


def test_a_setting_comes_from_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ABILINE_COMPANY=Öökull OÜ\n", encoding="utf-8")
    assert read_settings().company == "Öökull OÜ"


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ABILINE_PORT=1\n", encoding="utf-8")
    monkeypatch.setenv("ABILINE_PORT", "2")
    assert read_settings().port == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ABILINE_PORT", "kaheksa"),
        ("ABILINE_PORT", "70000"),
        ("ABILINE_ENVIRONMENT", "prod"),
        ("ABILINE_PUBLIC_URL", "kodukaup.ee"),
        ("ABILINE_FORWARD_URL", "ftp://laud"),
        ("ABILINE_FORWARD_SECRET", "whsec_õ"),
        ("ABILINE_ANSWER_PRECISION", "1"),
        ("ABILINE_REPLY_TIMEOUT", "0"),
        ("ABILINE_BOT_QUEUE", "0"),
        ("ABILINE_TIME_ZONE", "Mars/Olympus"),
        ("ABILINE_TOTP_ROLES", "keiser"),
        ("ABILINE_OIDC_ISSUER", "http://accounts.example"),
        ("ABILINE_AUDIT_KEEP_DAYS", "1"),
        ("ABILINE_HOURS", "hommikul"),
        ("ABILINE_EVES_SHORTER", "12"),
        ("ABILINE_GONE_MINUTES", "0"),
    ],
)
def test_a_wrong_value_stops_the_start_and_names_the_key(monkeypatch: pytest.MonkeyPatch, key: str, value: str) -> None:
    monkeypatch.setenv(key, value)
    with pytest.raises(SettingsError, match=f"^{key}: "):
        read_settings()


def test_an_unknown_setting_in_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ABILINE_PROT=80\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^ABILINE_PROT: there is no such setting"):
        read_settings()


def test_a_secret_never_stands_in_an_error() -> None:
    with pytest.raises(SettingsError) as refusal:
        read_settings(forward_secret="whsec_väga-salajane")
    assert "väga-salajane" not in refusal.value.message


def test_a_secret_never_stands_in_the_settings_as_shown() -> None:
    assert "salajane" not in repr(read_settings(intake_token="salajane"))


def test_a_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "voti").write_text("väga-salajane\n", encoding="utf-8")
    monkeypatch.setenv("ABILINE_INTAKE_TOKEN_FILE", str(tmp_path / "voti"))
    assert read_settings().intake_token.get_secret_value() == "väga-salajane"


def test_a_secrets_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ABILINE_INTAKE_TOKEN_FILE", str(tmp_path / "pole"))
    with pytest.raises(SettingsError, match=r"^ABILINE_INTAKE_TOKEN_FILE: can't read"):
        read_settings()


def test_production_refuses_a_made_up_secret() -> None:
    with pytest.raises(SettingsError, match=r"^ABILINE_SECRET_KEY: "):
        read_settings(environment="production")


def test_production_starts_with_a_secret() -> None:
    assert read_settings(environment="production", secret_key="x" * 40).environment == "production"


def test_cookies_are_secure_where_the_address_is() -> None:
    assert read_settings(public_url="https://abi.kodukaup.ee/").secure_cookies
    assert not read_settings(public_url="http://localhost:8000").secure_cookies


def test_the_made_up_key_is_kept_and_only_for_its_owner(tmp_path: Path) -> None:
    settings = read_settings(data_dir=tmp_path)
    made = signing_key(settings)
    assert len(made) >= 40
    assert signing_key(settings) == made
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_the_operators_key_goes_before_a_made_up_one(tmp_path: Path) -> None:
    assert signing_key(read_settings(data_dir=tmp_path, secret_key="operaatori-oma")) == "operaatori-oma"
    assert not (tmp_path / "secret.key").exists()


def test_a_provider_needs_all_that_belongs_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABILINE_OIDC_ISSUER", "https://tara.ria.ee")
    with pytest.raises(SettingsError, match=r"^ABILINE_OIDC_CLIENT_ID: "):
        read_settings()
    monkeypatch.setenv("ABILINE_OIDC_CLIENT_ID", "abiline")
    with pytest.raises(SettingsError, match=r"^ABILINE_OIDC_CLIENT_SECRET: "):
        read_settings()
    monkeypatch.setenv("ABILINE_OIDC_CLIENT_SECRET", "saladus")
    assert read_settings().oidc_issuer == "https://tara.ria.ee"


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABILINE_TOTP_ROLES", "supervisor, admin")
    monkeypatch.setenv("ABILINE_OIDC_DOMAINS", "@Kodukaup.ee,pood.ee")
    settings = read_settings()
    assert (settings.totp_roles, settings.oidc_domains) == ((Role.SUPERVISOR, Role.ADMIN), ("kodukaup.ee", "pood.ee"))


@pytest.mark.parametrize("zone", ["Europe/Tallin", "Europe", "", "../etc/passwd", "x\0"])
def test_a_time_zone_that_does_not_exist_is_named(zone: str) -> None:
    with pytest.raises(SettingsError, match="time zone, such as Europe/Tallinn"):
        read_settings(time_zone=zone)
