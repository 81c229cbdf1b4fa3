"""The settings of letters: how they leave, which box they come to, and what happens by itself. Part of `handoff.settings`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings


class MailSettings(BaseSettings):
    """What the operator may choose of e-mail (docs/email.md)."""

    smtp_url: SecretStr = Field(SecretStr(""), description="mail server: smtps://user:password@host or smtp://host; empty means no mail is sent")
    mail_from: str = Field("", description="the address that mail comes from; needed with smtp_url")
    mail_templates: Path | None = Field(None, description="folder with answer_letter.html and answer_letter.txt of your own (docs/email.md)")
    mail_unread_minutes: float = Field(
        10, ge=0, description="what an agent says to somebody who has left the chat goes to their e-mail after so many minutes unread; 0 means it does not"
    )

    imap_url: SecretStr = Field(
        SecretStr(""), description="the box whose letters become conversations: imaps://user:password@host/INBOX; empty means none is read"
    )
    imap_address: str = Field("", description="the address of that box, where replies go; empty means mail_from")
    imap_plus: bool = Field(False, description="the box takes address+word@ too: then a reply names its conversation even when its mail program does not")

    imap_done: str = Field("keep", description="what happens in the box to a letter that was taken: keep (marked as read), delete, or the folder it goes to")
    mail_size: int = Field(30, ge=1, le=100, description="megabytes of a letter that is read whole; of a larger one the words are, and its writer is told")

    mail_answers: Literal["people", "sure"] = Field(
        "people", description="sure: the bot answers new letters by itself where it is as sure as ABILINE_ANSWER_PRECISION asks; else people do"
    )

    digest_to: str = Field(
        "", description="who gets the week's figures by letter on Monday mornings, addresses with commas between; people choose for themselves"
    )
    product_digest_to: str = Field(
        "", description="who else gets the week's complaints by letter, with masked examples, for product and sales; addresses with commas between"
    )

    @field_validator("smtp_url")
    @classmethod
    def _is_mail_server(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and _server(value, "smtp", "smtps") is None:
            raise ValueError("must look like smtps://user:password@host:465 or smtp://host:587")
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_sender(cls, value: str, info: ValidationInfo) -> str:
        needed = info.data.get("smtp_url")
        if not value and needed is not None and needed.get_secret_value():
            raise ValueError("must be an address when ABILINE_SMTP_URL is set")
        return _address(value)

    @field_validator("imap_url")
    @classmethod
    def _is_box(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and ((parts := _server(value, "imap", "imaps")) is None or not parts.username):
            raise ValueError("must look like imaps://user:password@host/INBOX")
        return value

    @field_validator("imap_address")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return _address(value)

    @property
    def mail_box(self) -> str:
        """The address where replies are read."""
        return self.imap_address or self.mail_from

    @property
    def sends_mail(self) -> bool:
        return bool(self.smtp_url.get_secret_value())


def _server(value: SecretStr, *schemes: str) -> SplitResult | None:
    try:
        parts = urlsplit(value.get_secret_value())
        return parts if parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0) else None
    except ValueError:
        return None


def _address(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False, test_environment=True).normalized if value else ""
    except EmailNotValidError:
        raise ValueError("must be an e-mail address, such as tugi@pood.ee") from None
