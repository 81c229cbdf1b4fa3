"""Files over HTTP, the same for customer and agent: a body that is the file itself comes in, a response that runs nowhere goes out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.responses import StreamingResponse

from handoff.conversations.attachments import Attachments
from handoff.conversations.filetypes import TYPES
from handoff.conversations.tables import AttachmentRow
from handoff.errors import NotFound, Unreadable

T = TypeVar("T")

NAME_HEADER = "Abiline-File-Name"  # percent-encoded UTF-8: in the address it would stand in logs
LONGEST_UPLOAD = 900  # seconds
DRAWN = frozenset(kind.media for kind in TYPES.values() if kind.drawn)
SAFE = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=3600",
    "Vary": "Authorization, Cookie",
}


async def receive(request: Request, attachments: Attachments, keep: Callable[[str, Path], T]) -> T:
    """Take the request's body in, then `keep(name, path)` it in a worker thread. Raises `Unreadable`."""
    most = attachments.allowed.size
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise Unreadable(f"The file is larger than {most} bytes.", code="file_too_large", field="file")
    name = unquote(request.headers.get(NAME_HEADER, ""), errors="replace")
    try:
        async with asyncio.timeout(LONGEST_UPLOAD):
            path = await attachments.shelf.receive(request.stream(), most=most)
    except TimeoutError:
        raise Unreadable("The file took too long to come.", code="file_too_slow", field="file") from None
    return await asyncio.to_thread(keep, name, path)


async def ignore(request: Request, *, most: int) -> None:
    """Let the body of a repeated upload pass: an answer before its end would look like a broken connection."""
    left = most
    async for chunk in request.stream():
        left -= len(chunk)
        if left < 0:
            return


def give(attachments: Attachments, row: AttachmentRow, *, preview: bool) -> StreamingResponse:
    """The file as a download; a picture, which we drew ourselves, may be shown. Raises `NotFound` when there is no preview of it, and `Unopenable`
    before the first byte where the file was changed at its beginning; further on the response breaks off."""
    drawn = row.type in DRAWN
    size = attachments.shelf.size(row.id, preview=preview) if drawn or not preview else None
    if size is None:
        raise NotFound("There is no such file.")
    chunks = attachments.shelf.read(row.id, preview=preview)
    opened = chain([next(chunks, b"")], chunks)
    headers = {"Content-Length": str(size), "Content-Disposition": _disposition("inline" if drawn else "attachment", row.name)}
    return StreamingResponse(opened, media_type="image/webp" if preview else row.type, headers=SAFE | headers)


def _disposition(how: str, name: str) -> str:
    quoted = quote(name)
    return f"{how}; filename*=utf-8''{quoted}" if quoted != name else f'{how}; filename="{name}"'
