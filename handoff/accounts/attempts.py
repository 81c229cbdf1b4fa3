"""Failed log-ins, counted in the database: who guesses has to wait, however many processes there are to ask."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from handoff.accounts.tables import LoginTryRow
from handoff.database import Database, now
from handoff.errors import TooMany

WINDOW_SECONDS = 15 * 60
PER_PERSON = 6  # from one address with one login
PER_ADDRESS = 40  # from one address with any login: an office behind one address has many people
PER_LOGIN = 100  # with one login from anywhere, but where the person has come in before: a thousand addresses guess no better than one
MOST_KEYS = 20_000
KNOWN_FOR = timedelta(days=90)  # so long a place where somebody came in is theirs
NETWORK_BITS = 64  # of an IPv6 address: what one customer of a provider has, with more addresses than there are guesses


@dataclass(frozen=True)
class _Keys:
    """By address, by login, by both; as numbers that nobody can lead back."""

    place: int
    name: int
    person: int


class Attempts:
    """Failures of the last `WINDOW_SECONDS` by (address, login), by address and by login. `what` sets apart what is guessed at.

    To be asked before a password is hashed, so that ten thousand guesses cost nearly nothing: who is refused once is refused from memory until the wait
    is over. Its methods wait for the database: not for the web loop.
    """

    def __init__(self, database: Database, what: str = "login", clock: Callable[[], datetime] = now) -> None:
        self._database, self._what, self._clock = database, what, clock
        self._shut: dict[int, datetime] = {}  # key → until when

    def check(self, address: str, login: str) -> None:
        """Raise `TooMany` while this address has guessed too often, or too many guess at this login."""
        keys, moment = self._keys(address, login), self._clock()
        for key in (keys.place, keys.person):
            self._refuse_until(self._shut.get(key, moment), moment)
        with self._database.read() as session:
            for column, key, most in ((LoginTryRow.place, keys.place, PER_ADDRESS), (LoginTryRow.person, keys.person, PER_PERSON)):
                self._shut_out(key, self._end(session, column == key, most, moment), moment)
            end = self._end(session, LoginTryRow.name == keys.name, PER_LOGIN, moment)
            if end > moment and session.scalar(select(LoginTryRow.id).where(LoginTryRow.person == keys.person, LoginTryRow.came_in).limit(1)) is None:
                self._shut_out(keys.person, end, moment)

    def failed(self, address: str, login: str) -> None:
        """Count one wrong try."""
        keys, moment = self._keys(address, login), self._clock()
        with self._database.write() as session:
            session.execute(delete(LoginTryRow).where(LoginTryRow.at <= moment - timedelta(seconds=WINDOW_SECONDS), ~LoginTryRow.came_in))
            session.execute(delete(LoginTryRow).where(LoginTryRow.at <= moment - KNOWN_FOR))
            session.add(LoginTryRow(place=keys.place, name=keys.name, person=keys.person, came_in=False, at=moment))

    def succeeded(self, address: str, login: str) -> None:
        """The right password forgets this person's slips here, and this place is theirs."""
        keys = self._keys(address, login)
        with self._database.write() as session:
            session.execute(delete(LoginTryRow).where(LoginTryRow.person == keys.person))
            session.add(LoginTryRow(place=keys.place, name=keys.name, person=keys.person, came_in=True, at=self._clock()))
        self._shut.pop(keys.person, None)

    @staticmethod
    def _end(session: Session, which: ColumnElement[bool], most: int, moment: datetime) -> datetime:
        """When fewer than `most` of these tries will be left; now, where they are fewer."""
        window = timedelta(seconds=WINDOW_SECONDS)
        recent = select(LoginTryRow.at).where(which, ~LoginTryRow.came_in, LoginTryRow.at > moment - window)
        times = session.scalars(recent.order_by(LoginTryRow.at.desc()).limit(most)).all()
        return times[-1] + window if len(times) >= most else moment

    def _shut_out(self, key: int, end: datetime, moment: datetime) -> None:
        if end > moment:
            if len(self._shut) >= MOST_KEYS:
                self._shut = {}  # the database knows
            self._shut[key] = end
            self._refuse_until(end, moment)

    @staticmethod
    def _refuse_until(end: datetime, moment: datetime) -> None:
        if end > moment:
            wait = math.ceil((end - moment).total_seconds())
            raise TooMany("Too many wrong tries. Please wait a little.", retry_after=max(wait, 1))

    def _keys(self, address: str, login: str) -> _Keys:
        place, name, mark = network(address), login.strip().lower(), self._database.vault.mark
        return _Keys(mark(f"{self._what} from", place), mark(f"{self._what} at", name), mark(f"{self._what} of", f"{place}\0{name}"))


def network(address: str) -> str:
    """Who counts as one sender: an IPv4 address, or the network of an IPv6 one. Anything else as it is."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    return str(parsed.ipv4_mapped or ipaddress.ip_network((int(parsed), NETWORK_BITS), strict=False).network_address)
