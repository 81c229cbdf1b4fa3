"""`/privacy/request`: a person proves who they are, by a code to an e-mail address or by the site's signed log-in, and takes a copy of all their
conversations or has them erased.

The page keeps nothing on the device: what it knows travels in the form, sealed. Whether an address is known shows nowhere but in its own mailbox.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, BackgroundTasks, Form, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.background import BackgroundTask

from bot.understanding import LANGUAGES, Language
from handoff import mail, outbox
from handoff.accounts.seal import Broken, Seal
from handoff.bucket import Bucket
from handoff.conversations import codes, identity, rights
from handoff.conversations.rights import Gone, Who
from handoff.conversations.tickets import checked_email
from handoff.database import new_id
from handoff.errors import NotFound, TooMany, Unreadable
from handoff.mail import Letter
from handoff.privacy.packing import copy_with_files, download
from handoff.services import Services
from handoff.settings import signing_key
from handoff.web import Pages, page_language

PATH = "/privacy/request"
ASKED_SECONDS = int(codes.LIVES.total_seconds())
PROOF_SECONDS = 15 * 60
LONGEST = 1_000  # characters of a sealed field
Sealed = Annotated[str, Form(max_length=LONGEST)]
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def router(services: Services, pages: Pages) -> APIRouter:
    """One question a page, each a form."""
    api = APIRouter(include_in_schema=False)
    page = RequestPage(services, pages)
    asking = services.buckets.share("privacy, asking", Bucket(burst=5, per_second=5 / 3600))  # codes that one network address asks for
    trying = services.buckets.share("privacy, trying", Bucket(burst=20, per_second=20 / 3600))  # codes that it tries; each code stands five by itself

    @api.get(PATH)
    def begin(request: Request) -> HTMLResponse:
        return page.show(request, page.first)

    @api.post(PATH + "/code")
    async def ask(request: Request, later: BackgroundTasks, email: Annotated[str, Form(max_length=320)] = "") -> HTMLResponse:
        """The answer is the same for every address, and as quick: what is to be sent is sent after it."""
        try:
            address = checked_email(email)
            asking.take(_network(request))
        except (Unreadable, TooMany) as error:
            return page.show(request, "email", status=error.status, problem="bad_email" if isinstance(error, Unreadable) else "too_many", email=email)
        cause = rights.CAUSE + new_id()
        later.add_task(page.send_code, address, cause, page_language(request))
        return page.show(request, "code", sealed=page.asked.close(json.dumps([address, cause])))

    @api.post(PATH + "/check")
    async def check(request: Request, asked: Sealed = "", code: Annotated[str, Form(max_length=20)] = "") -> HTMLResponse:
        try:
            trying.take(_network(request))
            address, cause = json.loads(page.asked.open(asked, seconds=ASKED_SECONDS))
        except TooMany as error:
            return page.show(request, "email", status=error.status, problem="too_many")
        except Broken:
            return page.show(request, "email", status=410, problem="over")
        if not await asyncio.to_thread(page.proves, cause, code):
            return page.show(request, "code", status=403, problem="wrong", sealed=asked)
        return await asyncio.to_thread(page.choose, request, Who(email=address))

    @api.post(PATH + "/signed")
    async def signed(request: Request, token: Annotated[str, Form(max_length=identity.LONGEST_TOKEN)] = "") -> HTMLResponse:
        """A form of the site itself, where the person is logged in, with the token that its chat gets too."""
        try:
            known = identity.read(token, services.settings.identity_secret.get_secret_value())
        except Unreadable as error:
            return page.show(request, page.first, status=error.status, problem="not_signed")
        return await asyncio.to_thread(page.choose, request, Who(known.email, known.subject))

    @api.post(PATH + "/look")
    async def look(request: Request, proof: Sealed = "") -> HTMLResponse:
        """A person of ours is to look at the conversations in which the address was only typed."""
        try:
            who = page.proven(proof)
        except Broken:
            return page.show(request, page.first, status=410, problem="over")
        ticket = await asyncio.to_thread(page.ask_for_a_look, who, page_language(request))
        if ticket is not None:
            services.signals.changed(ticket)  # at the desk at once
        return await asyncio.to_thread(page.choose, request, who, looked=True)

    @api.post(PATH + "/copy")
    async def copy(request: Request, proof: Sealed = "") -> Response:
        try:
            who = page.proven(proof)
        except Broken:
            return page.show(request, page.first, status=410, problem="over")
        return await asyncio.to_thread(page.copy, who)

    @api.post(PATH + "/erase")
    async def erase(request: Request, proof: Sealed = "", answer: Annotated[Literal["", "yes", "no"], Form()] = "") -> HTMLResponse:
        """Asks once more; with „Jah, kustuta“ it is done."""
        try:
            who = page.proven(proof)
        except Broken:
            return page.show(request, page.first, status=410, problem="over")
        if answer == "no":
            return await asyncio.to_thread(page.choose, request, who)
        if answer != "yes":
            return page.show(request, "sure", sealed=proof)
        gone = await asyncio.to_thread(page.erase, who, page_language(request))
        services.outbox.look_now()
        return page.show(request, "done", gone=gone, by_letter=page.writes_to(who))

    return api


class RequestPage:
    """What the page does, and how it looks."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services, self._pages = services, pages
        secret = partial(signing_key, services.settings)
        self.asked = Seal(secret, purpose="asked for one's data")
        self._proof = Seal(secret, purpose="proved for one's data")

    @property
    def first(self) -> str:
        """The stage that everybody begins with."""
        return "email" if self._services.settings.sends_mail else "no_mail"

    def proven(self, proof: str) -> Who:
        """Who has proved who they are. Raises `Broken` for a proof that is over or none of ours."""
        return Who(*json.loads(self._proof.open(proof, seconds=PROOF_SECONDS)))

    def writes_to(self, who: Who) -> bool:
        """Whether the receipt goes by letter too."""
        return bool(who.email) and self._services.settings.sends_mail

    def show(self, request: Request, stage: str, *, status: int = 200, problem: str = "", email: str = "", sealed: str = "", **more: Any) -> HTMLResponse:
        """The page at this stage."""
        values = {"path": PATH, "company": self._services.settings.company, "languages": LANGUAGES, "stage": stage, "problem": problem}
        html = self._pages.render(page_language(request), "request.html", request=request, email=email, sealed=sealed, **values, **more)
        return HTMLResponse(html, status_code=status, headers=HEADERS)

    def choose(self, request: Request, who: Who, *, looked: bool = False) -> HTMLResponse:
        """What there is, and what may be done with it; `looked`: a person of ours has just been asked to look at the rest."""
        found = rights.talks(self._services.database, who)
        sealed = self._proof.close(json.dumps([who.email, who.subject]))
        return self.show(request, "choose", sealed=sealed, count=len(found.theirs), typed=len(found.typed), looked=looked)

    def send_code(self, address: str, cause: str, language: Language) -> None:
        """To the address, if it is in a conversation and its mailbox has not had enough of them."""
        found = rights.talks(self._services.database, Who(email=address))
        of_it = [*found.theirs, *found.typed]
        if of_it and self._services.settings.sends_mail:
            with suppress(TooMany, Unreadable, NotFound):
                codes.send(self._services.database, of_it[0], cause=cause, write=partial(self._services.letters.code, on_page=language))

    def proves(self, cause: str, code: str) -> bool:
        with suppress(NotFound):
            return codes.proves(self._services.database, cause, code)
        return False

    def copy(self, who: Who) -> Response:
        """A ZIP of everything, files included."""
        database = self._services.database
        packed = copy_with_files(rights.export(database, rights.talks(database, who).theirs), self._services.attachments.shelf)
        return StreamingResponse(packed, media_type="application/zip", headers=download("abiline.zip"), background=BackgroundTask(packed.close))

    def ask_for_a_look(self, who: Who, language: Language) -> str | None:
        """A ticket for our people, in the words of the page, where there is anything to look at; gives its id."""
        database = self._services.database
        if not who.email or not rights.talks(database, who).typed:
            return None
        return rights.ask_for_a_look(database, who.email, self._pages.texts.say(language, "request.look_ticket"), language)

    def erase(self, who: Who, language: Language) -> Gone:
        """Erase all of it and send the receipt, which holds nothing of what was erased."""
        database = self._services.database
        gone = rights.erase(database, self._services.attachments.shelf, rights.talks(database, who).theirs)
        if who.email and self.writes_to(who):
            with database.write() as session:
                letter = self._receipt(who.email, gone, language)
                outbox.enqueue(session, kind=mail.KIND, url=codes.WHERE, key=f"receipt:{gone.receipt}", payload=letter.as_payload())
        return gone

    def _receipt(self, address: str, gone: Gone, language: Language) -> Letter:
        def t(key: str, **filled: object) -> str:
            return self._pages.texts.say(language, f"receipt.{key}", **filled)

        company = self._services.settings.company
        lines = [t("hello"), t("gone", count=gone.erased), t("number", receipt=gone.receipt)]
        lines += [t("held", count=gone.held)] if gone.held else []
        html = self._pages.render(language, "receipt_letter.html", company=company, lines=lines)
        return Letter(address, t("subject", company=company), "\n\n".join([*lines, company]) + "\n", html, language, conversation_id="")


def _network(request: Request) -> str:
    return request.client.host if request.client else ""
