"""Files for another desk: an address that opens one file of a conversation for a week, signed with the secret that both share."""

# No postponed annotations here: FastAPI could not find what is local from a string.

import hashlib
import hmac
import time
from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from handoff import uploads
from handoff.errors import NotFound
from handoff.services import Services
from handoff.settings import Settings

OPEN_SECONDS = 7 * 24 * 3600


def addresses(settings: Settings) -> Callable[[str, str], str] | None:
    """Conversation, file → its address. None where there is no secret to sign it with."""
    secret = settings.forward_secret.get_secret_value()
    if not secret:
        return None

    def address(conversation_id: str, file_id: str) -> str:
        until = int(time.time()) + OPEN_SECONDS
        signed = _signed(secret, conversation_id, file_id, until)
        return f"{settings.public_url}/api/desks/conversations/{conversation_id}/files/{file_id}?until={until}&signed={signed}"

    return address


def router(services: Services) -> APIRouter:
    """The one route that such an address leads to."""
    api = APIRouter(prefix="/api/desks", tags=["desks"])
    secret, attachments = services.settings.forward_secret.get_secret_value(), services.attachments

    @api.get("/conversations/{conversation_id}/files/{file_id}", response_class=StreamingResponse)
    def fetch(conversation_id: str, file_id: str, until: int = 0, signed: str = "") -> StreamingResponse:
        """A file of the conversation, as a download or a picture. Whoever has the address has the file; 404 for any other, and when the week is over."""
        wanted = _signed(secret, conversation_id, file_id, until)
        if not secret or until < time.time() or not hmac.compare_digest(wanted.encode(), signed.encode()):
            raise NotFound("There is no such file.")
        return uploads.give(attachments, attachments.find(conversation_id, file_id), preview=False)

    return api


def _signed(secret: str, conversation_id: str, file_id: str, until: int) -> str:
    return hmac.new(secret.encode(), f"file {conversation_id} {file_id} {until}".encode(), hashlib.sha256).hexdigest()
