"""Days as people write them."""

from __future__ import annotations

from datetime import date

from handoff.dates import as_date, on_date

ON = "jaanuaril veebruaril märtsil aprillil mail juunil juulil augustil septembril oktoobril novembril detsembril"


def test_a_day_is_written_as_its_language_has_it() -> None:
    day = date(2026, 11, 21)
    assert [as_date(day, language) for language in ("et", "en", "ru")] == ["21. november 2026", "21 November 2026", "21 ноября 2026"]


def test_something_happens_on_a_day_in_every_month() -> None:
    assert [on_date(date(2026, month, 7), "et") for month in range(1, 13)] == [f"7. {month} 2026" for month in ON.split()]
    assert on_date(date(2026, 12, 7), "en") == "7 December 2026"
