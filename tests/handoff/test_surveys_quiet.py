"""How it was with the bot alone: nobody ends such a talk, so Mari is asked once she has had her answer and has been silent for a while; she just goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.understanding import Contact, Reading, Reply, Turn
from handoff.asking import Asking
from handoff.conversations import agents, quiet, service, surveys, turns
from handoff.conversations.agents import Holder
from handoff.conversations.fact_tables import TalkFactRow
from handoff.conversations.feedback_tables import SurveyRow
from handoff.conversations.scores import Scale
from handoff.conversations.service import ASK_HUMAN, Started
from handoff.conversations.tables import EventRow
from handoff.database import Database, now
from handoff.reports.gathering import gather
from handoff.schedule import Hours
from handoff.settings import read_settings
from handoff.texts import Texts
from tests.handoff import talk
from tests.handoff.racing import at_once
from tests.handoff.test_texts import SHARED

pytestmark = pytest.mark.both_databases

AFTER = timedelta(minutes=20)
ANSWER = Reply("Pakk jõuab kahe tööpäevaga.", entry_id="millal-pakk-jouab", probability=0.95)
SILENCE = AFTER + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def asked(database: Database) -> None:
    """The house asks for satisfaction, after twenty minutes of silence."""
    surveys.keep_asking(database, Asking(Scale.CSAT, 2, Texts(SHARED)))
    quiet.keep_after(database, AFTER)


def reading(action: str) -> Reading:
    return Reading("Kus mu pakk on?", "et", action, "ask_question", 0.9, (), why="as told")  # type: ignore[arg-type]


ANSWERED = Turn((ANSWER,), (), reading("answer"))
THANKED = Turn((Reply("Palun!"),), (), reading("smalltalk"))


def ask_bot(database: Database, mari: Started, turn: Turn = ANSWERED, *, text: str = "Kus mu pakk on?", failed: bool = False) -> None:
    """Mari asks the bot, and it says this."""
    talk.say(database, mari.conversation_id, text)
    turns.pay(database, talk.owed(database, mari.conversation_id), turn, failed=failed)


@pytest.fixture
def silent(database: Database, mari: Started) -> Started:
    """Mari had her answer and has been silent for twenty minutes."""
    ask_bot(database, mari)
    talk.let_time_pass(database, SILENCE)
    return mari


@pytest.fixture
def been_asked(database: Database, silent: Started) -> Started:
    assert surveys.ask_due(database) == [silent.conversation_id]
    return silent


def the_row(database: Database) -> SurveyRow:
    with database.read() as session:
        return session.scalars(select(SurveyRow)).one()


def rows(database: Database) -> int:
    with database.read() as session:
        return len(session.scalars(select(SurveyRow)).all())


def tap(database: Database, mari: Started, score: int) -> service.Kept:
    number = next(event.number for event in talk.events(database, mari.conversation_id) if event.body.get("buttons"))
    return service.choose(database, mari.conversation_id, client_id="tap-0001", number=number, button=score - 1)


def test_who_had_an_answer_from_the_bot_and_is_silent_is_asked_once_and_nothing_is_closed(database: Database, mari: Started) -> None:
    ask_bot(database, mari)
    assert surveys.ask_due(database) == []
    talk.let_time_pass(database, SILENCE)
    assert surveys.ask_due(database) == [mari.conversation_id]
    assert surveys.ask_due(database) == []
    row = the_row(database)
    assert (row.closed_by, row.agent_id, row.outcome, row.awaits) == ("bot", None, None, "score")
    assert talk.kinds(database, mari.conversation_id) == ["message"] * 4
    assert (talk.row(database, mari.conversation_id).state, talk.row(database, mari.conversation_id).survey_at) == ("bot", None)


def test_a_tap_and_a_few_words_are_kept_and_the_bot_owes_nothing(database: Database, been_asked: Started) -> None:
    assert not tap(database, been_asked, 4).owed
    assert "Soovi korral" in talk.texts(database, been_asked.conversation_id, "bot")[-1]
    kept = service.say(database, been_asked.conversation_id, client_id="sona-0001", text="Kiire ja selge")
    row = the_row(database)
    assert (kept.owed, row.score, row.comment, row.awaits) == (False, 4, "Kiire ja selge", None)
    assert (talk.row(database, been_asked.conversation_id).state, len(talk.debts(database, been_asked.conversation_id))) == ("bot", 1)


def test_a_typed_number_is_an_answer_and_a_new_question_is_simply_a_question(database: Database, been_asked: Started) -> None:
    talk.say(database, been_asked.conversation_id, "viis!")
    assert the_row(database).score == 5
    ask_bot(database, been_asked, text="Kas te laupäeval avatud olete?")
    assert the_row(database).comment is None
    assert service.say(database, been_asked.conversation_id, client_id="number-01", text="4").owed
    assert the_row(database).score == 5


def test_who_goes_on_without_an_answer_is_answered_and_never_asked_again(database: Database, been_asked: Started) -> None:
    ask_bot(database, been_asked, text="Aga kuidas ma kingad tagastan?")
    assert service.say(database, been_asked.conversation_id, client_id="number-02", text="3").owed
    talk.let_time_pass(database, SILENCE)
    surveys.ask_due(database)
    assert (rows(database), the_row(database).score) == (1, None)


def test_who_asks_for_a_person_after_the_question_and_types_a_number_later_has_given_no_score(database: Database, been_asked: Started, jaan: Holder) -> None:
    service.say(database, been_asked.conversation_id, client_id="inimene-1", text="Räägi inimesega", payload=ASK_HUMAN)
    turns.pay(database, talk.owed(database, been_asked.conversation_id), talk.handing_over(been_asked.conversation_id))
    agents.claim(database, been_asked.conversation_id, jaan)
    agents.give_back(database, been_asked.conversation_id, jaan)
    assert service.say(database, been_asked.conversation_id, client_id="tukki-001", text="5").owed
    assert the_row(database).score is None


def test_a_thank_you_only_begins_the_silence_anew(database: Database, mari: Started) -> None:
    ask_bot(database, mari)
    talk.let_time_pass(database, AFTER / 2)
    ask_bot(database, mari, THANKED, text="aitäh")
    talk.let_time_pass(database, AFTER / 2)
    assert surveys.ask_due(database) == []
    talk.let_time_pass(database, AFTER)
    assert surveys.ask_due(database) == [mari.conversation_id]


@pytest.mark.parametrize(
    ("turn", "failed"),
    [
        (Turn((Reply("Kas mõtlesite …?"),), (), reading("suggest")), False),
        (Turn((ANSWER, Reply("Kas ühendan teid inimesega?")), (), reading("human")), False),
        (Turn((Reply("Palun täpsustage."),), (), reading("clarify")), False),
        (Turn((Reply("Kohe kutsun inimese."),), ()), True),
        (Turn((Reply("Aitäh, kirjutame teile."),), (), reading("flow"), contact=Contact("email", "mari@naide.ee")), False),
    ],
    ids=["a list to choose from", "a way to a person", "a question back", "an apology", "a contact that was left"],
)
def test_where_the_last_turn_was_no_answer_nobody_is_asked(database: Database, mari: Started, turn: Turn, failed: bool) -> None:
    ask_bot(database, mari)
    ask_bot(database, mari, turn, text="Ja kuidas tagastada?", failed=failed)
    talk.let_time_pass(database, SILENCE)
    assert (surveys.ask_due(database), rows(database)) == ([], 0)


def test_nobody_is_asked_who_has_not_had_an_answer_yet_or_waits_for_a_person_or_has_only_been_greeted(database: Database, mari: Started) -> None:
    ask_bot(database, mari, THANKED, text="tere")
    talk.let_time_pass(database, SILENCE)
    assert surveys.ask_due(database) == []
    ask_bot(database, mari)
    talk.say(database, mari.conversation_id, "Ja veel üks asi")
    talk.let_time_pass(database, SILENCE)
    assert surveys.ask_due(database) == []
    turns.pay(database, talk.owed(database, mari.conversation_id), talk.handing_over(mari.conversation_id))
    talk.let_time_pass(database, SILENCE)
    assert (surveys.ask_due(database), talk.row(database, mari.conversation_id).survey_at, rows(database)) == ([], None, 0)


def test_nobody_is_asked_while_they_type(database: Database, silent: Started) -> None:
    assert surveys.ask_due(database, lambda conversation_id: conversation_id == silent.conversation_id) == []
    assert surveys.ask_due(database) == [silent.conversation_id]


def test_after_a_house_was_down_for_half_a_day_nobody_is_asked_about_this_morning(database: Database, mari: Started) -> None:
    ask_bot(database, mari)
    talk.let_time_pass(database, AFTER + quiet.TOO_LATE + timedelta(minutes=1))
    assert (surveys.ask_due(database), talk.row(database, mari.conversation_id).survey_at) == ([], None)


def test_an_operator_who_wants_no_such_question_gets_none(database: Database, mari: Started) -> None:
    quiet.keep_after(database, timedelta(minutes=read_settings(survey_quiet_minutes=0).survey_quiet_minutes))
    ask_bot(database, mari)
    assert talk.row(database, mari.conversation_id).survey_at is None
    surveys.keep_asking(database, None)
    quiet.keep_after(database, AFTER)
    ask_bot(database, mari)
    talk.let_time_pass(database, SILENCE)
    assert (surveys.ask_due(database), rows(database)) == ([], 0)


def test_who_writes_by_letter_or_ends_the_talk_is_not_asked_by_silence_as_well(database: Database, mari: Started) -> None:
    talk.change(database, mari.conversation_id, channel="email")
    ask_bot(database, mari)
    assert talk.row(database, mari.conversation_id).survey_at is None
    talk.change(database, mari.conversation_id, channel="web")
    ask_bot(database, mari)
    service.end(database, mari.conversation_id)
    talk.let_time_pass(database, SILENCE)
    assert (surveys.ask_due(database), the_row(database).closed_by) == ([], "customer")


def test_two_processes_ask_once(database: Database, silent: Started) -> None:
    given = at_once(lambda: surveys.ask_due(database), lambda: surveys.ask_due(database), lambda: surveys.ask_due(database))
    assert sorted(given, key=repr) == [[silent.conversation_id], [], []]
    assert (rows(database), sum(bool(event.body.get("buttons")) for event in talk.events(database, silent.conversation_id))) == (1, 1)


def test_words_that_come_in_the_same_moment_are_answered_whether_or_not_the_question_was_first(database: Database, silent: Started) -> None:
    at_once(lambda: surveys.ask_due(database), lambda: talk.say(database, silent.conversation_id, "Kas te laupäeval avatud olete?"))
    assert [debt.paid_at is None for debt in talk.debts(database, silent.conversation_id)] == [False, True]
    numbers = [event.number for event in talk.events(database, silent.conversation_id)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_of_two_answers_at_once_each_is_kept_once_and_the_score_is_one_of_them(database: Database, been_asked: Started) -> None:
    at_once(lambda: tap(database, been_asked, 2), lambda: talk.say(database, been_asked.conversation_id, "5"))
    row = the_row(database)
    assert (row.score in (2, 5), row.awaits, row.comment) == (True, "comment", None)
    assert (row.follow_up == "open") == (row.score == 2)
    assert len(talk.debts(database, been_asked.conversation_id)) == 1


def test_a_score_given_the_next_morning_is_no_return_and_no_part_of_what_the_talk_was_about(database: Database, been_asked: Started) -> None:
    tap(database, been_asked, 5)
    with database.write() as session:
        for event in session.scalars(select(EventRow).where(EventRow.number > 4)):
            event.at = now() + timedelta(hours=13)
    gather(database, Hours.of(read_settings()))
    with database.read() as session:
        fact = session.scalars(select(TalkFactRow)).one()
    assert (fact.ended_at, fact.again_seconds, fact.alone) == (None, None, True)


def test_the_question_comes_in_the_language_that_was_spoken(database: Database, mari: Started) -> None:
    heard = replace(ANSWERED, tracker_events=({"event": "slot", "name": "language", "value": "ru"},))
    ask_bot(database, mari, heard, text="Где мой заказ")
    talk.let_time_pass(database, SILENCE)
    surveys.ask_due(database)
    assert (the_row(database).language, talk.events(database, mari.conversation_id)[-1].body["language"]) == ("ru", "ru")
