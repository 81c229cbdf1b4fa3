"""A day as people write it, in their language."""

from __future__ import annotations

from datetime import date

from bot.understanding import Language

MONTHS: dict[Language, tuple[str, ...]] = {
    "et": ("jaanuar", "veebruar", "märts", "aprill", "mai", "juuni", "juuli", "august", "september", "oktoober", "november", "detsember"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    "ru": ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"),
}


def as_date(day: date, language: Language) -> str:
    """„21. november 2026“, "21 November 2026", «21 ноября 2026»."""
    return f"{day.day}{'.' if language == 'et' else ''} {MONTHS[language][day.month - 1]} {day.year}"


def on_date(day: date, language: Language) -> str:
    """The day on which something happens: „21. novembril 2026“; in the others as `as_date` has it."""
    if language != "et":
        return as_date(day, language)
    month = MONTHS["et"][day.month - 1]
    ending = "l" if month[-1] in "aeiou" else "il"
    return f"{day.day}. {month.removesuffix('er')}{'r' * month.endswith('er')}{ending} {day.year}"
