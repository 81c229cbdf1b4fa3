"""A November that was written down by hand, and every figure of it as it was computed on paper.

November 2026, Tallinn, seen on Friday the 20th at 18.00; what ended by the 13th can be judged by its seven days:
a  20th 00.30  the bot answered „tarne"; thumb up; CES 7                                             → alone
b  20th 11.00  in Russian: unsure, taken after 20 s, answered after 60 s, closed 10 min after; chose „arve", as the bot had thought; CSAT 5; in time
c  10th 09.00  the bot answered „tarne", silence, the customer again 4 days later; thumb down; CES 4  → alone, back
d  10th 10.00  asked for a person, taken after 60 s, answered after 180 s, closed 20 min after; CSAT 2; late
e  10th 00.30  asked, left without a person, at night                                                 → lost
f  20th        only the greeting                                                                      → nothing
g   3rd 12.00  Mari complains, taken after 100 s, answered after 400 s, closed 10 min after; chose „arve", the bot had thought „tarne"; NPS 9
h   6th 12.00  Mari again: the bot answered „tarne"; NPS 7                                            → alone; known, and g came back
i  19th 12.00  in English, at Telegram: the bot answered „tarne"                                      → alone
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from sqlalchemy.orm import Session

from handoff.conversations.feedback_tables import SurveyRow
from handoff.conversations.outcomes import PICKED
from handoff.conversations.tables import EventRow, RatingRow, SlaClockRow
from handoff.database import Database
from handoff.reports.gathering import gather
from tests.handoff.test_figures import DAY, HOURS, MINUTE, Diary, happened, november, said

PAPER: dict[str, Any] = {
    "conversations": 8,  # all but f
    "alone": (4, 6),  # a, c, h, i of these and b, g
    "unanswered": (2, 6),  # b, g
    "reasons": [("asked", 2), ("complaint", 1), ("unsure", 1)],
    "waits": (180.0, 180 + 0.6 * 220, 180 + 0.9 * 220),  # of 60, 180, 400
    "waiting": (60.0, 60 + 0.6 * 40, 60 + 0.9 * 40),  # of 20, 60, 100
    "handled": (800.0, 3),  # 600, 1200, 600
    "once": (2, 4),  # c, d, e, g ended, c and g came back
    "again": 2,
    "known": 1,  # h
    "lost": 1,  # e
    "saved": 0.4,  # 4 · 6 min
    "busiest": {(1, 0): 1, (1, 9): 1, (1, 10): 1, (1, 12): 1, (3, 12): 1, (4, 0): 1, (4, 11): 1, (4, 12): 1},
    "outside": (1, 4),  # e
    "entries": [("tarne", 5, 4), ("arve", 1, 0)],
    "entries_helped": {"tarne": (1, 2)},
    "rising": ["tarne"],  # 5 / √5 = 2.2
    "grievances": {("", "tarne"): 1},  # g
    "products": {"": 1},  # of which nobody has said which it was
    "helped": (1, 2),
    "calibration": [(8, pytest.approx(0.84), 1, 2)],
    "agreed": (1, 2),
    "in_time": (1, 2),
    "csat": (1, 2),
    "nps": (50.0, 2),  # one up, none down
    "ces": (5.5, 2),
}


def write(database: Database, agent: str) -> None:
    """Put it into the database and count it."""
    diary, bot = Diary(database, agent), said(1, "bot", entry_id="tarne")
    diary.talk("a", november(20, 0, 30), said(0), bot, decided=("answer", "tarne"))
    taken = (happened(30, "claimed", "agent"), said(70, "agent"), happened(30 + 10 * MINUTE, "closed", "agent"))
    diary.talk("b", november(20, 11), said(0), happened(10, "handoff_requested", reason="unsure"), *taken, decided=("human", "arve"), language="ru")
    diary.talk("c", november(10, 9), said(0), bot, said(4 * DAY), decided=("answer", "tarne"))
    taken = (happened(60, "claimed", "agent"), said(180, "agent"), happened(60 + 20 * MINUTE, "closed", "agent"))
    diary.talk("d", november(10, 10), said(0), happened(0, "handoff_requested", reason="asked"), *taken)
    left = (happened(5, "handoff_requested", reason="asked"), happened(400, "customer_left"), happened(500, "closed"))
    diary.talk("e", november(10, 0, 30), said(0), *left)
    diary.talk("f", november(20))
    taken = (happened(100, "claimed", "agent"), said(400, "agent"), happened(100 + 10 * MINUTE, "closed", "agent"))
    complaint = happened(0, "handoff_requested", reason="complaint")
    diary.talk("g", november(3), said(0), complaint, *taken, decided=("human", "tarne"), email="mari@kodukaup.ee")
    diary.talk("h", november(6), said(0), bot, decided=("answer", "tarne"), email="Mari@kodukaup.ee")
    diary.talk("i", november(19), said(0), bot, decided=("answer", "tarne"), language="en", channel="telegram")
    with database.write() as session:
        for name in "bg":
            session.get_one(EventRow, f"{name}-5").hidden = {PICKED: "arve"}
        for name, helpful in (("a", True), ("c", False)):
            session.add(RatingRow(conversation_id=name, event_id=f"{name}-3", entry_id="tarne", helpful=helpful, at=november(20).astimezone(UTC)))
        for name, kind, score, language in (("a", "ces", 7, "et"), ("b", "csat", 5, "ru"), ("c", "ces", 4, "et"), ("d", "csat", 2, "et")):
            _score(session, name, kind, score, language)
        for name, score in (("g", 9), ("h", 7)):
            _score(session, name, "nps", score, "et")
        for name, kept in (("b", True), ("d", False)):
            at = november(20).astimezone(UTC)
            clock = {"goal": "first", "in_chat": True, "started_at": at, "goal_seconds": 60, "left_seconds": 0.0, "ended_at": at}
            session.add(SlaClockRow(conversation_id=name, kept=kept, **clock))
    gather(database, HOURS)


def _score(session: Session, name: str, kind: str, score: int, language: str) -> None:
    at = november(20).astimezone(UTC)
    session.add(SurveyRow(conversation_id=name, asked_at=at, at=at, kind=kind, score=score, language=language, channel="web", closed_by="bot"))
