"""A customer of a house with several processes."""

from __future__ import annotations

import time
from contextlib import suppress

import httpx

from handoff.database import new_id
from tests.many.reader import PATIENCE_SECONDS, Reader


class Mari:
    """A customer; each thing is done at the process that is named."""

    def __init__(self, client: httpx.Client, at: str) -> None:
        self._client = client
        begun = client.post(f"{at}/api/widget/conversations", json={"language": "et"}).raise_for_status().json()
        self.id: str = begun["id"]
        self.path = f"/api/widget/conversations/{self.id}"
        self.headers = {"Authorization": f"Bearer {begun['secret']}"}

    def reads(self, at: str) -> Reader:
        return Reader(f"{at}{self.path}/stream", self.headers)

    def does(self, at: str, what: str, body: object = None) -> httpx.Response:
        return self._client.post(f"{at}{self.path}/{what}", json=body, headers=self.headers)

    def says(self, at: str, text: str) -> str:
        """Until it is acknowledged, as a page does; gives the message's id."""
        client_id, deadline = new_id(), time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                answer = self.does(at, "messages", {"client_id": client_id, "text": text})
                if answer.status_code < 500 and answer.status_code != 429:
                    answer.raise_for_status()
                    return client_id
            time.sleep(0.05)
        raise AssertionError("nobody took the message")
