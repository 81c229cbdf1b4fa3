"""The figures of the overview, each one SQL statement that can be read aloud, on SQLite and PostgreSQL alike.

Everything is counted from the numbered events and the bot's decisions; erased conversations keep both without words, so
a figure does not change when somebody uses their right to be forgotten. A period is from `since` (inclusive) to `until`
(exclusive). What a period has too little of is None, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Executable, bindparam, text
from sqlalchemy.orm import Session

from handoff.database import Database, Moment

STARTED = """
    SELECT conversation.id, conversation.created_at AS at
    FROM conversation
    WHERE conversation.created_at >= :since AND conversation.created_at < :until
      AND EXISTS (SELECT 1 FROM event WHERE event.conversation_id = conversation.id AND event.kind = 'message' AND event.actor = 'customer')
"""

ANSWERED_BY_BOT = """
    SELECT conversation.id,
           EXISTS (SELECT 1 FROM event WHERE event.conversation_id = conversation.id AND event.actor = 'bot'
                     AND event.body ->> 'entry_id' IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM event WHERE event.conversation_id = conversation.id AND event.kind = 'handoff_requested')
           AND NOT EXISTS (SELECT 1 FROM event WHERE event.conversation_id = conversation.id AND event.kind = 'contact_left') AS alone
    FROM conversation
    WHERE conversation.created_at >= :since AND conversation.created_at < :until
      AND EXISTS (SELECT 1 FROM decision WHERE decision.conversation_id = conversation.id)
"""

HANDOFFS = """
    SELECT event.body ->> 'reason' AS reason, COUNT(*) AS how_many
    FROM event
    WHERE event.kind = 'handoff_requested' AND event.at >= :since AND event.at < :until
    GROUP BY event.body ->> 'reason'
    ORDER BY how_many DESC, reason
"""

FIRST_RESPONSES = """
    SELECT request.at AS asked_at,
           (SELECT MIN(answer.at) FROM event AS answer
             WHERE answer.conversation_id = request.conversation_id AND answer.kind = 'message' AND answer.actor = 'agent'
               AND answer.number > request.number
               AND NOT EXISTS (SELECT 1 FROM event AS later
                                WHERE later.conversation_id = request.conversation_id AND later.kind = 'handoff_requested'
                                  AND later.number > request.number AND later.number < answer.number)) AS answered_at
    FROM event AS request
    WHERE request.kind = 'handoff_requested' AND request.at >= :since AND request.at < :until
"""

ALL_WELL = """
    SELECT COUNT(*) AS how_many, SUM(CASE WHEN event.kind = 'all_well' THEN 1 ELSE 0 END) AS well
    FROM event
    WHERE event.kind IN ('all_well', 'not_well') AND event.at >= :since AND event.at < :until
"""

RATINGS = """
    SELECT COUNT(*) AS how_many, SUM(CASE WHEN rating.helpful THEN 1 ELSE 0 END) AS helpful
    FROM rating
    WHERE rating.helpful IS NOT NULL AND rating.at >= :since AND rating.at < :until
"""

PROMISES = """
    SELECT COUNT(*) AS how_many, SUM(CASE WHEN promise.kept THEN 1 ELSE 0 END) AS kept
    FROM promise
    WHERE promise.kept IS NOT NULL AND promise.given_at >= :since AND promise.given_at < :until
"""

UNANSWERED = """
    SELECT COUNT(*) AS how_many
    FROM decision
    WHERE decision.action = 'human' AND (decision.intent IS NULL OR decision.intent NOT IN ('ask_human', 'complain'))
      AND decision.at >= :since AND decision.at < :until
"""


@dataclass(frozen=True)
class Period:
    """Whole days in the house's time zone, today included."""

    since: datetime
    until: datetime
    days: int
    zone: ZoneInfo


@dataclass(frozen=True)
class Share:
    """`part` of `whole`; the size of the sample is always told with it."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Responses:
    """How soon people answered after a handoff: the median in seconds of those answered, and how many wait or went unanswered."""

    median_seconds: float | None
    answered: int
    unanswered: int


@dataclass(frozen=True)
class Figures:
    """Everything on the page for one period."""

    conversations: int
    by_day: list[tuple[date, int]]
    answered_by_bot: Share
    handoffs: list[tuple[str, int]]  # reason, how many; most first
    first_response: Responses
    promises: Share  # to waiting customers, of those whose time is up or who got a person
    helpful: Share
    all_well: Share  # of those who said after the solution whether it is one
    unanswered: int


def period(moment: datetime, days: int, zone: ZoneInfo) -> Period:
    """The last `days` days up to the end of the day of `moment`: 1 is today alone."""
    today = moment.astimezone(zone).date()
    first = datetime.combine(today - timedelta(days=days - 1), time(), zone)
    return Period(first, datetime.combine(today + timedelta(days=1), time(), zone), days, zone)


def days_of(of: Period) -> list[date]:
    """The days of the period, oldest first."""
    first = of.since.astimezone(of.zone).date()
    return [first + timedelta(days=number) for number in range(of.days)]


def period_ends(of: Period) -> tuple[BindParameter[datetime], BindParameter[datetime]]:
    """`:since` and `:until` of a statement."""
    return bindparam("since", of.since, type_=Moment()), bindparam("until", of.until, type_=Moment())


def figures(database: Database, of: Period) -> Figures:
    """All figures of the period, seen at one moment."""
    with database.read() as session:
        started = [row.at for row in session.execute(_query(STARTED, of, at=Moment()))]
        alone = [bool(row.alone) for row in session.execute(_query(ANSWERED_BY_BOT, of))]
        handoffs = [(row.reason or "", row.how_many) for row in session.execute(_query(HANDOFFS, of))]
        promises = session.execute(_query(PROMISES, of)).one()
        ratings = session.execute(_query(RATINGS, of)).one()
        followed = session.execute(_query(ALL_WELL, of)).one()
        unanswered = session.execute(_query(UNANSWERED, of)).scalar_one()
        return Figures(
            conversations=len(started),
            by_day=_by_day(started, of),
            answered_by_bot=Share(sum(alone), len(alone)),
            handoffs=handoffs,
            first_response=_responses(session, of),
            promises=Share(promises.kept or 0, promises.how_many),
            helpful=Share(ratings.helpful or 0, ratings.how_many),
            all_well=Share(followed.well or 0, followed.how_many),
            unanswered=unanswered,
        )


def count_conversations(database: Database, of: Period) -> int:
    """Conversations that began in the period and in which the customer wrote."""
    with database.read() as session:
        return len(session.execute(_query(STARTED, of, at=Moment())).all())


def _responses(session: Session, of: Period) -> Responses:
    rows = session.execute(_query(FIRST_RESPONSES, of, asked_at=Moment(), answered_at=Moment())).all()
    waited = [(row.answered_at - row.asked_at).total_seconds() for row in rows if row.answered_at is not None]
    return Responses(median(waited) if waited else None, len(waited), len(rows) - len(waited))


def _by_day(moments: list[datetime], of: Period) -> list[tuple[date, int]]:
    counts = dict.fromkeys(days_of(of), 0)
    for moment in moments:
        counts[moment.astimezone(of.zone).date()] += 1
    return list(counts.items())


def _query(sql: str, of: Period, **moments: Moment) -> Executable:
    """The statement with the period's ends; `moments` names the columns that are points in time."""
    return text(sql).bindparams(*period_ends(of)).columns(**moments)
