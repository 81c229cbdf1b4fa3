"""A copy of what is held, as it leaves the house."""

from __future__ import annotations

import json
import tempfile
import zipfile
from typing import IO, Any

from handoff.conversations.shelf import Shelf


def download(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def copy_with_files(data: dict[str, Any], shelf: Shelf) -> IO[bytes]:
    """A ZIP archive on disk that is gone once closed: `abiline.json` and the files, each under its number and name. `data` is of one conversation, or has
    several under `conversations`."""
    packed = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        files = [file for one in data.get("conversations", [data]) for file in one["files"]]
        for number, file in enumerate(files, start=1):
            file["path"] = f"files/{number}-{file['name']}"
            if shelf.size(file["id"]) is not None:
                with archive.open(file["path"], "w", force_zip64=True) as inside:
                    for chunk in shelf.read(file["id"]):
                        inside.write(chunk)
        archive.writestr("abiline.json", json.dumps(data, ensure_ascii=False, indent=2))
    packed.seek(0)
    return packed
