"""Where a webhook may lead: outside, in secret, to the very address that was checked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from handoff.endpoints import addresses
from handoff.endpoints.addresses import checked, is_outside
from handoff.errors import Unreadable
from tests.handoff.receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


async def test_the_connection_goes_to_the_address_that_was_checked_and_names_the_host(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere at the second look has had only one."""
    port = httpx.URL(receiver.url).port

    async def names(_host: str, port: int, **_more: object) -> list[tuple[object, ...]]:
        return [(None, None, None, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", names)
    monkeypatch.setattr(addresses, "is_outside", lambda _address: True)
    async with httpx.AsyncClient(transport=addresses.Outside(), trust_env=False) as client:
        answer = await client.post(f"http://pood.example:{port}/haak", content=b"{}")
    assert answer.status_code == 204
    assert receiver.got[0][0]["Host"] == f"pood.example:{port}"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255"),
        *("::1", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
    ],
)
def test_an_address_of_our_own_network_is_not_outside(address: str) -> None:
    assert not is_outside(address)


def test_an_address_that_everybody_can_reach_is_outside() -> None:
    assert all(map(is_outside, ("93.184.216.34", "2606:4700:4700::1111", "::ffff:93.184.216.34")))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://pood.ee/", "bad_url"),
        ("https://kasutaja:parool@pood.ee/", "bad_url"),
        ("https://", "bad_url"),
        ("ftp://pood.ee", "bad_url"),
        ("https://pood.ee/#osa", "bad_url"),
        ("https://pood.ee/" + "a" * 2_000, "bad_url"),
        ("https://[::1", "bad_url"),
        ("https://127.0.0.1/", "url_inside"),
        ("https://localhost./", "url_inside"),
        ("https://[::1]/", "url_inside"),
        ("https://10.0.0.7/", "url_inside"),
    ],
)
def test_an_address_that_can_not_be_used_is_refused_with_its_reason(url: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        checked(url, inside=False)
    assert refused.value.code == code


def test_inside_and_in_the_clear_only_where_the_operator_says_so() -> None:
    assert checked(" http://10.0.0.7:8080/haak ", inside=True) == "http://10.0.0.7:8080/haak"
    assert checked("https://pood.ee/haak", inside=False) == "https://pood.ee/haak"
