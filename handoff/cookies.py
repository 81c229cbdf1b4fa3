"""Log-ins' cookies by TLS carry a prefix that browsers hold to: `__Host-` and `__Secure-` ones are set by this host alone and over TLS, so nobody plants
one from a neighbouring site or from plain HTTP. In the house they are called as in development, where there is no TLS."""

from __future__ import annotations

from collections.abc import Iterable

PREFIXED = {
    "abiline_login": "__Host-abiline_login",
    "abiline_halfway": "__Secure-abiline_halfway",  # the next two are for one path, and `__Host-` is for all
    "abiline_openid": "__Secure-abiline_openid",
}
_PLAIN = {name: plain for plain, name in PREFIXED.items()}
Headers = Iterable[tuple[bytes, bytes]]


def inward(headers: Headers) -> list[tuple[bytes, bytes]]:
    """What a browser sends, as the house calls it. A log-in's cookie without its prefix was set by somebody else, and is left out."""
    return [(name, _renamed(value) if name == b"cookie" else value) for name, value in headers]


def outward(headers: Headers) -> list[tuple[bytes, bytes]]:
    """What the house sets, with its prefix; taking one back needs `Secure` too."""
    return [(name, _prefixed(value) if name.lower() == b"set-cookie" else value) for name, value in headers]


def _renamed(value: bytes) -> bytes:
    pairs = [pair.strip().partition("=") for pair in value.decode("latin-1").split(";")]
    return "; ".join(f"{_PLAIN.get(name, name)}={told}" for name, _, told in pairs if name and name not in PREFIXED).encode("latin-1")


def _prefixed(value: bytes) -> bytes:
    name, _, told = value.decode("latin-1").partition("=")
    if name not in PREFIXED:
        return value
    secure = "" if "; secure" in told.lower() else "; Secure"
    return f"{PREFIXED[name]}={told}{secure}".encode("latin-1")
