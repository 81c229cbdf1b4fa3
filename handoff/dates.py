"""A day as people write it, in their language."""

from __future__ import annotations

from datetime import date

from bot.understanding import Language

MONTHS: dict[Language, tuple[str, ...]] = {
    "et": ("jaanuar", "veebruar", "märts", "aprill", "mai", "juuni", "juuli", "august", "september", "oktoober", "november", "detsember"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    "ru": ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"),
}

WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "et": ("esmaspäev", "teisipäev", "kolmapäev", "neljapäev", "reede", "laupäev", "pühapäev"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
}
ON_WEEKDAYS_RU = ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье")


def as_weekday(day: date, language: Language) -> str:
    """„teisipäev, 24. november“, "Tuesday, 24 November", «вторник, 24 ноября»: of a day that is near, so without its year."""
    return f"{WEEKDAYS[language][day.weekday()]}, {_near(as_date(day, language))}"


def on_weekday(day: date, language: Language) -> str:
    """„teisipäeval, 24. novembril“, "on Tuesday, 24 November", «во вторник, 24 ноября»."""
    name = WEEKDAYS[language][day.weekday()]
    on = {"et": f"{name}l" if name == "reede" else f"{name}al", "en": f"on {name}", "ru": ON_WEEKDAYS_RU[day.weekday()]}[language]
    return f"{on}, {_near(on_date(day, language))}"


def _near(date_in_words: str) -> str:
    return date_in_words.rpartition(" ")[0]


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
