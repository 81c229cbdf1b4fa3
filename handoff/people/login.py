"""Logging in by password, and out. Each role lands in its own room."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from handoff.accounts import service as accounts
from handoff.accounts.attempts import Attempts
from handoff.accounts.logins import Step
from handoff.accounts.service import Person
from handoff.conversations.signals import DESK
from handoff.errors import NotLoggedIn, TooMany
from handoff.people.coming_in import come_in, go_halfway, home, own_path, refuse_other_sites, show_login, this_browser
from handoff.people.room import Room
from handoff.web import COOKIE, remember_language

STEPS = {Step.CODE: "/login/code", Step.ENROL: "/login/enrol"}


def router(room: Room) -> APIRouter:
    """`/login` and `/logout`."""
    api = APIRouter(include_in_schema=False)
    services = room.services
    attempts = Attempts(services.database)

    @api.get("/login")
    def show(request: Request, next: str = "", said: str = "") -> Response:
        try:
            person = accounts.whose(services.database, request.cookies.get(COOKIE))
        except NotLoggedIn:
            return remember_language(request, show_login(room, request, next=next, said="login.chosen" if said == "chosen" else ""))
        return RedirectResponse(own_path(next) or home(person), status_code=303)

    @api.post("/login")
    def log_in(
        request: Request,
        login: Annotated[str, Form(max_length=100)],
        password: Annotated[str, Form(max_length=1_000)],
        next: Annotated[str, Form(max_length=2_000)] = "",
    ) -> Response:
        refuse_other_sites(request)
        browser = this_browser(request)
        address = browser.address or ""
        try:
            attempts.check(address, login)
            token = accounts.log_in(services.database, login=login.strip(), password=password, coded=services.settings.totp_roles, browser=browser)
        except NotLoggedIn:
            attempts.failed(address, login)
            return show_login(room, request, next=next, login=login, problem="login.wrong", status=401)
        except TooMany as error:
            response = show_login(room, request, next=next, login=login, problem="login.too_many", status=error.status)
            response.headers["Retry-After"] = str(error.retry_after)
            return response
        attempts.succeeded(address, login)
        step = accounts.step_of(services.database, token)
        return go_halfway(services, token, STEPS[step], next) if step else come_in(services, request, token, next)

    @api.post("/logout")
    def log_out(request: Request, person: Annotated[Person, Depends(room.guard.form())]) -> Response:
        accounts.log_out(services.database, request.cookies[COOKIE])
        services.signals.notify(DESK)
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(COOKIE, path="/")
        return response

    return api
