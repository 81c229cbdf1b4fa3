"""Which letters one gets, and the page that a letter's stop link leads to, which knows nobody and asks for no log-in."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from bot.understanding import LANGUAGES
from handoff.accounts import mailings
from handoff.accounts.mailings import Mailing, Stops
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.reports.digest import named
from handoff.services import Services
from handoff.web import Guard, Pages, page_language

PATH = "/reports/letters"


def router(services: Services, pages: Pages, guard: Guard, stops: Stops) -> APIRouter:
    """/reports/letters and /letters/stop."""
    router = APIRouter(include_in_schema=False)
    reader = Annotated[Person, Depends(guard.may(Permission.SEE_REPORTS))]
    writer = Annotated[Person, Depends(guard.form(Permission.SEE_REPORTS))]
    database, settings = services.database, services.settings

    @router.get(PATH)
    def show(request: Request, person: reader, said: str = "") -> Response:
        email, wanted = mailings.chosen(database, person.id, named(settings))
        values: dict[str, Any] = {"email": email, "wanted": wanted, "mailings": list(Mailing), "sends": settings.sends_mail, "said": said == "saved"}
        lang_query = "" if page_language(request) == "et" else f"?lang={page_language(request)}"
        return pages.page(request, "letters.html", person=person, here="reports", lang_query=lang_query, **values)

    @router.post(PATH)
    def choose(person: writer, week: Annotated[bool, Form()] = False, product: Annotated[bool, Form()] = False) -> Response:
        mailings.choose(database, person.id, {Mailing.WEEK: week, Mailing.PRODUCT: product})
        return RedirectResponse(f"{PATH}?said=saved", status_code=303)

    @router.get("/letters/stop/{token}")
    def ask(request: Request, token: str) -> Response:
        return _stop_page(request, token, stops.read(token)[0], done=False)

    @router.post("/letters/stop/{token}")
    def stop(request: Request, token: str) -> Response:
        """From the page's button, or from the mail program's own (RFC 8058). Programs that only look at links stop nothing."""
        mailing, who = stops.read(token)
        mailings.choose(database, who, {mailing: False})
        return _stop_page(request, token, mailing, done=True)

    def _stop_page(request: Request, token: str, mailing: Mailing, *, done: bool) -> Response:
        path = f"/letters/stop/{token}"
        page = pages.page(request, "stop.html", path=path, company=settings.company, languages=LANGUAGES, mailing=mailing.value, done=done)
        page.headers["Cache-Control"], page.headers["Referrer-Policy"] = "no-store", "no-referrer"
        return page

    return router
