"""The privacy notice that customers read and agree to. Each wording that ever stood is kept under its version, a date, so that one can show what
somebody agreed to; another wording is another version, and is agreed to anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from handoff.database import Database, Table, now

SHIPPED = date(2026, 11, 22)  # version of the notice that comes with the house, in a house that has kept none yet
KNOWN_AS = "notice"  # what the database knows the house's notice as
LATEST = 50  # versions that the page lists


class NoticeRow(Table):
    """One wording of the notice, filled in, as Markdown by language."""

    __tablename__ = "notice"

    version: Mapped[str] = mapped_column(String(20), primary_key=True)
    texts: Mapped[dict[str, Any]]
    since: Mapped[datetime] = mapped_column(default=now, index=True)


class Notice:
    """The notice of this house. Its version is worked out when it is first needed: the same wording as last keeps its version."""

    def __init__(self, database: Database, texts: Mapping[str, str], *, shipped: bool) -> None:
        """`texts` by language, filled in; `shipped`: they are those that come with the house."""
        self._database, self._shipped = database, shipped
        self.texts = dict(texts)
        self._version: str | None = None

    @property
    def version(self) -> str:
        """A date, with a number behind it where it is the day's second or later: „2026-11-22“, „2026-11-22.2“."""
        if self._version is None:
            self._version = self._known() or self._keep()
        return self._version

    def _known(self) -> str | None:
        """The version of the last wording, where that is this one."""
        with self._database.read() as session:
            last = _last(session)
        return last.version if last is not None and last.texts == self.texts else None

    def _keep(self) -> str:
        try:
            with self._database.write() as session:
                first = session.scalar(select(NoticeRow.version).limit(1)) is None
                day = SHIPPED.isoformat() if first and self._shipped else now().date().isoformat()
                taken = set(session.scalars(select(NoticeRow.version).where(NoticeRow.version.startswith(day))))
                version = next(one for number in range(1, len(taken) + 2) if (one := f"{day}.{number}" if number > 1 else day) not in taken)
                session.add(NoticeRow(version=version, texts=self.texts))
                return version
        except IntegrityError:  # another worker was first
            return self._known() or self._keep()


def tell(database: Database, notice: Notice) -> None:
    """From now on this is the house's notice."""
    database.about[KNOWN_AS] = notice


def version(database: Database) -> str:
    """The version of the notice that stands now."""
    notice: Notice | None = database.about.get(KNOWN_AS)
    return notice.version if notice else SHIPPED.isoformat()


def kept(database: Database, version: str) -> NoticeRow | None:
    """The wording that stood under this version; None when none did."""
    with database.read() as session:
        return session.get(NoticeRow, version)


def versions(database: Database) -> Sequence[str]:
    """All versions that stood, the newest first."""
    with database.read() as session:
        return session.scalars(select(NoticeRow.version).order_by(NoticeRow.since.desc(), NoticeRow.version.desc()).limit(LATEST)).all()


def day_of(version: str) -> date:
    """Since when a version stood."""
    return date.fromisoformat(version[:10])


def _last(session: Session) -> NoticeRow | None:
    return session.scalars(select(NoticeRow).order_by(NoticeRow.since.desc(), NoticeRow.version.desc()).limit(1)).first()
