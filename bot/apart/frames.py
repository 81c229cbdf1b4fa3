"""Python objects over a pair of sockets between two processes of one house. Nobody else can write to it, so they may be pickled."""

from __future__ import annotations

import pickle
import socket
import threading
from contextlib import suppress
from typing import Any

_SIZE_BYTES = 8
_AT_ONCE = 1 << 16


class Frames:
    """One end. Any thread may send; one receives."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._held = bytearray()  # read and not yet received
        self._sending = threading.Lock()

    def fileno(self) -> int:
        """For `select`, which knows nothing of what is `held`."""
        return self._end.fileno()

    @property
    def held(self) -> bool:
        """Whether a frame, or the beginning of one, has been read already."""
        return bool(self._held)

    def send(self, what: Any) -> None:
        """Raises `OSError` when the other end is gone, and what pickle raises for what can't be sent: then nothing was sent."""
        body = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
        with self._sending:
            self._end.sendall(len(body).to_bytes(_SIZE_BYTES, "big") + body)

    def receive(self) -> Any:
        """The next one, when it comes. Raises `EOFError` when the other end is gone."""
        size = int.from_bytes(self._taken(_SIZE_BYTES), "big")
        return pickle.loads(self._taken(size))  # noqa: S301 - see above

    def end(self) -> None:
        """Say that this is all, also to who receives here."""
        with suppress(OSError):  # the other end was quicker
            self._end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """For the one who receives."""
        self.end()
        self._end.close()

    def _taken(self, size: int) -> bytes:
        while len(self._held) < size:
            try:
                read = self._end.recv(max(_AT_ONCE, size - len(self._held)))
            except OSError as error:
                raise EOFError from error
            if not read:
                raise EOFError
            self._held += read
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken
