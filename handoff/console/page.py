"""The desk's page. One page for the queue and for every conversation: `/desk/{id}` opens it with that one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from handoff.accounts import service as accounts
from handoff.accounts import teams
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations import queue
from handoff.services import Services
from handoff.web import Guard, Pages, page_language, remember_language

PREFIX = "desk."


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """`/desk` and its deep links."""
    api = APIRouter(include_in_schema=False)

    @api.get("/desk")
    @api.get("/desk/{conversation_id}")
    def desk(request: Request, person: Annotated[Person, Depends(guard.person)]) -> Response:
        if not person.answers:
            return pages.page(request, "refused.html", status=403, person=person)
        accounts.seen(services.database, person.id)
        language = page_language(request)
        texts = {key.removeprefix(PREFIX): text for key, text in pages.texts.all(language).items() if key.startswith(PREFIX)}
        in_teams = bool(teams.teams_of(services.database, person.id))
        lists = [name for name in queue.LISTS if name != "team" or in_teams]
        start = {
            "lists": lists,
            "texts": texts,
            "language": language,
            "csrf": person.csrf_token,
            "me": {
                "id": person.id,
                "name": person.name,
                "edits": person.edits,
                "takes_over": person.may(Permission.TAKE_OVER),
                "holds": person.may(Permission.HOLD),
            },
            "zone": services.settings.time_zone,
            "bot": services.settings.bot_name,
            "mail": services.settings.sends_mail,
            "stages": [{"id": stage.id, "ends": stage.ends, "name": stage.names[language]} for stage in services.stages.all],
            "files": services.attachments.allowed.told(),
        }
        return remember_language(request, pages.page(request, "desk.html", person=person, start=start, lists=lists))

    return api
