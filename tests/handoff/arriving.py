"""Letters put in as the collector does, and what has become of them."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import select

from handoff.accounts.seal import Seal
from handoff.conversations import posting
from handoff.conversations.arriving import Arrivals, Taken
from handoff.conversations.attachments import Allowed, Attachments
from handoff.conversations.links import Links
from handoff.conversations.mail_tables import MailRow
from handoff.conversations.parcels import hashed
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.email.reading import read
from handoff.letters import Letters
from handoff.notices import Notices
from handoff.outbox import OutboxRow
from handoff.own_letters import OwnLetters
from handoff.settings import Settings, read_settings
from handoff.stages import read_stages
from handoff.texts import Texts
from tests.handoff.mails import BOX, mail

TEXTS = Texts(Path(posting.__file__).parents[1] / "texts")


def mailing_house(folder: Path) -> Settings:
    """A house that sends letters and reads a box; nothing listens there."""
    imap = SecretStr("imap://tugi:saladus@127.0.0.1:9/INBOX")
    return read_settings(data_dir=folder, smtp_url=SecretStr("smtp://127.0.0.1:9"), mail_from=BOX, imap_url=imap)


def arrivals_of(database: Database, shelf: Shelf, settings: Settings) -> Arrivals:
    """Where letters become messages; files by the rules of a small house."""
    tells = Notices(settings, TEXTS, read_stages(settings, TEXTS), Letters(settings))
    made = Links(Seal(lambda: "proovi-saladus", purpose="links to matters"))
    return Arrivals(database, Attachments(database, shelf, Allowed(frozenset({"png", "jpeg", "txt"}), 1_000_000, 5, 3_000_000)), made, tells)


class Hand:
    """Puts letters in as the collector does."""

    def __init__(self, database: Database, arrivals: Arrivals) -> None:
        self.database, self.arrivals = database, arrivals
        self._number = 0

    def take(self, made: EmailMessage | bytes, *, box: str = "tugi@kodu/INBOX") -> Taken:
        self._number += 1
        raw = made if isinstance(made, bytes) else made.as_bytes()
        return self.arrivals.take(read(raw, ours={BOX}, is_own=OwnLetters(self.database.vault).knows), box=box, number=self._number)

    def ticket(self, made: EmailMessage | None = None) -> str:
        taken = self.take(made or mail())
        assert taken.conversation_id is not None
        return taken.conversation_id


def conversations(database: Database) -> list[ConversationRow]:
    with database.read() as session:
        return list(session.scalars(select(ConversationRow).order_by(ConversationRow.created_at)))


def letters_owed(database: Database) -> list[str]:
    with database.read() as session:
        return [key.split(":")[0] for key in session.scalars(select(OutboxRow.key).order_by(OutboxRow.made_at))]


def our_letter(database: Database, conversation_id: str) -> str:
    """The Message-ID of a letter that went out."""
    with database.write() as session:
        row = MailRow(conversation_id=conversation_id, direction="out", mark=hashed("<meie@kodukaup.example>"), message_id="<meie@kodukaup.example>")
        row.first = row.upto = 1
        session.add(row)
    return "<meie@kodukaup.example>"
