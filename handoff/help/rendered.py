"""Pages that have been rendered, kept until the catalogue changes; a reader who has a page already is told so in a few bytes."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from fastapi import Request, Response

MOST = 500  # pages; some megabytes
ASK_AGAIN = "public, max-age=0, must-revalidate"  # an answer that was put right is never read as it was
LEAST_PACKED = 1_000  # bytes


@dataclass(frozen=True)
class Rendered:
    """One page, or a file of text, ready to send."""

    content: bytes
    packed: bytes
    etag: str
    status: int
    media_type: str

    @classmethod
    def of(cls, text: str, *, status: int = 200, media_type: str = "text/html; charset=utf-8") -> Rendered:
        content = text.encode()
        packed = gzip.compress(content, 6, mtime=0) if len(content) > LEAST_PACKED else b""
        return cls(content, packed, f'W/"{hashlib.sha256(content).hexdigest()[:20]}"', status, media_type)

    def response(self, request: Request) -> Response:
        headers = {"Cache-Control": ASK_AGAIN, "ETag": self.etag, "Vary": "Accept-Encoding"}
        known = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
        if self.status == 200 and self.etag in known:
            return Response(status_code=304, headers=headers)
        if self.packed and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, self.status, headers | {"Content-Encoding": "gzip"}, self.media_type)
        return Response(self.content, self.status, headers, self.media_type)


class Kept:
    """Pages of one state of the catalogue by address; the longest unread goes first."""

    def __init__(self) -> None:
        self._of: object = None
        self._pages: OrderedDict[Hashable, Rendered] = OrderedDict()

    def get(self, state: object, key: Hashable, make: Callable[[], Rendered]) -> Rendered:
        """The page under this key, made when it is not there. `state` is what all pages are made of: another one empties all."""
        if self._of is not state:
            self._of = state
            self._pages = OrderedDict()
        pages = self._pages
        page = pages.get(key) or make()
        pages[key] = page
        pages.move_to_end(key)
        if len(pages) > MOST:
            pages.popitem(last=False)
        return page
