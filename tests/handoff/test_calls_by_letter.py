"""Letters of a call, by the running house over a real mail server: agreed, moved by the customer, tried again at the agent's own time, cancelled. Each
arrives once."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select

from handoff.conversations.call_tables import CallRow
from handoff.database import Database, now
from handoff.settings import Settings, read_settings
from tests.handoff.conftest import LogIn
from tests.handoff.letters_house import SENDER, plain
from tests.handoff.post import Post
from tests.handoff.test_calls_told import asked

PATIENCE_SECONDS = 30


@pytest.fixture
def settings(tmp_path: Path, post: Post) -> Settings:
    """A house that sends mail."""
    return read_settings(data_dir=tmp_path, smtp_url=SecretStr(post.url), mail_from=SENDER)


def subject(post: Post, number: int) -> str:
    """Of the letter with this number, once it has arrived; there is no later one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(post.got) < number and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(post.got) == number
    assert post.got[-1]["To"] == "mari@naide.ee"
    return str(post.got[-1]["Subject"])


def test_each_change_of_a_call_arrives_as_one_letter(client: TestClient, database: Database, log_in: LogIn, post: Post) -> None:
    path, times = asked(client, email="mari@naide.ee")
    assert subject(post, 1).startswith("Helistame teile ")
    assert path in plain(post.got[0])
    for _twice in range(2):
        client.post(f"{path}/call", data={"what": "move", "window": times[-1]})
    assert subject(post, 2).startswith("Kõne uus aeg: ")
    with database.read() as session:
        one = session.scalars(select(CallRow)).one()
    jaans = log_in("jaan")
    sent = {"csrf_token": jaans.headers["X-CSRF-Token"], "at": (now() + timedelta(days=9)).strftime("%Y-%m-%dT15:40")}
    jaans.post(f"/calls/{one.id}/take", data=sent)
    jaans.post(f"/calls/{one.id}/again", data=sent)
    again = subject(post, 3)
    assert again.startswith("Helistame teile uuesti ")
    assert "15.40–16.10" in again
    for _twice in range(2):
        client.post(f"{path}/call", data={"what": "cancel"})
    assert subject(post, 4).startswith("Kõne on ära jäetud")
    assert len({one["Message-ID"] for one in post.got}) == 4
