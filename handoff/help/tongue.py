"""The language of a page of the help, which its address names."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from bot.understanding import LANGUAGES, Language
from handoff.errors import NotFound


def tongue(request: Request) -> Language:
    """The language that the address names. Raises `NotFound` for any other first part."""
    named = request.path_params.get("tongue", "et")
    found = next((language for language in LANGUAGES if language == named), None)
    if found is None or (found == "et" and "tongue" in request.path_params):
        raise NotFound("There is no such page.")
    return found


Tongue = Annotated[Language, Depends(tongue)]
