"""The week by letter, on the first morning of the next: numbers against the week before, what rises, why people were called. No customer's word is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.understanding import LANGUAGES, Language
from handoff import mail, outbox
from handoff.accounts import mailings
from handoff.accounts.mailings import Mailing, Reader, Stops
from handoff.database import Database
from handoff.entries.tables import EntryRow
from handoff.mail import Letter
from handoff.reports import product_letter
from handoff.reports.counting import By
from handoff.reports.examples import MATTERS, Mask, examples, of_products
from handoff.reports.grievances import Grievance, OfProduct
from handoff.reports.overview import Overview, overview
from handoff.reports.wanted import Wanted
from handoff.reports.words import Words
from handoff.settings import Settings
from handoff.web import Pages

MONDAY, FROM_HOUR = 0, 7
MOST_RISING = 5
WHERE = "mail:"
Rising = TypeVar("Rising", Grievance, OfProduct)


def named(settings: Settings) -> dict[Mailing, list[str]]:
    """The addresses that the settings name, for each kind of letter."""
    return {Mailing.WEEK: mailings.addresses(settings.digest_to), Mailing.PRODUCT: mailings.addresses(settings.product_digest_to)}


def send_due(database: Database, settings: Settings, pages: Pages, moment: datetime, *, mask: Mask, stops: Stops) -> int:
    """Owe last week's letters to each address that has not got them; gives how many are owed now. On another day than Monday, or unwanted, none."""
    zone = ZoneInfo(settings.time_zone)
    local = moment.astimezone(zone)
    if not settings.sends_mail or local.weekday() != MONDAY or local.hour < FROM_HOUR:
        return 0
    with database.read() as session:
        to = {mailing: mailings.readers(session, mailing, addresses) for mailing, addresses in named(settings).items()}
    if not any(to.values()):
        return 0
    sunday = local.date() - timedelta(days=1)
    week = Wanted(sunday - timedelta(days=6), sunday)
    found, url = overview(database, week, By.DAY, zone=zone, until=moment), f"{settings.public_url}/reports/figures?{week.query}"
    with database.write() as session:
        about = _rising(found) + [one.entry_id for one in found.grievances[: max(MATTERS, MOST_RISING)]]
        rows = session.execute(select(EntryRow.id, EntryRow.published).where(EntryRow.id.in_(about), EntryRow.published.is_not(None)))
        questions = {entry_id: str(content.get("question", entry_id)) for entry_id, content in rows}
        for reader in to[Mailing.WEEK]:
            stop = stops.address(Mailing.WEEK, reader.who)
            letter = written(pages, _spoken(reader), week, found, questions, to=reader.address, url=url, stop=stop)
            outbox.enqueue(session, kind=mail.KIND, url=WHERE, key=f"digest:{week.since}:{reader.address}", payload=letter.as_payload())
        if not found.grievances:  # no complaint is no letter
            return len(to[Mailing.WEEK])
        said = examples(session, week, found.grievances, mask, reader=None) if to[Mailing.PRODUCT] else {}
        said_of = of_products(session, week, found.products, mask, reader=None) if to[Mailing.PRODUCT] else {}
        told = product_letter.Told(week, found.grievances, said, found.products, said_of, questions)
        for reader in to[Mailing.PRODUCT]:
            letter = product_letter.written(pages, _spoken(reader), told, to=reader.address, url=url, stop=stops.address(Mailing.PRODUCT, reader.who))
            outbox.enqueue(session, kind=mail.KIND, url=WHERE, key=f"product:{week.since}:{reader.address}", payload=letter.as_payload())
    return sum(map(len, to.values()))


def _spoken(reader: Reader) -> Language:
    return next((one for one in LANGUAGES if one == reader.language), "et")


def written(pages: Pages, language: Language, week: Wanted, found: Overview, questions: Mapping[str, str], *, to: str, url: str, stop: str) -> Letter:
    """The letter in the reader's language. `questions` are the published ones of the entries that are named in it."""
    words, lines = Words(pages, language), []

    def say(key: str, **filled: object) -> str:
        return pages.texts.say(language, f"figures.{key}", **filled)

    now, past = found.now, found.before
    pairs: list[tuple[str, object, object]] = [
        ("conversations", now.conversations, past.conversations),
        ("alone", words.share(now.alone.value), words.share(past.alone.value)),
        ("unanswered", words.share(now.unanswered.value), words.share(past.unanswered.value)),
        ("waits", words.wait(now.waits[0.5]), words.wait(past.waits[0.5])),
        ("once", words.share(now.solved_at_once.value), words.share(past.solved_at_once.value)),
        ("lost", now.lost, past.lost),
        ("saved", words.hours(now.saved_hours), words.hours(past.saved_hours)),
    ]
    lines += [f"{say(f'{name}.title')}: {value} ({say('before').lower()} {before})" for name, value, before in pairs]
    lines += [f"{pages.texts.say(language, 'reports.handoffs.title')}: {words.reason(reason)} ({count})" for reason, count in found.reasons[:1]]
    lines += [f"▲ {questions[entry_id]}" for entry_id in _rising(found) if entry_id in questions]
    matters = [(" · ".join(filter(None, (one.topic, questions.get(one.entry_id, one.entry_id)))) or say("by.none"), one) for one in _risen(found.grievances)]
    lines += [f"▲ {say('grievances.letter', matter=matter, now=one.now, before=one.before)}" for matter, one in matters]
    lines += [f"▲ {say('grievances.letter', matter=one.product, now=one.now, before=one.before)}" for one in _risen(found.products)]
    lines += [url, f"{say('digest.stop')}: {stop}"]
    subject = say("digest.subject", since=words.date(week.since), until=words.date(week.until))
    html = "".join(f"<p>{escape(line)}</p>" for line in lines[:-2]) + f'<p><a href="{escape(url)}">{escape(say("digest.see"))}</a></p>'
    html += f'<p><a href="{escape(stop)}">{escape(say("digest.stop"))}</a></p>'
    return Letter(to, subject, "\n\n".join(lines), f"<h1>{escape(subject)}</h1>{html}", language, "", stop=stop)


def _rising(found: Overview) -> list[str]:
    return [one.entry_id for one in found.entries if one.rising][:MOST_RISING]


def _risen(found: Sequence[Rising]) -> list[Rising]:
    return [one for one in found if one.rising][:MOST_RISING]
