"""What customers think of a whole conversation, and what supervisors make of the work in one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from handoff.database import Table, new_id, now
from handoff.sealed import SealedText

CONVERSATION = "conversation.id"


class SurveyRow(Table):
    """The question after a conversation: one in its whole life. Without a score it was asked and not answered."""

    __tablename__ = "survey"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), unique=True)
    asked_at: Mapped[datetime] = mapped_column(default=now)
    at: Mapped[datetime | None]  # when it was answered
    kind: Mapped[str] = mapped_column(String(4))  # handoff.conversations.scores.Scale
    score: Mapped[int | None]
    comment: Mapped[str | None] = mapped_column(SealedText("survey.comment"))
    language: Mapped[str] = mapped_column(String(2))
    channel: Mapped[str] = mapped_column(String(50))
    team_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("team.id", ondelete="SET NULL"))
    agent_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("agent.id"))  # who had it at its end; None: the bot alone
    closed_by: Mapped[str] = mapped_column(String(10))  # bot, agent, customer
    outcome: Mapped[str | None] = mapped_column(String(20))  # of the conversation when it was asked
    awaits: Mapped[str | None] = mapped_column(String(10))  # what the customer's next words may be: score, comment
    follow_up: Mapped[str | None] = mapped_column(String(5))  # of a low score, for supervisors: open, done
    followed_at: Mapped[datetime | None]
    followed_by: Mapped[str | None] = mapped_column(String(40), ForeignKey("agent.id"))
    follow_note: Mapped[str | None] = mapped_column(SealedText("survey.follow_note"))

    __table_args__ = (
        Index("ix_survey_at", "at"),
        Index("ix_survey_agent_id_at", "agent_id", "at"),
        Index("ix_survey_open", "at", sqlite_where=text("follow_up = 'open'"), postgresql_where=text("follow_up = 'open'")),
    )


class ReviewRow(Table):
    """A supervisor has looked at one agent's work in a conversation. The agent sees it once it is shared."""

    __tablename__ = "review"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"))
    agent_id: Mapped[str] = mapped_column(String(40), ForeignKey("agent.id"))
    reviewer_id: Mapped[str] = mapped_column(String(40), ForeignKey("agent.id"))
    team_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("team.id", ondelete="SET NULL"))
    marks: Mapped[dict[str, int | None]] = mapped_column(JSON, default=dict)  # by criterion, 1–5; None: did not apply
    score: Mapped[float | None]  # their weighted mean when it was shared; criteria may change later
    words: Mapped[str | None] = mapped_column(SealedText("review.words"))  # to the agent
    reply: Mapped[str | None] = mapped_column(SealedText("review.reply"))  # the agent's answer
    came_by: Mapped[str | None] = mapped_column(String(6))  # how the conversation was come by (handoff.coaching.sample); None: before that was kept
    created_at: Mapped[datetime] = mapped_column(default=now)
    shared_at: Mapped[datetime | None]  # None: a draft, which only the reviewer sees
    seen_at: Mapped[datetime | None]  # by the agent
    acknowledged_at: Mapped[datetime | None]  # the agent has said so, by a click or an answer
    replied_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("conversation_id", "agent_id", "reviewer_id", name="uq_review_conversation_agent_reviewer"),
        Index("ix_review_agent_id_shared_at", "agent_id", "shared_at"),
        Index("ix_review_reviewer_id_created_at", "reviewer_id", "created_at"),
    )


class ReviewNoteRow(Table):
    """What the reviewer says of one message."""

    __tablename__ = "review_note"

    review_id: Mapped[str] = mapped_column(String(40), ForeignKey("review.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # of the message
    text: Mapped[str] = mapped_column(SealedText("review_note.text"))
