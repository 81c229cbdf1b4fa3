"""Between the right password and the room: the code of the phone, or turning it on where the role asks for it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from handoff.accounts import logins
from handoff.accounts import service as accounts
from handoff.accounts.attempts import Attempts
from handoff.accounts.logins import Halfway, Step
from handoff.errors import NotLoggedIn, TooMany, Unreadable
from handoff.people.coming_in import LOGIN, come_in, give_cookies, halfway, home, own_path, refuse_other_sites
from handoff.people.room import Room

Code = Annotated[str, Form(max_length=100)]
Next = Annotated[str, Form(max_length=2_000)]


def router(room: Room) -> APIRouter:
    """`/login/code` and `/login/enrol`."""
    api = APIRouter(include_in_schema=False)
    services, codes, attempts = room.services, room.codes, Attempts(room.services.database, "code")

    def at_the_step(request: Request) -> tuple[str, Halfway]:
        """Whoever is not halfway begins at the log-in."""
        try:
            return halfway(services, request)
        except NotLoggedIn:
            raise HTTPException(303, headers={"Location": LOGIN}) from None

    Here = Annotated[tuple[str, Halfway], Depends(at_the_step)]
    our_page = [Depends(refuse_other_sites)]

    def ask(request: Request, next: str, *, problem: str = "", status: int = 200) -> Response:
        return room.pages.page(request, "code.html", status=status, next=own_path(next), problem=problem)

    def show_key(request: Request, agent_id: str, next: str, *, problem: str = "", status: int = 200) -> Response:
        enrolment = codes.begin(agent_id, company=services.settings.company)
        return room.pages.page(request, "enrol_first.html", status=status, next=own_path(next), problem=problem, enrolment=enrolment)

    @api.get("/login/code")
    def show(request: Request, here: Here, next: str = "") -> Response:
        _, waiting = here
        return ask(request, next) if waiting.step is Step.CODE else RedirectResponse("/login/enrol", status_code=303)

    @api.post("/login/code", dependencies=our_page)
    def check(request: Request, here: Here, code: Code, next: Next = "") -> Response:
        token, waiting = here
        of_person = f"code of {waiting.agent_id}"  # whoever has the password may come from many addresses: all count as one
        try:
            attempts.check(of_person, of_person)
            codes.check(waiting.agent_id, code)
        except Unreadable:
            attempts.failed(of_person, of_person)
            accounts.audit(services.database, waiting.agent_id, "failed_code")
            return ask(request, next, problem="code.wrong", status=401)
        except TooMany as error:
            return ask(request, next, problem="login.too_many", status=error.status)
        attempts.succeeded(of_person, of_person)
        return come_in(services, request, logins.finish(services.database, token), next)

    @api.get("/login/enrol")
    def show_enrolment(request: Request, here: Here, next: str = "") -> Response:
        _, waiting = here
        return show_key(request, waiting.agent_id, next) if waiting.step is Step.ENROL else RedirectResponse("/login/code", status_code=303)

    @api.post("/login/enrol", dependencies=our_page)
    def enrol(request: Request, here: Here, code: Code, next: Next = "") -> Response:
        token, waiting = here
        if waiting.step is not Step.ENROL:  # a password alone must not put another phone in the place of the person's own
            return RedirectResponse("/login/code", status_code=303)
        try:
            recovery = codes.confirm(waiting.agent_id, code)
        except Unreadable:
            return show_key(request, waiting.agent_id, next, problem="code.wrong", status=422)
        whole = logins.finish(services.database, token)
        on = own_path(next) or home(accounts.whose(services.database, whole))
        return give_cookies(services, request, room.pages.page(request, "recovery_first.html", codes=recovery, on=on), whole)

    return api
