"""An HTTP server of this machine for tests: whoever stands for another system says how it answers."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class QuietHandler(BaseHTTPRequestHandler):
    """Writes nothing where the tests report."""

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))


class Loopback:
    """Serves from being made until `stop`, at `url`."""

    def __init__(self, handler: type[QuietHandler]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
