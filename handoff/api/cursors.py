"""Where a page ended, as text that programs hand back and never look into."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from handoff.errors import Unreadable


def written(*parts: Any) -> str:
    """The cursor of a place."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def read(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The place of a cursor. Raises `Unreadable` for anything that was never one."""
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or [type(part) for part in parts] != list(kinds):
        raise Unreadable("This cursor is none of ours; begin without one.", code="bad_cursor", field="cursor")
    return tuple(parts)
