"""who the visitor is, and what they agreed to

Revision: 0004
Follows: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversation") as conversation:
        conversation.add_column(sa.Column("identity", sa.String(length=200), nullable=True))
        conversation.add_column(sa.Column("identified_at", sa.DateTime(timezone=True), nullable=True))
        conversation.add_column(sa.Column("consent", sa.String(length=20), nullable=True))
        conversation.add_column(sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("conversation") as conversation:
        for name in ("consented_at", "consent", "identified_at", "identity"):
            conversation.drop_column(name)
