"""Where a matter can stand, as its customer reads it: the house's own list or the operator's, in three languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from bot.understanding import LANGUAGES, Language
from handoff.errors import NotFound, SettingsError
from handoff.own_lists import Named, Words
from handoff.settings import Settings
from handoff.texts import Texts

USUAL = ("taken", "supplier", "customer", "solved")
SOLVED = "solved"
RECEIVED, AGAIN, OVER = "received", "again", "over"  # said by the page itself: nobody has set anything yet, it was opened again, it ended unsolved


@dataclass(frozen=True)
class Stage:
    """One place in a matter's way. `ends`: the matter is done. `names` and `nexts` (what happens next) are by language."""

    id: str
    ends: bool
    names: Mapping[Language, str]
    nexts: Mapping[Language, str]


class Written(Named):
    """One entry of the operator's file."""

    next: Words
    ends: bool = False


class Stages:
    """All of them, in the order in which agents see them."""

    def __init__(self, stages: Sequence[Stage], texts: Texts) -> None:
        self.all = tuple(stages)
        self._by_id = {stage.id: stage for stage in stages}
        self._own = {name: _usual(texts, name) for name in (RECEIVED, AGAIN, OVER)}

    def get(self, stage_id: str) -> Stage:
        """Raises `NotFound`."""
        found = self._by_id.get(stage_id)
        if found is None:
            raise NotFound("There is no such stage.")
        return found

    def shown(self, stage_id: str | None, *, closed: bool) -> Stage:
        """What the customer reads. A matter that is done and yet open was opened again, and one that was closed on the way is over;
        a stage that is no longer in the list is work in hand."""
        found = self._by_id.get(stage_id or "")
        if closed:
            return found if found and found.ends else self._own[OVER]
        if stage_id is None:
            return self._own[RECEIVED]
        return self._own[AGAIN] if found and found.ends else found or self.all[0]

    def passed(self, stage_id: str) -> Stage:
        """As it stands among the steps of the past."""
        return self._by_id.get(stage_id) or self.all[0]

    @property
    def end(self) -> Stage | None:
        """The first that ends a matter."""
        return next((stage for stage in self.all if stage.ends), None)


def read_stages(settings: Settings, texts: Texts) -> Stages:
    """The list in the file that `ABILINE_STAGES` names, or the usual one. Raises `SettingsError`."""
    if not settings.stages:
        return Stages([_usual(texts, name) for name in USUAL], texts)
    path = Path(settings.stages)
    try:
        written = TypeAdapter(list[Written]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"ABILINE_STAGES: can't read {path} ({error.strerror})") from None
    except (yaml.YAMLError, ValidationError) as error:
        raise SettingsError(f"ABILINE_STAGES: {path} is not a list of id, name and next: {error}") from None
    ids = [one.id for one in written]
    if not ids or len(set(ids)) < len(ids):
        raise SettingsError(f"ABILINE_STAGES: {path} needs one stage at least, and each id once")
    return Stages([Stage(one.id, one.ends, one.name.by_language(), one.next.by_language()) for one in written], texts)


def _usual(texts: Texts, name: str) -> Stage:
    names: dict[Language, str] = {language: texts.say(language, f"stage.{name}") for language in LANGUAGES}
    nexts: dict[Language, str] = {language: texts.say(language, f"stage.{name}_next") for language in LANGUAGES}
    return Stage(name, name == SOLVED, names, nexts)
