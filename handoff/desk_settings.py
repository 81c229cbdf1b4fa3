"""The settings of another desk instead of ours. Part of `handoff.settings`."""

from __future__ import annotations

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings


class DeskSettings(BaseSettings):
    """Where people answer when they do not answer here (docs/desks.md)."""

    forward_desk: bool = Field(False, description="people answer at forward_url: it gets what customers say on, and calls back (docs/desks.md)")

    chatwoot_url: str = Field("", description="your Chatwoot, which gets every handoff; empty means none (docs/desks.md)")
    chatwoot_token: SecretStr = Field(SecretStr(""), description="access token of a Chatwoot agent or agent bot; needed with chatwoot_url")
    chatwoot_account: int = Field(1, ge=1, description="the number of your account there")
    chatwoot_inbox: int = Field(1, ge=1, description="the number of the inbox of type API there")
    chatwoot_secret: SecretStr = Field(SecretStr(""), description="signs what Chatwoot tells us: the secret of its webhook")

    @field_validator("chatwoot_url")
    @classmethod
    def _is_chatwoot(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("chatwoot_token", "chatwoot_secret")
    @classmethod
    def _comes_with_chatwoot(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("chatwoot_url") and not value.get_secret_value():
            raise ValueError("must be set when ABILINE_CHATWOOT_URL is")
        return value
