"""each wording of the privacy notice that ever stood

Revision: 0020
Follows: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_since"), "notice", ["since"])


def downgrade() -> None:
    op.drop_table("notice")
