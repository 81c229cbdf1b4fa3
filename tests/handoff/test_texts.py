"""What people read: complete in every language, in every room; what is missing shows itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.understanding import LANGUAGES, Language
from handoff.conversations.sla import Goal
from handoff.texts import Texts

HOUSE = Path(__file__).resolve().parents[2] / "handoff"
SHARED = HOUSE / "texts"
ROOMS = sorted(folder.parent.name for folder in HOUSE.glob("*/texts") if any(folder.iterdir()))
FOLDERS = [SHARED, *(HOUSE / room / "texts" for room in ROOMS)]
OTHERS: tuple[Language, ...] = ("en", "ru")
IN_TEMPLATE = re.compile(r"""\bt\(\s*["']([a-z_.]+)["']\s*[,)]""")
PLACEHOLDER = re.compile(r"\$\{?([a-z_]+)")
HARSH = re.compile(r"\b(ei saa|peate|kahjuks|ei õnnestu)\b", re.IGNORECASE)
STRAIGHT_QUOTES = re.compile(r'["“]\w')


def _name(folder: Path) -> str:
    return folder.parent.name


def _write(folder: Path, **files: str) -> Path:
    for language, text in files.items():
        (folder / f"{language}.yml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_every_language_has_every_estonian_text(folder: Path, language: Language) -> None:
    assert Texts(folder).missing(language) == []


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_no_language_has_a_text_that_estonian_has_not(folder: Path, language: Language) -> None:
    assert set(Texts(folder).all(language)) == set(Texts(folder).all("et"))


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_no_language_forgets_a_value_or_fills_in_one_that_nobody_knows(folder: Path, language: Language) -> None:
    texts = Texts(folder)
    estonian = {key: set(PLACEHOLDER.findall(text)) for key, text in texts.all("et").items()}
    other = {key: set(PLACEHOLDER.findall(text)) for key, text in texts.all(language).items()}
    known = set().union(*estonian.values())
    assert [key for key in estonian if not estonian[key] <= other[key] <= known] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_no_text_is_empty(folder: Path) -> None:
    texts = Texts(folder)
    assert [(language, key) for language in LANGUAGES for key, text in texts.all(language).items() if not text.strip() or text == "None"] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_estonian_is_positive_and_uses_its_own_quotes(folder: Path) -> None:
    estonian = Texts(folder).all("et")
    assert [key for key, text in estonian.items() if HARSH.search(text) or STRAIGHT_QUOTES.search(text)] == []


@pytest.mark.parametrize("room", [path.parent for path in sorted(HOUSE.glob("*/templates"))], ids=lambda room: room.name)
def test_every_text_that_a_template_asks_for_is_there(room: Path) -> None:
    known = Texts(SHARED, room / "texts").all("et")
    asked = {key for template in (room / "templates").glob("*.html") for key in IN_TEMPLATE.findall(template.read_text(encoding="utf-8"))}
    assert sorted(asked - set(known)) == []


def test_every_text_that_a_script_of_the_desk_asks_for_is_there() -> None:
    known = Texts(SHARED, HOUSE / "console" / "texts").all("et")
    asked = {key for script in (HOUSE / "console" / "static").glob("*.js") for key in IN_TEMPLATE.findall(script.read_text(encoding="utf-8"))}
    assert asked
    assert sorted(key for key in asked if f"desk.{key}" not in known) == []


@pytest.mark.parametrize("goal", list(Goal))
def test_every_time_that_is_owed_can_be_said(goal: Goal) -> None:
    known = Texts(SHARED, HOUSE / "console" / "texts").all("et")
    verb = "solve" if goal is Goal.SOLUTION else "answer"
    told = [f"desk.due.{verb}_{how}" for how in ("minutes", "hours", "at", "late")]
    assert [key for key in (*told, f"desk.event.overdue_{goal.value}") if key not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_nobody_wrote_shows_itself(tmp_path: Path, language: Language) -> None:
    assert Texts(tmp_path).say(language, "puudub.siit") == "[?puudub.siit]"


def test_a_text_is_said_in_the_language(tmp_path: Path) -> None:
    texts = Texts(_write(tmp_path, et="tere: {hea: Tere päevast}", en="tere: {hea: Good day}"))
    assert (texts.say("et", "tere.hea"), texts.say("en", "tere.hea")) == ("Tere päevast", "Good day")


def test_a_text_missing_in_a_language_is_estonian(tmp_path: Path) -> None:
    texts = Texts(_write(tmp_path, et="tere: Tere", en="muu: Other"))
    assert (texts.say("en", "tere"), texts.missing("en")) == ("Tere", ["tere"])


def test_values_are_filled_in_and_a_forgotten_one_stays_visible(tmp_path: Path) -> None:
    texts = Texts(_write(tmp_path, et="aeg: 'Oleme tagasi $aeg, $nimi'"))
    assert texts.say("et", "aeg", aeg="kell 9") == "Oleme tagasi kell 9, $nimi"


def test_a_value_is_never_read_as_a_placeholder(tmp_path: Path) -> None:
    texts = Texts(_write(tmp_path, et="tere: 'Tere, $nimi'"))
    assert texts.say("et", "tere", nimi="$saladus") == "Tere, $saladus"


def test_a_rooms_text_goes_over_the_shared_one(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    texts = Texts(_write(tmp_path / "a", et="tere: Tere\nhead: Head aega"), _write(tmp_path / "b", et="tere: Hommikust"))
    assert (texts.say("et", "tere"), texts.say("et", "head")) == ("Hommikust", "Head aega")
