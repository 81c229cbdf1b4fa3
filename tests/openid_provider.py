"""A small OpenID provider on loopback: discovery, keys, authorise, token. It says what the test tells it to say, also what no honest one would."""

from __future__ import annotations

import base64
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.security.utils import get_authorization_scheme_param
from jwt.algorithms import RSAAlgorithm

CLIENT_ID, CLIENT_SECRET = "abiline", "jagatud-saladus"


@dataclass
class Provider:
    """Who logs in, and what is crooked about it. `claims` go over the honest ones; None takes one out."""

    url: str
    key: rsa.RSAPrivateKey
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "EE60001019906"})
    claims: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    signed_with: rsa.RSAPrivateKey | str | None = None
    document: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    given: dict[str, dict[str, str]] = field(default_factory=dict)

    def id_token(self, asked: dict[str, str]) -> str:
        moment = int(time.time())
        honest = {"iss": self.url, "aud": CLIENT_ID, "iat": moment, "exp": moment + 40, "nonce": asked["nonce"]}
        claims = {name: value for name, value in (honest | self.person | self.claims).items() if value is not None}
        key: Any = None if self.algorithm == "none" else self.signed_with or self.key
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": "esimene"})


def provider_app(provider: Provider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        url = provider.url
        known = {"issuer": url, "authorization_endpoint": f"{url}/authorize", "token_endpoint": f"{url}/token", "jwks_uri": f"{url}/jwks"}
        return known | provider.document

    @app.get("/jwks")
    def keys() -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(provider.key.public_key(), as_dict=True)
        return {"keys": [public | {"kid": "esimene", "use": "sig", "alg": "RS256"}]}

    @app.get("/authorize")
    def authorize(request: Request) -> RedirectResponse:
        asked = dict(request.query_params)
        provider.asked.append(asked)
        code = secrets.token_urlsafe(8)
        provider.given[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    @app.post("/token")
    def token(request: Request, code: Annotated[str, Form()], redirect_uri: Annotated[str, Form()], code_verifier: Annotated[str, Form()]) -> JSONResponse:
        _, credentials = get_authorization_scheme_param(request.headers.get("Authorization"))
        asked = provider.given.pop(code, None)  # a code is worth one token
        known = base64.b64decode(credentials).decode() == f"{CLIENT_ID}:{CLIENT_SECRET}"
        challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).decode().rstrip("=")
        if not known or asked is None or asked["redirect_uri"] != redirect_uri or asked["code_challenge"] != challenge:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        return JSONResponse({"access_token": "tühi", "token_type": "Bearer", "id_token": provider.id_token(asked)})

    return app


@contextmanager
def running_provider() -> Iterator[Provider]:
    """The provider in a thread of this process, on a free port."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    provider = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}", rsa.generate_private_key(65537, 2048))
    server = uvicorn.Server(uvicorn.Config(provider_app(provider), log_level="error", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield provider
    server.should_exit = True
    thread.join()
    listening.close()
