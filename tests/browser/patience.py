"""Looking until it is so, for what Playwright's `expect` has no question for. A page may draw anew between two looks: one look proves nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Page

PATIENCE_MS = 30_000  # a slow machine costs time and no test; what is as wanted is waited for no longer
GLANCE_MS = 50


def until(is_so: Callable[[], bool], page: Page) -> None:
    """Look until it is so."""
    comes_to(True, is_so, page)


def comes_to(wanted: object, look: Callable[[], object], page: Page) -> None:
    """Look until it is as wanted; what was seen last is in the complaint."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while (seen := look()) != wanted and time.monotonic() < deadline:
        page.wait_for_timeout(GLANCE_MS)
    assert seen == wanted
