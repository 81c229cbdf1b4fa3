"""The endpoints of webhooks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from handoff.database import Table, new_id, now
from handoff.sealed import SealedText


class WebhookRow(Table):
    """Where another system hears what happens. Address and secrets are sealed: who has them could speak in our name, or listen in another's."""

    __tablename__ = "webhook"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(SealedText("webhook.url"))
    secret: Mapped[str] = mapped_column(SealedText("webhook.secret"))
    old_secret: Mapped[str | None] = mapped_column(SealedText("webhook.old_secret"))
    old_until: Mapped[datetime | None]  # until then what is sent is signed with the old secret too
    groups: Mapped[list[str]] = mapped_column(default=list)  # handoff.endpoints.telling.GROUPS; empty: everything
    with_words: Mapped[bool] = mapped_column(default=False)  # what was said too, not only that something was
    paused_at: Mapped[datetime | None]
    paused_why: Mapped[str | None] = mapped_column(String(20))  # by_hand, or gone: the receiver said so
    made_at: Mapped[datetime] = mapped_column(default=now)
