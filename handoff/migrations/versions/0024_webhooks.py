"""webhooks

Revision: 0024
Follows: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
MOMENT = sa.DateTime(timezone=True)
OWED = sa.text("delivered_at IS NULL AND dead_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=True),
        sa.Column("old_until", MOMENT, nullable=True),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("with_words", sa.Boolean(), nullable=False),
        sa.Column("paused_at", MOMENT, nullable=True),
        sa.Column("paused_why", sa.String(20), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("receiver", sa.String(40), nullable=False, server_default=""))
        outbox.add_column(sa.Column("lane", sa.String(80), nullable=True))
        outbox.add_column(sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
        outbox.create_index(outbox.f("ix_outbox_receiver"), ["receiver"])
        outbox.create_index(outbox.f("ix_outbox_lane"), ["lane"])
        outbox.create_index("ix_outbox_owed", ["next_at"], sqlite_where=OWED, postgresql_where=OWED)


def downgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_index("ix_outbox_owed")
        outbox.drop_index(outbox.f("ix_outbox_lane"))
        outbox.drop_index(outbox.f("ix_outbox_receiver"))
        for name in ("place", "lane", "receiver"):
            outbox.drop_column(name)
    op.drop_table("webhook")
