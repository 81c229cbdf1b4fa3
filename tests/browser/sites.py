"""Other people's websites, on an origin of their own: pages as plain strings, with whatever headers the test wants."""

from __future__ import annotations

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

IDENTITY_SECRET = "kodukaubanduse-jagatud-saladus-2026"  # with it a site signs who is logged in there


class Site:
    """`site.put("/", "<h1>Pood</h1>")` and `site.url`. Any other path is answered with 404."""

    def __init__(self) -> None:
        pages: dict[str, tuple[str, Mapping[str, str]]] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body, headers = pages.get(self.path.partition("?")[0], ("", None))
                self.send_response(404 if headers is None else 200)
                self.send_header("Content-Type", "text/css" if self.path.endswith(".css") else "text/html; charset=utf-8")
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._pages = pages
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def put(self, path: str, html: str, **headers: str) -> str:
        """Keep a page and give its address. `Content_Security_Policy="…"` becomes a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        begin = "" if path.endswith(".css") else '<!doctype html><html lang="et"><meta name="viewport" content="width=device-width">'
        self._pages[path] = (begin + html, named)
        return self.url + path

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
