"""An HTTP server on this machine that plays another system."""

from __future__ import annotations

from email.message import Message
from threading import Event

from tests.handoff.loopback import Loopback, QuietHandler


class Receiver(Loopback):
    """Another system. Answers with `status`, with `holding` set only once that is let go; remembers what came."""

    def __init__(self) -> None:
        self.status = 204
        self.location = ""
        self.holding: Event | None = None
        self.got: list[tuple[Message, bytes]] = []
        receiver = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:
                body = self.body()
                receiver.got.append((self.headers, body))
                if receiver.holding is not None:
                    receiver.holding.wait(30)
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

        super().__init__(Handler)
        self.url += "/handoffs"
