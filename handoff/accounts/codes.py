"""The second step of a log-in: codes of six digits from an app (TOTP, RFC 6238), and recovery codes for a lost phone.

The secret that the app shares with us is sealed in the database; a recovery code has 80 bits, so a plain hash of it is enough.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import pyotp
import segno
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from handoff.accounts import trail
from handoff.accounts.seal import Broken, Seal
from handoff.accounts.tables import AgentRow, RecoveryCodeRow
from handoff.database import Database, changed, now
from handoff.errors import NotFound, Unreadable

log = logging.getLogger(__name__)

PERIOD = 30  # seconds of one code
WINDOW = 1  # steps by which the phone's clock may differ
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read for something else


@dataclass(frozen=True)
class Enrolment:
    """What the app needs: as a picture to photograph (SVG), or as a key to type."""

    key: str
    picture: str


class Codes:
    """Enrols people and checks their codes. `clock` gives seconds since 1970."""

    def __init__(self, database: Database, seal: Seal, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._seal, self._clock = database, seal, clock

    def enrolled(self, agent_id: str) -> bool:
        """Whether the person has a second step."""
        with self._database.read() as session:
            return _agent(session, agent_id).totp_secret is not None

    def left(self, agent_id: str) -> int:
        """How many recovery codes the person has not used."""
        with self._database.read() as session:
            query = select(func.count()).select_from(RecoveryCodeRow).where(RecoveryCodeRow.agent_id == agent_id, RecoveryCodeRow.used_at.is_(None))
            return session.scalar(query) or 0

    def begin(self, agent_id: str, *, company: str) -> Enrolment:
        """What the app needs. The same until it is confirmed, so a reloaded page does not spoil what was photographed already."""
        with self._database.write() as session:
            agent = _agent(session, agent_id)
            secret = self._opened(agent.totp_pending)
            if secret is None:
                secret = pyotp.random_base32()
                agent.totp_pending = self._seal.close(secret)
            address = pyotp.TOTP(secret, interval=PERIOD).provisioning_uri(name=agent.login, issuer_name=company)
        picture = segno.make(address, error="m").svg_inline(omitsize=True, border=4, dark="#000", light="#fff")
        return Enrolment(" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)), picture)

    def confirm(self, agent_id: str, code: str) -> list[str]:
        """The app's first code turns the second step on; gives the recovery codes, which nobody can show again.

        Raises `Unreadable` (`wrong_code`) and leaves everything as it was.
        """
        with self._database.write() as session:
            agent = _agent(session, agent_id)
            secret = self._opened(agent.totp_pending)
            step = self._step(secret, code) if secret else None
            if step is None:
                raise _wrong()
            agent.totp_secret, agent.totp_pending, agent.totp_step = agent.totp_pending, None, step
            trail.write_down(session, agent_id, "turned_on_code")
            return _new_recovery_codes(session, agent_id)

    def check(self, agent_id: str, code: str) -> None:
        """Take a code of the app or a recovery code, each once. Raises `Unreadable` (`wrong_code`)."""
        with self._database.write() as session:
            if not (self._take_code(session, _agent(session, agent_id), code) or _take_recovery_code(session, agent_id, code)):
                raise _wrong()

    def renew_recovery_codes(self, agent_id: str) -> list[str]:
        """Ten new recovery codes; the old ones open nothing any more."""
        with self._database.write() as session:
            trail.write_down(session, agent_id, "renewed_recovery_codes")
            return _new_recovery_codes(session, agent_id)

    def _take_code(self, session: Session, agent: AgentRow, code: str) -> bool:
        secret = self._opened(agent.totp_secret)
        step = self._step(secret, code) if secret else None
        if step is None:
            return False
        guarded = update(AgentRow).where(AgentRow.id == agent.id, AgentRow.totp_step < step)  # of two with the same code one gets in
        return changed(session, guarded.values(totp_step=step)) == 1

    def _step(self, secret: str, code: str) -> int | None:
        """The step that a code is of, one before or after now; None for a wrong one."""
        digits = "".join(code.split())
        present, codes = int(self._clock()) // PERIOD, pyotp.TOTP(secret, interval=PERIOD)
        steps = range(present - WINDOW, present + WINDOW + 1)
        return next((step for step in steps if hmac.compare_digest(codes.at(step * PERIOD).encode(), digits.encode())), None)

    def _opened(self, sealed: str | None) -> str | None:
        try:
            return self._seal.open(sealed) if sealed else None
        except Broken:
            log.error("a code's secret was sealed with another ABILINE_SECRET_KEY; `abiline user totp-reset` lets its owner begin anew")
            return None


def turn_off(session: Session, agent_id: str) -> bool:
    """The person has no second step any more, in the caller's transaction. True when there was one."""
    agent = _agent(session, agent_id)
    had = agent.totp_secret is not None
    agent.totp_secret = agent.totp_pending = None
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.agent_id == agent_id))
    return had


def _new_recovery_codes(session: Session, agent_id: str) -> list[str]:
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.agent_id == agent_id))
    made = ["-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCodeRow(code_hash=_hash(agent_id, code), agent_id=agent_id) for code in made)
    return made


def _take_recovery_code(session: Session, agent_id: str, code: str) -> bool:
    unused = RecoveryCodeRow.used_at.is_(None)
    mine = (RecoveryCodeRow.code_hash == _hash(agent_id, code), RecoveryCodeRow.agent_id == agent_id)
    if changed(session, update(RecoveryCodeRow).where(*mine, unused).values(used_at=now())) != 1:
        return False
    trail.write_down(session, agent_id, "used_recovery_code")
    return True


def _hash(agent_id: str, code: str) -> str:
    letters = "".join(character for character in code.lower() if character.isalnum())
    return hashlib.sha256(f"{agent_id} {letters}".encode()).hexdigest()


def _agent(session: Session, agent_id: str) -> AgentRow:
    row = session.get(AgentRow, agent_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such account.")
    return row


def _wrong() -> Unreadable:
    return Unreadable("The code is not right.", code="wrong_code", field="code")
