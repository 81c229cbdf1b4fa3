"""Mari's browser, which sends files, and what has come of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from httpx import Response

from handoff.conversations.filetypes import TYPES
from tests.handoff.test_widget import Visitor

ALL = frozenset(TYPES)


class Sender(Visitor):
    """Mari's browser, which sends files."""

    def send(self, content: bytes, name: str = "pilt.jpg", *, client_id: str | None = None, secret: str | None = None) -> Response:
        self._made += 1
        headers = {"Authorization": f"Bearer {secret or self.secret}", "Abiline-File-Name": quote(name)}
        path = f"/api/widget/conversations/{self.id}/files/{client_id or f'fail-{self._made:04}'}"
        answer: Response = self._client.post(path, content=content, headers=headers)
        return answer

    def get(self, file: str, *, secret: str | None = None) -> Response:
        headers = {"Authorization": f"Bearer {secret or self.secret}"}
        answer: Response = self._client.get(f"/api/widget/conversations/{self.id}/files/{file}", headers=headers)
        return answer

    def sent(self) -> list[dict[str, Any]]:
        """The files in the log."""
        return [file for event in self.log()["events"] for file in event["body"].get("files", ())]


def on_disk(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "attachments").glob("*"))
