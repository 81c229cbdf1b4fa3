"""What machines ask that watch over the house: is it alive, is it ready, what are its figures."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr

from handoff.errors import NotAllowed
from handoff.operations.meters import Meters
from handoff.operations.readiness import HARMLESS, Readiness

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
NEVER_KEPT = {"Cache-Control": "no-store"}


def router(meters: Meters, readiness: Readiness, *, token: SecretStr) -> APIRouter:
    """The three addresses."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/health")
    async def health() -> JSONResponse:
        """Alive: the process answers. Whoever gets no answer starts it anew."""
        return JSONResponse({"status": "ok"}, headers=NEVER_KEPT)

    @routes.get("/ready")
    def ready() -> JSONResponse:
        """Whether customers may be sent here: 200, or 503 with the names of what is missing. What is late keeps nobody away."""
        needs = readiness.look()
        missing = [name for name, met in needs.items() if not met and name not in HARMLESS]
        late = [name for name, met in needs.items() if not met and name in HARMLESS]
        status = {
            "status": "not ready" if missing else "ready",
            "missing": missing,
            "late": late,
            "checks": {name: "ok" if met else "late" if name in HARMLESS else "missing" for name, met in needs.items()},
        }
        return JSONResponse(status, status_code=503 if missing else 200, headers=NEVER_KEPT)

    @routes.get("/metrics", include_in_schema=False, dependencies=[Depends(figures_door(token))])
    def metrics() -> Response:
        """The figures of this process in Prometheus' text form."""
        return Response(generate_latest(meters.registry), media_type=CONTENT_TYPE_LATEST, headers=NEVER_KEPT)

    return routes


def figures_door(token: SecretStr) -> Callable[[Request], None]:
    """Lets in who carries the token; without one set, programs of this machine that come straight here."""
    wanted = token.get_secret_value()

    def known_watcher(request: Request) -> None:
        if wanted:
            scheme, _, given = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), wanted.encode()):
                return
        elif _comes_from_here(request):
            return
        raise NotAllowed("The figures are for this machine, or by the token of ABILINE_METRICS_TOKEN.")

    return known_watcher


def _comes_from_here(request: Request) -> bool:
    """Behind a proxy on this machine everybody would seem to: whoever was forwarded is not from here."""
    if any(name in request.headers for name in FORWARDED) or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
