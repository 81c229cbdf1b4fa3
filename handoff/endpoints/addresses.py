"""Where our own requests may go: only to addresses that everybody can reach, unless the operator says otherwise.

An endpoint is written by an admin, yet a name may lead anywhere, and somewhere else at the next look. So a name is looked up once for each request, every
address it leads to is checked, and the connection goes to the address that was checked.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import httpx

from handoff.errors import Unreadable

LONGEST = 2_000
TRANSLATED = IPv6Network("64:ff9b::/96")  # IPv4 behind a translator
HERE = ("localhost", "localhost.localdomain", "ip6-localhost")


@cache
def certificates() -> ssl.SSLContext:
    """Whom we trust to be who they say. Reading them takes longer than a delivery, and the web loop waits meanwhile: once a process."""
    return httpx.create_ssl_context()


class NotOutside(httpx.TransportError):
    """The name leads into our own network."""


def checked(written: str, *, inside: bool) -> str:
    """The address as it is kept. `inside`: it may lead into our own network, and in the clear. Raises `Unreadable` with the code `bad_url` or `url_inside`."""
    url = written.strip()
    try:
        parts = urlsplit(url)
        host, usable = parts.hostname or "", parts.port is None or parts.port > 0
    except ValueError:
        host, usable = "", False
    schemes = ("https", "http") if inside else ("https",)
    known = usable and bool(host) and parts.scheme in schemes and parts.username is None and not parts.fragment
    if not known or len(url) > LONGEST or any(sign.isspace() for sign in url):
        raise Unreadable(f"The address must look like {schemes[-1]}://pood.ee/abiline.", code="bad_url", field="url")
    if not inside and (host.rstrip(".") in HERE or (is_number(host) and not is_outside(host))):
        raise Unreadable("The address leads into this network.", code="url_inside", field="url")
    return url


def is_number(host: str) -> bool:
    """Whether it is an address and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_outside(address: str) -> bool:
    """Whether an IP address is one that everybody can reach, also where it carries another one in it."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        carried = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if carried is None and found in TRANSLATED:
            carried = IPv4Address(int(found) & 0xFFFFFFFF)
        if carried is not None:
            return is_outside(str(carried))
    return found.is_global and not found.is_multicast


class Outside(httpx.AsyncBaseTransport):
    """Sends to addresses outside only, and to the one that was checked: a name that leads elsewhere a moment later changes nothing."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport(verify=certificates(), limits=httpx.Limits(max_keepalive_connections=0))  # an address may serve several names

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        address = await _address(host, request.url.port or (443 if request.url.scheme == "https" else 80))
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)  # the header Host was written before and keeps the name
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _address(host: str, port: int) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(type(error).__name__) from None
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(map(is_outside, addresses)):
        raise NotOutside(f"{host} leads into this network")
    return addresses[0]
