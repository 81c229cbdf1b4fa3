"""The contact form: a question that is answered by e-mail becomes a ticket in the desk."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter

from handoff.conversations.tickets import checked_email
from handoff.services import Services
from handoff.ticket_form import ContactField, ticket_form


def router(services: Services) -> APIRouter:
    """`/contact`."""
    return ticket_form(services, Path(__file__).parent, "/contact", ContactField("email", "email", "email", checked_email))
