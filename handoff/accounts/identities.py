"""Whose account it is that an OpenID provider speaks of. Nobody gets one by logging in, unless the operator has named their mail domain."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from handoff.accounts import logins, staff, trail
from handoff.accounts.logins import Browser, Way
from handoff.accounts.openid import Claimed
from handoff.accounts.staff import Details
from handoff.accounts.tables import AgentRow, Role
from handoff.database import Database
from handoff.errors import NotLoggedIn, Unreadable


class Stranger(NotLoggedIn):
    """The provider knows the person and we do not."""

    code = "stranger"


def log_in(database: Database, claimed: Claimed, *, domains: Collection[str], browser: Browser) -> str:
    """Log in who the provider says is there; gives the cookie's token. Raises `Stranger`.

    By the subject, else by an address that an admin wrote into the invitation: from then on the subject counts, whatever becomes of the address.
    Somebody new whose address is at one of `domains` gets an account as an agent.
    """
    with database.write() as session:
        row = _known(session, claimed) or _newcomer(session, claimed, domains)
        if row is None or not row.active:
            known = row.id if row else None
            trail.write_down(session, known, "failed_login", Way.OPENID.value, address=browser.address)
        else:
            return logins.begin(session, row.id, way=Way.OPENID, browser=browser)
    raise Stranger("Nobody here has been invited under this name.")


def _known(session: Session, claimed: Claimed) -> AgentRow | None:
    row = session.scalar(select(AgentRow).where(AgentRow.subject == claimed.subject))
    if row is None and claimed.email:
        row = session.scalar(select(AgentRow).where(AgentRow.email == claimed.email, AgentRow.subject.is_(None)).with_for_update())
        if row is not None and row.active:
            row.subject = claimed.subject
            trail.write_down(session, row.id, "linked_openid", row.id)
    return row


def _newcomer(session: Session, claimed: Claimed, domains: Collection[str]) -> AgentRow | None:
    if not claimed.email or claimed.email.rpartition("@")[2] not in domains:
        return None
    try:
        tidy = staff.checked(Details(claimed.name or claimed.email.partition("@")[0], Role.AGENT, claimed.email, claimed.subject))
        row = staff.add(session, claimed.email, tidy)
    except Unreadable:  # the address or the log-in is somebody else's
        return None
    trail.write_down(session, None, "made_person", row.id)
    return row
