"""The service behind the real nginx and the real Caddy, as `deploy/` sets them up: streams pass as they come, sizes and addresses hold, headers come once."""

from __future__ import annotations

import os
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy import select

from handoff.accounts.tables import AuditRow
from handoff.app import create_app
from handoff.database import Database, Table, new_id
from handoff.doors import HEADERS, ONLY_BY_TLS
from handoff.settings import read_settings
from tests.fakes import FakeBot
from tests.gateways import PATIENCE_SECONDS, Caddy, Nginx, certificate, running
from tests.handoff import files
from tests.keys import use_test_key
from tests.ports import free_port

pytestmark = [pytest.mark.commands, pytest.mark.load]

VISITOR, FORGED = "127.0.0.5", "203.0.113.9"  # this machine has many addresses of its own: a proxy on the first sees who comes from another


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    folder = tmp_path_factory.mktemp("certificate")
    return folder, certificate(folder)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Database]]:
    """The house with the fake bot on a port, told that it is reached by TLS; set up as `abiline serve` does."""
    use_test_key()
    folder, port = tmp_path_factory.mktemp("house"), free_port()
    database = Database(f"sqlite:///{folder / 'abiline.db'}")
    Table.metadata.create_all(database.engine)
    app = create_app(read_settings(data_dir=folder, public_url="https://localhost"), FakeBot(), database)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", access_log=False, server_header=False, ws="none", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield port, database
    server.should_exit = True
    thread.join(PATIENCE_SECONDS)
    database.close()


@pytest.fixture(scope="module", params=[Nginx, Caddy], ids=["nginx", "caddy"])
def gateway(
    request: pytest.FixtureRequest, service: tuple[int, Database], trust: tuple[Path, ssl.SSLContext], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nginx | Caddy]:
    folder = tmp_path_factory.mktemp("gateway")
    for name in ("fullchain.pem", "privkey.pem"):
        (folder / name).write_bytes((trust[0] / name).read_bytes())
    made: Nginx | Caddy = request.param(folder, service=service[0])
    checked = subprocess.run(made.check, capture_output=True, text=True, check=False, env=os.environ | {"HOME": str(folder)})
    assert checked.returncode == 0, checked.stderr
    with running(made):
        yield made


@pytest.fixture
def outside(gateway: Nginx | Caddy, trust: tuple[Path, ssl.SSLContext]) -> Iterator[httpx.Client]:
    """Somebody who comes from another address than the proxy has."""
    transport = httpx.HTTPTransport(verify=trust[1], local_address=VISITOR)
    with httpx.Client(base_url=f"https://localhost:{gateway.port}", transport=transport, timeout=PATIENCE_SECONDS) as client:
        yield client


def begun(client: httpx.Client) -> tuple[str, dict[str, str]]:
    """A conversation's address, and the header that opens it."""
    started = client.post("/api/widget/conversations", json={"language": "et"}).json()
    return f"/api/widget/conversations/{started['id']}", {"Authorization": f"Bearer {started['secret']}"}


def test_every_header_of_the_doors_comes_once_and_none_tells_a_version(outside: httpx.Client) -> None:
    answer = outside.get("/login")
    assert answer.status_code == 200
    assert {name: answer.headers.get_list(name) for name in HEADERS | ONLY_BY_TLS} == {name: [value] for name, value in (HEADERS | ONLY_BY_TLS).items()}
    assert not any(digit in answer.headers.get("server", "") for digit in "0123456789")


def test_what_happens_is_told_while_the_stream_is_open(outside: httpx.Client) -> None:
    place, secret = begun(outside)
    with outside.stream("GET", f"{place}/stream", headers=secret | {"Accept-Encoding": "gzip, br, zstd"}) as stream:
        lines = stream.iter_lines()
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in stream.headers
        outside.post(f"{place}/messages", json={"client_id": new_id(), "text": "kas läbi tuleb"}, headers=secret).raise_for_status()
        assert any("kas läbi tuleb" in line for line in lines)  # read to here, and the stream goes on


def test_a_file_beyond_the_proxy_s_size_is_refused_and_a_smaller_one_passes_to_the_service(outside: httpx.Client) -> None:
    place, secret = begun(outside)
    named = secret | {"Abiline-File-Name": "arve.pdf", "Content-Type": "application/octet-stream"}
    refused = outside.post(f"{place}/files/{new_id()}", content=files.PDF + bytes(13_000_000), headers=named)
    assert refused.status_code == 413
    passed = outside.post(f"{place}/files/{new_id()}", content=b"MZ" + bytes(2_000_000), headers=named)
    assert passed.status_code not in (201, 413, 502)
    assert passed.json()["code"]  # it is the service that says what a file must be


def test_an_address_that_somebody_writes_into_a_header_is_believed_by_nobody(outside: httpx.Client, service: tuple[int, Database]) -> None:
    port, database = service
    forged = {"X-Forwarded-For": FORGED, "X-Forwarded-Proto": "http", "X-Real-IP": FORGED}
    wrong = {"login": "jaan", "password": "vale parool 123"}
    assert outside.post("/login", data=wrong, headers=forged).status_code == 401
    with httpx.Client(transport=httpx.HTTPTransport(local_address=VISITOR), base_url=f"http://127.0.0.1:{port}") as past_the_proxy:
        assert past_the_proxy.post("/login", data=wrong, headers=forged).status_code == 401
    with database.read() as session:
        seen = set(session.scalars(select(AuditRow.address).where(AuditRow.act == "failed_login")))
    assert seen == {VISITOR}


def test_tokens_in_a_path_and_whole_addresses_are_not_in_the_proxy_s_log(outside: httpx.Client, gateway: Nginx | Caddy) -> None:
    outside.get("/asi/salajane-luba")
    outside.get("/help")
    log = gateway.folder / "abiline.log"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "/help" not in (log.read_text(encoding="utf-8") if log.exists() else "") and time.monotonic() < deadline:
        time.sleep(0.05)
    written = log.read_text(encoding="utf-8")
    assert "/help" in written
    assert "salajane-luba" not in written
    assert VISITOR not in written
