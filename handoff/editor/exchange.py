"""Import and export in the form of `data/faq`. A dry run lists every change; nothing wrong ever reaches the index."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile

from bot.faq.entries import SUFFIXES, FaqError, Problem, read_folder, write_file
from bot.understanding import FaqEntry
from handoff.accounts import service as accounts
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.editor.changes import compare
from handoff.entries.follow import follow_entries
from handoff.errors import AlreadyTaken, Unreadable
from handoff.services import Services
from handoff.web import Guard

MOST_BYTES = 5 * 1024 * 1024
AROUND = 64 * 1024  # what a multipart form adds around the files
MOST_FILES = 100
EXPORT_NAME = "abiline-entries"


def exchange(services: Services, guard: Guard) -> APIRouter:
    """GET /editor/export.yml and POST /api/editor/import."""
    router = APIRouter(tags=["editor"])
    editor = Annotated[Person, Depends(guard.may(Permission.EDIT))]

    @router.get("/editor/export.yml")
    def export(person: editor) -> Response:
        """Every published entry in one file; import reads it back without a change."""
        published, _ = services.entries.published()
        accounts.audit(services.database, person.id, "exported_entries", str(len(published)))
        headers = {"Content-Disposition": f'attachment; filename="{EXPORT_NAME}.yml"'}
        return Response(as_yaml(published), media_type="application/yaml; charset=utf-8", headers=headers)

    @router.post("/api/editor/import", response_model=None)
    async def import_(request: Request, person: editor, dry_run: bool = True, revision: int | None = None) -> dict[str, Any] | JSONResponse:
        """YAML files (`file`, up to 5 MB) in the form of `data/faq`.

        `dry_run` (the default) only lists what would change. `revision` is the catalogue's revision that the dry run
        told: when somebody has published since, the import is refused and the list is to be read again.
        """
        files = await _uploaded(request)
        try:
            return await asyncio.to_thread(_list_changes, services, files) if dry_run else await _publish(services, files, revision, person)
        except FaqError as error:
            return JSONResponse({"code": "bad_file", "message": str(error), "problems": [asdict(problem) for problem in error.problems]}, status_code=422)

    return router


def as_yaml(entries: Sequence[FaqEntry]) -> str:
    """Entries in the form of `data/faq`, each naming its topic."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{EXPORT_NAME}.yml"
        write_file(path, entries)
        return path.read_text(encoding="utf-8")


def read_files(files: Sequence[tuple[str, bytes]]) -> list[FaqEntry]:
    """The entries of uploaded files; an entry without a topic gets the name of its file. Raises `FaqError` with the files' own names."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, data in files:
            (folder / file).write_bytes(data)
        try:
            entries = read_folder(folder)
        except FaqError as error:
            raise FaqError([_with_own_name(problem, folder) for problem in error.problems]) from None
        except RecursionError:
            raise FaqError([Problem(files[0][0], 1, "", "too many levels of brackets or indentation; an entry needs three")]) from None
    return [replace(entry, topic="") if entry.topic == EXPORT_NAME else entry for entry in entries]


def _list_changes(services: Services, files: Sequence[tuple[str, bytes]]) -> dict[str, Any]:
    incoming = read_files(files)
    _, revision = services.entries.published()
    present = services.entries.all()
    changes = compare(incoming, present)
    counts = {kind: sum(change.kind == kind for change in changes) for kind in ("new", "changed", "same")}
    untouched = len({entry.id for entry in present} - {entry.id for entry in incoming})
    return {"dry_run": True, "revision": revision, "counts": counts, "untouched": untouched, "changes": [asdict(change) for change in changes]}


async def _publish(services: Services, files: Sequence[tuple[str, bytes]], revision: int | None, person: Person) -> dict[str, Any]:
    def write() -> int:
        incoming = read_files(files)
        _, present = services.entries.published()
        if revision is not None and revision != present:
            raise AlreadyTaken("Somebody has published since the list was made. Look at the changes again; nothing was imported.")
        changed = services.entries.import_all(incoming, by=person.id)
        accounts.audit(services.database, person.id, "imported_entries", str(changed))
        return changed

    changed = await asyncio.to_thread(write)
    await follow_entries(services.entries, services.bot)
    return {"dry_run": False, "changed": changed, "revision": services.bot.revision}


async def _uploaded(request: Request) -> list[tuple[str, bytes]]:
    """The files of the form, each by a safe name. The size is refused before the body is read."""
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > MOST_BYTES + AROUND:
        raise Unreadable("The files together may have up to 5 MB.", code="too_large", field="file")
    async with request.form(max_files=MOST_FILES) as form:
        files = [upload for upload in form.getlist("file") if isinstance(upload, UploadFile) and upload.filename]
        read = {_yaml_name(str(upload.filename)): await upload.read() for upload in files}
    if not read:
        raise Unreadable("Choose a .yml file.", code="missing_file", field="file")
    if sum(map(len, read.values())) > MOST_BYTES:
        raise Unreadable("The files together may have up to 5 MB.", code="too_large", field="file")
    return list(read.items())


def _yaml_name(filename: str) -> str:
    name = Path(filename).name
    if Path(name).suffix not in SUFFIXES:
        raise Unreadable(f"{name} is not a .yml file.", code="not_yaml", field="file")
    return name


def _with_own_name(problem: Problem, folder: Path) -> Problem:
    before = f"{folder}/"
    return replace(problem, file=problem.file.removeprefix(before), message=problem.message.replace(before, ""))
