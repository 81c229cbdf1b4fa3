"""A wish to be called back becomes a ticket in the desk with a call that agents make when it suits the customer."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter

from handoff.call_times import CallTimes
from handoff.callback import office
from handoff.conversations.tickets import checked_phone
from handoff.schedule import Hours
from handoff.services import Services
from handoff.texts import Texts
from handoff.ticket_form import ContactField, ticket_form
from handoff.web import Guard, take_over

HERE = Path(__file__).parent


def router(services: Services) -> APIRouter:
    """`/callback` for customers, `/calls` for agents."""
    times = CallTimes(Hours.of(services.settings), Texts(HERE.parent / "texts"))
    both = APIRouter()
    take_over(both, ticket_form(services, HERE, "/callback", ContactField("callback", "phone", "tel", checked_phone), times))
    take_over(both, office.router(services, times, Guard(services.database)))
    return both
