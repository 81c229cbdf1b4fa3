"""Serves the house until it is told to stop, and then ends well: no stream is cut off, what is under way is ended, pages come back elsewhere at once."""

from __future__ import annotations

import signal
import sys
from types import FrameType

import uvicorn
from fastapi import FastAPI

from handoff.conversations.signals import Signals
from handoff.services import Services

GRACE_SECONDS = 5  # that a request may still take; streams end by themselves


class Server(uvicorn.Server):
    """Tells those who listen to streams that it is over as soon as the operator has said so."""

    def __init__(self, config: uvicorn.Config, signals: Signals) -> None:
        super().__init__(config)
        self._signals = signals

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._signals.end()
        super().handle_exit(sig, frame)


def serve(app: FastAPI, *, host: str, port: int) -> None:
    """Until SIGTERM or SIGINT. Leaves the process with 3 when it could not begin."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,  # its lines go where ours go
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    services: Services = app.state.services
    server = Server(config, services.signals)
    before = signal.signal(
        signal.SIGTERM, signal.SIG_IGN
    )  # uvicorn sends itself what has stopped it once more: it would end us before the bot and the database
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
    if not server.started:
        sys.exit(3)
