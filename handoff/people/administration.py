"""The list of people, and what an admin does with an account. Supervisors look; admins change."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from handoff.accounts import invitations, sharing, staff
from handoff.accounts import teams as teams_here
from handoff.accounts.permissions import MAY, Permission
from handoff.accounts.service import Person
from handoff.accounts.staff import SPACE, Details, Member
from handoff.accounts.tables import Role
from handoff.conversations.leaving import leave
from handoff.conversations.signals import DESK
from handoff.errors import Unreadable
from handoff.people.room import Room, number
from handoff.people.words import Words

SAID = ("saved", "closed", "reopened", "code_reset")
Number = Annotated[str, Form(max_length=20)]  # empty: none
Line = Annotated[str, Form(max_length=1_000)]
Teams = Annotated[list[str], Form(default_factory=list)]


def router(room: Room) -> APIRouter:
    """`/people`: the list, the roles, and one person's page."""
    api = APIRouter(prefix="/people", include_in_schema=False)
    database, settings = room.services.database, room.services.settings
    office = Office(room)
    looker = Annotated[Person, Depends(room.guard.may(Permission.SEE_PEOPLE))]
    admin = Annotated[Person, Depends(room.guard.may(Permission.MANAGE_PEOPLE))]
    changer = Annotated[Person, Depends(room.guard.form(Permission.MANAGE_PEOPLE))]

    @api.get("")
    def everyone(request: Request, person: looker) -> Response:
        people = staff.everyone(database)
        return room.pages.page(request, "people.html", person=person, here="people", part="people", people=people, words=Words.of(room, request))

    @api.get("/roles")
    def roles(request: Request, person: looker) -> Response:
        return room.pages.page(request, "roles.html", person=person, here="people", part="roles", may=MAY, roles=list(Role), permissions=list(Permission))

    @api.get("/new")
    def new(request: Request, person: admin) -> Response:
        return office.form(request, person, None, Details("", Role.AGENT))

    def written(*, name: Line = "", role: Annotated[Role, Form()], email: Line = "", subject: Line = "", teams: Teams) -> Details:
        """What a form said. The subject is the present provider's."""
        issuer, told = settings.oidc_issuer, subject.strip()
        return Details(name, role, email, f"{issuer}{SPACE}{told}" if told and issuer else None, tuple(teams))

    form_details = Annotated[Details, Depends(written)]

    @api.post("/new")
    def invite(request: Request, person: changer, details: form_details, login: Line = "") -> Response:
        try:
            agent_id, token = invitations.invite(database, login, details, by=person.id)
        except Unreadable as error:
            return office.form(request, person, None, details, login=login, error=error)
        return office.link(request, person, staff.member(database, agent_id), token)

    @api.get("/{agent_id}")
    def one(request: Request, agent_id: str, person: admin, said: str = "") -> Response:
        member = staff.member(database, agent_id)
        return office.form(request, person, member, office.as_details(member), said=said if said in SAID else "")

    @api.post("/{agent_id}")
    def change(request: Request, agent_id: str, person: changer, details: form_details) -> Response:
        try:
            staff.change(database, agent_id, details, by=person.id)
        except Unreadable as error:
            return office.form(request, person, staff.member(database, agent_id), details, error=error)
        return _back(agent_id, "saved")

    @api.post("/{agent_id}/close")
    def close(request: Request, agent_id: str, person: changer) -> Response:
        try:
            released = leave(database, agent_id, by=person.id)
        except Unreadable as error:
            member = staff.member(database, agent_id)
            return office.form(request, person, member, office.as_details(member), error=error)
        for conversation_id in released:
            room.services.signals.changed(conversation_id)
        room.services.signals.notify(DESK)
        return _back(agent_id, "closed")

    @api.post("/{agent_id}/reopen")
    def reopen(agent_id: str, person: changer) -> Response:
        staff.reopen(database, agent_id, by=person.id)
        return _back(agent_id, "reopened")

    @api.post("/{agent_id}/capacity")
    def set_capacity(request: Request, agent_id: str, person: changer, capacity: Number = "") -> Response:
        try:
            sharing.set_capacity(database, agent_id, number(capacity, "bad_capacity", "capacity"), by=person.id)
        except Unreadable as error:
            member = staff.member(database, agent_id)
            return office.form(request, person, member, office.as_details(member), error=error)
        room.services.signals.notify(DESK)
        return _back(agent_id, "saved")

    @api.post("/{agent_id}/link")
    def new_link(request: Request, agent_id: str, person: changer) -> Response:
        token = invitations.renew(database, agent_id, by=person.id)
        return office.link(request, person, staff.member(database, agent_id), token)

    @api.post("/{agent_id}/reset-code")
    def reset_code(agent_id: str, person: changer) -> Response:
        staff.reset_code(database, agent_id, by=person.id)
        return _back(agent_id, "code_reset")

    return api


class Office:
    """Renders one person's page, and the link that is shown once."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def form(
        self, request: Request, person: Person, member: Member | None, details: Details, *, login: str = "", error: Unreadable | None = None, said: str = ""
    ) -> Response:
        """The form of somebody new (`member` is None) or known, filled with `details`."""
        room = self._room
        return room.pages.page(
            request,
            "person.html",
            status=error.status if error else 200,
            person=person,
            here="people",
            part="people",
            member=member,
            login=member.login if member else login,
            filled=details,
            subject=details.subject.rpartition(SPACE)[2] if details.subject else "",
            teams=teams_here.teams(room.services.database),
            roles=list(Role),
            provider=room.services.settings.oidc_name if room.openid else "",
            words=Words.of(room, request),
            error=error,
            said=said,
        )

    def link(self, request: Request, person: Person, member: Member, token: str) -> Response:
        """The link for the person, this once: only its hash is kept."""
        address = f"{self._room.services.settings.public_url}/invitation/{token}"
        hours = int(invitations.VALID.total_seconds() // 3600)
        response = self._room.pages.page(request, "link.html", person=person, here="people", part="people", member=member, address=address, hours=hours)
        response.headers["Cache-Control"] = "no-store"
        return response

    def as_details(self, member: Member) -> Details:
        """What is kept, as a form shows it."""
        return Details(member.name, member.role, member.email, member.subject, tuple(team.id for team in member.teams))


def _back(agent_id: str, said: str) -> RedirectResponse:
    return RedirectResponse(f"/people/{agent_id}?said={said}", status_code=303)
