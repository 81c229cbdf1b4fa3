"""reply templates for verified customers only

Revision: 0012
Follows: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reply_template") as template:
        template.add_column(sa.Column("needs_identity", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("reply_template") as template:
        template.drop_column("needs_identity")
