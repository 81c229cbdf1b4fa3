"""which product a conversation is about, and complaints as facts that figures count

Revision: 0041
Follows: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversation", sa.Column("product", sa.String(60), nullable=True))
    op.create_table(
        "complaint_fact",
        sa.Column("event_id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("product", sa.String(60), nullable=True),
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
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_complaint_fact")),
    )
    op.create_index("ix_complaint_fact_day", "complaint_fact", ["day"])
    op.create_index(op.f("ix_complaint_fact_conversation_id"), "complaint_fact", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("complaint_fact")
    with op.batch_alter_table("conversation") as conversation:
        conversation.drop_column("product")
