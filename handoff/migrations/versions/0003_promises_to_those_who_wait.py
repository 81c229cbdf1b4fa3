"""promises to those who wait

Revision: 0003
Follows: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MARKS = ("customer_at", "left_at", "late_at")


def upgrade() -> None:
    with op.batch_alter_table("conversation") as conversation:
        for name in MARKS:
            conversation.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "promise",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("promised_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picked_up", sa.Boolean(), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_promise_conversation_id_conversation"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    op.create_index(op.f("ix_promise_conversation_id"), "promise", ["conversation_id"])
    op.create_index(op.f("ix_promise_ended_at"), "promise", ["ended_at"])


def downgrade() -> None:
    op.drop_table("promise")
    with op.batch_alter_table("conversation") as conversation:
        for name in MARKS:
            conversation.drop_column(name)
