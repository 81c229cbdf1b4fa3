"""reply templates, and words that the proofreader passes over

Revision: 0007
Follows: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reply_template",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("shortcut", sa.String(length=30), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.String(length=40), nullable=True),
        sa.Column("team_id", sa.String(length=40), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"], name=op.f("fk_reply_template_owner_id_agent"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_reply_template_team_id_team"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_template")),
    )
    op.create_index(op.f("ix_reply_template_owner_id"), "reply_template", ["owner_id"])
    op.create_index(op.f("ix_reply_template_team_id"), "reply_template", ["team_id"])
    op.create_table(
        "known_word",
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_known_word_agent_id_agent"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("agent_id", "word", name=op.f("pk_known_word")),
    )


def downgrade() -> None:
    op.drop_table("known_word")
    op.drop_table("reply_template")
