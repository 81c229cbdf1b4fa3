"""What readers of the help page say of an answer, beside the answer."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations.outcomes import DAYS
from handoff.entries import ratings
from handoff.entries.ratings import Said
from handoff.services import Services
from handoff.web import Guard


def reader_routes(services: Services, guard: Guard) -> APIRouter:
    """GET /api/editor/entries/{id}/readers."""
    routes = APIRouter(tags=["editor"])
    editor = Annotated[Person, Depends(guard.may(Permission.EDIT))]

    @routes.get("/api/editor/entries/{entry_id}/readers")
    async def readers(entry_id: str, person: editor) -> dict[str, Any]:
        """How many it helped and how many not, for as long as ratings are counted, and the latest comments."""
        database = services.database
        await asyncio.to_thread(services.entries.get, entry_id)
        counts = await asyncio.to_thread(ratings.rated, database, services.entries.today() - timedelta(days=DAYS))
        said = counts.get(entry_id, Said())
        latest = await asyncio.to_thread(ratings.comments, database, entry_id)
        comments = [{"text": one.text, "helpful": one.helpful, "language": one.language, "at": one.at.isoformat()} for one in latest]
        return {"address": f"/help/{quote(entry_id, safe='')}", "helpful": said.helpful, "unhelpful": said.unhelpful, "comments": comments}

    return routes
