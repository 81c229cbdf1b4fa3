"""What a customer's page is told: the events that are theirs, and how the conversation stands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import Session

from bot.understanding import Language
from handoff.accounts.tables import AgentRow
from handoff.conversations import store, waiting, workload
from handoff.conversations.events import for_customer
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.conversations.typists import EVENT, Sign
from handoff.conversations.visitors import consent_due
from handoff.conversations.waiting import Place
from handoff.database import Database, now
from handoff.elements import answer, words
from handoff.errors import NotFound
from handoff.schedule import Hours, people_available
from handoff.texts import Texts
from handoff.widget.opening import back_sentence
from handoff.widget.shapes import Event, Log, Offer, Standing
from handoff.widget.waiting import away_sentence, line_sentence

RECENT = 100  # events that a page begins with, and gets each time it asks for earlier ones
WITH_A_PERSON = (State.LIVE, State.SNOOZED)


@dataclass(frozen=True)
class Reader:
    """Reads conversations for customers."""

    database: Database
    texts: Texts
    hours: Hours
    consent: bool = False  # whether customers agree to the privacy notice before they write

    def events(self, conversation_id: str, after: int) -> tuple[list[dict[str, Any]], int]:
        """Everything newer that a customer may see, and the number up to which was read. After 0, only what was said last: the rest is `earlier`."""
        with self.database.read() as session:
            return _newer(session, conversation_id, after)

    def earlier(self, conversation_id: str, before: int) -> list[Event]:
        """What was said before a number."""
        with self.database.read() as session:
            return [Event(**event) for event in _before(session, conversation_id, before)]

    def log(self, conversation_id: str, after: int, typing: tuple[Sign, ...] = ()) -> Log:
        """Both at once, with whoever is typing to the customer, for a reader that asks."""
        with self.database.read() as session:  # one look: a state must not be newer than the words that led to it
            newer, _last = _newer(session, conversation_id, after)
            seen = _look(session, conversation_id)
        standing = self._told(seen)
        version = hashlib.sha256(f"{standing.model_dump_json()} {typing}".encode()).hexdigest()[:12]
        return Log(events=[Event(**event) for event in newer], state=standing, typing=typing[-1].typist.name if typing else None, version=version)

    def standing(self, conversation_id: str) -> Standing:
        """How it stands, for whoever needs no words."""
        with self.database.read() as session:
            seen = _look(session, conversation_id)
        return self._told(seen)

    def _told(self, seen: _Seen) -> Standing:
        state, available, place, language = seen.state, seen.available, seen.place, seen.language  # read each time: the customer may switch it
        if seen.waits is not None:
            waiting.here(self.database, seen.waits)
        back = self.back(language, available)
        if state is State.TICKET and self.hours.open_at(now()):
            back = ""  # „jätke kontakt“ is nothing to say to somebody who has
        sentence = self._waiting(language, place, available) if place else ""
        line, offer = self._line(language, state, available, back, sentence)
        return Standing(
            state=state,
            agent=seen.agent,
            people_available=available,
            back=back,
            place=place.ahead + 1 if place else None,
            waiting=sentence,
            line=line,
            offer=offer,
            seen_by_agent=seen.seen_by_agent,
            owed=seen.owed,
            consent_due=consent_due(self.database, seen.consent, required=self.consent),
        )

    def beginning(self, language: Language) -> Standing:
        """As it stands before there is a conversation."""
        available = people_available(self.database)
        back = self.back(language, available)
        _line, offer = self._line(language, State.BOT, available, back, "")
        return Standing(state=State.BOT, agent=None, people_available=available, back=back, line=back, offer=offer, seen_by_agent=0, owed=False)

    def _line(self, language: Language, state: State, available: bool, back: str, waiting: str) -> tuple[str, Offer | None]:
        """What stands over the customer's box, and the way on that is offered there."""
        people: Offer = "human" if available else "contact"
        match state:
            case State.WAITING:
                return waiting or self.texts.say(language, "widget.waiting"), "bot_again"
            case State.LIVE | State.SNOOZED:
                return "", "end"
            case State.CLOSED:
                return self.texts.say(language, "widget.ended"), "keep"
            case State.TICKET:
                return f"{self.texts.say(language, 'widget.ticket')} {back}".strip(), people if available else None
            case _:
                return back, people

    def back(self, language: Language, available: bool) -> str:
        """Where no person may be offered, the sentence that says when."""
        return "" if available else back_sentence(self.texts, language, self.hours, now())

    def _waiting(self, language: Language, place: Place, available: bool) -> str:
        return line_sentence(self.texts, language, place) if available else away_sentence(self.texts, language, self.hours)

    def follow(self, conversation_id: str) -> Callable[[int], list[tuple[int, str, Any]]]:
        """A function for `handoff.web.stream`: the newer events, then the standing whenever it has changed or something was said. Both in one look."""
        told: Standing | None = None

        def read(after: int) -> list[tuple[int, str, Any]]:
            nonlocal told
            with self.database.read() as session:
                events, last = _newer(session, conversation_id, after)
                seen = _look(session, conversation_id)
            news: list[tuple[int, str, Any]] = [(event["number"], EVENT, event) for event in events]
            standing = self._told(seen)
            if standing != told or last > after:
                told = standing
                news.append((last, "state", standing.model_dump(mode="json")))
            return news

        return read


@dataclass(frozen=True)
class _Seen:
    """How a conversation stands, as one transaction saw it."""

    state: State
    language: Language
    seen_by_agent: int
    consent: str | None
    agent: str | None
    owed: bool
    available: bool  # a person may be offered
    waits: ConversationRow | None  # the whole row of a customer who waits for a person
    place: Place | None


def _standing() -> Select[Any]:
    talk, agent = ConversationRow.__table__.c, AgentRow.__table__.alias()
    name = select(agent.c.name).where(agent.c.id == talk.agent_id).scalar_subquery()
    owed = exists().where(store.OWED.c.conversation_id == bindparam("id"), store.OWED.c.paid_at.is_(None))
    return select(talk.state, talk.language, talk.seen_by_agent, talk.consent, name, owed, workload.FREE).where(talk.id == bindparam("id"))


_STANDING = _standing()  # put together once: each reader asks it with each wake-up


def _look(session: Session, conversation_id: str) -> _Seen:
    found = session.connection().execute(_STANDING, {"id": conversation_id, "since": workload.present_since()}).first()
    if found is None:
        raise NotFound("There is no such conversation.")
    state, language, seen_by_agent, consent, agent, owed, free = found
    waits = store.conversation(session, conversation_id) if state == State.WAITING else None
    place = waiting.place(session, waits) if waits is not None else None
    name = agent if state in WITH_A_PERSON else None
    return _Seen(State(state), language, seen_by_agent, consent, name, bool(owed), bool(free), waits, place)


def _newer(session: Session, conversation_id: str, after: int) -> tuple[list[dict[str, Any]], int]:
    if not after:
        last = store.conversation(session, conversation_id).last_number
        return _before(session, conversation_id, last + 1), last
    seen: list[dict[str, Any]] = []
    last = after
    connection = session.connection()
    while page := store.told_after(connection, conversation_id, last):
        last = page[-1].number
        seen += [_shown(view) for event in page if (view := for_customer(event)) is not None]
        if len(page) < store.PAGE:
            break
    return seen, last


def _before(session: Session, conversation_id: str, number: int) -> list[dict[str, Any]]:
    """What a customer may see before a number, in order: at least `RECENT` events, fewer only where the conversation begins."""
    seen: list[dict[str, Any]] = []
    while len(seen) < RECENT and (page := store.events_before(session, conversation_id, number, limit=RECENT)):
        number = page[0].number
        seen = [*(_shown(view) for event in page if (view := for_customer(event)) is not None), *seen]
    return seen


def _shown(view: dict[str, Any]) -> dict[str, Any]:
    """With how the page shows its words, where that is more than the words alone."""
    text = view["body"].get("text")
    tree = [] if not text else answer(text) if view["actor"] == "bot" else words(text)
    return view if tree in ([], [text]) else view | {"shown": tree}
