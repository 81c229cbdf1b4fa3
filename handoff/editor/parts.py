"""What an entry may have beside its question and answer, as the editor's page sends it: steps, buttons, a video, days from and until."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.faq.form import MOST_BUTTONS, MOST_STEPS, is_web_address
from bot.faq.steps import wrong_steps
from bot.understanding import Step
from handoff.entries.slugs import ID
from handoff.errors import Unreadable

LONGEST_STEP = 4_000
LONGEST_TITLE = 80
LONGEST_ADDRESS = 2_000
LONGEST_STEP_ID = 40


class StepForm(BaseModel):
    """A step of a guide; with `yes` and `no`, ids of steps, it asks."""

    model_config = ConfigDict(extra="forbid")

    id: str
    text: str = ""
    yes: str = ""
    no: str = ""
    end: bool = False


class ButtonForm(BaseModel):
    """A button under the answer: a page that opens, or another entry that is answered."""

    model_config = ConfigDict(extra="forbid")

    title: str = ""
    url: str = ""
    entry: str = ""


def steps(written: list[StepForm]) -> list[dict[str, Any]]:
    """The steps to keep. Raises `Unreadable` naming the first place that needs a mend, such as `steps.2.yes`."""
    if len(written) > MOST_STEPS:
        raise Unreadable(f"The guide has {len(written)} steps; up to {MOST_STEPS} fit.", code="too_many_steps", field="steps")
    kept = [Step(step.id.strip(), step.text.strip(), step.yes.strip(), step.no.strip(), step.end) for step in written]
    for place, step in enumerate(kept):
        if not ID.fullmatch(step.id) or len(step.id) > LONGEST_STEP_ID:
            raise Unreadable(f"The id {step.id!r} has other than small letters a–z, digits and single hyphens.", code="bad_id", field=f"steps.{place}.id")
        if not step.text:
            raise Unreadable(f"The step „{step.id}“ needs its words.", code="missing_step", field=f"steps.{place}.text")
        _short(f"steps.{place}.text", step.text, LONGEST_STEP)
    for wrong in wrong_steps(kept):
        raise Unreadable(wrong.message, code=wrong.code, field=f"steps.{wrong.place}.{wrong.part}")
    return [_plain(step.id, step.text, yes=step.yes, no=step.no, end=step.end) for step in kept]


def buttons(written: list[ButtonForm]) -> list[dict[str, Any]]:
    """The buttons to keep; one with neither title nor target is none. Raises `Unreadable` as `steps` does."""
    kept = []
    for place, button in enumerate(written):
        title, url, entry = button.title.strip(), button.url.strip(), button.entry.strip()
        if not (title or url or entry):
            continue
        if not title:
            raise Unreadable("The button needs a title.", code="missing_title", field=f"buttons.{place}.title")
        _short(f"buttons.{place}.title", title, LONGEST_TITLE)
        if bool(url) == bool(entry):
            raise Unreadable(f"The button „{title}“ leads to a page or to another entry, one of them.", code="button_target", field=f"buttons.{place}.url")
        if url:
            _web(f"buttons.{place}.url", url)
        kept.append({"title": title} | ({"url": url} if url else {"entry": entry}))
    if len(kept) > MOST_BUTTONS:
        raise Unreadable(f"There are {len(kept)} buttons; up to {MOST_BUTTONS} fit.", code="too_many_buttons", field="buttons")
    return kept


def video(written: str) -> str:
    """The address to keep. Raises `Unreadable`."""
    address = written.strip()
    if address:
        _web("video", address)
    return address


def days(valid_from: str, valid_until: str) -> dict[str, str]:
    """The two days to keep, as `2026-12-24`. Raises `Unreadable`."""
    found = {}
    for name, written in (("valid_from", valid_from.strip()), ("valid_until", valid_until.strip())):
        try:
            found[name] = date.fromisoformat(written).isoformat() if written else ""
        except ValueError:
            raise Unreadable(f"{name} is a day like 2026-12-24, not {written!r}.", code="bad_day", field=name) from None
    if found["valid_from"] and found["valid_until"] and found["valid_until"] < found["valid_from"]:
        raise Unreadable("The last day comes before the first.", code="days_swapped", field="valid_until")
    return found


def translated(language: str, step_texts: Mapping[str, str], titles: list[str], kept_steps: list[dict[str, Any]], kept_buttons: int) -> dict[str, Any]:
    """What a translation holds beside question and answer; what belongs to a step or a button that is gone falls away."""
    field = f"translations.{language}.steps"
    texts = {step["id"]: text.strip() for step in kept_steps if (text := step_texts.get(step["id"], "")).strip()}
    for step_id, text in texts.items():
        _short(f"{field}.{step_id}", text, LONGEST_STEP)
    names = [title.strip() for title in titles[:kept_buttons]]
    for place, name in enumerate(names):
        _short(f"translations.{language}.buttons.{place}", name, LONGEST_TITLE)
    return ({"steps": texts} if texts else {}) | ({"buttons": names} if any(names) else {})


def unfinished(written_steps: list[StepForm], written_buttons: list[ButtonForm], address: str, valid_from: str, valid_until: str) -> dict[str, Any]:
    """As far as they are written, for looking at: texts stay exactly as they are; a day that is none yet counts as not written."""
    shown = [_plain(step.id, step.text[:LONGEST_STEP], yes=step.yes, no=step.no, end=step.end) for step in written_steps[:MOST_STEPS]]
    return {
        "steps": shown,
        "buttons": [button.model_dump() for button in written_buttons[:MOST_BUTTONS]],
        "video": address.strip()[:LONGEST_ADDRESS],
        "valid_from": _day_or_none(valid_from),
        "valid_until": _day_or_none(valid_until),
    }


def _plain(step_id: str, text: str, **ways: str | bool) -> dict[str, Any]:
    return {"id": step_id, "text": text} | {name: value for name, value in ways.items() if value}


def _day_or_none(written: str) -> str:
    try:
        return date.fromisoformat(written.strip()).isoformat()
    except ValueError:
        return ""


def _web(field: str, address: str) -> None:
    _short(field, address, LONGEST_ADDRESS)
    if not is_web_address(address):
        raise Unreadable(f"{address!r} is no address that a browser opens; begin with https://.", code="bad_address", field=field)


def _short(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise Unreadable(f"{field} has {len(text)} characters; up to {longest} fit.", code="too_long", field=field)
