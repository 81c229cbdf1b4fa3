"""How many connections and files this process may have open at once: each open chat is one, and the usual 1 024 are soon too few."""

from __future__ import annotations

import resource

WANTED = 65_536


def raise_limit() -> int:
    """Take as many as the system lets us without asking anybody, `WANTED` at most; gives how many there are now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most
