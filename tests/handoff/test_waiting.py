"""The line as customers and agents see it: places, promises, apologies, people who have gone."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.understanding import Reply
from handoff.accounts import service as accounts
from handoff.accounts.tables import Availability
from handoff.contract import Reason
from handoff.conversations import agents, handoffs, queue, service, waiting
from handoff.conversations.agents import Holder
from handoff.conversations.events import for_customer
from handoff.conversations.keeper import ALONE_AFTER, Keeper
from handoff.conversations.service import Started
from handoff.conversations.signals import Signals
from handoff.conversations.tables import ConversationRow, PromiseRow
from handoff.conversations.waiting import LEAVE_CONTACT
from handoff.database import Database, now
from tests.handoff import talk
from tests.handoff.line import A_MINUTE, GONE_AFTER, PlainWords, customer, let_be_here, line, place, promises, sign

pytestmark = pytest.mark.both_databases


@pytest.fixture
def keeper(database: Database) -> Keeper:
    return Keeper(database, Signals(), PlainWords(), zone=ZoneInfo("Europe/Tallinn"), gone_after=GONE_AFTER)


@pytest.fixture
def jaan_is_here(database: Database, people: dict[str, str]) -> None:
    let_be_here(database, people["jaan"], now() + timedelta(hours=1))


@pytest.fixture
def waits_of_two_minutes(database: Database) -> None:
    """Thirty customers have waited for two minutes each, in lines of every length; a desk without conversations."""
    old = service.start(database, greeting="Tere!")
    with database.write() as session:
        for number in range(90):
            given = now() - timedelta(minutes=5 * number + 5)
            promise = PromiseRow(conversation_id=old.conversation_id, waiting_since=given, given_at=given, ahead=number % 3, agents=1, held=0)
            promise.ended_at, promise.picked_up = given + (1 + number % 3) * 2 * A_MINUTE, True
            session.add(promise)


def test_the_line_is_the_desk_s_order_and_complaints_go_first(database: Database, jaan: Holder) -> None:
    first, second, angry = customer(database), customer(database), customer(database, Reason.COMPLAINT)
    assert line(database) == [angry, first, second] == [item.row.id for item in queue.items(database, "waiting", jaan.id)]
    assert [place(database, one).ahead for one in (angry, first, second)] == [0, 1, 2]


def test_the_place_moves_when_somebody_ahead_is_claimed_or_goes(database: Database, jaan: Holder) -> None:
    first, second, third = customer(database), customer(database), customer(database)
    agents.claim(database, first, jaan)
    service.back_to_bot(database, second)
    assert place(database, third).ahead == 0


def test_each_who_waits_is_promised_a_time_and_the_second_a_later_one(
    database: Database, keeper: Keeper, jaan_is_here: None, waits_of_two_minutes: None
) -> None:
    first, second = customer(database), customer(database)
    moment = now()
    keeper.look(moment)
    assert place(database, first).left(moment) == 2 * A_MINUTE
    assert place(database, second).left(moment) == 4 * A_MINUTE


def test_where_too_little_is_known_no_time_is_told_but_it_is_learned_from(database: Database, keeper: Keeper, jaan: Holder, jaan_is_here: None) -> None:
    mari = customer(database)
    keeper.look()
    assert place(database, mari) == waiting.Place(0, None)
    agents.claim(database, mari, jaan)
    (silent,) = promises(database, mari)
    assert (silent.promised_until, silent.picked_up, silent.kept) == (None, True, None)
    assert [wait.open for wait in waiting.experience(database, ZoneInfo("Europe/Tallinn"))] == [False]


def test_looking_again_promises_nothing_new(database: Database, keeper: Keeper, jaan_is_here: None, waits_of_two_minutes: None) -> None:
    mari = customer(database)
    keeper.look()
    keeper.look(now() + A_MINUTE)
    assert len(promises(database, mari)) == 1


def test_a_promise_is_kept_when_an_agent_comes_in_time(
    database: Database, keeper: Keeper, jaan: Holder, jaan_is_here: None, waits_of_two_minutes: None
) -> None:
    mari = customer(database)
    keeper.look()
    agents.claim(database, mari, jaan)
    (kept,) = promises(database, mari)
    assert (kept.kept, kept.picked_up) == (True, True)
    assert waiting.kept_lately(database, now() - A_MINUTE) == (1, 1)


def test_who_goes_back_before_the_time_is_up_leaves_it_neither_kept_nor_broken(
    database: Database, keeper: Keeper, jaan_is_here: None, waits_of_two_minutes: None
) -> None:
    mari = customer(database)
    keeper.look()
    service.back_to_bot(database, mari)
    keeper.look()
    (left,) = promises(database, mari)
    assert (left.kept, left.picked_up) == (None, False)
    assert waiting.kept_lately(database, now() - A_MINUTE) == (0, 0)


def test_when_the_line_has_halved_the_promise_gets_better(
    database: Database, keeper: Keeper, jaan: Holder, jaan_is_here: None, waits_of_two_minutes: None
) -> None:
    first, second, third = customer(database), customer(database), customer(database)
    moment = now()
    keeper.look(moment)
    assert place(database, third).left(moment) == 6 * A_MINUTE
    service.back_to_bot(database, first)
    service.back_to_bot(database, second)
    moment += timedelta(seconds=1)
    keeper.look(moment)
    assert place(database, third).left(moment) == 2 * A_MINUTE
    assert len(promises(database, third)) == 2


def test_when_it_takes_longer_the_customer_gets_an_apology_a_new_time_and_ways_on(
    database: Database, keeper: Keeper, jaan_is_here: None, waits_of_two_minutes: None
) -> None:
    mari = customer(database)
    keeper.look()
    late = now() + 2 * A_MINUTE + timedelta(seconds=1)
    sign(database, mari, late)
    keeper.look(late)
    said = talk.events(database, mari)[-1]
    assert (said.actor, said.body["buttons"]) == ("bot", ["Ootan", "Kontakt", "Bot"])
    assert said.body["text"].startswith("late ")
    assert "first" in said.body["text"]
    assert [for_customer(event) for event in talk.events(database, mari) if event.kind == "promise_missed"] == [None]  # for agents only
    assert [promise.kept for promise in promises(database, mari)] == [False, None]
    assert (place(database, mari).promised_until or late) > late


def test_it_is_said_at_most_twice_and_the_second_time_without_a_number(
    database: Database, keeper: Keeper, jaan_is_here: None, waits_of_two_minutes: None
) -> None:
    mari = customer(database)
    moment = now()
    for _look in range(60):
        keeper.look(moment)
        moment += A_MINUTE / 2
        sign(database, mari, moment)
    apologies = [text for text in talk.texts(database, mari, "bot") if text.startswith("late")]
    assert len(apologies) == 2
    assert apologies[1] == "late None last"
    assert place(database, mari).promised_until is None


def test_two_processes_apologise_once(database: Database, keeper: Keeper, jaan_is_here: None, waits_of_two_minutes: None) -> None:
    mari = customer(database)
    keeper.look()
    (promise,) = promises(database, mari)
    assert waiting.miss(database, promise.id, mari, Reply("kaua"))
    assert not waiting.miss(database, promise.id, mari, Reply("kaua"))
    assert talk.texts(database, mari, "bot").count("kaua") == 1


def test_who_was_promised_too_much_goes_first_after_complaints(
    database: Database, keeper: Keeper, jaan: Holder, jaan_is_here: None, waits_of_two_minutes: None
) -> None:
    first, second = customer(database), customer(database)
    keeper.look()
    with database.write() as session:
        session.execute(update(ConversationRow).where(ConversationRow.id == second).values(late_at=now()))
    angry = customer(database, Reason.COMPLAINT)
    assert line(database) == [angry, second, first]
    agents.claim(database, second, jaan)
    assert talk.row(database, second).late_at is None


def test_whose_page_gives_no_sign_is_marked_as_gone_hears_nothing_and_is_back_with_the_next_sign(
    database: Database, keeper: Keeper, jaan_is_here: None, waits_of_two_minutes: None
) -> None:
    mari = customer(database)
    keeper.look()
    before = len(talk.texts(database, mari, "bot"))
    for minutes in (4, 5):
        keeper.look(now() + minutes * A_MINUTE)
    assert talk.row(database, mari).left_at is not None
    assert talk.kinds(database, mari).count("customer_left") == 1
    assert len(talk.texts(database, mari, "bot")) == before
    assert waiting.here(database, talk.row(database, mari))
    assert talk.row(database, mari).left_at is None
    assert talk.kinds(database, mari)[-1] == "customer_back"


def test_a_page_that_gives_signs_is_here(database: Database, keeper: Keeper, jaan_is_here: None) -> None:
    mari = customer(database)
    moment = now() + 2 * GONE_AFTER
    sign(database, mari, moment - A_MINUTE)
    keeper.look(moment)
    assert talk.row(database, mari).left_at is None


def test_when_everyone_goes_away_the_customer_is_told_once(database: Database, keeper: Keeper, people: dict[str, str], jaan_is_here: None) -> None:
    mari = customer(database)
    keeper.look()
    accounts.set_availability(database, people["jaan"], Availability.AWAY)
    moment = now()
    for seconds in (0, 30, ALONE_AFTER.seconds + 1, 100):
        sign(database, mari, moment)
        keeper.look(moment + timedelta(seconds=seconds))
    assert talk.texts(database, mari, "bot").count("alone") == 1
    assert talk.row(database, mari).state == "waiting"


def test_an_agent_who_reloads_the_desk_has_not_gone(database: Database, keeper: Keeper, people: dict[str, str], jaan_is_here: None) -> None:
    mari = customer(database)
    moment = now()
    accounts.set_availability(database, people["jaan"], Availability.AWAY)
    keeper.look(moment)
    let_be_here(database, people["jaan"], moment + ALONE_AFTER)
    keeper.look(moment + ALONE_AFTER / 2)
    accounts.set_availability(database, people["jaan"], Availability.AWAY)
    keeper.look(moment + ALONE_AFTER + timedelta(seconds=1))
    assert "alone" not in talk.texts(database, mari, "bot")


def _choose(database: Database, conversation_id: str, button: int) -> service.Kept:
    offer = talk.events(database, conversation_id)[-1]
    return service.choose(database, conversation_id, client_id="valik-01", number=offer.number, button=button)


@pytest.fixture
def mari_is_told(database: Database, mari: Started, keeper: Keeper, jaan_is_here: None, waits_of_two_minutes: None) -> str:
    """Mari has been told that it takes longer."""
    talk.wait_for_person(database, mari.conversation_id)
    keeper.look()
    (promise,) = promises(database, mari.conversation_id)
    waiting.miss(database, promise.id, mari.conversation_id, PlainWords().late("et", None, last=False))
    return mari.conversation_id


def test_who_waits_on_stays_in_the_line(database: Database, mari_is_told: str) -> None:
    assert not _choose(database, mari_is_told, 0).owed
    assert talk.row(database, mari_is_told).state == "waiting"


def test_who_leaves_a_contact_is_asked_for_it_by_the_bot(database: Database, mari_is_told: str) -> None:
    assert _choose(database, mari_is_told, 1).owed
    assert talk.row(database, mari_is_told).state == "bot"
    assert talk.owed(database, mari_is_told).incoming.payload == LEAVE_CONTACT
    assert talk.tracker(database, mari_is_told)[-1] == "resume"


def test_who_goes_back_to_the_bot_is_owed_no_answer_to_that(database: Database, mari_is_told: str) -> None:
    assert not _choose(database, mari_is_told, 2).owed
    assert talk.row(database, mari_is_told).state == "bot"


def test_who_has_gone_back_and_wants_to_wait_after_all_asks_for_a_person(database: Database, mari_is_told: str) -> None:
    offer = talk.events(database, mari_is_told)[-1]
    service.back_to_bot(database, mari_is_told)
    service.choose(database, mari_is_told, client_id="valik-01", number=offer.number, button=0)
    assert talk.owed(database, mari_is_told).incoming.payload == service.ASK_HUMAN


def test_once_an_agent_is_there_a_choice_is_only_words(database: Database, mari_is_told: str, jaan: Holder) -> None:
    offer = talk.events(database, mari_is_told)[-1]
    agents.claim(database, mari_is_told, jaan)
    service.choose(database, mari_is_told, client_id="valik-01", number=offer.number, button=2)
    assert talk.row(database, mari_is_told).state == "live"


def test_a_conversation_of_another_bot_is_promised_nothing(database: Database, keeper: Keeper, jaan_is_here: None, waits_of_two_minutes: None) -> None:
    accepted = handoffs.accept(database, talk.request("vooras-1"), key="vooras-1")
    keeper.look(now() + 2 * GONE_AFTER)
    assert promises(database, accepted.conversation_id) == []
    assert talk.row(database, accepted.conversation_id).left_at is None


def test_a_wait_that_begins_again_gets_a_promise_of_its_own(
    database: Database, keeper: Keeper, jaan: Holder, jaan_is_here: None, waits_of_two_minutes: None
) -> None:
    mari = customer(database)
    keeper.look()
    agents.claim(database, mari, jaan)
    agents.release(database, mari, jaan)
    assert place(database, mari).promised_until is None
    keeper.look()
    assert [promise.kept for promise in promises(database, mari)] == [True, None]
