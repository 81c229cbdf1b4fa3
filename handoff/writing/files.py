"""Reply templates as YAML: the starter ones, import and export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.understanding import LANGUAGES
from handoff.errors import Unreadable
from handoff.writing.templates import Template, Written

STARTER = Path(__file__).parent / "starter.yml"
MOST = 1_000


class Item(BaseModel):
    """One template of a file. `team` is a team's name; without it the template is everybody's."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    title: str
    shortcut: str = ""
    tags: list[str] = Field(default_factory=list)
    team: str | None = None
    needs_identity: bool = False
    et: str = ""
    en: str = ""
    ru: str = ""


_ITEMS = TypeAdapter(list[Item])


@cache
def starters() -> tuple[Written, ...]:
    """The templates that a new house begins with."""
    return tuple(read(STARTER.read_text(encoding="utf-8"), {}))


def read(text: str, teams: Mapping[str, str]) -> list[Written]:
    """The templates of a file; `teams` gives ids by name in small letters. Raises `Unreadable` (`bad_file`), naming the place."""
    try:
        items = _ITEMS.validate_python(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise _bad(f"{where}{getattr(error, 'problem', None) or 'this is no YAML'}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ", ".join(f"template {part + 1}" if isinstance(part, int) else str(part) for part in first["loc"])
        raise _bad(f"{place}: {first['msg']}" if place else first["msg"]) from None
    except RecursionError:
        raise _bad("too many levels of brackets or indentation") from None
    if len(items) > MOST:
        raise _bad(f"{len(items)} templates; up to {MOST} fit")
    return [_written(item, teams) for item in items]


def write(templates: Sequence[Template], teams: Mapping[str, str]) -> str:
    """The file of these templates; `teams` gives names by id. `read` gives the same back."""
    items = [_item(template, teams) for template in templates if template.owner_id is None]
    return str(yaml.dump(items, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000))


def _written(item: Item, teams: Mapping[str, str]) -> Written:
    team_id = None
    if item.team is not None:
        team_id = teams.get(item.team.casefold())
        if team_id is None:
            raise _bad(f"{item.title}: there is no team {item.team!r}")
    texts: dict[str, str] = {language: getattr(item, language) for language in LANGUAGES}
    return Written(item.title, texts, item.shortcut, item.tags, team_id=team_id, needs_identity=item.needs_identity)


def _item(template: Template, teams: Mapping[str, str]) -> dict[str, Any]:
    head = {
        "shortcut": template.shortcut,
        "title": template.title,
        "team": teams.get(template.team_id or ""),
        "tags": list(template.tags),
        "needs_identity": template.needs_identity,
    }
    return {name: value for name, value in (head | dict(template.texts)).items() if value}


def _bad(message: str) -> Unreadable:
    return Unreadable(message, code="bad_file", field="file")


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as blocks, as people write them."""


def _as_block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _as_block)
