"""Promises tried on days that are over: at least four of five are kept, and none of them by promising absurdly much."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from handoff import cli
from handoff.conversations import days
from handoff.conversations.backtest import Verdict, judge
from handoff.conversations.days import KINDS, DayKind, Story, generated
from handoff.errors import Unreadable

BY_NAME = {kind.name: kind for kind in KINDS}
LEARNED, TRIED = 3, 2


def verdict(*kinds: DayKind, tried: int, seed: int) -> Verdict:
    """Of the last `tried` days; those before only teach."""
    stories = generated(kinds, seed=seed)
    dates = sorted({story.moments[0].at.date() for story in stories})
    return judge(stories, learn_from=sum(story.moments[0].at.date() < dates[-tried] for story in stories))


@pytest.mark.parametrize("name", BY_NAME)
def test_on_each_kind_of_day_four_of_five_promises_are_kept_and_are_not_absurdly_long(name: str) -> None:
    kind = BY_NAME[name]
    found = verdict(*[kind] * (LEARNED + TRIED), tried=TRIED, seed=5)
    print(f"{name}: {len(found.judged)} promises, kept {found.kept:.3f}, over {found.over:.2f}, {found.median_wait} waited, {found.median_promise} promised")
    assert len(found.judged) > found.untold
    assert found.kept >= 0.80
    assert found.over <= 2.5


@pytest.mark.parametrize(("usual", "today"), [("quiet", "rush hours"), ("an agent leaves", "lunch"), ("ordinary", "an agent leaves")])
def test_on_a_day_unlike_those_before_too(usual: str, today: str) -> None:
    found = verdict(*[BY_NAME[usual]] * 4, BY_NAME[today], tried=1, seed=5)
    print(f"{usual} → {today}: kept {found.kept:.3f}, over {found.over:.2f}, untold {found.untold}")
    assert found.kept >= 0.80


def test_the_same_seed_gives_the_same_days() -> None:
    assert generated(KINDS[:1], seed=3) == generated(KINDS[:1], seed=3)
    assert generated(KINDS[:1], seed=3) != generated(KINDS[:1], seed=4)


def test_nothing_is_promised_from_what_is_not_known_yet() -> None:
    """The days before only teach; on the first morning nobody is told a time."""
    first_morning = judge(generated(KINDS[:1], seed=3)[:8])
    assert (len(first_morning.judged), first_morning.untold) == (0, 8)
    assert first_morning.kept == 0.0
    assert first_morning.over == 0.0


def _recorded(path: Path) -> list[Story]:
    spans = [(story.moments[0].at, story.claimed) for story in generated([BY_NAME["quiet"]] * 5, seed=6)]
    days.write(path, spans)
    return days.read(path)


def test_recorded_days_are_read_as_they_were_written(tmp_path: Path) -> None:
    stories = _recorded(tmp_path / "days.csv")
    whole_seconds = [(story.moments[0].at, story.claimed) for story in stories]
    days.write(tmp_path / "again.csv", whole_seconds)
    assert (tmp_path / "again.csv").read_text() == (tmp_path / "days.csv").read_text()


def test_on_recorded_days_where_nobody_noted_the_agents_four_of_five_are_kept_too(tmp_path: Path) -> None:
    stories = _recorded(tmp_path / "days.csv")
    found = judge(stories, learn_from=len(stories) // 2)
    assert found.kept >= 0.80
    assert found.median_promise <= max(2.5 * found.median_wait, timedelta(minutes=1))


@pytest.mark.parametrize(
    ("lines", "mend"),
    [
        ("since,claimed\n", "columns waiting_since, claimed_at"),
        ("waiting_since,claimed_at\n2026-03-02T09:00:00+02:00,hiljem\n", "line 2: both times"),
        ("waiting_since,claimed_at\n2026-03-02T09:00:00,2026-03-02T09:01:00\n", "line 2: the times need an offset"),
        ("waiting_since,claimed_at\n2026-03-02T09:05:00+02:00,2026-03-02T09:01:00+02:00\n", "line 2: nobody is claimed before"),
    ],
)
def test_a_file_that_can_not_be_read_names_the_line_and_the_mend(tmp_path: Path, lines: str, mend: str) -> None:
    path = tmp_path / "days.csv"
    path.write_text(lines)
    with pytest.raises(Unreadable, match=mend):
        days.read(path)


def test_the_command_tells_how_many_promises_of_a_file_are_kept(tmp_path: Path) -> None:
    _recorded(tmp_path / "days.csv")
    told = CliRunner().invoke(cli.app, ["waiting", "--backtest", str(tmp_path / "days.csv")])
    assert told.exit_code == 0
    assert "days.csv" in told.output
    assert "%" in told.output
