"""people: second step, OpenID, invitations, teams, and a trail whose rows are chained

Revision: 0005
Follows: 0003
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("agent") as agent:
        agent.add_column(sa.Column("email", sa.String(length=320), nullable=True))
        agent.add_column(sa.Column("subject", sa.String(length=500), nullable=True))
        agent.add_column(sa.Column("totp_secret", sa.String(length=300), nullable=True))
        agent.add_column(sa.Column("totp_pending", sa.String(length=300), nullable=True))
        agent.add_column(sa.Column("totp_step", sa.Integer(), server_default="0", nullable=False))
        agent.add_column(sa.Column("language", sa.String(length=2), nullable=True))
        agent.add_column(sa.Column("theme", sa.String(length=5), nullable=True))
        agent.create_unique_constraint(op.f("uq_agent_email"), ["email"])
        agent.create_unique_constraint(op.f("uq_agent_subject"), ["subject"])
    with op.batch_alter_table("login") as login:
        login.add_column(sa.Column("waits_for", sa.String(length=10), nullable=True))
        login.add_column(sa.Column("way", sa.String(length=10), server_default="password", nullable=False))
        login.add_column(sa.Column("address", sa.String(length=45), nullable=True))
        login.add_column(sa.Column("device", sa.String(length=400), nullable=True))
    with op.batch_alter_table("audit") as audit:
        audit.add_column(sa.Column("address", sa.String(length=45), nullable=True))
        audit.add_column(sa.Column("previous", sa.String(length=64), server_default="", nullable=False))
        audit.add_column(sa.Column("hash", sa.String(length=64), server_default="", nullable=False))
        audit.create_index("ix_audit_at", ["at"])
        audit.create_index("ix_audit_target", ["target", "agent_id"])
    _create_tables()
    _chain_what_is_there()


def _create_tables() -> None:
    owner = sa.ForeignKeyConstraint
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        owner(["agent_id"], ["agent.id"], name=op.f("fk_recovery_code_agent_id_agent"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_agent_id"), "recovery_code", ["agent_id"])
    op.create_table(
        "invitation",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        owner(["agent_id"], ["agent.id"], name=op.f("fk_invitation_agent_id_agent"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_agent_id"), "invitation", ["agent_id"])
    op.create_table(
        "team",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.String(length=40), nullable=False),
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        owner(["team_id"], ["team.id"], name=op.f("fk_team_member_team_id_team"), ondelete="CASCADE"),
        owner(["agent_id"], ["agent.id"], name=op.f("fk_team_member_agent_id_agent"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "agent_id", name=op.f("pk_team_member")),
    )
    op.create_index(op.f("ix_team_member_agent_id"), "team_member", ["agent_id"])


def _chain_what_is_there() -> None:
    """Rows from before the chain get their place in it, as `handoff.accounts.trail` wrote them at this revision."""
    audit = sa.table(
        "audit",
        sa.column("id", sa.Integer()),
        sa.column("at", sa.DateTime(timezone=True)),
        *(sa.column(name, sa.String()) for name in ("agent_id", "act", "target", "previous", "hash")),
    )
    head = sa.table("audit_head", sa.column("id", sa.Integer()), sa.column("number", sa.Integer()), sa.column("hash", sa.String()))
    connection = op.get_bind()
    number, previous = 0, ""
    for row in connection.execute(sa.select(audit.c.id, audit.c.at, audit.c.agent_id, audit.c.act, audit.c.target).order_by(audit.c.id)).all():
        at: datetime = row.at.replace(tzinfo=UTC) if row.at.tzinfo is None else row.at.astimezone(UTC)
        number += 1
        said = [previous, number, at.isoformat(timespec="microseconds"), row.agent_id, row.act, row.target, None]
        made = hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
        connection.execute(audit.update().where(audit.c.id == row.id).values(id=number, previous=previous, hash=made))
        previous = made
    connection.execute(head.insert().values(id=1, number=number, hash=previous))


def downgrade() -> None:
    for name in ("team_member", "team", "invitation", "recovery_code", "audit_head"):
        op.drop_table(name)
    with op.batch_alter_table("audit") as audit:
        audit.drop_index("ix_audit_target")
        audit.drop_index("ix_audit_at")
        for name in ("hash", "previous", "address"):
            audit.drop_column(name)
    with op.batch_alter_table("login") as login:
        for name in ("device", "address", "way", "waits_for"):
            login.drop_column(name)
    with op.batch_alter_table("agent") as agent:
        agent.drop_constraint(op.f("uq_agent_subject"), type_="unique")
        agent.drop_constraint(op.f("uq_agent_email"), type_="unique")
        for name in ("theme", "language", "totp_step", "totp_pending", "totp_secret", "subject", "email"):
            agent.drop_column(name)
