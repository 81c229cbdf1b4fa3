"""What the operator may choose of the doors: what is covered, and where limits are counted."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class DoorSettings(BaseSettings):
    """Part of `handoff.settings.Settings`."""

    mask_for_agents: bool = Field(
        False, description="agents see personal data in customers' messages masked, and show a message by a click that is written down"
    )
