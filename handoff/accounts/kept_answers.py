"""Answers to requests that carried an `Idempotency-Key`: asked again within a day, the same request gets the same answer and does nothing twice.

A request that was begun and never ended (its process was killed) may be done again after `GIVEN_UP`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from handoff.database import Database, Table, now
from handoff.errors import AbilineError, Unreadable
from handoff.sealed import SealedText

KEPT = timedelta(hours=24)
GIVEN_UP = timedelta(seconds=60)


class KeptAnswerRow(Table):
    """One request and, once it has ended well, its answer."""

    __tablename__ = "api_answer"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # hash of who asked and their key
    request: Mapped[str] = mapped_column(String(64))  # hash of what was asked
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(SealedText("api_answer.body"))
    at: Mapped[datetime] = mapped_column(default=now, index=True)


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    status: int
    body: str


class UnderWay(AbilineError):
    """The same request is being done at this moment."""

    status = 409
    code = "under_way"


def begin(database: Database, who: str, request: str) -> Answer | None:
    """The answer that this request got before; None: it is to be done now. Raises `UnderWay`, and `Unreadable` for a key that was used for another request."""
    moment = now()
    try:
        with database.write() as session:
            session.execute(delete(KeptAnswerRow).where(KeptAnswerRow.at < moment - KEPT))
            row = session.get(KeptAnswerRow, who, with_for_update=True)
            if row is None:
                session.add(KeptAnswerRow(id=who, request=request, at=moment))
                return None
            if row.request != request:
                raise Unreadable("This Idempotency-Key was used for another request.", code="key_reused", field="Idempotency-Key")
            if row.status is not None:
                return Answer(row.status, row.body or "")
            if moment - row.at < GIVEN_UP:
                raise UnderWay("The same request is under way; ask again in a moment.")
            row.at = moment
            return None
    except IntegrityError:  # on PostgreSQL the same request began at the same moment
        raise UnderWay("The same request is under way; ask again in a moment.") from None


def end(database: Database, who: str, answer: Answer | None) -> None:
    """Keep the answer; None: it did not go well, and the same key may be used again."""
    with database.write() as session:
        row = session.get(KeptAnswerRow, who, with_for_update=True)
        if row is None:
            return
        if answer is None:
            session.delete(row)
        else:
            row.status, row.body = answer.status, answer.body
