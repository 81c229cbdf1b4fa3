"""Routes of this room."""

from __future__ import annotations

from fastapi import APIRouter

from handoff.services import Services


def router(services: Services) -> APIRouter:
    """Nothing yet."""
    return APIRouter()
