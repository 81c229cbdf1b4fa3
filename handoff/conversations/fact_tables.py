"""What figures count, in columns: one row for each conversation, one for each call for a person and one for each question that an agent judged. Nothing here is
of anybody, so it stays when a conversation is erased or its words are over. `handoff.reports.gathering` writes it from the numbered events and can write all
of it anew."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from handoff.database import Table


class _Dimensions:
    """By what figures are told apart. Day, hour and weekday are those of the house's clock, so no statement has to know of time zones."""

    began_at: Mapped[datetime]
    day: Mapped[date]
    hour: Mapped[int]
    weekday: Mapped[int]  # 0 is Monday
    language: Mapped[str] = mapped_column(String(2))
    channel: Mapped[str] = mapped_column(String(50))
    team_id: Mapped[str | None] = mapped_column(String(40))
    agent_id: Mapped[str | None] = mapped_column(String(40))
    entry_id: Mapped[str | None] = mapped_column(String(120))
    topic: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(20))  # why a person was called (first)


class TalkFactRow(_Dimensions, Table):
    """One conversation in which the customer wrote."""

    __tablename__ = "talk_fact"

    conversation_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    made_as: Mapped[str] = mapped_column(String(60))  # how and by which clock it was counted
    up_to: Mapped[int]  # number of the newest event that is counted
    written: Mapped[bool]  # the customer wrote; what has only a greeting is remembered and not counted
    listened: Mapped[bool]  # the bot read something
    alone: Mapped[bool]  # the bot answered, no person was called and no contact left
    calls: Mapped[int]
    questions: Mapped[int]  # messages that the bot read
    unanswered: Mapped[int]  # of these, those for which it offered a person unasked
    handled_seconds: Mapped[float | None]  # that people had it; None: nobody had
    ended_at: Mapped[datetime | None]
    again_seconds: Mapped[float | None]  # after how long the same customer came back; None: they have not
    known_before: Mapped[bool]  # a customer known from an earlier conversation
    lost: Mapped[bool]  # called for a person, and went without one and without leaving a contact

    __table_args__ = (Index("ix_talk_fact_day", "day"),)


class CallFactRow(_Dimensions, Table):
    """One call for a person. `agent_id` is who answered it."""

    __tablename__ = "call_fact"

    event_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(40), index=True)
    in_hours: Mapped[bool]  # people were expected to be here
    claimed_seconds: Mapped[float | None]
    answered_seconds: Mapped[float | None]

    __table_args__ = (Index("ix_call_fact_day", "day"),)


class PickFactRow(_Dimensions, Table):
    """One question for which an agent took an answer over from the FAQ. The time is that of the pick, `agent_id` whose it was, `entry_id` what the bot had
    thought best; both entries by the ids of then (`entry_alias` tells today's)."""

    __tablename__ = "pick_fact"

    message_id: Mapped[str] = mapped_column(String(40), primary_key=True)  # the customer's question
    conversation_id: Mapped[str] = mapped_column(String(40), index=True)
    picked: Mapped[str] = mapped_column(String(120))  # the entry that the agent took; of several the last

    __table_args__ = (Index("ix_pick_fact_day", "day"),)


class ComplaintFactRow(_Dimensions, Table):
    """One conversation that is a complaint, at the moment when somebody saw that: the call for a person with that reason, or an agent's tag."""

    __tablename__ = "complaint_fact"

    event_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(40), index=True)
    product: Mapped[str | None] = mapped_column(String(60))  # handoff.conversations.products

    __table_args__ = (Index("ix_complaint_fact_day", "day"),)
