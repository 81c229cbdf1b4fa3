"""The contact form, whose questions are answered by e-mail, and the box of letters that become tickets in the same desk."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from fastapi import APIRouter

from handoff.conversations.arriving import Arrivals
from handoff.conversations.tickets import checked_email
from handoff.email import office
from handoff.email.answering import Answering
from handoff.email.box import Box
from handoff.email.collector import Collector
from handoff.services import Services
from handoff.ticket_form import ContactField, ticket_form


def router(services: Services) -> APIRouter:
    """`/contact`, and the operator's page of letters."""
    api = APIRouter()
    api.include_router(ticket_form(services, Path(__file__).parent, "/contact", ContactField("email", "email", "email", checked_email)))
    api.include_router(office.router(services))
    return api


class Job(Protocol):
    """Runs until it is cancelled."""

    async def run(self) -> None: ...


def jobs(services: Services) -> list[Job]:
    """What runs as long as the service does: the reader of the operator's box, where there is one, and the bot's look at what came."""
    settings = services.settings
    if not (url := settings.imap_url.get_secret_value()):
        return []
    bot_looks = settings.mail_answers == "sure" and settings.sends_mail
    arrivals = Arrivals(services.database, services.attachments, services.links, services.notices, bot_looks=bot_looks)
    ours = {address for address in (settings.mail_box, settings.mail_from) if address}
    box = Box(url, done=settings.imap_done)
    collector = Collector(services.database, box, arrivals, ours=ours, most=settings.mail_size * 1_000_000, changed=services.signals.changed)
    return [collector, Answering(services)] if bot_looks else [collector]
