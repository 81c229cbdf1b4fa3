"""a legal hold on a conversation

Revision: 0017
Follows: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversation") as conversation:
        conversation.add_column(sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
        conversation.add_column(sa.Column("held_by", sa.String(length=40), nullable=True))
        conversation.add_column(sa.Column("held_why", sa.Text(), nullable=True))
        conversation.add_column(sa.Column("wished_gone_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("conversation") as conversation:
        for name in ("wished_gone_at", "held_why", "held_by", "held_at"):
            conversation.drop_column(name)
