"""facts that figures count

Revision: 0022
Follows: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0028"
branch_labels = None
depends_on = None
MOMENT = sa.DateTime(timezone=True)


def _dimensions() -> list[sa.Column[object]]:
    return [
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("channel", sa.String(50), nullable=False),
        sa.Column("team_id", sa.String(40), nullable=True),
        sa.Column("agent_id", sa.String(40), nullable=True),
        sa.Column("entry_id", sa.String(120), nullable=True),
        sa.Column("topic", sa.String(80), nullable=True),
        sa.Column("reason", sa.String(20), nullable=True),
    ]


def upgrade() -> None:
    op.create_table(
        "talk_fact",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("made_as", sa.String(60), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("listened", sa.Boolean(), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("handled_seconds", sa.Float(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("again_seconds", sa.Float(), nullable=True),
        sa.Column("known_before", sa.Boolean(), nullable=False),
        sa.Column("lost", sa.Boolean(), nullable=False),
        *_dimensions(),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_talk_fact")),
    )
    op.create_index("ix_talk_fact_day", "talk_fact", ["day"])
    op.create_table(
        "call_fact",
        sa.Column("event_id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("in_hours", sa.Boolean(), nullable=False),
        sa.Column("claimed_seconds", sa.Float(), nullable=True),
        sa.Column("answered_seconds", sa.Float(), nullable=True),
        *_dimensions(),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_call_fact")),
    )
    op.create_index("ix_call_fact_day", "call_fact", ["day"])
    op.create_index(op.f("ix_call_fact_conversation_id"), "call_fact", ["conversation_id"])
    for table, column in (("decision", "at"), ("rating", "at"), ("conversation", "created_at")):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table, column in (("decision", "at"), ("rating", "at"), ("conversation", "created_at")):
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    op.drop_table("call_fact")
    op.drop_table("talk_fact")
