"""The rows of the look: which questions count, whose turn it is to look, and what was found about them. Each function is one short transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from bot.understanding import Gathering, Group, KnownGroup
from handoff.conversations.gap_tables import UNTOLD, GapLookRow, GapQuestionRow, GapRow
from handoff.conversations.tables import ConversationRow, EventRow, RatingRow
from handoff.conversations.unanswered import Unanswered, unanswered
from handoff.database import Database, locked, new_id, now
from handoff.placing import Placed

DAYS = 180  # what was asked before is not what is missing today
MOST = 50_000  # questions that are kept; of more, the newest
AT_ONCE = 100  # conversations in one transaction
EVERY = timedelta(minutes=2)
CLAIMED = timedelta(minutes=15)  # after this a look by a dead process is taken over
_OVERLAP = timedelta(minutes=5)  # transactions that were not done when the last look began
_IN_ONE_STATEMENT = 500
Item = TypeVar("Item")


@dataclass(frozen=True)
class Standing:
    """A question that asks something, and the group it stands in."""

    message_id: str
    gap_id: str | None
    sketch: bytes


def is_due(database: Database, revision: int) -> bool:
    """Somebody asked for a look, the entries have changed, or the last one is some time ago; and nobody is at it."""
    with database.read() as session:
        row = session.get(GapLookRow, 1)
    if row is None or row.looked_at is None:
        return row is None or row.claimed_until is None or row.claimed_until < now()
    if row.claimed_until is not None and row.claimed_until > now():
        return False
    wanted = row.wanted_at is not None and row.wanted_at > row.looked_at
    return wanted or row.revision != revision or row.looked_at + EVERY < now()


def want(database: Database) -> None:
    """A look, soon."""
    with database.write() as session:
        locked(session, GapLookRow, 1, id=1).wanted_at = now()


def claim(database: Database) -> datetime | None:
    """Take the look; gives since when changes have not been seen, or None where another worker is at it."""
    with database.write() as session:
        row = locked(session, GapLookRow, 1, id=1)
        if row.claimed_until is not None and row.claimed_until > now():
            return None
        row.claimed_until, row.done, row.total = now() + CLAIMED, 0, 0
        return row.looked_to - _OVERLAP if row.looked_to else now() - timedelta(days=DAYS)


def tell(database: Database, done: int, total: int) -> None:
    """How far the look is, for the page; and the claim holds on."""
    with database.write() as session:
        session.execute(update(GapLookRow).values(done=done, total=total, claimed_until=now() + CLAIMED))


def release(database: Database, *, began: datetime | None = None, revision: int | None = None) -> None:
    """The look is over; without `began` it has failed, and the next one begins where this did."""
    with database.write() as session:
        row = locked(session, GapLookRow, 1, id=1)
        row.claimed_until = None
        if began is not None and revision is not None:
            row.looked_to, row.looked_at, row.revision = began, began, revision


def changed_since(database: Database, since: datetime) -> list[str]:
    """Conversations in which something was said or rated, the oldest first."""
    rated = select(RatingRow.conversation_id).where(RatingRow.at >= since)
    query = select(ConversationRow.id).where(or_(ConversationRow.changed_at >= since, ConversationRow.id.in_(rated)))
    with database.read() as session:
        return list(session.scalars(query.order_by(ConversationRow.changed_at, ConversationRow.id)))


def collect(database: Database, conversation_ids: Sequence[str]) -> None:
    """Keep which of these conversations' questions were not answered; one that was answered since is let go."""
    with database.write() as session:
        found = {one.message_id: one for one in unanswered(session, conversation_ids)}
        present = session.scalars(select(GapQuestionRow).where(GapQuestionRow.conversation_id.in_(conversation_ids)))
        for row in present:
            one = found.pop(row.message_id, None)
            if one is None:
                session.delete(row)
            else:
                row.cause = one.cause.value
        session.add_all(_row(one) for one in found.values() if one.at >= now() - timedelta(days=DAYS))


def let_go(database: Database) -> None:
    """Forget what is too old or too much, and groups of which nothing is left: open ones, and those of which nothing says what they were about."""
    with database.write() as session:
        least = now() - timedelta(days=DAYS)
        newest = session.scalars(select(GapQuestionRow.at).order_by(GapQuestionRow.at.desc()).offset(MOST).limit(1)).first()
        session.execute(delete(GapQuestionRow).where(GapQuestionRow.at <= max(least, newest or least)))
        held = select(GapQuestionRow.gap_id).where(GapQuestionRow.gap_id.is_not(None))
        session.execute(delete(GapRow).where(or_(GapRow.state == "open", GapRow.form == UNTOLD), GapRow.id.not_in(held)))


def unread(database: Database, form: str) -> list[str]:
    """Messages whose sketch is of another form, or was not made yet."""
    with database.read() as session:
        other = or_(GapQuestionRow.form.is_(None), GapQuestionRow.form != form)
        return list(session.scalars(select(GapQuestionRow.message_id).where(other).order_by(GapQuestionRow.at)))


def untold(database: Database) -> bool:
    """Whether there is a group that lost a question to an erasure, so that the others are to say anew where it lies."""
    with database.read() as session:
        return session.scalar(select(GapRow.id).where(GapRow.form == UNTOLD).limit(1)) is not None


def words(session: Session, message_ids: Sequence[str]) -> dict[str, str]:
    """What was written, by message; nothing of what was erased."""
    found: dict[str, str] = {}
    for some in _parts(message_ids):
        for event in session.scalars(select(EventRow).where(EventRow.id.in_(some))):
            if text := str(event.body.get("text") or "").strip():
                found[event.id] = text
    return found


def keep_sketches(database: Database, form: str, sketches: Mapping[str, bytes | None]) -> None:
    """What the bot made of messages; one that was erased meanwhile is passed over."""
    with database.write() as session:
        for message_id, sketch in sketches.items():
            session.execute(update(GapQuestionRow).where(GapQuestionRow.message_id == message_id).values(form=form, sketch=Placed(sketch, message_id)))


def standing(database: Database, form: str) -> tuple[list[Standing], list[KnownGroup]]:
    """Questions to be put into groups, the oldest first, and the groups that stay as they are: those dismissed, and those answered."""
    with database.read() as session:
        stays = (GapRow.state != "open", GapRow.form == form)  # of another form, its own questions say anew where it lies
        settled = [KnownGroup(row.id, row.mean) for row in session.scalars(select(GapRow).where(*stays))]
        query = select(GapQuestionRow.message_id, GapQuestionRow.gap_id, GapQuestionRow.sketch).where(GapQuestionRow.form == form)
        query = query.where(or_(GapQuestionRow.gap_id.is_(None), GapQuestionRow.gap_id.not_in(select(GapRow.id).where(*stays))))
        rows = session.execute(query.where(GapQuestionRow.sketch.is_not(None)).order_by(GapQuestionRow.at, GapQuestionRow.message_id))
        return [Standing(message_id, gap_id, sketch) for message_id, gap_id, sketch in rows], settled


def keep_groups(database: Database, form: str, questions: Sequence[Standing], found: Gathering) -> None:
    """The groups as they were found, in transactions so short that nobody waits for them: killed between two, the next look goes on."""
    ids: dict[str, str] = {}
    for some in _parts(found.groups):
        ids |= _keep_some(database, questions, some)
    moved: dict[str, list[str]] = {}
    for question, name in zip(questions, found.names, strict=True):
        gap_id = ids.get(name, name)
        if gap_id != question.gap_id:
            moved.setdefault(gap_id, []).append(question.message_id)
    for pairs in _parts([(gap_id, message_id) for gap_id, message_ids in moved.items() for message_id in message_ids]):
        _move(database, pairs)
    members: dict[str, list[str]] = {gap_id: [] for gap_id in ids.values()}
    for question, name in zip(questions, found.names, strict=True):
        if name in ids:
            members[ids[name]].append(question.message_id)
    for part in _parts(list(members)):
        _settle(database, form, {gap_id: members[gap_id] for gap_id in part})


def _settle(database: Database, form: str, members: Mapping[str, Sequence[str]]) -> None:
    """From now on these groups count as told; not one of whose questions some were erased meanwhile: nothing of those may stay in its mean."""
    with database.write() as session:
        rows = session.scalars(select(GapRow).where(GapRow.id.in_(members)).order_by(GapRow.id).with_for_update(key_share=True)).all()
        wanted, there = [one for own in members.values() for one in own], set[str]()
        for some in _parts(wanted):
            there |= set(session.scalars(select(GapQuestionRow.message_id).where(GapQuestionRow.message_id.in_(some))))
        for row in rows:
            if there.issuperset(members[row.id]):
                row.form = form
            else:
                row.empty()


def _keep_some(database: Database, questions: Sequence[Standing], groups: Sequence[Group]) -> dict[str, str]:
    """Gives the ids of these groups by the names they were found with. They count as told when all is done: killed before, the next look does it anew."""
    with database.write() as session:
        there = {row.id: row for row in session.scalars(select(GapRow).where(GapRow.id.in_([group.id for group in groups])))}
        ids = {group.id: group.id if group.id in there else new_id() for group in groups}
        for group in groups:
            row = there.get(group.id)
            if row is None:
                row = GapRow(id=ids[group.id], state="open")
                session.add(row)
            row.form, row.mean, row.middle_id = UNTOLD, group.mean, questions[group.middle].message_id
        return ids


def _move(database: Database, pairs: Sequence[tuple[str, str]]) -> None:
    """Questions into their groups. A new one in an answered group opens it: the answer was not for everybody."""
    with database.write() as session:
        wanted = {gap_id for gap_id, _ in pairs}
        there = set(session.scalars(select(GapRow.id).where(GapRow.id.in_(wanted))))
        for gap_id in wanted & there:
            own = [message_id for one, message_id in pairs if one == gap_id]
            session.execute(update(GapQuestionRow).where(GapQuestionRow.message_id.in_(own)).values(gap_id=gap_id))
        reopened = update(GapRow).where(GapRow.id.in_(there), GapRow.state == "answered")
        session.execute(reopened.values(state="open", changed_at=now(), changed_by=None))


def _parts(whole: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """As many as fit into one statement, and then the next."""
    for start in range(0, len(whole), _IN_ONE_STATEMENT):
        yield whole[start : start + _IN_ONE_STATEMENT]


def sizes(session: Session) -> dict[str, int]:
    """How many questions each group has."""
    query = select(GapQuestionRow.gap_id, func.count()).where(GapQuestionRow.gap_id.is_not(None)).group_by(GapQuestionRow.gap_id)
    return {str(gap_id): count for gap_id, count in session.execute(query)}


def _row(one: Unanswered) -> GapQuestionRow:
    return GapQuestionRow(message_id=one.message_id, conversation_id=one.conversation_id, at=one.at, language=one.language, cause=one.cause.value)
