"""how soon teams promise to answer and solve, and the clocks of it

Revision: 0008
Follows: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversation") as conversation:
        for name in ("due_at", "due_soon_at", "overdue_at"):
            conversation.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        conversation.add_column(sa.Column("due_goal", sa.String(length=10), nullable=True))
    op.create_table(
        "sla_policy",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("team_id", sa.String(length=40), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        *(sa.Column(f"{name}_minutes", sa.Integer(), nullable=True) for name in ("first", "next", "letter", "solution")),
        sa.Column("stops_when_snoozed", sa.Boolean(), nullable=False),
        sa.Column("stops_for_customer", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_sla_policy_team_id_team"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policy")),
    )
    op.create_table(
        "sla_clock",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("team_id", sa.String(length=40), nullable=True),
        sa.Column("goal", sa.String(length=10), nullable=False),
        sa.Column("in_chat", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("goal_seconds", sa.Integer(), nullable=False),
        sa.Column("left_seconds", sa.Float(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in ("running_since", "due_at", "soon_at", "broken_at", "ended_at")),
        sa.Column("kept", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_sla_clock_conversation_id_conversation"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_sla_clock_team_id_team"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_clock")),
    )
    still_open, unbroken = sa.text("ended_at IS NULL"), sa.text("ended_at IS NULL AND broken_at IS NULL")
    op.create_index("ix_sla_clock_open", "sla_clock", ["conversation_id"], sqlite_where=still_open, postgresql_where=still_open)
    op.create_index("ix_sla_clock_due", "sla_clock", ["due_at"], sqlite_where=unbroken, postgresql_where=unbroken)
    op.create_index("ix_sla_clock_ended_at", "sla_clock", ["ended_at"])


def downgrade() -> None:
    op.drop_table("sla_clock")
    op.drop_table("sla_policy")
    with op.batch_alter_table("conversation") as conversation:
        for name in ("due_at", "due_soon_at", "due_goal", "overdue_at"):
            conversation.drop_column(name)
