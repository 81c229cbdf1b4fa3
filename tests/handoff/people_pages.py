"""A browser in the room of people, and the second step as somebody sets it up there."""

from __future__ import annotations

import re
import time

import pyotp
from fastapi.testclient import TestClient

from tests.handoff.conftest import PASSWORD


class Desk:
    """Somebody's browser in this room: sends forms as a page does."""

    def __init__(self, browser: TestClient) -> None:
        self.browser = browser
        self.token = str(browser.headers.pop("X-CSRF-Token"))

    def send(self, path: str, **fields: str | list[str]) -> tuple[int, str]:
        """Status, and where it leads or what it shows."""
        answer = self.browser.post(path, data=fields | {"csrf_token": self.token}, follow_redirects=False)
        return answer.status_code, answer.headers.get("location", answer.text)

    def see(self, path: str) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == 200
        return str(answer.text)


def key_on(page: str) -> pyotp.TOTP:
    found = re.search(r'class="key">([A-Z2-7 ]+)<', page)
    assert found
    return pyotp.TOTP(found[1].replace(" ", ""))


def enrol(desk: Desk) -> tuple[pyotp.TOTP, list[str]]:
    """Turn the second step on; gives the phone and the recovery codes."""
    phone = key_on(desk.see("/account/code"))
    status, page = desk.send("/account/code", old=PASSWORD, code=phone.now())
    assert status == 200
    return phone, re.findall(r"<code>([a-z0-9-]{19})</code>", page)


def later(phone: pyotp.TOTP) -> str:
    """The phone's next code: the present one has been used."""
    return phone.at(int(time.time()) + 30)
