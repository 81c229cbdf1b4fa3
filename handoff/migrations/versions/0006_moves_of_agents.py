"""what agents put off, offer, remember and mention

Revision: 0006
Follows: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversation") as conversation:
        conversation.add_column(sa.Column("team_id", sa.String(length=40), nullable=True))
        conversation.add_column(sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
        conversation.add_column(sa.Column("offered_to", sa.String(length=40), nullable=True))
        conversation.add_column(sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True))
        conversation.create_foreign_key(op.f("fk_conversation_offered_to_agent"), "agent", ["offered_to"], ["id"])
        conversation.create_foreign_key(op.f("fk_conversation_team_id_team"), "team", ["team_id"], ["id"], ondelete="SET NULL")
        conversation.create_index(op.f("ix_conversation_team_id"), ["team_id"])
    with op.batch_alter_table("agent") as agent:
        agent.add_column(sa.Column("capacity", sa.Integer(), nullable=True))
    with op.batch_alter_table("team") as team:
        team.add_column(sa.Column("accept_seconds", sa.Integer(), nullable=True))
    op.create_table(
        "mention",
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_mention_agent_id_agent"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_mention_conversation_id_conversation"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_mention_event_id_event"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", "agent_id", name=op.f("pk_mention")),
    )
    op.create_index(op.f("ix_mention_conversation_id"), "mention", ["conversation_id"])
    unseen = sa.text("seen_at IS NULL")
    op.create_index("ix_mention_unseen", "mention", ["agent_id"], sqlite_where=unseen, postgresql_where=unseen)
    op.create_table(
        "reminder",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_reminder_agent_id_agent"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_reminder_conversation_id_conversation"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation_id", "agent_id", name=op.f("pk_reminder")),
    )
    op.create_index(op.f("ix_reminder_due_at"), "reminder", ["due_at"])


def downgrade() -> None:
    op.drop_table("reminder")
    op.drop_table("mention")
    with op.batch_alter_table("team") as team:
        team.drop_column("accept_seconds")
    with op.batch_alter_table("agent") as agent:
        agent.drop_column("capacity")
    with op.batch_alter_table("conversation") as conversation:
        conversation.drop_index(op.f("ix_conversation_team_id"))
        conversation.drop_constraint(op.f("fk_conversation_team_id_team"), type_="foreignkey")
        conversation.drop_constraint(op.f("fk_conversation_offered_to_agent"), type_="foreignkey")
        for name in ("offered_until", "offered_to", "snoozed_until", "team_id"):
            conversation.drop_column(name)
