"""Feedback and coaching: low scores, the week's sample with its score cards, and each agent's own week."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter

from handoff.coaching import cards, low, own
from handoff.coaching.criteria import read_criteria
from handoff.coaching.room import Room
from handoff.services import Services
from handoff.web import Guard, Pages, take_over

HERE = Path(__file__).parent


def router(services: Services) -> APIRouter:
    """`/coaching`. Raises `SettingsError` for a file of criteria that can't be read."""
    room = Room(services, Pages(HERE), Guard(services.database), read_criteria(services.settings.review_criteria))
    routes = APIRouter()
    take_over(routes, low.router(room), cards.router(room), own.router(room))
    return routes
