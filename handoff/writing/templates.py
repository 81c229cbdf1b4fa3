"""Reply templates: an agent's own, a team's, the company's. Who may read may use; who wrote, or looks after all of them, may change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from bot.understanding import LANGUAGES
from handoff.accounts import trail
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.accounts.tables import TeamMemberRow, TeamRow
from handoff.database import Database, now
from handoff.errors import NotAllowed, NotFound, Unreadable
from handoff.writing import placeholders
from handoff.writing.tables import ReplyTemplateRow

LONGEST_TITLE, LONGEST_TEXT, LONGEST_TAG = 100, 3_000, 40
MOST_TAGS = 10
_SHORTCUT = re.compile(r"[^\W_][\w-]{0,29}")


@dataclass(frozen=True)
class Written:
    """What somebody wrote. With `own` it is theirs alone, with `team_id` a team's, with neither everybody's."""

    title: str
    texts: Mapping[str, str]
    shortcut: str = ""
    tags: Sequence[str] = ()
    own: bool = False
    team_id: str | None = None
    needs_identity: bool = False  # for verified customers only


@dataclass(frozen=True)
class Template:
    """A template as it is kept."""

    id: str
    title: str
    shortcut: str
    texts: Mapping[str, str]
    tags: tuple[str, ...]
    owner_id: str | None = None
    team_id: str | None = None
    needs_identity: bool = False
    uses: int = 0
    used_at: datetime | None = field(default=None, compare=False)
    changed_at: datetime | None = field(default=None, compare=False)

    def text(self, language: str) -> tuple[str, str]:
        """The words in the language, or in the first that has some; with the language they are in."""
        spoken = next((one for one in (language, *LANGUAGES) if self.texts.get(one)), language)
        return self.texts.get(spoken, ""), spoken


def usable(database: Database, person: Person) -> list[Template]:
    """What the person may use: their own, their teams', the company's; the most used first."""
    teams = select(TeamMemberRow.team_id).where(TeamMemberRow.agent_id == person.id)
    return _found(database, or_(_own(person), ReplyTemplateRow.team_id.in_(teams), _company()))


def shown(database: Database, person: Person) -> list[Template]:
    """What the page of templates shows: what the person may use, and to whoever looks after them those of all teams."""
    if not person.may(Permission.WRITE_TEMPLATES):
        return usable(database, person)
    return _found(database, or_(_own(person), ReplyTemplateRow.owner_id.is_(None)))


def get(database: Database, template_id: str, person: Person) -> Template:
    """One template that the page shows the person. Raises `NotFound`, also for what is somebody else's own."""
    for template in shown(database, person):
        if template.id == template_id:
            return template
    raise NotFound("There is no such template.")


def may_change(person: Person, template: Template) -> bool:
    """Whether the person may write it anew or remove it."""
    return template.owner_id == person.id or (template.owner_id is None and person.may(Permission.WRITE_TEMPLATES))


def save(database: Database, template_id: str | None, written: Written, person: Person) -> str:
    """Make a template (`template_id` None) or write one anew; gives its id.

    Raises `Unreadable` with a code for what is wrong, `NotFound`, and `NotAllowed` where it is not the person's to change.
    """
    tidy = checked(written)
    if not tidy.own and not person.may(Permission.WRITE_TEMPLATES):
        raise NotAllowed("Templates for others are written by supervisors.")
    with database.write() as session:
        row = ReplyTemplateRow(id=None) if template_id is None else _row(session, template_id, person)
        if tidy.team_id is not None and session.get(TeamRow, tidy.team_id) is None:
            raise Unreadable("There is no such team.", code="no_team", field="team")
        row.owner_id = (row.owner_id or person.id) if tidy.own else None
        row.team_id = tidy.team_id
        _check_shortcut_free(session, tidy.shortcut, row)
        _fill(row, tidy, person.id)
        session.add(row)
        session.flush()
        trail.write_down(session, person.id, "saved_template", tidy.title)
        return row.id


def remove(database: Database, template_id: str, person: Person) -> None:
    """Nobody is offered it any more. Raises `NotFound`, `NotAllowed`."""
    with database.write() as session:
        row = _row(session, template_id, person)
        row.removed_at = now()
        trail.write_down(session, person.id, "removed_template", row.title)


def used(database: Database, template_id: str, person: Person) -> None:
    """It was put into a reply. One that is gone meanwhile counts no more."""
    with database.write() as session:
        mine = (ReplyTemplateRow.id == template_id) & or_(_own(person), ReplyTemplateRow.owner_id.is_(None)) & ReplyTemplateRow.removed_at.is_(None)
        session.execute(update(ReplyTemplateRow).where(mine).values(uses=ReplyTemplateRow.uses + 1, used_at=now()))


def import_all(database: Database, templates: Sequence[Written], *, by: str | None) -> int:
    """Take these over for the company or for teams; one with the shortcut (without one, the title) of another of the same place replaces it.

    Gives how many were new or changed. All of them or none: raises `Unreadable` for the first that can't be used.
    """
    tidied = [checked(one) for one in templates]
    with database.write() as session:
        rows = list(session.scalars(select(ReplyTemplateRow).where(ReplyTemplateRow.owner_id.is_(None), ReplyTemplateRow.removed_at.is_(None))))
        present = {_place(row.team_id, row.shortcut, row.title): row for row in rows}
        changed = 0
        for written in tidied:
            place = _place(written.team_id, written.shortcut, written.title)
            row = present.get(place)
            said = (written.title, written.texts, list(written.tags), written.needs_identity)
            if row is not None and (row.title, row.texts, row.tags, bool(row.needs_identity)) == said:
                continue
            row = row or ReplyTemplateRow(team_id=written.team_id)
            _fill(row, written, by)
            session.add(row)
            present[place] = row
            changed += 1
        trail.write_down(session, by, "imported_templates", str(changed))
        return changed


def begin(database: Database, starters: Sequence[Written]) -> int:
    """Put the starter templates in where there never was any; gives how many."""
    with database.read() as session:
        if session.scalar(select(func.count()).select_from(ReplyTemplateRow)):
            return 0
    return import_all(database, starters, by=None)


def checked(written: Written) -> Written:
    """The same, tidied. Raises `Unreadable`; its `code` and `field` say what to mend."""
    title, shortcut = " ".join(written.title.split()), written.shortcut.strip().removeprefix("/").lower()
    texts: dict[str, str] = {language: text for language in LANGUAGES if (text := written.texts.get(language, "").replace("\r\n", "\n").strip())}
    tags = list(dict.fromkeys(tag for one in written.tags if (tag := " ".join(one.split()).lower())))
    if not title or len(title) > LONGEST_TITLE:
        raise Unreadable(f"A template needs a title of up to {LONGEST_TITLE} characters.", code="bad_title", field="title")
    if shortcut and not _SHORTCUT.fullmatch(shortcut):
        raise Unreadable(f"{shortcut!r} is no shortcut: letters, numbers and hyphens, up to 30.", code="bad_shortcut", field="shortcut")
    if not texts:
        raise Unreadable(f"The template {title!r} has no text.", code="no_text", field="et")
    for language, text in texts.items():
        if len(text) > LONGEST_TEXT:
            raise Unreadable(f"The text of {title!r} is longer than {LONGEST_TEXT} characters.", code="long_text", field=language)
        if strange := placeholders.unknown(text):
            raise Unreadable(f"{title!r}: {{{{{strange[0]}}}}} is no placeholder.", code="unknown_placeholder", field=language)
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise Unreadable(f"A template has up to {MOST_TAGS} tags of up to {LONGEST_TAG} characters.", code="bad_tags", field="tags")
    return replace(written, title=title, shortcut=shortcut, texts=texts, tags=tags)


def _fill(row: ReplyTemplateRow, written: Written, by: str | None) -> None:
    row.title, row.shortcut, row.texts, row.tags = written.title, written.shortcut, dict(written.texts), list(written.tags)
    row.needs_identity, row.changed_at, row.changed_by = written.needs_identity, now(), by


def _row(session: Session, template_id: str, person: Person) -> ReplyTemplateRow:
    row = session.get(ReplyTemplateRow, template_id)
    if row is None or row.removed_at is not None or row.owner_id not in (None, person.id):
        raise NotFound("There is no such template.")
    if not may_change(person, _template(row)):
        raise NotAllowed("Templates for others are written by supervisors.")
    return row


def _check_shortcut_free(session: Session, shortcut: str, row: ReplyTemplateRow) -> None:
    if not shortcut:
        return
    query = select(ReplyTemplateRow).where(ReplyTemplateRow.shortcut == shortcut, ReplyTemplateRow.removed_at.is_(None))
    with session.no_autoflush:
        same = [one for one in session.scalars(query) if one.id != row.id and (one.owner_id, one.team_id) == (row.owner_id, row.team_id)]
    if same:
        raise Unreadable(f"{same[0].title!r} has the shortcut {shortcut!r} already.", code="shortcut_taken", field="shortcut")


def _own(person: Person) -> ColumnElement[bool]:
    return ReplyTemplateRow.owner_id == person.id


def _company() -> ColumnElement[bool]:
    return ReplyTemplateRow.owner_id.is_(None) & ReplyTemplateRow.team_id.is_(None)


def _place(team_id: str | None, shortcut: str, title: str) -> tuple[str | None, str]:
    return team_id, f"/{shortcut}" if shortcut else title.casefold()


def _found(database: Database, which: ColumnElement[bool]) -> list[Template]:
    with database.read() as session:
        rows = session.scalars(select(ReplyTemplateRow).where(which, ReplyTemplateRow.removed_at.is_(None)))
        return sorted((_template(row) for row in rows), key=lambda one: (-one.uses, one.title.casefold()))


def _template(row: ReplyTemplateRow) -> Template:
    shown_to = (row.owner_id, row.team_id, bool(row.needs_identity))
    return Template(row.id, row.title, row.shortcut, row.texts, tuple(row.tags), *shown_to, row.uses or 0, row.used_at, row.changed_at)
