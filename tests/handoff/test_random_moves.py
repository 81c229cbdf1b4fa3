"""Random people make random moves: what the state allows is done, what it does not allow is refused and changes nothing, and the log tells it all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from bot.understanding import Contact, Reply, Turn
from handoff.accounts.tables import TeamMemberRow, TeamRow
from handoff.conversations import (
    agents,
    amending,
    contacts,
    matters,
    offers,
    passing,
    rounds,
    service,
    sla,
    snoozing,
    tagging,
    tickets,
    turns,
    undoing,
    verification,
    waiting,
)
from handoff.conversations.events import Kind
from handoff.conversations.signals import Signals
from handoff.conversations.states import State, bot_may_answer
from handoff.conversations.undoing import UNDOABLE
from handoff.database import Database, now
from tests.handoff import talk
from tests.handoff.play import HELD, LINKS, PEOPLE, Play, Tells

pytestmark = pytest.mark.both_databases

who = st.sampled_from(PEOPLE)
quick = settings(max_examples=10, stateful_step_count=25, deadline=None, phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck))
deep = settings(quick, max_examples=200, stateful_step_count=50)


class Talk(Play):
    """One conversation, its customer, three people and a team. Whether a move may be made is said here once more, in a line each."""

    @initialize(beginning=st.sampled_from(["chat", "asked", "live", "live", "ticket"]), here=st.sets(who))
    def begin(self, beginning: str, here: set[str]) -> None:
        for name in PEOPLE:
            self.be_here(name, here=name in here)
        if beginning == "ticket":
            self.id, self.begins = tickets.open_ticket(self.database, channel="email", text="Arve on vale", email="mari@naide.ee"), State.TICKET
        else:
            self.id, self.begins = service.start(self.database, greeting="Tere!").conversation_id, State.BOT
        if beginning in ("asked", "live"):
            talk.wait_for_person(self.database, self.id)
        if beginning == "live":
            agents.claim(self.database, self.id, self.person("Jaan"))
        self.kept = self.facts()

    # What agents do

    @rule(name=who)
    def claim(self, name: str) -> None:
        self.tries(self.row.state in agents.CLAIMABLE or self.holds(name), lambda: agents.claim(self.database, self.id, self.person(name)))

    @rule(name=who)
    def answer(self, name: str) -> None:
        self.tries(self.holds(name), lambda: agents.answer(self.database, self.id, self.person(name), client_id=self.new(), text="Tere!"))

    @rule(name=who)
    def ask_for_contact(self, name: str) -> None:
        asking = lambda: contacts.ask(self.database, self.id, self.person(name), contact="email", client_id=self.new(), text="Mis on teie e-post?")  # noqa: E731
        self.tries(self.holds(name), asking)

    @rule(name=who)
    def note(self, name: str) -> None:
        self.tries(True, lambda: agents.note(self.database, self.id, self.person(name), client_id=self.new(), text="Kontrolli tellimust."))

    @rule(name=who)
    def tag(self, name: str) -> None:
        self.tries(True, lambda: tagging.add(self.database, self.id, self.person(name), "tarne"))

    @rule(name=who, take_back=st.booleans())
    def amend(self, name: str, take_back: bool) -> None:
        said = [event for event in self.events() if event.kind == Kind.MESSAGE and event.agent_id == self.ids[name]]
        may = self.holds(name) and bool(said) and not said[-1].body.get("withdrawn")
        number = said[-1].number if said else 1
        change = (self.database, self.id, self.person(name), number)
        self.tries(may, lambda: amending.withdraw(*change) if take_back else amending.edit(*change, self.new()))

    @rule(name=who)
    def release(self, name: str) -> None:
        self.tries(self.holds(name), lambda: agents.release(self.database, self.id, self.person(name)))

    @rule(name=who)
    def give_back(self, name: str) -> None:
        self.tries(self.holds(name), lambda: agents.give_back(self.database, self.id, self.person(name)))

    @rule(name=who, outcome=st.sampled_from(agents.OUTCOMES))
    def close(self, name: str, outcome: str) -> None:
        self.tries(self.holds(name), lambda: agents.close(self.database, self.id, self.person(name), outcome=outcome))

    @rule(name=who, to=who)
    def pass_on(self, name: str, to: str) -> None:
        may = self.holds(name) and name != to and (self.is_here(to) or self.row.channel != "web")
        self.tries(may, lambda: passing.pass_to_agent(self.database, self.id, self.person(name), self.ids[to], note="Palun vaata."))

    @rule(name=who)
    def pass_to_team(self, name: str) -> None:
        self.tries(self.holds(name), lambda: passing.pass_to_team(self.database, self.id, self.person(name), self.team))

    @rule()
    def take_over(self) -> None:
        self.tries(self.row.state in HELD, lambda: passing.take_over(self.database, self.id, self.person("Tiit")))

    @rule(name=who)
    def snooze(self, name: str) -> None:
        self.tries(self.holds(name), lambda: snoozing.snooze(self.database, self.id, self.person(name), now() + timedelta(hours=1)))

    @rule(name=who)
    def resume(self, name: str) -> None:
        may = (self.row.state, self.row.agent_id) == (State.SNOOZED, self.ids[name])
        self.tries(may, lambda: snoozing.resume(self.database, self.id, self.person(name)))

    @rule(name=who)
    def undo(self, name: str) -> None:
        last = [event for event in self.events() if event.kind != Kind.OVERDUE][-1]
        may = last.kind in UNDOABLE and last.agent_id == self.ids[name] and now() - last.at < undoing.WITHIN
        self.tries(may, lambda: undoing.undo(self.database, self.id, self.person(name)))

    @rule(name=who)
    def decline(self, name: str) -> None:
        self.tries(self.row.offered_to == self.ids[name], lambda: offers.decline(self.database, self.id, self.person(name)))

    @rule(name=who, here=st.booleans())
    def come_and_go(self, name: str, here: bool) -> None:
        self.be_here(name, here=here)

    @rule(name=who, sure=st.booleans())
    def verify(self, name: str, sure: bool) -> None:
        subject = (self.database, self.id, self.person(name))
        self.tries(self.holds(name), lambda: verification.check(*subject, "called_back") if sure else verification.take_back(*subject))

    @rule(name=who, stage=st.sampled_from(["taken", "supplier", "solved"]))
    def say_where_it_stands(self, name: str, stage: str) -> None:
        told: dict[str, Any] = {"ends": stage == "solved", "client_id": self.new(), "made": LINKS, "tells": Tells(), "ask_after": timedelta(hours=1)}
        self.tries(self.holds(name), lambda: matters.set_stage(self.database, self.id, self.person(name), stage, **told))

    # What the customer, the bot and time do

    @rule()
    def add_on_the_page(self) -> None:
        token = self.token
        page: dict[str, Any] = {"days": 10_000, "client_id": self.new(), "text": "Leidsin tšeki üles."}
        self.tries(self.row.link_hash is not None, lambda: matters.add(self.database, token, **page))

    @rule(well=st.booleans(), in_chat=st.booleans())
    def tell_whether_all_is_well(self, well: bool, in_chat: bool) -> None:
        token, payload = self.token, matters.ALL_WELL if well else matters.NOT_WELL
        asked = self.row.follow_up == matters.ASKED and self.events()[-1].body.get("buttons")
        if in_chat and asked:
            self.tries(True, lambda: service.say(self.database, self.id, client_id=self.new(), text="Vastan", payload=payload))
        else:
            self.tries(self.row.link_hash is not None, lambda: matters.answer(self.database, token, days=10_000, well=well))

    @rule(text=st.sampled_from(["öötöö", "mari@naide.ee", "mari@naide"]))
    def say(self, text: str) -> None:
        self.tries(True, lambda: service.say(self.database, self.id, client_id=self.new(), text=text))

    @rule(choice=st.sampled_from(waiting.CHOICES))
    def choose(self, choice: str) -> None:
        self.tries(True, lambda: service.say(self.database, self.id, client_id=self.new(), text="Valin selle", payload=choice))

    @rule()
    def back_to_bot(self) -> None:
        self.tries(self.row.state in (State.BOT, State.WAITING), lambda: service.back_to_bot(self.database, self.id))

    @rule()
    def end(self) -> None:
        self.tries(True, lambda: service.end(self.database, self.id))

    @rule(ends_in=st.sampled_from(["answer", "handoff", "handoff", "contact"]))
    def pay(self, ends_in: str) -> None:
        turn = {
            "answer": Turn((Reply("Pakk jõuab homme."),), ()),
            "handoff": talk.handing_over(self.id),
            "contact": Turn((Reply("Kirjutame teile."),), (), contact=Contact("email", "mari@naide.ee")),
        }[ends_in]
        owed = turns.claim(self.database, self.id, people_available=True)
        if owed is not None:
            silent = not bot_may_answer(State(self.row.state), self.row.channel)
            self.tries(True, lambda: turns.pay(self.database, owed, turn))
            assert not silent or self.row.last_number == len(self.kept), "where people have it the bot says nothing"

    @rule(passed=st.sampled_from([timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=2), timedelta(days=2)]))
    def time_passes(self, passed: timedelta) -> None:
        """Everything was so much earlier; then comes a round."""
        talk.let_time_pass(self.database, passed)
        self.a_round()

    @rule()
    def a_round(self) -> None:
        self.tries(True, lambda: rounds.once(self.database, Signals(), lambda: matters.ask_due(self.database, LINKS, Tells())))


@pytest.fixture
def playing(database: Database, people: dict[str, str]) -> type[Talk]:
    """The game, on this test's database; the team gives its conversations out one by one."""
    ids = {name: people[name.lower()] for name in PEOPLE}
    sla.save(database, sla.EVERYBODY, replace(sla.DEFAULT, solution=60), by=None)
    with database.write() as session:
        team = TeamRow(name="Arved", accept_seconds=30)
        session.add(team)
        session.flush()
        session.add_all(TeamMemberRow(team_id=team.id, agent_id=ids[name]) for name in ("Jaan", "Kadri"))
        team_id = team.id

    class Here(Talk):
        pass

    Here.database, Here.ids, Here.team = database, ids, team_id
    return Here


def test_random_moves_of_random_people_keep_to_the_table(playing: type[Talk]) -> None:
    run_state_machine_as_test(playing, settings=quick)


@pytest.mark.load
@pytest.mark.timeout(3_000)
def test_so_do_very_many(playing: type[Talk]) -> None:
    run_state_machine_as_test(playing, settings=deep)
