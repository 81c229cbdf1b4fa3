"""The settings of what is kept for how long, and of what people are told about it. Part of `handoff.settings`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class PrivacySettings(BaseSettings):
    """What the operator may choose of personal data (docs/privacy.md)."""

    consent: Literal["notice", "required"] = Field("notice", description="required: a customer agrees to the privacy notice before the first message")
    privacy_notice: Path | None = Field(None, description="your own privacy notice: a Markdown file, or a folder with et.md, en.md and ru.md (docs/privacy.md)")
    privacy_contact: str = Field("", description="address for privacy matters in the notice; empty points to the chat")

    keep_days: int = Field(365, ge=1, description="a conversation silent for so many days is erased; the privacy notice says so")
    keep_contact_days: int = Field(0, ge=0, description="names, contacts and pages of closed conversations go after so many days; 0: with the conversation")
    keep_attachment_days: int = Field(0, ge=0, description="files of closed conversations go after so many days; 0: with the conversation")
    keep_tracker_days: int = Field(0, ge=0, description="what the bot remembers of closed conversations goes after so many days; 0: with the conversation")
    keep_rating_days: int = Field(0, ge=0, description="the words of ratings go after so many days; 0: with the conversation")
    keep_gap_days: int = Field(0, ge=0, description="examples of questions without an answer go after so many days; 0: with the conversation")
    keep_outbox_days: int = Field(30, ge=1, description="what was delivered, or could not be, is forgotten after so many days")
    audit_keep_days: int = Field(730, ge=30, description="who did what is kept for so many days")
