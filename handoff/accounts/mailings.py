"""Letters that come again and again, and who wants which.

Addresses that the house's settings name get theirs until somebody says stop; people choose for themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from handoff.accounts.permissions import Permission, roles_with
from handoff.accounts.seal import Broken, Seal
from handoff.accounts.tables import AgentRow
from handoff.database import Database, Table, now
from handoff.errors import NotFound


class Mailing(StrEnum):
    """A kind of letter."""

    WEEK = "week"  # the week's figures
    PRODUCT = "product"  # what complaints are about, for those who make and sell


class MailingChoiceRow(Table):
    """Somebody has said whether they want a letter. Who says nothing is as the settings say."""

    __tablename__ = "mailing_choice"

    who: Mapped[str] = mapped_column(String(320), primary_key=True)  # the id of a person, or an address of the settings
    mailing: Mapped[str] = mapped_column(String(10), primary_key=True)
    wanted: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now)


@dataclass(frozen=True)
class Reader:
    """Who gets a letter: the address, who it is in the choices, and the language of our pages that they have chosen."""

    address: str
    who: str
    language: str | None


def addresses(setting: str) -> list[str]:
    """The addresses of a setting, in small letters."""
    return [address.strip().lower() for address in setting.split(",") if address.strip()]


def readers(session: Session, mailing: Mailing, named: Collection[str]) -> list[Reader]:
    """Who is to get this letter: of the `named` addresses those who have not stopped it, and the people who may see reports and have chosen it."""
    rows = session.execute(select(MailingChoiceRow.who, MailingChoiceRow.wanted).where(MailingChoiceRow.mailing == mailing.value))
    chosen = dict(rows.tuples().all())
    people = {row.email: row for row in session.scalars(select(AgentRow).where(AgentRow.email.is_not(None)).order_by(AgentRow.email))}
    found: dict[str, Reader] = {}
    for address in named:
        own = people.get(address)
        who = own.id if own else address
        if chosen.get(who, True):
            found[address] = Reader(address, who, own.language if own else None)
    for email, row in people.items():
        if email and row.active and row.role in roles_with(Permission.SEE_REPORTS) and chosen.get(row.id, False):
            found[email] = Reader(email, row.id, row.language)
    return list(found.values())


def chosen(database: Database, agent_id: str, named: Mapping[Mailing, Collection[str]]) -> tuple[str | None, set[Mailing]]:
    """Somebody's address, and the letters that they get."""
    with database.read() as session:
        email = session.scalar(select(AgentRow.email).where(AgentRow.id == agent_id))
        return email, {one for one in Mailing if any(reader.who == agent_id for reader in readers(session, one, named.get(one, ())))}


def choose(database: Database, who: str, wanted: Mapping[Mailing, bool]) -> None:
    """Remember what somebody wants; `who` is a person's id or an address of the settings. The same once more changes nothing."""
    with database.write() as session:
        for mailing, yes in wanted.items():
            session.merge(MailingChoiceRow(who=who, mailing=mailing.value, wanted=yes, at=now()))


class Stops:
    """The link in each letter that stops it, without a log-in: who and which letter, sealed, so that nobody can make one up."""

    def __init__(self, seal: Seal, public_url: str) -> None:
        self._seal, self._public_url = seal, public_url

    def address(self, mailing: Mailing, who: str) -> str:
        return f"{self._public_url}/letters/stop/{self._seal.close(f'{mailing.value} {who}')}"

    def read(self, token: str) -> tuple[Mailing, str]:
        """Which letter, and who. It holds for ever: an old letter must be stoppable. Raises `NotFound`."""
        try:
            mailing, _, who = self._seal.open(token).partition(" ")
            return Mailing(mailing), who
        except (Broken, ValueError, UnicodeError):
            raise NotFound("There is no such letter.") from None
