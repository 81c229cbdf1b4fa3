"""the question after a conversation, and what supervisors make of the work in one

Revision: 0021
Follows: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("follow_up = 'open'")


def upgrade() -> None:
    with op.batch_alter_table("conversation") as conversation:
        conversation.add_column(sa.Column("survey_at", MOMENT, nullable=True))
        conversation.create_index(op.f("ix_conversation_survey_at"), ["survey_at"])
    op.create_table(
        "survey",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=True),
        sa.Column("kind", sa.String(4), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("channel", sa.String(50), nullable=False),
        sa.Column("team_id", sa.String(40), nullable=True),
        sa.Column("agent_id", sa.String(40), nullable=True),
        sa.Column("closed_by", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.Column("awaits", sa.String(10), nullable=True),
        sa.Column("follow_up", sa.String(5), nullable=True),
        sa.Column("followed_at", MOMENT, nullable=True),
        sa.Column("followed_by", sa.String(40), nullable=True),
        sa.Column("follow_note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_survey_conversation_id_conversation"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_survey_team_id_team"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_survey_agent_id_agent")),
        sa.ForeignKeyConstraint(["followed_by"], ["agent.id"], name=op.f("fk_survey_followed_by_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_survey_conversation_id")),
    )
    op.create_index("ix_survey_at", "survey", ["at"])
    op.create_index("ix_survey_agent_id_at", "survey", ["agent_id", "at"])
    op.create_index("ix_survey_open", "survey", ["at"], sqlite_where=OPEN, postgresql_where=OPEN)
    _create_reviews()


def _create_reviews() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("agent_id", sa.String(40), nullable=False),
        sa.Column("reviewer_id", sa.String(40), nullable=False),
        sa.Column("team_id", sa.String(40), nullable=True),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("shared_at", MOMENT, nullable=True),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("replied_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_review_conversation_id_conversation"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_review_agent_id_agent")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["agent.id"], name=op.f("fk_review_reviewer_id_agent")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_review_team_id_team"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("conversation_id", "agent_id", "reviewer_id", name="uq_review_conversation_agent_reviewer"),
    )
    op.create_index("ix_review_agent_id_shared_at", "review", ["agent_id", "shared_at"])
    op.create_index("ix_review_reviewer_id_created_at", "review", ["reviewer_id", "created_at"])
    op.create_table(
        "review_note",
        sa.Column("review_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_note_review_id_review"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("review_id", "number", name=op.f("pk_review_note")),
    )


def downgrade() -> None:
    for table in ("review_note", "review", "survey"):
        op.drop_table(table)
    with op.batch_alter_table("conversation") as conversation:
        conversation.drop_index(op.f("ix_conversation_survey_at"))
        conversation.drop_column("survey_at")
