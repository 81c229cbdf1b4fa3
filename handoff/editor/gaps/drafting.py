"""From a group to an entry: a draft that writes itself as far as it can, or wordings for an entry that there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from handoff.conversations.events import Kind
from handoff.conversations.gap_tables import GapQuestionRow
from handoff.conversations.tables import EventRow
from handoff.editor.content import LONGEST_QUESTION, MOST_EXAMPLES
from handoff.editor.gaps.book import Example, Gap, Gaps
from handoff.editor.gaps.phrasing import as_question
from handoff.entries.store import Entry
from handoff.errors import NotFound, Unreadable
from handoff.services import Services

WORDINGS = 12  # of the group's questions, how many become wordings of a new entry
REPLIES_LOOKED_AT = 20  # questions whose conversations are searched for what a colleague answered


def draft(services: Services, gaps: Gaps, gap_id: str) -> dict[str, Any]:
    """What the form begins with. Raises `NotFound`."""
    group = gaps.one(gap_id)
    middle = estonian_first(group)
    question = as_question(middle.text, services.bot.proofread)[:LONGEST_QUESTION] if middle else ""
    seen = {question.lower().strip(" ?!.")}
    wordings = []
    for example in [*group.examples, *gaps.examples(gap_id)]:
        plain = example.text.lower().strip(" ?!.")
        if plain not in seen and len(example.text) <= LONGEST_QUESTION:
            seen.add(plain)
            wordings.append(example.text)
    return {"question": question, "examples": wordings[:WORDINGS], "topic": _topic(services, group), "answer": _replied(services, gap_id)}


def estonian_first(group: Gap) -> Example | None:
    """The example that the question is made of: the one in the middle, or an Estonian one where that is in another language."""
    return next((one for one in group.examples if one.language == "et"), next(iter(group.examples), None))


def add_wordings(services: Services, gaps: Gaps, gap_id: str, entry_id: str, texts: Sequence[str], *, by: str) -> Entry:
    """The entry with these wordings, as a draft change. Raises `NotFound`, `Unreadable` where they do not fit, `AlreadyTaken`."""
    gaps.one(gap_id)
    entry = services.entries.get(entry_id)
    known = [str(one) for one in entry.content.get("examples", ())]
    own = {one.lower().strip() for one in (entry.content["question"], *known)}
    new = [text for text in dict.fromkeys(services.bot.mask(one.strip()) for one in texts) if text and text.lower() not in own]
    if len(known) + len(new) > MOST_EXAMPLES:
        raise Unreadable(f"The entry has {len(known)} wordings; up to {MOST_EXAMPLES} fit.", code="too_many_lines", field="examples")
    if new:
        content = entry.content | {"examples": [*known, *new]}
        entry = services.entries.save(entry_id, topic=entry.topic, content=content, publish=False, by=by, base_revision=entry.revision)
    gaps.give(gap_id, entry_id, by=by)
    return entry


def _topic(services: Services, group: Gap) -> str:
    """The topic of the entry that comes nearest: what is asked alike mostly belongs there."""
    try:
        return services.entries.get(group.nearest_id).topic if group.nearest_id else ""
    except NotFound:
        return ""


def _replied(services: Services, gap_id: str) -> str:
    """What a colleague answered to the newest of these questions, masked; empty where none did."""
    with services.database.read() as session:
        asked = select(EventRow.conversation_id, EventRow.number).join(GapQuestionRow, GapQuestionRow.message_id == EventRow.id)
        newest = asked.where(GapQuestionRow.gap_id == gap_id).order_by(GapQuestionRow.at.desc()).limit(REPLIES_LOOKED_AT)
        for conversation_id, number in session.execute(newest):
            said = select(EventRow).where(EventRow.conversation_id == conversation_id, EventRow.number > number, EventRow.actor == "agent")
            reply = session.scalars(said.where(EventRow.kind == Kind.MESSAGE.value).order_by(EventRow.number).limit(1)).first()
            if reply is not None and (text := str(reply.body.get("text") or "").strip()):
                return services.bot.mask(text)
    return ""
