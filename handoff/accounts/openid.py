"""OpenID Connect, as whom the person logs in to: the code flow with PKCE, state and nonce. The only file that speaks to a provider.

The provider's document and keys are read at each log-in: there are few, and a key that was changed is known at once.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import httpx
import jwt
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError

from handoff.accounts.staff import SPACE
from handoff.errors import AbilineError, NotLoggedIn

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")  # signatures only: nothing shared, nothing unsigned
NEEDED = ["iss", "sub", "aud", "exp", "iat"]
LEEWAY = 30  # seconds by which the provider's clock may differ
TIMEOUT = 10.0  # seconds


class ProviderTrouble(AbilineError):
    """The provider does not answer, or not as the standard says."""

    status = 502
    code = "provider_trouble"


class Unproved(NotLoggedIn):
    """What came back does not prove who is there."""

    code = "unproved"


@dataclass(frozen=True)
class Provider:
    """As the operator set it. `trust_email`: its addresses count though it does not say that it has verified them."""

    issuer: str
    client_id: str
    client_secret: str
    scope: str
    back: str  # where the provider sends people back to
    acr: tuple[str, ...] = ()  # levels of assurance that are enough; none means any
    trust_email: bool = False


@dataclass(frozen=True)
class Asked:
    """What belongs to one attempt to log in; the browser keeps it sealed until it comes back."""

    state: str
    nonce: str
    verifier: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Claimed:
    """Who the provider says is there. `email` only where it may be relied on."""

    subject: str
    email: str | None
    name: str | None


class OpenId:
    """One provider."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def start(self, *, language: str) -> tuple[str, Asked]:
        """Where to send the person, and what to remember of it. Raises `ProviderTrouble`."""
        with httpx.Client(verify=_certificates(), timeout=TIMEOUT) as client:
            endpoint = self._document(client)["authorization_endpoint"]
        asked = Asked(generate_token(32), generate_token(32), generate_token(64))
        wanted = {
            "redirect_uri": self._provider.back,
            "scope": self._provider.scope,
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": create_s256_code_challenge(asked.verifier),
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        if self._provider.acr:
            wanted["acr_values"] = SPACE.join(self._provider.acr)
        return str(prepare_grant_uri(endpoint, self._provider.client_id, "code", **wanted)), asked

    def finish(self, code: str, asked: Asked) -> Claimed:
        """Who is there. Raises `ProviderTrouble`, and `Unproved` for a token that is not for us, not of this attempt, over or not signed."""
        with httpx.Client(verify=_certificates(), timeout=TIMEOUT) as client:
            document = self._document(client)
            token = self._token(client, document, code, asked)
            keys = _read(client.get, document["jwks_uri"])
        claims = self._checked(token, keys, asked)
        return Claimed(f"{self._provider.issuer}{SPACE}{claims['sub']}", self._email(claims), _name(claims))

    def _document(self, client: httpx.Client) -> dict[str, Any]:
        issuer = self._provider.issuer
        document = _read(client.get, get_well_known_url(issuer, external=True))
        if document.get("issuer", "").rstrip("/") != issuer.rstrip("/"):
            raise ProviderTrouble(f"The provider calls itself {document.get('issuer')!r}; ABILINE_OIDC_ISSUER says {issuer!r}.")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            address = document.get(name)
            if not isinstance(address, str) or not (address.startswith("https://") or issuer.startswith("http://")):
                raise ProviderTrouble(f"The provider's {name} is not a safe address.")
        return document

    def _token(self, client: httpx.Client, document: dict[str, Any], code: str, asked: Asked) -> str:
        provider = self._provider
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": provider.back, "code_verifier": asked.verifier}
        if "client_secret_basic" in document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            answer = _read(client.post, document["token_endpoint"], data=form, auth=(provider.client_id, provider.client_secret))
        else:
            form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
            answer = _read(client.post, document["token_endpoint"], data=form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderTrouble("The provider gave no ID token.")
        return token

    def _checked(self, token: str, keys: dict[str, Any], asked: Asked) -> dict[str, Any]:
        provider = self._provider
        try:
            header = jwt.get_unverified_header(token)
            key = _key(keys, header.get("kid"))
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=ALGORITHMS, audience=provider.client_id, issuer=provider.issuer, leeway=LEEWAY, options={"require": NEEDED}
            )
            CodeIDToken(claims, header, params={"nonce": asked.nonce, "client_id": provider.client_id}).validate(leeway=LEEWAY)
        except (jwt.PyJWTError, JoseError) as error:
            raise Unproved(f"The provider's ID token can't be used: {error}.") from None
        if provider.acr and claims.get("acr") not in provider.acr:
            raise Unproved(f"The provider's level of assurance is {claims.get('acr')!r}; ABILINE_OIDC_ACR asks for {', '.join(provider.acr)}.")
        if not isinstance(claims["sub"], str) or not claims["sub"].isprintable() or SPACE in claims["sub"]:
            raise Unproved("The provider's subject is no word.")
        return claims

    def _email(self, claims: dict[str, Any]) -> str | None:
        email = claims.get("email")
        relied_on = claims.get("email_verified") is True or self._provider.trust_email
        return email.strip().lower() if isinstance(email, str) and relied_on else None


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to believe on the web; reading them takes longer than a log-in."""
    return httpx.create_ssl_context()


def _read(ask: Callable[..., httpx.Response], address: str, **more: Any) -> dict[str, Any]:
    try:
        answer = ask(address, **more)
        answer.raise_for_status()
        found = answer.json()
    except httpx.HTTPStatusError as error:
        raise ProviderTrouble(f"{address} answered {error.response.status_code}.") from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ProviderTrouble(f"{address} can't be read ({type(error).__name__}).") from None
    if not isinstance(found, dict):
        raise ProviderTrouble(f"{address} gave no JSON object.")
    return found


def _key(keys: dict[str, Any], name: object) -> jwt.PyJWK:
    """The key by its name; without a name, the only one there is."""
    known = [key for key in jwt.PyJWKSet.from_dict(keys).keys if key.public_key_use in (None, "sig")]
    fitting = [key for key in known if key.key_id == name] if name is not None else known
    if len(fitting) != 1:
        raise jwt.InvalidKeyError(f"no key {name!r}")
    return fitting[0]


def _name(claims: dict[str, Any]) -> str | None:
    """The person's name; TARA has it among `profile_attributes`."""
    inner = claims.get("profile_attributes")
    where = claims | (inner if isinstance(inner, dict) else {})
    parts = [where.get("name")] if where.get("name") else [where.get("given_name"), where.get("family_name")]
    return SPACE.join(part for part in parts if isinstance(part, str)).strip() or None
