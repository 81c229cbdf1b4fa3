"""Whatever people do to one conversation at the same moment: one of them wins, the others are told, and the log tells it as it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from bot.understanding import Reply, Turn
from handoff.conversations import agents, amending, contacts, offers, passing, rounds, service, snoozing, tagging, turns, undoing
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.signals import Signals
from handoff.database import Database, now
from handoff.errors import AlreadyTaken
from tests.handoff import talk
from tests.handoff.chronicle import expect_one_truth
from tests.handoff.racing import at_once, done
from tests.handoff.talk import SOON, change, stands

pytestmark = pytest.mark.both_databases

CROWD = 6
Move = Callable[[], object]


def holders_moves(database: Database, conversation_id: str, jaan: Holder, kadri: Holder, team: str) -> list[Move]:
    """All by which Jaan lets it go."""
    return [
        partial(agents.release, database, conversation_id, jaan),
        partial(agents.give_back, database, conversation_id, jaan),
        partial(agents.close, database, conversation_id, jaan),
        partial(snoozing.snooze, database, conversation_id, jaan, now() + SOON),
        partial(passing.pass_to_agent, database, conversation_id, jaan, kadri.id, note="Palun vaata."),
        partial(passing.pass_to_team, database, conversation_id, jaan, team),
    ]


def test_of_all_ways_to_let_it_go_one_is_gone(database: Database, mari: Started, jaan: Holder, kadri: Holder, team: str, people: dict[str, str]) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    assert done(at_once(*holders_moves(database, mari.conversation_id, jaan, kadri, team))) == 1
    expect_one_truth(database, mari.conversation_id, people)


@pytest.mark.parametrize("turn", range(3))
def test_whatever_everybody_does_at_once_nobody_acts_who_may_not(
    database: Database, mari: Started, jaan: Holder, kadri: Holder, tiit: Holder, team: str, people: dict[str, str], turn: int
) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    here = (database, mari.conversation_id)
    at_once(
        *holders_moves(database, mari.conversation_id, jaan, kadri, team),
        partial(passing.take_over, *here, tiit),
        partial(passing.take_over, *here, kadri),
        partial(agents.answer, *here, jaan, client_id="vastus-1", text="Tere!"),
        partial(agents.answer, *here, tiit, client_id="vastus-2", text="Tere!"),
        partial(agents.note, *here, kadri, client_id="markus-1", text="Tellimus on laos."),
        partial(contacts.ask, *here, jaan, contact="email", client_id="kysin-1", text="Mis on teie e-post?"),
        partial(service.say, *here, client_id="mari-0009", text="Kas keegi on seal?"),
        partial(service.end, *here),
        partial(service.back_to_bot, *here),
        partial(undoing.undo, *here, jaan),
        partial(rounds.once, database, Signals()),
    )
    expect_one_truth(database, mari.conversation_id, people)
    assert "Kas keegi on seal?" in talk.texts(database, mari.conversation_id, "customer")


def test_who_claims_while_the_customer_goes_has_it_or_is_told(database: Database, mari: Started, jaan: Holder, kadri: Holder, people: dict[str, str]) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    here = (database, mari.conversation_id)
    outcomes = at_once(partial(agents.claim, *here, jaan), partial(agents.claim, *here, kadri), partial(service.back_to_bot, *here))
    assert done(outcomes) == 1
    expect_one_truth(database, mari.conversation_id, people)


def test_of_two_supervisors_who_take_over_the_last_has_it(database: Database, mari: Started, jaan: Holder, kadri: Holder, tiit: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    assert (
        done(at_once(partial(passing.take_over, database, mari.conversation_id, tiit), partial(passing.take_over, database, mari.conversation_id, kadri))) == 2
    )
    first, second = (event for event in talk.events(database, mari.conversation_id) if event.kind == "taken_over")
    assert (first.body["from"], second.body["from"]) == ("Jaan", first.body["name"])
    assert stands(database, mari.conversation_id) == ("live", second.agent_id)


def test_an_offer_that_is_taken_let_go_and_over_at_once_goes_one_way(
    database: Database, mari: Started, jaan: Holder, kadri: Holder, team: str, people: dict[str, str]
) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    change(database, mari.conversation_id, team_id=team)
    offers.go_on(database)
    asked = next(one for one in (jaan, kadri) if one.id == talk.row(database, mari.conversation_id).offered_to)
    change(database, mari.conversation_id, offered_until=now())
    claims = [partial(agents.claim, database, mari.conversation_id, one) for one in (jaan, kadri)]
    taken = at_once(*claims, partial(offers.decline, database, mari.conversation_id, asked), *[partial(offers.go_on, database)] * 2)
    assert [isinstance(one, AlreadyTaken) for one in taken[:2]].count(True) == 1
    expect_one_truth(database, mari.conversation_id, people)
    assert talk.row(database, mari.conversation_id).offered_to is None


def test_of_many_rounds_one_does_each_thing(database: Database, mari: Started, jaan: Holder, kadri: Holder, team: str, people: dict[str, str]) -> None:
    put_off, unanswered, to_be_offered = (service.start(database, greeting="Tere!").conversation_id for _ in range(3))
    for conversation_id in (put_off, unanswered):
        talk.go_live(database, conversation_id, jaan)
    snoozing.snooze(database, put_off, jaan, now() + SOON)
    talk.wait_for_person(database, to_be_offered)
    change(database, put_off, snoozed_until=now())
    change(database, to_be_offered, team_id=team)
    at_once(*[partial(rounds.once, database, Signals())] * CROWD)
    assert talk.kinds(database, put_off).count("woken") == 1
    assert talk.kinds(database, to_be_offered).count("offered") == 1
    assert talk.kinds(database, unanswered)[-1] == "claimed"
    for conversation_id in (put_off, unanswered, to_be_offered):
        expect_one_truth(database, conversation_id, people)


@pytest.mark.parametrize(("before", "kind"), [("close", "reopened"), ("snooze", "woken")])
def test_the_words_of_many_tabs_open_it_again_once(
    database: Database, mari: Started, jaan: Holder, team: str, people: dict[str, str], before: str, kind: str
) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    if before == "close":
        agents.close(database, mari.conversation_id, jaan)
    else:
        snoozing.snooze(database, mari.conversation_id, jaan, now() + SOON)
    at_once(*(partial(service.say, database, mari.conversation_id, client_id=f"sakk-{tab}", text=f"Sõnum {tab}") for tab in range(CROWD)))
    assert talk.kinds(database, mari.conversation_id).count(kind) == 1
    assert sorted(talk.texts(database, mari.conversation_id, "customer"))[:CROWD] == [f"Sõnum {tab}" for tab in range(CROWD)]
    expect_one_truth(database, mari.conversation_id, people)


@pytest.mark.parametrize("what", ["undo", "withdraw", "end", "resume", "tag", "answer", "note"])
def test_what_is_clicked_many_times_happens_once(database: Database, mari: Started, jaan: Holder, people: dict[str, str], what: str) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    here = (database, mari.conversation_id)
    number = agents.answer(*here, jaan, client_id="vastus-1", text="Hind on 20 eurot.")
    if what == "undo":
        agents.close(*here, jaan)
    if what == "resume":
        snoozing.snooze(*here, jaan, now() + SOON)
    click: dict[str, tuple[Move, str]] = {
        "undo": (partial(undoing.undo, *here, jaan), "undone"),
        "withdraw": (partial(amending.withdraw, *here, jaan, number), "withdrawn"),
        "end": (partial(service.end, *here), "closed"),
        "resume": (partial(snoozing.resume, *here, jaan), "woken"),
        "tag": (partial(tagging.add, *here, jaan, "arve"), "tagged"),
        "answer": (partial(agents.answer, *here, jaan, client_id="vastus-2", text="Tere!"), "message"),
        "note": (partial(agents.note, *here, jaan, client_id="markus-1", text="Laos."), "note"),
    }
    act, kind = click[what]
    before = talk.kinds(database, mari.conversation_id).count(kind)
    at_once(*[act] * CROWD)
    assert talk.kinds(database, mari.conversation_id).count(kind) == before + 1
    expect_one_truth(database, mari.conversation_id, people)


def test_one_payer_gets_the_debt_and_the_answer_is_said_once(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    claims = at_once(*[partial(turns.claim, database, mari.conversation_id, people_available=True)] * CROWD)
    (owed,) = (one for one in claims if isinstance(one, turns.Owed))
    paid = at_once(*[partial(turns.pay, database, owed, Turn((Reply("Homme."),), ({"event": "user"},)))] * CROWD)
    assert paid.count(True) == 1
    assert talk.texts(database, mari.conversation_id, "bot")[1:] == ["Homme."]
    assert talk.tracker(database, mari.conversation_id) == ["user"]


def test_who_is_claimed_while_the_bot_answers_hears_one_of_them(database: Database, mari: Started, jaan: Holder, people: dict[str, str]) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    service.back_to_bot(database, mari.conversation_id)
    talk.say(database, mari.conversation_id)
    owed = talk.owed(database, mari.conversation_id)
    handed = partial(turns.pay, database, owed, talk.handing_over(mari.conversation_id))
    at_once(handed, partial(turns.pay, database, owed, Turn((Reply("Homme."),), ())), partial(agents.claim, database, mari.conversation_id, jaan))
    expect_one_truth(database, mari.conversation_id, people)
    assert len([debt for debt in talk.debts(database, mari.conversation_id) if debt.paid_at is None]) == 0


def test_an_absent_agents_conversation_is_let_go_once(database: Database, mari: Started, jaan: Holder, people: dict[str, str]) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    talk.say(database, mari.conversation_id, "Halloo?")
    talk.let_time_pass(database, timedelta(minutes=10))
    at_once(*[partial(rounds.once, database, Signals())] * CROWD)
    assert talk.kinds(database, mari.conversation_id).count("released") == 1
    expect_one_truth(database, mari.conversation_id, people)
