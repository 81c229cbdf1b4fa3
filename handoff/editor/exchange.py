"""Import and export over HTTP. A dry run lists every change; nothing wrong ever reaches the index."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.datastructures import FormData, UploadFile

from handoff.accounts import service as accounts
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.editor.changes import compare, left_out
from handoff.editor.gate import Plan
from handoff.editor.gate_routes import told_in_lines
from handoff.editor.incoming import EXPORT_NAME, KINDS, Chosen, Incoming, Refused, headings, read_all
from handoff.editor.outgoing import Wanted, exported
from handoff.editor.sheets.fields import FIELDS
from handoff.editor.sheets.reading import Headed, Wrong
from handoff.entries.store import Entry, as_faq_entry
from handoff.errors import Unreadable
from handoff.services import Services
from handoff.texts import Texts
from handoff.web import Guard, page_language

MOST_BYTES = 5 * 1024 * 1024
AROUND = 2 * 1024 * 1024  # what a multipart form adds around the files: the choices
MOST_FILES = 100
TYPES = {
    "yml": "application/yaml; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Upload:
    """The files of a form and what its sender chose: fields of columns, entries (all where None), and whether rows that are wrong are passed over."""

    files: Sequence[tuple[str, bytes]]
    columns: Chosen = field(default_factory=dict)
    chosen: frozenset[str] | None = None


@dataclass(frozen=True)
class How:
    """What to make of the entries."""

    publish: bool = True
    archive_rest: bool = False
    skip_wrong: bool = False
    revision: int | None = None


def exchange(services: Services, guard: Guard, texts: Texts) -> APIRouter:
    """GET /editor/export.{yml,csv,xlsx} and POST /api/editor/import."""
    router = APIRouter(tags=["editor"])
    editor = Annotated[Person, Depends(guard.may(Permission.EDIT))]
    own = headings(texts)

    @router.get("/editor/export.{kind}")
    def export(request: Request, kind: Literal["yml", "csv", "xlsx"], wanted: Annotated[Wanted, Depends()], person: editor) -> Response:
        """Entries in one file: those that are published unless something else is asked for; import reads them back without a change."""
        data, count = exported(services.entries.all(), wanted, kind, texts, page_language(request))
        accounts.audit(services.database, person.id, "exported_entries", str(count))
        headers = {"Content-Disposition": f'attachment; filename="{EXPORT_NAME}.{kind}"', "Cache-Control": "no-store"}
        return Response(data, media_type=TYPES[kind], headers=headers)

    @router.post("/api/editor/import", response_model=None)
    async def import_(request: Request, how: Annotated[How, Depends()], person: editor, dry_run: bool = True) -> dict[str, Any] | JSONResponse:
        """YAML, CSV and XLSX files (`file`, up to 5 MB together).

        `dry_run` (the default) only lists what would change. `revision` is the catalogue's revision that the dry run told: when somebody has
        published since, the import is refused and the list is to be read again. `columns` is JSON, `{file: {place: field or null}}`; `chosen` a JSON
        list of ids, all without it. `archive_rest` archives what the files leave out; `skip_wrong` passes over rows that would have the import refused.
        """
        upload = await _uploaded(request)
        try:
            return await asyncio.to_thread(_list_changes, services, upload, own) if dry_run else await _take_in(services, upload, own, how, person)
        except Refused as refused:
            return JSONResponse({"code": "bad_file", "message": str(refused), "problems": [_problem(one) for one in refused.problems]}, status_code=422)

    @router.post("/api/editor/import/check", response_model=None)
    async def check(request: Request, how: Annotated[How, Depends()], _person: editor) -> StreamingResponse:
        """Which known questions would be answered otherwise after this import; of a long one the first entries. Lines as of `/api/editor/check`."""
        upload = await _uploaded(request)
        try:
            plan = await asyncio.to_thread(_plan, services, upload, own, how)
        except Refused:
            plan = Plan()
        return told_in_lines(services, plan)

    return router


def _plan(services: Services, upload: Upload, own: dict[str, str], how: How) -> Plan:
    """What customers would be answered from otherwise: nothing, for drafts."""
    if not how.publish or services.entries.reviewed:
        return Plan()
    present = services.entries.all()
    incoming = read_all(upload.files, present, own, upload.columns)
    gone = set(_rest(incoming, present, upload)) if how.archive_rest else set()
    leaving = [as_faq_entry(entry.id, entry.topic, entry.published) for entry in present if entry.id in gone and entry.published]
    return Plan(tuple(entry for entry in incoming.entries if upload.chosen is None or entry.id in upload.chosen), tuple(leaving))


def _list_changes(services: Services, upload: Upload, own: dict[str, str]) -> dict[str, Any]:
    _, revision = services.entries.published()
    present = services.entries.all()
    incoming = read_all(upload.files, present, own, upload.columns)
    changes = compare(incoming.entries, present)
    rest = left_out(incoming.entries, present)
    counts = {kind: sum(change.kind == kind for change in changes) for kind in ("new", "changed", "same")}
    return {
        "dry_run": True,
        "revision": revision,
        "counts": counts,
        "untouched": len(rest),
        "rest": [{"entry_id": entry.id, "question": entry.content["question"]} for entry in rest],
        "changes": [asdict(change) for change in changes],
        "problems": [_problem(one) for one in incoming.wrong],
        "tables": [_table(table) for table in incoming.tables],
        "fields": FIELDS,
    }


async def _take_in(services: Services, upload: Upload, own: dict[str, str], how: How, person: Person) -> dict[str, Any]:
    def write() -> tuple[int, int]:
        present = services.entries.all()
        incoming = read_all(upload.files, present, own, upload.columns)
        _check(incoming, how)
        chosen = [entry for entry in incoming.entries if upload.chosen is None or entry.id in upload.chosen]
        rest = _rest(incoming, present, upload) if how.archive_rest and not services.entries.reviewed else []
        changed = services.entries.import_all(chosen, by=person.id, publish=how.publish, archive=rest, revision=how.revision)
        accounts.audit(services.database, person.id, "imported_entries", str(changed))
        return changed, len(rest)

    changed, archived = await asyncio.to_thread(write)
    await services.follow()
    return {
        "dry_run": False,
        "changed": changed,
        "archived": archived,
        "published": how.publish and not services.entries.reviewed,
        "revision": services.bot.revision,
    }


def _check(incoming: Incoming, how: How) -> None:
    """One row that is wrong refuses all, unless its sender has said to pass over it. What the whole list is can't be told from a part of it."""
    if not incoming.complete:
        raise Unreadable("Say which column holds the question and which the answer.", code="need_columns", field="columns")
    if incoming.wrong and (how.archive_rest or not how.skip_wrong):
        raise Refused(incoming.wrong)


def _rest(incoming: Incoming, present: Sequence[Entry], upload: Upload) -> list[str]:
    """Ids to archive: what the files leave out, of that what was chosen."""
    return [entry.id for entry in left_out(incoming.entries, present) if upload.chosen is None or entry.id in upload.chosen]


async def _uploaded(request: Request) -> Upload:
    """The files of the form, each by a safe name. The size is refused before the body is read."""
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > MOST_BYTES + AROUND:
        raise Unreadable("The files together may have up to 5 MB.", code="too_large", field="file")
    async with request.form(max_files=MOST_FILES, max_part_size=AROUND) as form:
        uploads = [upload for upload in form.getlist("file") if isinstance(upload, UploadFile) and upload.filename]
        files = {_safe_name(str(upload.filename)): await upload.read() for upload in uploads}
        columns, chosen = _json(form, "columns", dict), _json(form, "chosen", list)
    if not files:
        raise Unreadable("Choose a file.", code="missing_file", field="file")
    if sum(map(len, files.values())) > MOST_BYTES:
        raise Unreadable("The files together may have up to 5 MB.", code="too_large", field="file")
    return Upload(list(files.items()), _columns(columns or {}), None if chosen is None else frozenset(map(str, chosen)))


def _json(form: FormData, name: str, kind: type) -> Any:
    """A field of the form that holds JSON of a kind; None where there is none."""
    written = form.get(name)
    if not isinstance(written, str) or not written:
        return None
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, kind):
        raise Unreadable(f"{name} is JSON of another kind.", code="unreadable", field=name)
    return value


def _columns(written: dict[str, Any]) -> dict[str, dict[int, str | None]]:
    try:
        return {file: {int(place): name if name in FIELDS else None for place, name in fields.items()} for file, fields in written.items()}
    except (AttributeError, ValueError, TypeError):
        raise Unreadable("columns is {file: {place: field}}.", code="unreadable", field="columns") from None


def _safe_name(filename: str) -> str:
    name = Path(filename.replace("\\", "/")).name
    if Path(name).suffix.lower() not in KINDS:
        raise Unreadable(f"{name} is of a kind that can't be read; YAML, CSV and XLSX can.", code="unknown_kind", field="file")
    return name


def _problem(wrong: Wrong) -> dict[str, Any]:
    return {"file": wrong.file, "line": wrong.row, "column": wrong.column, "entry": wrong.entry, "code": wrong.code, "message": wrong.message}


def _table(table: Headed) -> dict[str, Any]:
    columns = [
        {"place": place, "heading": heading.strip()[:80], "field": name, "samples": table.samples(place)}
        for place, (heading, name) in enumerate(zip(table.head, table.columns, strict=True))
        if heading.strip() or table.samples(place)
    ]
    return {"file": table.grid.file, "sheet": table.grid.sheet, "left_out": table.grid.left_out, "complete": table.complete, "columns": columns}
