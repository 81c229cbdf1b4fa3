"""how we know who the customer is, and the codes that are sent to find out

Revision: 0009
Follows: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversation") as conversation:
        conversation.add_column(sa.Column("email_signed", sa.Boolean(), nullable=True))
        conversation.add_column(sa.Column("verified_how", sa.String(length=10), nullable=True))
        conversation.add_column(sa.Column("verified_what", sa.String(length=100), nullable=True))
        conversation.add_column(sa.Column("verified_by", sa.String(length=40), nullable=True))
        conversation.add_column(sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
        conversation.create_foreign_key(op.f("fk_conversation_verified_by_agent"), "agent", ["verified_by"], ["id"])
    op.execute("UPDATE conversation SET verified_how = 'signed', verified_at = identified_at WHERE identity IS NOT NULL")
    op.create_table(
        "verification_code",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("cause", sa.String(length=120), nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("on_file", sa.Boolean(), nullable=False),
        sa.Column("entry_id", sa.String(length=120), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("right", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_verification_code_conversation_id_conversation"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_code")),
        sa.UniqueConstraint("cause", name=op.f("uq_verification_code_cause")),
    )
    op.create_index(op.f("ix_verification_code_conversation_id"), "verification_code", ["conversation_id"])
    op.create_index(op.f("ix_verification_code_address_hash"), "verification_code", ["address_hash"])


def downgrade() -> None:
    op.drop_table("verification_code")
    with op.batch_alter_table("conversation") as conversation:
        conversation.drop_constraint(op.f("fk_conversation_verified_by_agent"), type_="foreignkey")
        for name in ("verified_at", "verified_by", "verified_what", "verified_how", "email_signed"):
            conversation.drop_column(name)
