"""conversations at another desk

Revision: 0028
Follows: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_talk",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("remote_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_desk_talk_conversation_id_conversation"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_desk_talk")),
        sa.UniqueConstraint("remote_id", name=op.f("uq_desk_talk_remote_id")),
    )


def downgrade() -> None:
    op.drop_table("desk_talk")
