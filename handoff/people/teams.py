"""The page of teams: make, rename, give out what waits, remove. Who belongs to one is set on the person's own page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from handoff.accounts import sharing, staff, teams
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.errors import Unreadable
from handoff.people.room import Room, number

Name = Annotated[str, Form(max_length=1_000)]


def router(room: Room) -> APIRouter:
    """`/people/teams`."""
    api = APIRouter(prefix="/people/teams", include_in_schema=False)
    database = room.services.database
    looker = Annotated[Person, Depends(room.guard.may(Permission.SEE_PEOPLE))]
    changer = Annotated[Person, Depends(room.guard.form(Permission.MANAGE_PEOPLE))]

    def page(request: Request, person: Person, *, at: str = "", typed: str = "", error: Unreadable | None = None) -> Response:
        """`at` is the id of the team that `error` belongs to, empty for a new one; `typed` is what was written there."""
        known, people = teams.teams(database), [one for one in staff.everyone(database) if one.active]
        members = {team.id: [one for one in people if team.id in {own.id for own in one.teams}] for team in known}
        status = error.status if error else 200
        shown = {"teams": known, "members": members, "at": at, "typed": typed, "error": error}
        return room.pages.page(request, "teams.html", status=status, person=person, here="people", part="teams", **shown)

    @api.get("")
    def show(request: Request, person: looker) -> Response:
        return page(request, person)

    @api.post("")
    def make(request: Request, person: changer, name: Name = "") -> Response:
        try:
            teams.make(database, name, by=person.id)
        except Unreadable as error:
            return page(request, person, typed=name, error=error)
        return _back()

    @api.post("/{team_id}")
    def rename(request: Request, team_id: str, person: changer, name: Name = "") -> Response:
        try:
            teams.rename(database, team_id, name, by=person.id)
        except Unreadable as error:
            return page(request, person, at=team_id, typed=name, error=error)
        return _back()

    @api.post("/{team_id}/give-out")
    def give_out(request: Request, team_id: str, person: changer, seconds: Annotated[str, Form(max_length=20)] = "") -> Response:
        try:
            sharing.set_accept_seconds(database, team_id, number(seconds, "bad_seconds", "seconds"), by=person.id)
        except Unreadable as error:
            return page(request, person, at=team_id, typed=seconds, error=error)
        return _back()

    @api.post("/{team_id}/wall")
    def wall(team_id: str, person: changer, walled: bool = Form(False)) -> Response:
        sharing.set_walled(database, team_id, walled, by=person.id)
        return _back()

    @api.post("/{team_id}/remove")
    def remove(team_id: str, person: changer) -> Response:
        teams.remove(database, team_id, by=person.id)
        return _back()

    return api


def _back() -> RedirectResponse:
    return RedirectResponse("/people/teams", status_code=303)
