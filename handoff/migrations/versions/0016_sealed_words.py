"""personal words are sealed: room for them, the mark by which a wrong key shows, and the marks by which conversations are found

Revision: 0016
Follows: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None

# A sealed text is longer than what it holds. SQLite does not hold to lengths; there the columns stay as they are.
LENGTHS = {
    "conversation": {"name": 200, "email": 320, "phone": 40, "identity": 200, "verified_what": 100, "device": 400},
    "attachment": {"name": 200},
    "reminder": {"about": 200},
}


def upgrade() -> None:
    op.create_table(
        "key_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_check")),
    )
    op.create_table(
        "search_mark",
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_search_mark_conversation_id_conversation"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mark", "conversation_id", name=op.f("pk_search_mark")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_search_mark_conversation_id"), "search_mark", ["conversation_id"])
    if op.get_bind().dialect.name != "sqlite":
        for table, columns in LENGTHS.items():
            for column, length in columns.items():
                op.alter_column(table, column, existing_type=sa.String(length=length), type_=sa.Text())


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for table, columns in LENGTHS.items():
            for column, length in columns.items():
                op.alter_column(
                    table, column, existing_type=sa.Text(), type_=sa.String(length=length), postgresql_using=f"left({column}, {length})"
                )
    op.drop_index(op.f("ix_search_mark_conversation_id"), table_name="search_mark")
    op.drop_table("search_mark")
    op.drop_table("key_check")
