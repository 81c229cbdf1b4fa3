"""Times as people say them, and no text missing in a language."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from actions import wording
from bot.understanding import LANGUAGES, Language

SATURDAY_EVENING = datetime(2026, 11, 21, 20, 15, tzinfo=ZoneInfo("Europe/Tallinn"))


@pytest.mark.parametrize(
    ("language", "days", "said"),
    [
        ("et", 0, "täna kell 21.05"),
        ("et", 1, "homme kell 21.05"),
        ("et", 2, "esmaspäeval kell 21.05"),
        ("et", 9, "30. novembril kell 21.05"),
        ("en", 2, "on Monday at 21:05"),
        ("en", 9, "on 30 November at 21:05"),
        ("ru", 1, "завтра в 21:05"),
        ("ru", 2, "в понедельник в 21:05"),
        ("ru", 9, "30 ноября в 21:05"),
    ],
)
def test_a_moment_is_said_as_people_say_it(language: Language, days: int, said: str) -> None:
    moment = SATURDAY_EVENING.replace(hour=21, minute=5) + timedelta(days=days)
    assert wording.when(language, moment, SATURDAY_EVENING) == said


def test_today_is_the_day_in_the_desks_own_zone() -> None:
    monday_morning = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Tallinn"))
    late_in_london = datetime(2026, 11, 22, 23, 30, tzinfo=ZoneInfo("Europe/London"))  # already Monday in Tallinn
    assert wording.when("et", monday_morning, late_in_london) == "täna kell 9.00"


def test_nobody_knows_when_people_are_back_is_said_without_a_time() -> None:
    assert wording.back("et", None) == "Klienditeenindajad vastavad teile esimesel võimalusel."


def test_who_has_left_a_contact_is_told_when_people_answer() -> None:
    opening = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Tallinn"))
    told = wording.reply("et", opening.isoformat(), datetime(2026, 11, 23, 20, 0, tzinfo=ZoneInfo("Europe/Tallinn")))
    assert told == "Klienditeenindajad on tagasi **homme kell 9.00** ja vastavad teile siis."
    assert "kell" not in wording.reply("et", None)


def test_a_missing_title_shows_itself() -> None:
    assert wording.title("et", "olematu") == "[?olematu]"


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "et"])
def test_every_language_has_the_same_buttons_and_times(language: str) -> None:
    def load(name: str) -> dict[str, dict[str, object]]:
        found: dict[str, dict[str, object]] = yaml.safe_load((wording.FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
        return found

    for part in ("buttons", "back", "reply", "when"):
        assert load(language)[part].keys() == load("et")[part].keys()


def test_no_package_hides_in_actions() -> None:
    """rasa-sdk imports a sub-package by its bare name: one called `handoff` would shadow ours."""
    folder = Path(wording.__file__).parent
    assert not [path for path in folder.rglob("__init__.py") if path.parent != folder]
