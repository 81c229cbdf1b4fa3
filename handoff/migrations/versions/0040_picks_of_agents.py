"""judgements of agents as facts that figures count

Revision: 0040
Follows: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pick_fact",
        sa.Column("message_id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("picked", sa.String(120), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
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
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_pick_fact")),
    )
    op.create_index("ix_pick_fact_day", "pick_fact", ["day"])
    op.create_index(op.f("ix_pick_fact_conversation_id"), "pick_fact", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("pick_fact")
