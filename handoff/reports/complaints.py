"""How many complaints came, and how many were answered by a person within the 15 days of the law. From the numbered events, as all figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, text

from handoff.conversations.complaints import due
from handoff.database import Database, Moment, now
from handoff.reports.figures import Period

COMPLAINTS = """
    SELECT complaint.at AS at,
           (SELECT MIN(answer.at) FROM event AS answer
             WHERE answer.conversation_id = complaint.conversation_id AND answer.kind = 'message' AND answer.actor = 'agent' AND answer.at >= complaint.at)
           AS answered_at
    FROM (SELECT event.conversation_id AS conversation_id, MIN(event.at) AS at
          FROM event
          WHERE (event.kind = 'handoff_requested' AND event.body ->> 'reason' = 'complaint')
             OR (event.kind = 'tagged' AND LOWER(event.body ->> 'tag') = 'kaebus')
          GROUP BY event.conversation_id) AS complaint
    WHERE complaint.at >= :since AND complaint.at < :until
"""


@dataclass(frozen=True)
class Counted:
    """Of all complaints: answered in time, still to be answered, and late."""

    all: int
    in_time: int
    open: int
    late: int


def counted(database: Database, of: Period) -> Counted:
    """The complaints of the period."""
    ends = (bindparam("since", of.since, type_=Moment()), bindparam("until", of.until, type_=Moment()))
    query = text(COMPLAINTS).bindparams(*ends).columns(at=Moment(), answered_at=Moment())
    with database.read() as session:
        found: list[tuple[datetime, datetime | None]] = [(row.at, row.answered_at) for row in session.execute(query)]
    today = now().astimezone(of.zone).date()
    in_time = sum(answered is not None and answered.astimezone(of.zone).date() <= due(at, of.zone) for at, answered in found)
    still_open = sum(answered is None and today <= due(at, of.zone) for at, answered in found)
    return Counted(len(found), in_time, still_open, len(found) - in_time - still_open)
