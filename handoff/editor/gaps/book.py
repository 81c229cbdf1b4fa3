"""What is missing, as editors see it: groups with their figures and examples; and what they do with one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from handoff.conversations.gap_tables import GapLookRow, GapQuestionRow, GapRow
from handoff.database import Database, now
from handoff.editor.gaps import collecting
from handoff.editor.gaps.spark import by_week
from handoff.errors import NotFound

PAGE = 25
EXAMPLES = 3
LOOKED_AT = 40  # of a group's questions, for examples that differ
REASONS = ("elsewhere", "not_ours", "once", "person")
State = Literal["open", "dismissed", "answered"]
Mask = Callable[[str], str]


@dataclass(frozen=True)
class Gap:
    """A group of questions that ask the same. `weeks` counts the last eight, the newest last; `examples` are masked, the middle one first."""

    id: str
    state: str
    size: int
    first_at: datetime
    last_at: datetime
    weeks: tuple[int, ...]
    languages: tuple[str, ...]
    causes: dict[str, int]
    examples: tuple[Example, ...]
    entry_id: str | None
    reason: str | None
    nearest_id: str | None
    nearest_chance: float | None
    nearest_action: str | None
    changed_at: datetime


@dataclass(frozen=True)
class Example:
    """What a customer wrote, without what identifies a person."""

    text: str
    language: str
    conversation_id: str
    at: datetime


@dataclass(frozen=True)
class Looked:
    """When it was last looked for, and how far the look is that goes on now."""

    at: datetime | None
    going_on: bool
    done: int = 0
    total: int = 0


@dataclass
class _Figures:
    moments: list[datetime] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)


class Gaps:
    """The groups in the database; texts are read where they were said."""

    def __init__(self, database: Database, mask: Mask) -> None:
        self._database, self._mask = database, mask

    def count(self) -> int:
        """Open groups, for the menu."""
        with self._database.read() as session:
            held = select(GapQuestionRow.gap_id).where(GapQuestionRow.gap_id.is_not(None))
            return session.scalar(select(func.count()).select_from(GapRow).where(GapRow.state == "open", GapRow.id.in_(held))) or 0

    def page(self, state: State, *, after: int = 0) -> tuple[list[Gap], int]:
        """Groups from place `after` on, and how many there are: open ones by size, others by when they became so."""
        with self._database.read() as session:
            size, last = func.count(GapQuestionRow.message_id), func.max(GapQuestionRow.at)
            query = select(GapRow, size).join(GapQuestionRow, GapQuestionRow.gap_id == GapRow.id).where(GapRow.state == state).group_by(GapRow.id)
            order = (size.desc(), last.desc(), GapRow.id) if state == "open" else (GapRow.changed_at.desc(), GapRow.id)
            whole = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            rows = [row for row, _ in session.execute(query.order_by(*order).offset(after).limit(PAGE))]
            return self._gaps(session, rows), whole

    def one(self, gap_id: str) -> Gap:
        """Raises `NotFound`, also for a group of which no question is left."""
        with self._database.read() as session:
            found = self._gaps(session, [_row(session, gap_id)])
        if not found:
            raise NotFound("There is no such group of questions.")
        return found[0]

    def examples(self, gap_id: str, *, after: int = 0, limit: int = LOOKED_AT) -> list[Example]:
        """More of a group's questions, the newest first. Raises `NotFound`."""
        with self._database.read() as session:
            row = _row(session, gap_id)
            query = select(GapQuestionRow).where(GapQuestionRow.gap_id == row.id).order_by(GapQuestionRow.at.desc(), GapQuestionRow.message_id)
            return self._told(session, session.scalars(query.offset(after).limit(limit)).all())

    def looked(self) -> Looked:
        with self._database.read() as session:
            row = session.get(GapLookRow, 1)
        if row is None:
            return Looked(None, going_on=False)
        going_on = row.claimed_until is not None and row.claimed_until > now()
        wanted = row.wanted_at is not None and (row.looked_at is None or row.wanted_at > row.looked_at)
        return Looked(row.looked_at, going_on or wanted, row.done, row.total)

    def dismiss(self, gap_id: str, *, by: str, reason: str | None) -> None:
        """Not shown again, nor are new questions that ask the same. Raises `NotFound`."""
        self._change(gap_id, "dismissed", by, reason=reason if reason in REASONS else None)

    def reopen(self, gap_id: str, *, by: str) -> None:
        """Back in the list. Raises `NotFound`."""
        self._change(gap_id, "open", by, reason=None)

    def give(self, gap_id: str, entry_id: str, *, by: str) -> None:
        """An entry is being written for it. Raises `NotFound`."""
        with self._database.write() as session:
            row = _row(session, gap_id, lock=True)
            row.entry_id, row.changed_at, row.changed_by = entry_id, now(), by

    def _change(self, gap_id: str, state: State, by: str, *, reason: str | None) -> None:
        with self._database.write() as session:
            row = _row(session, gap_id, lock=True)
            row.state, row.reason, row.changed_at, row.changed_by = state, reason, now(), by

    def _gaps(self, session: Session, rows: Sequence[GapRow]) -> list[Gap]:
        figures = _figures(session, [row.id for row in rows])
        moment = now()
        return [self._gap(session, row, figures[row.id], moment) for row in rows if row.id in figures]

    def _gap(self, session: Session, row: GapRow, held: _Figures, moment: datetime) -> Gap:
        return Gap(
            id=row.id,
            state=row.state,
            size=len(held.moments),
            first_at=min(held.moments),
            last_at=max(held.moments),
            weeks=tuple(by_week(held.moments, moment)),
            languages=tuple(language for language, _ in held.languages.most_common()),
            causes=dict(held.causes.most_common()),
            examples=tuple(self._few(session, row)),
            entry_id=row.entry_id,
            reason=row.reason,
            nearest_id=row.nearest_id,
            nearest_chance=row.nearest_chance,
            nearest_action=row.nearest_action,
            changed_at=row.changed_at,
        )

    def _few(self, session: Session, row: GapRow) -> list[Example]:
        """Some that differ: the one in the middle, then the newest."""
        query = select(GapQuestionRow).options(defer(GapQuestionRow.sketch)).where(GapQuestionRow.gap_id == row.id)
        newest = session.scalars(query.order_by((GapQuestionRow.message_id == row.middle_id).desc(), GapQuestionRow.at.desc()).limit(LOOKED_AT)).all()
        different: dict[str, Example] = {}
        for example in self._told(session, newest):
            different.setdefault(example.text.lower().strip(" ?!."), example)
        return list(different.values())[:EXAMPLES]

    def _told(self, session: Session, questions: Sequence[GapQuestionRow]) -> list[Example]:
        texts = collecting.words(session, [one.message_id for one in questions])
        return [Example(self._mask(texts[one.message_id]), one.language, one.conversation_id, one.at) for one in questions if one.message_id in texts]


def _figures(session: Session, gap_ids: Sequence[str]) -> dict[str, _Figures]:
    query = select(GapQuestionRow.gap_id, GapQuestionRow.at, GapQuestionRow.language, GapQuestionRow.cause).where(GapQuestionRow.gap_id.in_(gap_ids))
    found: dict[str, _Figures] = defaultdict(_Figures)
    for gap_id, at, language, cause in session.execute(query):
        held = found[str(gap_id)]
        held.moments.append(at)
        held.languages[language] += 1
        held.causes[cause] += 1
    return found


def _row(session: Session, gap_id: str, *, lock: bool = False) -> GapRow:
    row = session.get(GapRow, gap_id, with_for_update=lock)
    if row is None:
        raise NotFound("There is no such group of questions.")
    return row
