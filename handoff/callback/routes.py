"""A wish to be called back becomes a ticket in the desk."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter

from handoff.conversations.tickets import checked_phone
from handoff.services import Services
from handoff.ticket_form import ContactField, ticket_form


def router(services: Services) -> APIRouter:
    """`/callback`."""
    return ticket_form(services, Path(__file__).parent, "/callback", ContactField("callback", "phone", "tel", checked_phone))
