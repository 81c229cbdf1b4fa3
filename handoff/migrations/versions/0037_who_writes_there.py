"""the id of somebody at a messenger, sealed, so that a newer key can mark it

Revision: 0037
Follows: 0039
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("channel_sender") as sender:
        sender.add_column(sa.Column("sender", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("channel_sender") as sender:
        sender.drop_column("sender")
