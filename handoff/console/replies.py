"""The pages where reply templates are written: own ones by every agent, a team's and the company's by supervisors. The words that somebody has taught
the proofreader stand there too."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from bot.understanding import LANGUAGES
from handoff.accounts import teams
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.errors import Unreadable
from handoff.services import Services
from handoff.web import Guard, Pages, remember_language
from handoff.writing import files, known_words, placeholders, templates
from handoff.writing.templates import Template, Written

PATH = "/replies"
SAID = ("saved", "removed", "imported", "forgotten")
LARGEST_FILE = 1_000_000  # bytes
EXPORT_NAME = "abiline-replies.yml"
Line = Annotated[str, Form(max_length=1_000)]
Words = Annotated[str, Form(max_length=10_000)]


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """`/replies`."""
    api = APIRouter(prefix=PATH, include_in_schema=False)
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]
    writer = Annotated[Person, Depends(guard.form(Permission.ANSWER))]
    keeper = Annotated[Person, Depends(guard.may(Permission.WRITE_TEMPLATES))]
    changer = Annotated[Person, Depends(guard.form(Permission.WRITE_TEMPLATES))]

    def page(request: Request, person: Person, name: str, *, error: Unreadable | None = None, **values: object) -> Response:
        known = teams.teams(database)
        shared = {"person": person, "here": "replies", "teams": known, "team_names": {team.id: team.name for team in known}, "error": error}
        status = error.status if error else 200
        return remember_language(request, pages.page(request, name, status=status, writes=person.may(Permission.WRITE_TEMPLATES), **shared, **values))

    def everything(request: Request, person: Person, *, said: str = "", count: int = 0, error: Unreadable | None = None) -> Response:
        return page(
            request,
            person,
            "replies.html",
            templates=templates.shown(database, person),
            words=known_words.known(database, person.id),
            said=said,
            count=count,
            error=error,
        )

    def form(request: Request, person: Person, template_id: str | None, written: Written, *, mine: bool = True, error: Unreadable | None = None) -> Response:
        chips = (*placeholders.FILLED, *placeholders.ASKED)
        return page(request, person, "reply.html", template_id=template_id, written=written, mine=mine, languages=LANGUAGES, chips=chips, error=error)

    @api.get("")
    def show(request: Request, person: agent, said: str = "", count: int = 0) -> Response:
        return everything(request, person, said=said if said in SAID else "", count=count)

    @api.get("/export.yml")
    def export(person: keeper) -> Response:
        """All templates of teams and of the company in one file; import reads it back without a change."""
        names = {team.id: team.name for team in teams.teams(database)}
        headers = {"Content-Disposition": f'attachment; filename="{EXPORT_NAME}"'}
        return Response(files.write(templates.shown(database, person), names), media_type="application/yaml; charset=utf-8", headers=headers)

    @api.post("/import")
    def import_file(request: Request, person: changer, file: Annotated[UploadFile, File()]) -> Response:
        ids = {team.name.casefold(): team.id for team in teams.teams(database)}
        try:
            count = templates.import_all(database, files.read(_text(file), ids), by=person.id)
        except Unreadable as error:
            return everything(request, person, error=error)
        return RedirectResponse(f"{PATH}?said=imported&count={count}", status_code=303)

    @api.post("/words/forget")
    def forget_word(person: writer, word: Line = "") -> Response:
        known_words.unlearn(database, person.id, word)
        return RedirectResponse(f"{PATH}?said=forgotten", status_code=303)

    def written(
        *,
        title: Line = "",
        shortcut: Line = "",
        et: Words = "",
        en: Words = "",
        ru: Words = "",
        tags: Line = "",
        whose: Line = "own",
        team: Line = "",
        needs_identity: Line = "",
    ) -> Written:
        """What a form said. `whose` is own, company or team."""
        texts, team_id = {"et": et, "en": en, "ru": ru}, team if whose == "team" else None
        return Written(title, texts, shortcut, tags.split(","), own=whose == "own", team_id=team_id, needs_identity=bool(needs_identity))

    told = Annotated[Written, Depends(written)]

    @api.get("/new")
    def new(request: Request, person: agent) -> Response:
        return form(request, person, None, Written("", {}, own=not person.may(Permission.WRITE_TEMPLATES)))

    @api.post("/new")
    def make(request: Request, person: writer, words: told) -> Response:
        return save(request, person, None, words)

    @api.get("/{template_id}")
    def show_one(request: Request, template_id: str, person: agent) -> Response:
        template = templates.get(database, template_id, person)
        return form(request, person, template_id, _as_written(template), mine=templates.may_change(person, template))

    @api.post("/{template_id}")
    def change(request: Request, template_id: str, person: writer, words: told) -> Response:
        return save(request, person, template_id, words)

    @api.post("/{template_id}/remove")
    def remove(template_id: str, person: writer) -> Response:
        templates.remove(database, template_id, person)
        return RedirectResponse(f"{PATH}?said=removed", status_code=303)

    def save(request: Request, person: Person, template_id: str | None, words: Written) -> Response:
        try:
            templates.save(database, template_id, words, person)
        except Unreadable as error:
            return form(request, person, template_id, words, error=error)
        return RedirectResponse(f"{PATH}?said=saved", status_code=303)

    return api


def _text(file: UploadFile) -> str:
    data = file.file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise Unreadable("The file may have up to 1 MB.", code="bad_file", field="file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The file is no text in UTF-8.", code="bad_file", field="file") from None


def _as_written(template: Template) -> Written:
    return Written(
        template.title,
        template.texts,
        template.shortcut,
        template.tags,
        own=template.owner_id is not None,
        team_id=template.team_id,
        needs_identity=template.needs_identity,
    )
