"""Groups as the page shows them: in the reader's language, with the small line of weeks and the entry that comes nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.understanding import Language
from handoff.dates import as_date
from handoff.editor.gaps import spark
from handoff.editor.gaps.book import Gap, Looked
from handoff.editor.gaps.drafting import estonian_first
from handoff.editor.gaps.phrasing import as_question
from handoff.entries.store import Entry
from handoff.services import Services
from handoff.texts import Texts


@dataclass(frozen=True)
class Near:
    """An entry beside a group."""

    id: str
    question: str
    published: bool
    share: str = ""


@dataclass(frozen=True)
class Shown:
    """One group on the page."""

    gap: Gap
    title: str
    first: str
    last: str
    line: str
    this_week: int
    last_week: int
    trend: str  # up, down, even
    nearest: Near | None
    entry: Near | None


class GapViews:
    """Needs the entries, for the names of those that come near."""

    def __init__(self, services: Services, texts: Texts) -> None:
        self._services, self._texts = services, texts
        self._zone = ZoneInfo(services.settings.time_zone)

    def page(self, gaps: Sequence[Gap], language: Language) -> list[Shown]:
        """Groups whose every question was erased since are left out."""
        entries = {entry.id: entry for entry in self._services.entries.all()}
        return [self._shown(gap, entries, language) for gap in gaps if gap.examples]

    def drafts(self) -> list[Entry]:
        """Drafts that agents saved from their replies and nobody has published yet, the newest first."""
        found = [entry for entry in self._services.entries.all() if entry.conversation_id and entry.published is None and entry.status == "draft"]
        return sorted(found, key=lambda entry: entry.changed_at.isoformat() if entry.changed_at else "", reverse=True)

    def looked(self, looked: Looked, language: Language) -> dict[str, object]:
        return looked_view(looked) | {"when": self._moment(looked.at, language) if looked.at else ""}

    def _shown(self, gap: Gap, entries: dict[str, Entry], language: Language) -> Shown:
        middle = estonian_first(gap)
        before, this = gap.weeks[-2:]
        return Shown(
            gap=gap,
            title=as_question(middle.text, self._services.bot.proofread) if middle else "",
            first=self._day(gap.first_at, language),
            last=self._day(gap.last_at, language),
            line=spark.line(gap.weeks),
            this_week=this,
            last_week=before,
            trend="up" if this > before else "down" if this < before else "even",
            nearest=_near(entries.get(gap.nearest_id or ""), gap.nearest_chance),
            entry=_near(entries.get(gap.entry_id or ""), None),
        )

    def _day(self, moment: datetime, language: Language) -> str:
        return as_date(moment.astimezone(self._zone).date(), language)

    def _moment(self, moment: datetime, language: Language) -> str:
        local = moment.astimezone(self._zone)
        return f"{as_date(local.date(), language)} {local:%H.%M}" if language == "et" else f"{as_date(local.date(), language)} {local:%H:%M}"


def looked_view(looked: Looked) -> dict[str, object]:
    """How far the look is."""
    return {"at": looked.at.isoformat() if looked.at else None, "going_on": looked.going_on, "done": looked.done, "total": looked.total}


def _near(entry: Entry | None, chance: float | None) -> Near | None:
    if entry is None:
        return None
    return Near(entry.id, str(entry.content["question"]), entry.published is not None, f"{round(chance * 100)}\u00a0%" if chance is not None else "")
