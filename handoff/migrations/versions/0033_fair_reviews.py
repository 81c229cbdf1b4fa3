"""how the conversation of a review was come by, and that its agent has taken note of it

Revision: 0033
Follows: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("review") as review:
        review.add_column(sa.Column("came_by", sa.String(6), nullable=True))
        review.add_column(sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("review") as review:
        review.drop_column("acknowledged_at")
        review.drop_column("came_by")
