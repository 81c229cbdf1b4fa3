"""Ports for servers that tests start as processes of their own."""

from __future__ import annotations

import contextlib
import random
import socket

FIRST, LAST = 10_000, 32_000  # below those that systems give to connections, so that none has it when the server comes to it


def free_port() -> int:
    """One on which nobody listens."""
    while True:
        port = random.randrange(FIRST, LAST)
        with socket.socket() as trial, contextlib.suppress(OSError):
            trial.bind(("", port))
            return port
