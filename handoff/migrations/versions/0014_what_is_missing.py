"""questions that were not answered, and the groups of those that ask the same

Revision: 0014
Follows: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gap",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("mean", sa.LargeBinary(), nullable=False),
        sa.Column("middle_id", sa.String(length=40), nullable=True),
        sa.Column("entry_id", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=True),
        sa.Column("nearest_id", sa.String(length=120), nullable=True),
        sa.Column("nearest_chance", sa.Float(), nullable=True),
        sa.Column("nearest_action", sa.String(length=12), nullable=True),
        sa.Column("asked_revision", sa.Integer(), nullable=False),
        sa.Column("asked_size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap")),
    )
    op.create_index(op.f("ix_gap_state"), "gap", ["state"])
    op.create_table(
        "gap_question",
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("gap_id", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=True),
        sa.Column("sketch", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["event.id"], name=op.f("fk_gap_question_message_id_event"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_gap_question_conversation_id_conversation"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["gap_id"], ["gap.id"], name=op.f("fk_gap_question_gap_id_gap"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_gap_question")),
    )
    for column in ("conversation_id", "gap_id", "at"):
        op.create_index(op.f(f"ix_gap_question_{column}"), "gap_question", [column])
    op.create_table(
        "gap_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_look")),
    )


def downgrade() -> None:
    for table in ("gap_look", "gap_question", "gap"):
        op.drop_table(table)
