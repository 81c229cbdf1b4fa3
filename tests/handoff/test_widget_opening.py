"""The sentence that says when people are back."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.understanding import LANGUAGES, Language
from handoff.schedule import Hours
from handoff.texts import Texts
from handoff.web import SHARED
from handoff.week import Week
from handoff.widget.opening import back_sentence
from handoff.widget.routes import HERE

TALLINN = ZoneInfo("Europe/Tallinn")
HOURS = Hours(Week.read("E-R 9-18"), TALLINN)
TEXTS = Texts(HERE / "texts")


@pytest.mark.parametrize(
    ("moment", "language", "sentence"),
    [
        (datetime(2026, 11, 23, 7, tzinfo=TALLINN), "et", "Kolleegid vastavad taas täna kell 9.00."),
        (datetime(2026, 11, 23, 19, tzinfo=TALLINN), "et", "Kolleegid vastavad taas homme kell 9.00."),
        (datetime(2026, 11, 20, 19, tzinfo=TALLINN), "et", "Kolleegid vastavad taas esmaspäeval kell 9.00."),
        (datetime(2026, 11, 20, 19, tzinfo=TALLINN), "en", "Our colleagues are back on Monday at 9:00."),
        (datetime(2026, 11, 20, 19, tzinfo=TALLINN), "ru", "Коллеги снова будут на связи в понедельник в 9:00."),
        (datetime(2026, 12, 23, 19, tzinfo=TALLINN), "et", "Kolleegid vastavad taas esmaspäeval kell 9.00."),  # over Christmas
    ],
)
def test_the_next_opening_is_said_as_people_say_it(moment: datetime, language: Language, sentence: str) -> None:
    assert back_sentence(TEXTS, language, HOURS, moment) == sentence


def test_within_working_hours_no_time_is_promised() -> None:
    assert "kell" not in back_sentence(TEXTS, "et", HOURS, datetime(2026, 11, 23, 12, tzinfo=TALLINN))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_exists_in_every_language(language: Language) -> None:
    own = Texts(HERE / "texts", SHARED / "texts")
    assert own.missing(language) == []
    for key, text in own.all("et").items():
        assert text.count("$") == own.say(language, key).count("$"), key
