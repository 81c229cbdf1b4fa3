"""calls that were promised, with the time that the customer chose

Revision: 0029
Follows: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone_call",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(9), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_phone_call_conversation_id_conversation", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_phone_call"),
    )
    op.create_index("ix_phone_call_conversation_id", "phone_call", ["conversation_id"])
    waits = sa.text("step = 'open'")
    op.create_index("ix_phone_call_open", "phone_call", ["starts"], sqlite_where=waits, postgresql_where=waits)


def downgrade() -> None:
    op.drop_table("phone_call")
