"""where a matter stands, the customer's link to it, and the question whether all is well

Revision: 0010
Follows: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversation") as conversation:
        conversation.add_column(sa.Column("stage", sa.String(length=40), nullable=True))
        conversation.add_column(sa.Column("stage_at", sa.DateTime(timezone=True), nullable=True))
        conversation.add_column(sa.Column("link_hash", sa.String(length=64), nullable=True))
        conversation.add_column(sa.Column("link_sealed", sa.String(length=300), nullable=True))
        conversation.add_column(sa.Column("follow_up", sa.String(length=10), nullable=True))
        conversation.add_column(sa.Column("follow_up_at", sa.DateTime(timezone=True), nullable=True))
        conversation.add_column(sa.Column("again_at", sa.DateTime(timezone=True), nullable=True))
        conversation.create_index(op.f("ix_conversation_link_hash"), ["link_hash"], unique=True)
        conversation.create_index(op.f("ix_conversation_follow_up_at"), ["follow_up_at"])


def downgrade() -> None:
    with op.batch_alter_table("conversation") as conversation:
        conversation.drop_index(op.f("ix_conversation_follow_up_at"))
        conversation.drop_index(op.f("ix_conversation_link_hash"))
        for name in ("again_at", "follow_up_at", "follow_up", "link_sealed", "link_hash", "stage_at", "stage"):
            conversation.drop_column(name)
