"""The settings of messengers. Part of `handoff.settings`."""

from __future__ import annotations

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings


class ChannelSettings(BaseSettings):
    """Where customers write besides the site (docs/channels.md). A messenger without its token is off."""

    telegram_token: SecretStr = Field(SecretStr(""), description="token of your Telegram bot, from @BotFather; empty means no Telegram")
    telegram_secret: SecretStr = Field(SecretStr(""), description="Telegram brings it with every call (A-Z a-z 0-9 _ -); needed with telegram_token")
    telegram_api: str = Field("https://api.telegram.org", description="where Telegram's Bot API is: another one where you run it yourself")

    slack_token: SecretStr = Field(SecretStr(""), description="token of your Slack app's bot user (xoxb-…); empty means no Slack")
    slack_secret: SecretStr = Field(SecretStr(""), description="the app's signing secret; needed with slack_token")
    slack_api: str = Field("https://slack.com/api", description="where Slack's Web API is")

    facebook_token: SecretStr = Field(SecretStr(""), description="access token of your Facebook page; empty means no Messenger")
    facebook_secret: SecretStr = Field(SecretStr(""), description="secret of your Meta app, which signs its calls; needed with facebook_token")
    facebook_verify: SecretStr = Field(SecretStr(""), description="a word of your own that Meta says when it first calls; needed with facebook_token")
    facebook_api: str = Field("https://graph.facebook.com/v23.0", description="where Meta's Graph API is, with its version")
    facebook_human_agent: bool = Field(False, description="Meta has given your page the human agent tag: people may answer for seven days, not one")

    @field_validator("telegram_secret", "slack_secret", "facebook_secret", "facebook_verify")
    @classmethod
    def _comes_with_the_token(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        token = info.data.get((info.field_name or "").split("_")[0] + "_token")
        if token and token.get_secret_value() and not value.get_secret_value():
            raise ValueError("must be set when the token of this messenger is")
        return value

    @field_validator("telegram_api", "slack_api", "facebook_api")
    @classmethod
    def _is_an_api(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")
