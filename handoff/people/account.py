"""One's own account: the name that customers see, language and colours, password, second step, and where one is logged in."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from bot.understanding import Language
from handoff.accounts import invitations, logins, own, passwords
from handoff.accounts.attempts import Attempts
from handoff.accounts.own import Theme
from handoff.accounts.service import Person
from handoff.errors import NotFound, TooMany, Unreadable
from handoff.people.room import Room
from handoff.people.words import Words
from handoff.web import COOKIE, keep_language, remember_language

Password = Annotated[str, Form(max_length=10_000)]
SAID = ("name", "look", "password", "code_off", "ended")


class Colours(BaseModel):
    """What the switch in the top bar was set to."""

    theme: Literal["light", "dark"]


def router(room: Room) -> APIRouter:
    """`/account` and what its forms change."""
    api = APIRouter(prefix="/account", include_in_schema=False)
    services, codes, desk = room.services, room.codes, OwnDesk(room)
    reader = Annotated[Person, Depends(room.guard.person)]
    writer = Annotated[Person, Depends(room.guard.form())]

    @api.get("")
    def show(request: Request, person: reader, said: str = "") -> Response:
        return remember_language(request, desk.page(request, person, said=said if said in SAID else ""))

    @api.post("/name")
    def rename(request: Request, person: writer, name: Annotated[str, Form(max_length=1_000)] = "") -> Response:
        return desk.changed(request, person, "name", lambda: own.rename(services.database, person.id, name))

    @api.post("/look")
    def look(request: Request, person: writer, language: Annotated[Language, Form()], theme: Annotated[Theme, Form()]) -> Response:
        own.prefer_language(services.database, person.id, language)
        own.prefer_theme(services.database, person.id, theme)
        return keep_language(_back("look"), language)

    @api.post("/theme", status_code=204)
    def switch(colours: Colours, person: reader) -> Response:
        """The switch in the top bar, remembered for every browser. With the header `X-CSRF-Token`."""
        own.prefer_theme(services.database, person.id, colours.theme)
        return Response(status_code=204)

    @api.post("/password")
    def password(request: Request, person: writer, old: Password = "", password: Password = "") -> Response:
        def change() -> None:
            invitations.change_password(services.database, person.id, old=old, new=password, token=request.cookies[COOKIE])

        return desk.changed(request, person, "password", lambda: desk.guarded(person, change))

    @api.get("/code")
    def show_code(request: Request, person: reader) -> Response:
        return desk.enrolment(request, person)

    @api.post("/code")
    def turn_on(request: Request, person: writer, old: Password = "", code: Annotated[str, Form(max_length=100)] = "") -> Response:
        if codes.enrolled(person.id):
            return RedirectResponse("/account", status_code=303)
        try:
            desk.check_password(person, old)
            recovery = codes.confirm(person.id, code)
        except (Unreadable, TooMany) as error:
            return desk.enrolment(request, person, error)
        return desk.recovery(request, person, recovery)

    @api.post("/code/recovery")
    def renew(request: Request, person: writer, old: Password = "") -> Response:
        if not codes.enrolled(person.id):
            return RedirectResponse("/account", status_code=303)
        try:
            desk.check_password(person, old)
        except (Unreadable, TooMany) as error:
            return desk.page(request, person, at="code", error=error)
        return desk.recovery(request, person, codes.renew_recovery_codes(person.id))

    @api.post("/code/off")
    def turn_off(request: Request, person: writer, old: Password = "") -> Response:
        if person.role in services.settings.totp_roles:
            return RedirectResponse("/account", status_code=303)

        def off() -> None:
            desk.check_password(person, old)
            own.turn_off_code(services.database, person.id, token=request.cookies[COOKIE])

        return desk.changed(request, person, "code_off", off, at="code")

    @api.post("/logins/end")
    def end(person: writer, name: Annotated[str, Form(max_length=100)] = "") -> Response:
        try:
            logins.end_one(services.database, person.id, name)
        except NotFound:  # a second click, or it was over already
            return _back("ended")
        return _back("ended")

    @api.post("/logins/end-others")
    def end_others(request: Request, person: writer) -> Response:
        logins.end_others(services.database, person.id, request.cookies[COOKIE])
        return _back("ended")

    return api


class OwnDesk:
    """Renders the pages of one's own account, and asks for the password where a stolen cookie must not be enough."""

    def __init__(self, room: Room) -> None:
        self._room, self._attempts = room, Attempts(room.services.database, "password")

    def page(self, request: Request, person: Person, *, said: str = "", at: str = "", error: Unreadable | TooMany | None = None) -> Response:
        """The account; `at` is the part of the page that `error` belongs to."""
        room, database = self._room, self._room.services.database
        return room.pages.page(
            request,
            "account.html",
            status=error.status if error else 200,
            person=person,
            here="account",
            said=said,
            at=at,
            error=error,
            logins=logins.open_logins(database, person.id, token=request.cookies.get(COOKIE)),
            words=Words.of(room, request),
            has_password=own.has_password(database, person.id),
            enrolled=room.codes.enrolled(person.id),
            recovery_left=room.codes.left(person.id),
            required=person.role in room.services.settings.totp_roles,
            shortest=passwords.SHORTEST,
        )

    def changed(self, request: Request, person: Person, what: str, change: Callable[[], None], *, at: str = "") -> Response:
        """Make the change and show the account with a word of it, or with what is to mend."""
        try:
            change()
        except (Unreadable, TooMany) as error:
            return self.page(request, person, at=at or what, error=error)
        return _back(what)

    def enrolment(self, request: Request, person: Person, error: Unreadable | TooMany | None = None) -> Response:
        """The picture and the key for the app. Only for whom a password lets in: others have their provider's second step."""
        room = self._room
        if room.codes.enrolled(person.id) or not own.has_password(room.services.database, person.id):
            return RedirectResponse("/account", status_code=303)
        enrolment = room.codes.begin(person.id, company=room.services.settings.company)
        status = error.status if error else 200
        return room.pages.page(request, "enrol.html", status=status, person=person, here="account", enrolment=enrolment, error=error)

    def recovery(self, request: Request, person: Person, codes: list[str]) -> Response:
        """The recovery codes, this once."""
        response = self._room.pages.page(request, "recovery.html", person=person, here="account", codes=codes)
        response.headers["Cache-Control"] = "no-store"
        return response

    def check_password(self, person: Person, password: str) -> None:
        """Raise `Unreadable` for a wrong one, and `TooMany` for who guesses."""
        self.guarded(person, lambda: own.check_password(self._room.services.database, person.id, password))

    def guarded(self, person: Person, act: Callable[[], None]) -> None:
        """Do what asks for the password, counting wrong ones."""
        self._attempts.check(person.id, person.id)
        try:
            act()
        except Unreadable as error:
            if error.code == "wrong_password":
                self._attempts.failed(person.id, person.id)
            raise
        self._attempts.succeeded(person.id, person.id)


def _back(said: str) -> RedirectResponse:
    return RedirectResponse(f"/account?said={said}", status_code=303)
