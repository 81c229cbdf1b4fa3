"""who wants which of the letters that come again and again

Revision: 0039
Follows: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailing_choice",
        sa.Column("who", sa.String(320), primary_key=True),
        sa.Column("mailing", sa.String(10), primary_key=True),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("mailing_choice")
