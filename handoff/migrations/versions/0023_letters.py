"""letters that come and go: which conversation they belong to, and how far a box has been read

Revision: 0023
Follows: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0019"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mail_box",
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=True),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("held_by", sa.String(40), nullable=True),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("problem", sa.String(300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_box")),
    )
    op.create_table(
        "mail_thread",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("word_hash", sa.String(64), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_mail_thread_conversation_id_conversation"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_mail_thread")),
        sa.UniqueConstraint("word_hash", name=op.f("uq_mail_thread_word_hash")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("event_id", sa.String(40), nullable=True),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("box", sa.String(200), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.Column("answer_due_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_mail_conversation_id_conversation"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_mail_event_id_event"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("box", "mark", name="uq_mail_box_mark"),
    )
    for column in ("conversation_id", "event_id", "mark", "answer_due_at"):
        op.create_index(op.f(f"ix_mail_{column}"), "mail", [column])


def downgrade() -> None:
    for table in ("mail", "mail_thread", "mail_box"):
        op.drop_table(table)
