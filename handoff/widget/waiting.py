"""What a customer who waits for a person is told: the place, the time, and the truth when it takes longer."""

from __future__ import annotations

from datetime import timedelta

from bot.understanding import Button, Language, Reply
from handoff.conversations.waiting import BACK_TO_BOT, KEEP_WAITING, LEAVE_CONTACT, Place
from handoff.database import now
from handoff.schedule import Hours
from handoff.texts import Texts
from handoff.widget.opening import back_sentence

ABOUT = 5  # minutes: up to here „umbes“, then „kuni“


def away_sentence(texts: Texts, language: Language, hours: Hours) -> str:
    """Where the line stands while nobody is here: nobody is promised."""
    return texts.say(language, "line.still_away") if hours.open_at(now()) else back_sentence(texts, language, hours, now())


def line_sentence(texts: Texts, language: Language, place: Place) -> str:
    """„Teie ees on 2 inimest. Ooteaeg on umbes 4 minutit.“ Without a promise no number is told."""
    before = texts.say(language, "line.next") if place.ahead == 0 else texts.say(language, f"line.ahead.{_form(language, place.ahead)}", count=place.ahead)
    return f"{before} {_time(texts, language, place.left(now()))}"


class WaitingWords:
    """The bot's own words to somebody who waits; each time with the ways on."""

    def __init__(self, texts: Texts, hours: Hours) -> None:
        self._texts = texts
        self._hours = hours

    def late(self, language: Language, left: timedelta | None, *, last: bool) -> Reply:
        """It takes longer than promised. The last time a contact is what helps most, so it stands first."""
        key = "line.late_again" if last else "line.late"
        order = (LEAVE_CONTACT, KEEP_WAITING, BACK_TO_BOT) if last else (KEEP_WAITING, LEAVE_CONTACT, BACK_TO_BOT)
        return self._reply(language, self._texts.say(language, key, time=_time(self._texts, language, left)), order)

    def alone(self, language: Language) -> Reply:
        """Everyone has gone away, or home."""
        away, back = self._hours.open_at(now()), back_sentence(self._texts, language, self._hours, now())
        words = self._texts.say(language, "line.away") if away else self._texts.say(language, "line.closed", back=back)
        return self._reply(language, words, (LEAVE_CONTACT, KEEP_WAITING, BACK_TO_BOT))

    def _reply(self, language: Language, words: str, choices: tuple[str, ...]) -> Reply:
        return Reply(words, tuple(Button(self._texts.say(language, f"line.choice.{choice.removeprefix('/')}"), choice) for choice in choices))


def _time(texts: Texts, language: Language, left: timedelta | None) -> str:
    if left is None:
        return texts.say(language, "line.time.unknown")
    minutes = int(left.total_seconds() // 60)
    kind = "about" if minutes <= ABOUT else "up_to"
    return texts.say(language, f"line.time.{kind}.{_form(language, minutes)}", count=minutes)


def _form(language: Language, count: int) -> str:
    """Which form of a noun the number takes; Russian has three."""
    if language != "ru":
        return "one" if count == 1 else "many"
    if count % 10 == 1 and count % 100 != 11:
        return "one"
    return "few" if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else "many"
