"""What teams promise themselves: when a clock begins, stops, ends, and what is written down when it runs out."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from bot.understanding import Contact, Reply, Turn
from handoff.conversations import agents, erasure, overdue, queue, rounds, service, sla, snoozing, tickets, turns, undoing
from handoff.conversations.agents import Holder
from handoff.conversations.events import for_customer
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.signals import Signals
from handoff.conversations.sla import DEFAULT, EVERYBODY, Goal
from handoff.conversations.tables import ConversationRow, SlaClockRow
from handoff.database import Database, now
from handoff.schedule import Hours
from handoff.week import Week
from tests.handoff import talk
from tests.handoff.talk import be_here, change

pytestmark = pytest.mark.both_databases

SOLVED_TOO = replace(DEFAULT, solution=60)


@pytest.fixture
def solutions(database: Database) -> None:
    """Everybody promises a solution within an hour as well."""
    sla.save(database, EVERYBODY, SOLVED_TOO, by=None)


def clocks(database: Database, conversation_id: str) -> dict[str, SlaClockRow]:
    """The newest of each goal."""
    with database.read() as session:
        rows = session.scalars(select(SlaClockRow).where(SlaClockRow.conversation_id == conversation_id).order_by(SlaClockRow.started_at))
        return {row.goal: row for row in rows}


def due(database: Database, conversation_id: str) -> tuple[str | None, int | None]:
    """What counts now, and in how many minutes it is due."""
    row = talk.row(database, conversation_id)
    return row.due_goal, round((row.due_at - now()).total_seconds() / 60) if row.due_at else None


def let_pass(database: Database, minutes: float) -> None:
    """As if everything had begun so much earlier."""
    by = timedelta(minutes=minutes)
    with database.write() as session:
        for clock in session.scalars(select(SlaClockRow).where(SlaClockRow.ended_at.is_(None))):
            clock.started_at -= by
            if clock.running_since and clock.due_at and clock.soon_at:
                clock.running_since, clock.due_at, clock.soon_at = clock.running_since - by, clock.due_at - by, clock.soon_at - by
        for row in session.scalars(select(ConversationRow)):
            row.due_at, row.due_soon_at = (row.due_at and row.due_at - by, row.due_soon_at and row.due_soon_at - by)


def answer(database: Database, conversation_id: str, agent: Holder, words: str = "Tere, vaatan kohe.") -> None:
    agents.answer(database, conversation_id, agent, client_id=f"agent-{talk.row(database, conversation_id).last_number}", text=words)


def test_with_the_bot_nobody_owes_anything(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    assert due(database, mari.conversation_id) == (None, None)
    assert clocks(database, mari.conversation_id) == {}


def test_the_first_answer_is_due_from_the_wish_for_a_person_and_claiming_is_no_answer(database: Database, mari: Started, jaan: Holder) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    assert due(database, mari.conversation_id) == ("first", 5)
    row = talk.row(database, mari.conversation_id)
    assert row.due_at is not None
    assert row.due_soon_at is not None
    assert round((row.due_at - row.due_soon_at).total_seconds()) == 60, "a fifth of five minutes"
    agents.claim(database, mari.conversation_id, jaan)
    talk.say(database, mari.conversation_id, "Kas keegi on?")
    assert due(database, mari.conversation_id) == ("first", 5)


def test_words_of_a_person_keep_it_and_the_customers_next_ones_begin_the_next(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    answer(database, mari.conversation_id, jaan)
    assert clocks(database, mari.conversation_id)["first"].kept is True
    assert due(database, mari.conversation_id) == (None, None)
    talk.say(database, mari.conversation_id, "Aitäh, aga millal?")
    assert due(database, mari.conversation_id) == ("next", 10)
    let_pass(database, 4)
    talk.say(database, mari.conversation_id, "Ootan.")
    assert due(database, mari.conversation_id) == ("next", 6), "the first of unanswered words counts"


def test_a_note_is_no_answer(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.note(database, mari.conversation_id, jaan, client_id="markus-01", text="Uurin laost.")
    assert due(database, mari.conversation_id) == ("first", 5)


def test_what_runs_out_is_written_down_once_for_agents_only_and_goes_first(database: Database, mari: Started, jaan: Holder) -> None:
    later = service.start(database, greeting="Tere!").conversation_id
    talk.wait_for_person(database, later)
    change(database, later, waiting_since=now() - timedelta(minutes=30))
    talk.wait_for_person(database, mari.conversation_id)
    assert overdue.note_due(database) == []
    with database.write() as session:
        session.execute(update(SlaClockRow).where(SlaClockRow.conversation_id == mari.conversation_id).values(due_at=now() - timedelta(minutes=1)))
    assert overdue.note_due(database) == [mari.conversation_id]
    assert overdue.note_due(database) == []
    happened = talk.events(database, mari.conversation_id)[-1]
    assert (happened.kind, happened.actor, happened.body) == ("overdue", "system", {"goal": "first"})
    assert for_customer(happened) is None
    assert talk.row(database, mari.conversation_id).overdue_at is not None
    assert [item.row.id for item in queue.items(database, "waiting", jaan.id)] == [mari.conversation_id, later]


def test_a_complaint_goes_before_what_is_overdue(database: Database, mari: Started, jaan: Holder) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    let_pass(database, 6)
    overdue.note_due(database)
    complaint = service.start(database, greeting="Tere!").conversation_id
    talk.wait_for_person(database, complaint)
    change(database, complaint, reason="complaint")
    assert [item.row.id for item in queue.items(database, "waiting", jaan.id)] == [complaint, mari.conversation_id]


def test_late_stays_late_and_the_answer_takes_it_from_the_front(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    let_pass(database, 6)
    overdue.note_due(database)
    answer(database, mari.conversation_id, jaan)
    clock, row = clocks(database, mari.conversation_id)["first"], talk.row(database, mari.conversation_id)
    assert (clock.kept, row.due_at, row.overdue_at) == (False, None, None)
    assert clock.ended_at is not None


def test_an_answer_that_comes_before_the_look_but_after_the_time_is_late_all_the_same(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    let_pass(database, 6)
    answer(database, mari.conversation_id, jaan)
    assert clocks(database, mari.conversation_id)["first"].kept is False
    assert talk.kinds(database, mari.conversation_id)[-2:] == ["overdue", "message"], "in the order in which it happened"


def test_the_rounds_do_it_and_many_who_look_at_once_write_it_once(database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    let_pass(database, 6)
    lookers = [threading.Thread(target=rounds.once, args=(database, Signals())) for _ in range(4)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert talk.kinds(database, mari.conversation_id).count("overdue") == 1


def test_what_ran_out_while_nobody_served_is_found_after_the_restart(database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    let_pass(database, 60)
    again = Database(database.engine.url.render_as_string(hide_password=False))
    assert overdue.note_due(again) == [mari.conversation_id]
    again.close()


def test_the_clock_stands_while_put_off_and_goes_on_with_what_was_left(database: Database, mari: Started, jaan: Holder) -> None:
    be_here(database, jaan)
    talk.go_live(database, mari.conversation_id, jaan)
    let_pass(database, 3)
    snoozing.snooze(database, mari.conversation_id, jaan, now() + timedelta(hours=1))
    assert due(database, mari.conversation_id) == (None, None)
    let_pass(database, 60)
    snoozing.resume(database, mari.conversation_id, jaan)
    assert due(database, mari.conversation_id) == ("first", 2)


def test_where_the_policy_says_so_it_runs_on(database: Database, mari: Started, jaan: Holder) -> None:
    sla.save(database, EVERYBODY, replace(DEFAULT, stops_when_snoozed=False), by=None)
    talk.go_live(database, mari.conversation_id, jaan)
    let_pass(database, 3)
    snoozing.snooze(database, mari.conversation_id, jaan, now() + timedelta(hours=1))
    assert due(database, mari.conversation_id) == ("first", 2)


@pytest.mark.usefixtures("solutions")
def test_the_solution_stands_while_the_customer_owes_the_next_word(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    assert due(database, mari.conversation_id) == ("first", 5), "an answer that is owed counts before the solution"
    let_pass(database, 3)
    answer(database, mari.conversation_id, jaan, "Mis on tellimuse number?")
    assert due(database, mari.conversation_id) == (None, None)
    let_pass(database, 30)
    talk.say(database, mari.conversation_id, "1234")
    assert round(clocks(database, mari.conversation_id)["solution"].left_seconds / 60) == 57
    answer(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan)
    assert clocks(database, mari.conversation_id)["solution"].kept is True


def test_or_runs_on_by_the_policy(database: Database, mari: Started, jaan: Holder) -> None:
    sla.save(database, EVERYBODY, replace(SOLVED_TOO, stops_for_customer=False), by=None)
    talk.go_live(database, mari.conversation_id, jaan)
    answer(database, mari.conversation_id, jaan)
    assert due(database, mari.conversation_id) == ("solution", 60)


@pytest.mark.usefixtures("solutions")
def test_an_end_taken_back_takes_its_judgement_back(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan)
    ended = clocks(database, mari.conversation_id)
    assert (ended["first"].kept, ended["solution"].kept) == (None, True), "only words answer"
    undoing.undo(database, mari.conversation_id, jaan)
    again = clocks(database, mari.conversation_id)
    assert [(clock.kept, clock.ended_at) for clock in again.values()] == [(None, None)] * 2
    assert due(database, mari.conversation_id) == ("first", 5)


@pytest.mark.usefixtures("solutions")
def test_spam_the_customers_own_end_and_the_bot_judge_nothing(database: Database, mari: Started, jaan: Holder) -> None:
    spam, gone, back = (service.start(database, greeting="Tere!").conversation_id for _ in range(3))
    for one in (spam, gone, back):
        talk.go_live(database, one, jaan)
    agents.close(database, spam, jaan, outcome="spam")
    service.end(database, gone)
    agents.give_back(database, back, jaan)
    for one in (spam, gone, back):
        assert {clock.kept for clock in clocks(database, one).values()} == {None}
        assert all(clock.ended_at for clock in clocks(database, one).values())
        assert due(database, one) == (None, None)


def test_being_let_go_does_not_begin_it_anew_and_after_an_answer_the_next_is_owed(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    let_pass(database, 2)
    agents.release(database, mari.conversation_id, jaan)
    assert due(database, mari.conversation_id) == ("first", 3)
    agents.claim(database, mari.conversation_id, jaan)
    answer(database, mari.conversation_id, jaan)
    agents.release(database, mari.conversation_id, jaan)
    assert due(database, mari.conversation_id) == ("next", 10), "the customer waits for somebody"


def test_a_time_that_runs_out_does_not_stand_in_the_way_of_taking_a_move_back(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.release(database, mari.conversation_id, jaan)
    let_pass(database, 6)
    overdue.note_due(database)
    undoing.undo(database, mari.conversation_id, jaan)
    assert talk.row(database, mari.conversation_id).agent_id == jaan.id


def test_what_is_answered_by_letter_has_its_own_time(database: Database, mari: Started) -> None:
    letter = tickets.open_ticket(database, channel="email", text="Palun arvet.", email="mari@naide.ee")
    assert due(database, letter) == ("first", 8 * 60)
    talk.say(database, mari.conversation_id)
    left = Turn((Reply("Kirjutame teile."),), (), contact=Contact("email", "mari@naide.ee"))
    turns.pay(database, talk.owed(database, mari.conversation_id), left)
    assert talk.row(database, mari.conversation_id).state == "ticket"
    assert due(database, mari.conversation_id) == ("first", 8 * 60)


def test_working_hours_count_where_the_house_has_told_them(database: Database, mari: Started) -> None:
    zone = ZoneInfo("Europe/Tallinn")
    hours = Hours(Week.read("E 9-10"), zone)
    sla.keep_hours(database, hours)
    talk.wait_for_person(database, mari.conversation_id)
    row = talk.row(database, mari.conversation_id)
    assert row.waiting_since is not None
    assert row.due_at is not None
    assert abs(hours.between(row.waiting_since, row.due_at) - timedelta(minutes=5)) < timedelta(seconds=1)
    assert row.due_at.astimezone(zone).weekday() == 0


def test_what_is_forgotten_owes_nothing_and_was_kept_or_not_all_the_same(database: Database, shelf: Shelf, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    answer(database, mari.conversation_id, jaan)
    talk.say(database, mari.conversation_id)
    erasure.erase(database, shelf, mari.conversation_id)
    found = clocks(database, mari.conversation_id)
    assert (found["first"].kept, found["next"].kept) == (True, None)
    assert due(database, mari.conversation_id) == (None, None)


def test_goals_fit_their_column() -> None:
    assert all(len(goal.value) <= 10 for goal in Goal)
