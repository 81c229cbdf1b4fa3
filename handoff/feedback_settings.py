"""What the operator may choose of asking customers how it was, and of reviewing conversations."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class FeedbackSettings(BaseSettings):
    """Part of `handoff.settings.Settings` (docs/feedback.md)."""

    survey: Literal["csat", "nps", "ces", "none"] = Field(
        "csat", description="what customers are asked after a conversation: csat how content 1-5, nps recommending 0-10, ces how easy 1-7, none nothing"
    )
    survey_quiet_minutes: float = Field(
        20, ge=0, le=600, description="who had only the bot is asked after so many minutes of silence; 0 means only where somebody ends the conversation"
    )
    low_score: int | None = Field(
        None, ge=0, le=10, description="answers to that question up to this one are shown to supervisors; empty means 2 of csat, 6 of nps, 3 of ces"
    )
    review_criteria: str = Field("", description="YAML file of what supervisors review conversations by (docs/feedback.md); empty means the usual six")
