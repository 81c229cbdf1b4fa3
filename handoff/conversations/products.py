"""Which product a conversation is about, as an agent names it: a column of its own, so that complaints can be counted by it.

A product is nobody's personal data, but whatever is typed may hold some: the desk covers it before it is kept, and what only one conversation has ever
been called goes when that is erased.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from handoff.conversations import store
from handoff.conversations.agents import Holder
from handoff.conversations.events import Kind
from handoff.conversations.fact_tables import ComplaintFactRow
from handoff.conversations.tables import ConversationRow
from handoff.conversations.walls import visible
from handoff.conversations.words import clean
from handoff.database import Database
from handoff.errors import Unreadable
from handoff.products import LONGEST

LOOKED_AT = 1_000  # newest conversations with a product, for suggestions
SUGGESTED = 100
_WORD = re.compile(r"\w+")


def name(database: Database, conversation_id: str, agent: Holder, product: str, *, known: Sequence[str] = ()) -> str | None:
    """Say which product it is about, or with an empty name that it is about none; gives what is kept. Any agent may. One of the `known` in other letters
    is written as it is known."""
    wanted: str | None = " ".join(clean(product).split()) if product.strip() else None
    if wanted and len(wanted) > LONGEST:
        raise Unreadable(f"A product has up to {LONGEST} characters.", code="long_product", field="product")
    wanted = next((one for one in known if wanted and one.casefold() == wanted.casefold()), wanted)
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if row.product != wanted:
            row.product = wanted
            store.append(session, row, Kind.PRODUCT_NAMED, actor="agent", agent_id=agent.id, body={"product": wanted or "", "name": agent.name})
        return row.product


def named(database: Database, conversation_id: str) -> str | None:
    """The product that it is about. Raises `NotFound`."""
    with database.read() as session:
        return store.conversation(session, conversation_id).product


def suggestions(database: Database, agent_id: str, listed: Sequence[str] = ()) -> list[str]:
    """The products of the house's own list, and those named lately in what this agent may see, the most named first."""
    with database.read() as session:
        query = select(ConversationRow.product).where(ConversationRow.product.is_not(None), visible(agent_id))
        named = Counter(session.scalars(query.order_by(ConversationRow.changed_at.desc()).limit(LOOKED_AT)))
    own = {one.casefold() for one in listed}
    return [*listed, *(one for one, _ in named.most_common(SUGGESTED) if one and one.casefold() not in own)]


def told(texts: Iterable[str], known: Sequence[str]) -> str | None:
    """The product that the customer's words name, None where they name none or several. Each word of its name begins a word of theirs: an ending may follow."""
    words = _WORD.findall(" ".join(texts).casefold())
    found = [one for one in known if (parts := _WORD.findall(one.casefold())) and all(_begins(part, words) for part in parts)]
    longest = [one for one in found if not any(one != other and set(_WORD.findall(one.casefold())) < set(_WORD.findall(other.casefold())) for other in found)]
    return longest[0] if len(longest) == 1 else None


def _begins(part: str, words: Sequence[str]) -> bool:
    """A short name or a number has to be the word itself: „TV" is not in „tvist"."""
    return any(word.startswith(part) if len(part) > 3 and not part.isdigit() else word == part for word in words)


def is_shared(session: Session, row: ConversationRow) -> bool:
    """Whether another conversation is about the same product, or was."""
    others = select(ConversationRow.id).where(ConversationRow.product == row.product, ConversationRow.id != row.id)
    counted = select(ComplaintFactRow.event_id).where(ComplaintFactRow.product == row.product, ComplaintFactRow.conversation_id != row.id)
    return bool(session.scalar(select(or_(exists(others), exists(counted)))))
