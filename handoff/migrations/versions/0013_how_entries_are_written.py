"""how entries are written: review, seasons, ids of old, who is in them

Revision: 0013
Follows: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("entry") as entry:
        entry.add_column(sa.Column("written_by", sa.String(length=40), nullable=True))
        entry.add_column(sa.Column("review_at", sa.DateTime(timezone=True), nullable=True))
        entry.add_column(sa.Column("review_note", sa.Text(), nullable=True))
        entry.add_column(sa.Column("merged_into", sa.String(length=120), nullable=True))
    with op.batch_alter_table("entry_revision") as kept:
        kept.add_column(sa.Column("act", sa.String(length=20), nullable=True))
        kept.add_column(sa.Column("note", sa.Text(), nullable=True))
    with op.batch_alter_table("catalogue") as catalogue:
        catalogue.add_column(sa.Column("day", sa.Date(), nullable=True))
    op.create_table(
        "entry_alias",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("entry_id", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_alias")),
    )
    op.create_index(op.f("ix_entry_alias_entry_id"), "entry_alias", ["entry_id"])
    op.create_table(
        "entry_presence",
        sa.Column("entry_id", sa.String(length=120), nullable=False),
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("writing", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "agent_id", name=op.f("pk_entry_presence")),
    )
    op.create_index(op.f("ix_entry_presence_seen_at"), "entry_presence", ["seen_at"])


def downgrade() -> None:
    op.drop_table("entry_presence")
    op.drop_table("entry_alias")
    with op.batch_alter_table("catalogue") as catalogue:
        catalogue.drop_column("day")
    with op.batch_alter_table("entry_revision") as kept:
        kept.drop_column("note")
        kept.drop_column("act")
    with op.batch_alter_table("entry") as entry:
        for name in ("merged_into", "review_note", "review_at", "written_by"):
            entry.drop_column(name)
