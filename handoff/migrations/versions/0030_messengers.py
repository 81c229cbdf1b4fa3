"""who writes at a messenger, their conversations, and the messages that have been taken

Revision: 0030
Follows: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_sender",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_sender")),
        sa.UniqueConstraint("channel", "mark", name="uq_channel_sender_mark"),
    )
    op.create_table(
        "channel_talk",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("sender_id", sa.String(40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_channel_talk_conversation_id_conversation"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_channel_talk")),
    )
    op.create_index(op.f("ix_channel_talk_sender_id"), "channel_talk", ["sender_id"])
    op.create_table(
        "channel_message",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_channel_message")),
    )
    op.create_index(op.f("ix_channel_message_at"), "channel_message", ["at"])


def downgrade() -> None:
    for table in ("channel_message", "channel_talk", "channel_sender"):
        op.drop_table(table)
