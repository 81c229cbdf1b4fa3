"""Every setting: its name, its default and one sentence. Read once at the start; a wrong value stops it and names the key.

Each can come from the environment (`ABILINE_PORT=8080`), from a file `.env`, and a secret also from a file whose path
is in `ABILINE_<NAME>_FILE`.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from handoff.accounts.tables import Role
from handoff.channel_settings import ChannelSettings
from handoff.conversations.filetypes import TYPES
from handoff.desk_settings import DeskSettings
from handoff.door_settings import DoorSettings
from handoff.errors import SettingsError
from handoff.feedback_settings import FeedbackSettings
from handoff.mail_settings import MailSettings
from handoff.privacy_settings import PrivacySettings
from handoff.watch_settings import WatchSettings
from handoff.week import Week

SECRET_FIELDS = (
    "secret_key",
    "data_key",
    "intake_token",
    "database_url",
    "forward_secret",
    "identity_secret",
    "smtp_url",
    "imap_url",
    "oidc_client_secret",
    "metrics_token",
    "chatwoot_token",
    "chatwoot_secret",
    "telegram_token",
    "telegram_secret",
    "slack_token",
    "slack_secret",
    "facebook_token",
    "facebook_secret",
    "facebook_verify",
    "redis_url",
)
SHORTEST_KEY = 32  # bytes, as RFC 7518 asks of a key for HS256


class Settings(WatchSettings, PrivacySettings, MailSettings, DoorSettings, DeskSettings, FeedbackSettings, ChannelSettings):
    """What the operator may choose."""

    model_config = SettingsConfigDict(validate_default=True, env_prefix="ABILINE_", env_file=".env", extra="forbid", frozen=True)

    environment: Literal["development", "production"] = Field("development", description="production refuses made-up secrets")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="port to listen on")
    public_url: str = Field("", description="where customers and agents reach this service; empty means http://localhost and the port")
    company: str = Field("Kodukaup", description="the name that customers read")
    bot_name: str = Field("Abiline", description="what the bot calls itself")

    data_dir: Path = Field(Path("var"), description="database, attachments and made secrets live here")
    database_url: SecretStr = Field(SecretStr(""), description="SQLAlchemy address; empty means SQLite in data_dir")
    redis_url: SecretStr = Field(SecretStr(""), description="Redis that wakes readers of other processes at once (docs/deployment.md); empty: one process")
    model_dir: Path = Field(Path("models"), description="Rasa models and the exported encoder")
    faq_dir: Path = Field(Path("data/faq"), description="starter entries, and the import and export format")

    secret_key: SecretStr = Field(SecretStr(""), description="signs sessions; made and kept in data_dir when empty in development")
    data_key: SecretStr = Field(
        SecretStr(""), description="seals what people write (docs/privacy.md); made and kept in data_dir when empty; several: the first seals, all open"
    )
    intake_token: SecretStr = Field(SecretStr(""), description="lets a separate Rasa hand conversations over; empty closes that door")
    forward_url: str = Field("", description="another desk that gets every handoff by the outbox; empty means none")
    forward_secret: SecretStr = Field(SecretStr(""), description="signs what is forwarded")
    webhooks_inside: bool = Field(False, description="webhooks may lead into your own network, and by http (docs/webhooks.md)")
    identity_secret: SecretStr = Field(SecretStr(""), description="with it your site signs who is logged in there (docs/widget.md); empty closes that door")
    entry_review: Literal["optional", "required"] = Field("optional", description="required: another person publishes an answer than who wrote it")
    greetings: str = Field("", description="YAML file of the bot's first words by page (docs/widget.md); empty means one greeting for all")
    widget_origins: str = Field("*", description="sites that may embed the widget, comma separated; * means any")

    attachment_types: Annotated[tuple[str, ...], NoDecode] = Field(
        tuple(TYPES), description="kinds of files that may be sent, comma separated; none turns files off"
    )
    attachment_size: int = Field(10, ge=1, le=100, description="megabytes of one file at most")
    attachment_count: int = Field(20, ge=1, description="files that each side may send in one conversation")
    attachment_total: int = Field(50, ge=1, description="megabytes of all files that each side may send in one conversation")

    stages: str = Field("", description="YAML file of where a matter can stand (docs/desk.md); empty means taken, supplier, customer, solved")
    products: str = Field("", description="text file of your products, one a line, for the card of complaints (docs/desk.md); empty means none")
    notices: Annotated[tuple[Literal["chat", "mail"], ...], NoDecode] = Field(
        ("chat", "mail"), description="how customers hear that their matter has moved, comma separated; empty means they only see it on its page"
    )
    status_days: int = Field(30, ge=1, description="the page of a matter is there for so many days after it was closed")
    follow_up_hours: float = Field(0, ge=0, description="so long after a matter was solved its customer is asked whether all is well; 0 means not at all")

    help_color: str = Field("", description="your colour on the help page, as #rrggbb (docs/help.md); empty means cornflower blue")
    help_logo: str = Field("", description="address of your logo at the head of the help page; empty means an icon")
    help_site: str = Field("", description="address of your own site, to which the help page leads back; empty means it does not")
    help_links: Annotated[tuple[tuple[str, str], ...], NoDecode] = Field(
        (), description="links at the head of the help page, comma separated: Pood=https://pood.ee,Kauplused=https://pood.ee/poed"
    )

    accessibility_contact: str = Field("", description="address for feedback in the accessibility statement; empty points to the chat")

    login_idle_hours: float = Field(12, gt=0, le=168, description="a log-in that is not used for so many hours is over")
    login_days: float = Field(7, gt=0, le=90, description="after so many days everybody logs in again, whether at work or not")
    totp_roles: Annotated[tuple[Role, ...], NoDecode] = Field(
        (), description="roles that need a second step when they log in by password, comma separated: agent, editor, supervisor, admin"
    )
    oidc_issuer: str = Field("", description="log-in by OpenID Connect (docs/people.md): the provider's issuer; empty means by password only")
    oidc_client_id: str = Field("", description="what the provider calls this service; needed with oidc_issuer")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="what the provider gave with the client id; needed with oidc_issuer")
    oidc_name: str = Field("OpenID", description="what the button on the log-in page says, such as TARA")
    oidc_scope: str = Field("openid profile email", description="what is asked of the provider; TARA takes openid alone")
    oidc_acr: Annotated[tuple[str, ...], NoDecode] = Field((), description="levels of assurance that are enough, comma separated; empty means any")
    oidc_trust_email: bool = Field(False, description="rely on e-mail addresses that the provider does not call verified: only for a directory of your own")
    oidc_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="mail domains whose people become agents when they first log in by OpenID, comma separated; empty means only the invited come in"
    )

    answer_precision: float = Field(0.9, gt=0, lt=1, description="share of the bot's answers that are to be right")
    reply_timeout: float = Field(5.0, gt=0, description="seconds after which a person is offered instead of the bot's answer")
    bot_queue: int = Field(64, ge=1, description="messages that may wait for the bot at once")

    time_zone: str = Field("Europe/Tallinn", description="zone of hours, reports and times shown")
    hours: str = Field("E-R 9-18", description="when people are here, such as E-R 9-12, 13-18; L 10-14 (or Mon-Fri, Пн-Пт)")
    eves_shorter: float = Field(0, ge=0, le=8, description="hours by which the eves of holidays end earlier, 3 by law; 0 means not at all")
    open_on_holidays: bool = Field(False, description="people are here on public holidays too")
    gone_minutes: float = Field(3, ge=1, description="a waiting customer whose page gives no sign for so many minutes is shown as gone")

    @field_validator("public_url", "forward_url", "help_logo", "help_site")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _is_here_unless_said(cls, value: str, info: ValidationInfo) -> str:
        return value or f"http://localhost:{info.data.get('port', '')}"

    @field_validator("help_color")
    @classmethod
    def _is_colour(cls, value: str) -> str:
        if value and not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ValueError("must look like #0f766e")
        return value.lower()

    @field_validator("help_links", mode="before")
    @classmethod
    def _are_links(cls, value: object) -> object:
        listed = _listed(value)
        pairs = tuple(one.partition("=")[::2] if isinstance(one, str) else one for one in listed) if isinstance(listed, tuple) else listed
        if not isinstance(pairs, tuple) or not all(title.strip() and address.strip().startswith(("https://", "http://", "/")) for title, address in pairs):
            raise ValueError("must look like Pood=https://pood.ee,Kauplused=https://pood.ee/poed")
        return tuple((title.strip(), address.strip()) for title, address in pairs)

    @field_validator("time_zone")
    @classmethod
    def _is_known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, not a name at all, or a folder of names such as "Europe"
            raise ValueError("must be the name of a time zone, such as Europe/Tallinn") from None
        return value

    @field_validator("hours")
    @classmethod
    def _is_a_week(cls, value: str) -> str:
        Week.read(value)
        return value

    @field_validator("forward_secret")
    @classmethod
    def _is_usable_secret(cls, value: SecretStr) -> SecretStr:
        written = value.get_secret_value()
        if written.startswith("whsec_"):
            try:
                base64.b64decode(written.removeprefix("whsec_"), validate=True)
            except ValueError:
                raise ValueError("after whsec_ there must be Base64") from None
        return value

    @field_validator("identity_secret")
    @classmethod
    def _is_hard_to_guess(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value().encode()) < SHORTEST_KEY:
            raise ValueError(f"must have at least {SHORTEST_KEY} characters")
        return value

    @field_validator("attachment_types", mode="before")
    @classmethod
    def _are_known_types(cls, value: object) -> object:
        names = _listed(value)
        if not isinstance(names, tuple) or not set(names) <= set(TYPES):
            raise ValueError(f"must be some of {','.join(TYPES)}, or empty")
        return names

    @field_validator("totp_roles", mode="before")
    @classmethod
    def _are_known_roles(cls, value: object) -> object:
        names = _listed(value)
        if not isinstance(names, tuple) or not set(names) <= set(Role):
            raise ValueError(f"must be some of {','.join(Role)}, or empty")
        return names

    @field_validator("oidc_acr", "oidc_domains", "notices", mode="before")
    @classmethod
    def _is_listed(cls, value: object) -> object:
        return _listed(value)

    @field_validator("oidc_domains")
    @classmethod
    def _are_in_small_letters(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.lower().removeprefix("@") for name in value)

    @field_validator("oidc_issuer")
    @classmethod
    def _is_safe_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and parts.scheme != "https" and (parts.scheme, parts.hostname) not in (("http", "localhost"), ("http", "127.0.0.1")):
            raise ValueError("must begin with https://")
        return value

    @field_validator("oidc_client_id", "oidc_client_secret")
    @classmethod
    def _comes_with_the_issuer(cls, value: str | SecretStr, info: ValidationInfo) -> str | SecretStr:
        written = value.get_secret_value() if isinstance(value, SecretStr) else value
        if info.data.get("oidc_issuer") and not written:
            raise ValueError("must be set when ABILINE_OIDC_ISSUER is")
        return value

    @property
    def sqlalchemy_url(self) -> str:
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / 'abiline.db'}"

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://")


def _listed(value: object) -> object:
    """The parts of a comma separated setting; anything else as it is."""
    return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value


def read_settings(**overrides: object) -> Settings:
    """The settings of this process. Raises `SettingsError` naming the first wrong key and what it must be."""
    from_files = {name: _secret_file(name) for name in SECRET_FIELDS if name != "data_key"}  # handoff.keys follows that file while serving
    values = {name: value for name, value in from_files.items() if value is not None} | overrides
    try:
        settings = Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError(_problem(error)) from None
    if settings.environment == "production" and not settings.secret_key.get_secret_value():
        raise SettingsError("ABILINE_SECRET_KEY: set a long random value (or ABILINE_SECRET_KEY_FILE) in production")
    return settings


def signing_key(settings: Settings) -> str:
    """The key that signs sessions: the operator's, or one made once and kept in the data folder (development)."""
    given = settings.secret_key.get_secret_value()
    if given:
        return given
    path = settings.data_dir / "secret.key"
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def _problem(error: ValidationError) -> str:
    first = error.errors()[0]
    name = "_".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{name.upper()}: there is no such setting (look in .env)"
    now = "" if name in SECRET_FIELDS else f" (now {first.get('input')!r})"
    return f"ABILINE_{name.upper()}: {first['msg']}{now}"


def _secret_file(name: str) -> str | None:
    key = f"ABILINE_{name.upper()}_FILE"
    path = os.environ.get(key)
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{key}: can't read {path} ({error.strerror})") from None
