"""Routes of this room: the loader and its modules, the widget's API, the demo shop."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from handoff.services import Services
from handoff.web import Pages, take_over
from handoff.widget import api, copies, demo, files
from handoff.widget.limits import Limits
from handoff.widget.origins import Origins, cross_origin_route
from handoff.widget.scripts import Scripts

HERE = Path(__file__).parent


def router(services: Services, limits: Limits | None = None) -> APIRouter:
    pages = Pages(HERE)
    origins = Origins(services.settings.widget_origins, services.settings.public_url)
    routes = APIRouter()
    take_over(routes, _files(origins))
    limits = limits or Limits.counted_by_all(services.buckets)
    take_over(routes, files.router(services, pages.texts, origins, limits))
    take_over(routes, copies.router(services, pages, origins, limits))
    take_over(routes, api.router(services, pages.texts, origins, limits))
    take_over(routes, demo.router(services, pages))
    return routes


@cache
def _scripts() -> Scripts:
    """Joined and compressed once a process."""
    return Scripts()


def _files(origins: Origins) -> APIRouter:
    files = APIRouter(route_class=cross_origin_route(origins), include_in_schema=False)
    scripts = _scripts()

    @files.get("/widget.js")
    def loader(request: Request) -> Response:
        return scripts.loader(request)

    @files.get("/widget/{version}/{name}")
    def module(request: Request, version: str, name: str) -> Response:
        return scripts.send(request, version, name)

    return files
