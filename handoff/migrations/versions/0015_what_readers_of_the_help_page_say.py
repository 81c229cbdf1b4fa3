"""what readers of the help page say, and since when an answer is as it is

Revision: 0015
Follows: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("entry") as entry:
        entry.add_column(sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "help_rating",
        sa.Column("entry_id", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("helpful", sa.Integer(), nullable=False),
        sa.Column("unhelpful", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "language", "day", name=op.f("pk_help_rating")),
    )
    op.create_table(
        "help_mark",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_help_mark")),
    )
    op.create_index(op.f("ix_help_mark_day"), "help_mark", ["day"])
    op.create_table(
        "help_salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_help_salt")),
    )
    op.create_table(
        "help_comment",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("entry_id", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_comment")),
    )
    op.create_index(op.f("ix_help_comment_entry_id"), "help_comment", ["entry_id"])
    op.create_index(op.f("ix_help_comment_at"), "help_comment", ["at"])


def downgrade() -> None:
    for name in ("help_comment", "help_salt", "help_mark", "help_rating"):
        op.drop_table(name)
    with op.batch_alter_table("entry") as entry:
        entry.drop_column("published_at")
