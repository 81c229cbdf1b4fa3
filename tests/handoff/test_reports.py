"""The overview's figures on a week that was written down by hand and computed on paper.

noon of Friday 20 November 2026 in Tallinn (UTC+2)
1  today 00.30    answered by the bot, thumb up                         → solved alone
2  today 11.00    bot does not know; unsure; a person after 60 s
3  17 Nov 12.00   asked for a person, answered after 180 s; then a complaint nobody answered
4  14 Nov 12.00   answered by the bot, thumb down, then left an address
5  31 Oct 12.00   answered by the bot, the talk got 5 points             → solved alone
6  today 11.30    only the greeting                                      → no conversation yet
7  13 Nov 23.59   complaint, a person after 30 s                         (the eighth day back)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handoff.conversations import erasure
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow, DecisionRow, EventRow, PromiseRow, RatingRow
from handoff.database import Database
from handoff.reports.figures import Share, count_conversations, figures, period
from handoff.reports.plots import lying, upright
from tests.handoff.conftest import LogIn

pytestmark = pytest.mark.both_databases

Happened = tuple[int, str, str, Mapping[str, object]]
ZONE = ZoneInfo("Europe/Tallinn")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZONE)


class Week:
    """Writes rows down as they would have come."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def talk(self, name: str, at: datetime, *events: Happened, decided: tuple[str, str] | None = None) -> None:
        """`events`: (seconds after the beginning, kind, actor, body), after the greeting."""
        at = at.astimezone(UTC)
        with self.database.write() as session:
            session.add(ConversationRow(id=name, secret_hash="-", created_at=at, changed_at=at, last_number=len(events) + 1))
            session.flush()
            greeted = (0, "message", "bot", {"text": "Tere!"})
            for number, (seconds, kind, actor, body) in enumerate((greeted, *events), 1):
                moment = at + timedelta(seconds=seconds)
                session.add(EventRow(id=f"{name}-{number}", conversation_id=name, number=number, kind=kind, actor=actor, body=dict(body), at=moment))
            session.flush()
            if decided:
                action, intent = decided
                session.add(DecisionRow(message_id=f"{name}-2", conversation_id=name, action=action, intent=intent, confidence=0.9, language="et", at=at))

    def rating(self, name: str, number: int, at: datetime, *, helpful: bool | None, score: int | None = None) -> None:
        with self.database.write() as session:
            session.add(RatingRow(conversation_id=name, event_id=f"{name}-{number}", entry_id="tarne", helpful=helpful, score=score, at=at.astimezone(UTC)))


QUESTION = (0, "message", "customer", {"text": "Millal pakk jõuab?"})
ANSWER = (1, "message", "bot", {"text": "Homme.", "entry_id": "tarne"})


def wanted(seconds: int, reason: str) -> Happened:
    return (seconds, "handoff_requested", "system", {"reason": reason})


def person(seconds: int) -> Happened:
    return (seconds, "message", "agent", {"text": "Tere, mina olen Jaan."})


@pytest.fixture
def week(database: Database) -> Database:
    made = Week(database)
    made.talk("1", NOON.replace(hour=0, minute=30), QUESTION, ANSWER, decided=("answer", "ask_question"))
    made.rating("1", 3, NOON, helpful=True)
    claimed = (30, "claimed", "agent", {"name": "Jaan"})
    made.talk("2", NOON.replace(hour=11), QUESTION, wanted(10, "unsure"), claimed, person(70), person(500), decided=("human", "ask_question"))
    made.talk("3", NOON.replace(day=17), QUESTION, wanted(0, "asked"), person(180), wanted(600, "complaint"), decided=("human", "ask_human"))
    made.talk("4", NOON.replace(day=14), QUESTION, ANSWER, (60, "contact_left", "customer", {"contact": "email"}), decided=("answer", "ask_question"))
    made.rating("4", 3, NOON.replace(day=14), helpful=False)
    made.talk("5", NOON.replace(month=10, day=31), QUESTION, ANSWER, decided=("answer", "ask_question"))
    made.rating("5", 3, NOON.replace(month=10, day=31), helpful=None, score=5)
    made.talk("6", NOON.replace(hour=11, minute=30))
    made.talk("7", NOON.replace(day=13, hour=23, minute=59), QUESTION, wanted(0, "complaint"), person(30), decided=("human", "complain"))
    return database


@pytest.mark.parametrize(("days", "count"), [(1, 2), (7, 4), (30, 6)])
def test_conversations_count_on_the_day_they_began_once_the_customer_wrote(week: Database, days: int, count: int) -> None:
    assert count_conversations(week, period(NOON, days, ZONE)) == count


@pytest.mark.parametrize(("days", "share"), [(1, Share(1, 2)), (7, Share(1, 4)), (30, Share(2, 6))])
def test_the_bot_solved_alone_what_needed_no_person_and_no_contact(week: Database, days: int, share: Share) -> None:
    assert figures(week, period(NOON, days, ZONE)).answered_by_bot == share


def test_handoffs_are_counted_by_reason_most_first(week: Database) -> None:
    assert figures(week, period(NOON, 7, ZONE)).handoffs == [("asked", 1), ("complaint", 1), ("unsure", 1)]
    assert figures(week, period(NOON, 30, ZONE)).handoffs == [("complaint", 2), ("asked", 1), ("unsure", 1)]


@pytest.mark.parametrize(("days", "middle", "answered", "unanswered"), [(1, 60.0, 1, 0), (7, 120.0, 2, 1), (30, 60.0, 3, 1)])
def test_the_first_response_is_the_median_from_call_to_words(week: Database, days: int, middle: float, answered: int, unanswered: int) -> None:
    found = figures(week, period(NOON, days, ZONE)).first_response
    assert (found.median_seconds, found.answered, found.unanswered) == (middle, answered, unanswered)


def test_the_helpful_share_counts_thumbs_and_not_points(week: Database) -> None:
    assert figures(week, period(NOON, 7, ZONE)).helpful == Share(1, 2)
    assert figures(week, period(NOON, 30, ZONE)).helpful == Share(1, 2)


def test_what_customers_say_after_the_solution_is_counted(database: Database) -> None:
    made = Week(database)
    made.talk("hea", NOON, QUESTION, (60, "all_well", "customer", {}))
    made.talk("uuesti", NOON, QUESTION, (60, "not_well", "customer", {}), (120, "all_well", "customer", {}))
    assert figures(database, period(NOON, 7, ZONE)).all_well == Share(2, 3)
    assert figures(database, period(NOON + timedelta(days=2), 1, ZONE)).all_well.value is None


def test_promises_to_those_who_waited_count_once_they_are_judged(week: Database) -> None:
    with week.write() as session:
        for days, kept in ((0, True), (1, True), (2, False), (3, None), (20, False)):
            given = (NOON - timedelta(days=days)).astimezone(UTC)
            session.add(PromiseRow(conversation_id="1", waiting_since=given, given_at=given, ahead=0, agents=1, held=0, kept=kept))
    assert figures(week, period(NOON, 7, ZONE)).promises == Share(2, 3)
    assert figures(week, period(NOON, 30, ZONE)).promises == Share(2, 4)


def test_a_question_is_unanswered_when_a_person_was_offered_unasked(week: Database) -> None:
    assert figures(week, period(NOON, 30, ZONE)).unanswered == 1


def test_days_are_those_of_the_house_and_empty_ones_stand_as_zero(week: Database) -> None:
    days = dict(figures(week, period(NOON, 7, ZONE)).by_day)
    assert [days[date(2026, 11, day)] for day in range(14, 21)] == [1, 0, 0, 1, 0, 0, 2]


def test_nothing_counted_is_no_figure_rather_than_zero(database: Database) -> None:
    empty = figures(database, period(NOON, 30, ZONE))
    assert empty.answered_by_bot.value is None
    assert empty.first_response.median_seconds is None
    assert empty.helpful.value is None


def test_figures_stay_when_somebody_is_forgotten(week: Database, shelf: Shelf) -> None:
    before = figures(week, period(NOON, 30, ZONE))
    for name in "123457":
        erasure.erase(week, shelf, name)
    assert figures(week, period(NOON, 30, ZONE)) == before


def test_the_clock_change_leaves_no_hour_out() -> None:
    of = period(datetime(2026, 10, 25, 12, tzinfo=ZONE), 1, ZONE)
    assert of.until.astimezone(UTC) - of.since.astimezone(UTC) == timedelta(hours=25)


def test_bars_fill_the_drawing() -> None:
    bars = upright([("E", 0), ("T", 2), ("K", 4)])
    assert [bar.height for bar in bars] == [0, 60, 120]
    assert upright([("E", 0)])[0].height == 0
    assert lying([("a", 4), ("b", 1)]) == [("a", 4, 100.0), ("b", 1, 25.0)]


@pytest.mark.parametrize("language", ["et", "en", "ru"])
@pytest.mark.parametrize("days", [1, 7, 30, 999])
def test_the_page_has_every_text(log_in: LogIn, week: Database, language: str, days: int) -> None:
    page = log_in("tiit").get(f"/reports?days={days}&lang={language}")
    assert page.status_code == 200
    assert "[?" not in page.text
    assert "style=" not in page.text


def test_only_supervisors_see_the_overview(log_in: LogIn) -> None:
    assert log_in("jaan").get("/reports").status_code == 403
    assert log_in("liis").get("/reports").status_code == 403
