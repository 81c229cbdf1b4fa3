"""The widget's files as browsers get them: read, joined, made short and compressed once, under an address that changes with their content."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import brotli
import minify
from fastapi import Request, Response

from handoff.errors import NotFound
from handoff.widget.bundle import bundle

HERE = Path(__file__).parent
TOKENS = HERE.parent / "static" / "tokens.css"
LOADER, ENTRY = "loader.js", "main.js"
STYLE, STYLE_MODULE = "style.css", "style.js"  # travels inside the module: one request less, and always of its version
BUDGET = 15_000  # bytes over the wire for all files together: a promise to every site (docs/widget.md)
FOR_EVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=300"  # the loader's address never changes, so a new version is seen after this
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True)
class Script:
    """One file, ready to send."""

    content: bytes
    packed: bytes  # brotli, which every browser takes over https
    zipped: bytes  # gzip, for what does not
    media_type: str
    etag: str

    def response(self, request: Request, *, cache: str) -> Response:
        headers = {"Cache-Control": cache, "ETag": self.etag, "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == self.etag:
            return Response(status_code=304, headers=headers)
        taken = {one.partition(";")[0].strip() for one in request.headers.get("accept-encoding", "").split(",")}
        for encoding, packed in (("br", self.packed), ("gzip", self.zipped)):
            if encoding in taken:
                return Response(packed, media_type=self.media_type, headers=headers | {"Content-Encoding": encoding})
        return Response(self.content, media_type=self.media_type, headers=headers)


class Scripts:
    """All files of the widget. `version` is a fingerprint of the whole."""

    def __init__(self, folder: Path = HERE / "script") -> None:
        sources = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.suffix in TYPES}
        style = minify.string("text/css", inside_shadow(TOKENS.read_text(encoding="utf-8"), sources[STYLE]))
        sources[STYLE_MODULE] = f"export const style = {json.dumps(style, ensure_ascii=False)};\n"
        joined = {ENTRY: bundle(sources, ENTRY), LOADER: sources[LOADER]}
        contents = {name: minify.string("application/javascript", text) for name, text in joined.items()}
        self.version = hashlib.sha256("\0".join(contents.values()).encode()).hexdigest()[:12]
        contents[LOADER] = contents[LOADER].replace("VERSION", self.version)
        self.files = {name: _script(name, content.encode()) for name, content in contents.items()}

    def loader(self, request: Request) -> Response:
        return self.files[LOADER].response(request, cache=SHORTLY)

    def send(self, request: Request, version: str, name: str) -> Response:
        """A file of this version. Another version's address gives today's file too, but is not kept: a page that was
        opened before an upgrade goes on working."""
        if name not in self.files:
            raise NotFound("There is no such file.")
        return self.files[name].response(request, cache=FOR_EVER if version == self.version else "no-cache")

    def sizes(self) -> dict[str, int]:
        """Bytes over the wire, compressed, of each file that a visitor's first page asks for."""
        return {name: len(script.packed) for name, script in self.files.items()}


def inside_shadow(tokens: str, style: str) -> str:
    """The sheet with the tokens it uses before it.

    They stand on our own root element instead of `:host`: what the host page sets on every element (`* { … }`) wins over
    `:host`, and never reaches an element inside the shadow tree.
    """
    used = set(re.findall(r"var\((--[\w-]+)", style))
    needed = re.sub(r"(--[\w-]+):[^;}]*;", lambda found: found[0] if found[1] in used else "", tokens)
    named = re.sub(r":host\((.+?)\)(?=\s*\{)", r".abiline\1", re.sub(r":root[^,{]*,\s*", "", needed))
    return named.replace(":host", ".abiline") + style


def _script(name: str, content: bytes) -> Script:
    etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    packed = brotli.compress(content, mode=brotli.MODE_TEXT, quality=11)
    return Script(content, packed, gzip.compress(content, 9, mtime=0), TYPES[Path(name).suffix], etag)
