"""One sentence about when people are here again."""

from __future__ import annotations

from datetime import date, datetime

from bot.understanding import Language
from handoff.schedule import Hours
from handoff.texts import Texts


def back_sentence(texts: Texts, language: Language, hours: Hours, moment: datetime) -> str:
    """When people are back, for a customer who finds nobody: „Vastame taas homme kell 9.00.“

    Within working hours all are only busy or away for a while, and a time would be a guess.
    """
    if hours.open_at(moment):
        return texts.say(language, "back.soon")
    opening = hours.next_opening(moment)
    clock = f"{opening.hour}.{opening.minute:02}" if language == "et" else f"{opening.hour}:{opening.minute:02}"
    return texts.say(language, "back.later", day=_day(texts, language, moment.astimezone(hours.zone).date(), opening.date()), clock=clock)


def _day(texts: Texts, language: Language, today: date, day: date) -> str:
    ahead = (day - today).days
    if ahead < 2:
        return texts.say(language, "back.today" if ahead == 0 else "back.tomorrow")
    if ahead < 7:
        return texts.say(language, f"back.weekday{day.isoweekday()}")
    return texts.say(language, "back.date", day=day.day, month=texts.say(language, f"month{day.month}"))
