"""The page of times: how soon each team answers and solves. Supervisors set them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from handoff.accounts import teams
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations import sla
from handoff.conversations.sla import EVERYBODY, Policy
from handoff.errors import Unreadable
from handoff.people.room import Room, number

PATH = "/people/times"
UNITS = {"minutes": 1, "hours": 60}
NAMES = ("first", "next", "letter", "solution")
SAID = ("saved", "removed")
Number = Annotated[str, Form(max_length=20)]  # empty: nothing is promised
Unit = Annotated[str, Form(max_length=20)]
Ticked = Annotated[bool, Form()]  # a box without a tick is not sent


@dataclass(frozen=True)
class Filled:
    """What stands in a form: numbers as they were written, with their units."""

    times: dict[str, tuple[str, str]]
    active: bool
    stops_when_snoozed: bool
    stops_for_customer: bool

    @classmethod
    def of(cls, policy: Policy) -> "Filled":
        times = {name: _written(getattr(policy, name), unit="minutes" if name in NAMES[:2] else "hours") for name in NAMES}
        return cls(times, policy.active, policy.stops_when_snoozed, policy.stops_for_customer)

    def policy(self) -> Policy:
        """Raises `Unreadable` (code `bad_minutes`) for what is no whole number."""
        minutes = {name: _minutes(name, *written) for name, written in self.times.items()}
        return Policy(active=self.active, stops_when_snoozed=self.stops_when_snoozed, stops_for_customer=self.stops_for_customer, **minutes)


def router(room: Room) -> APIRouter:
    """`/people/times`."""
    api = APIRouter(prefix=PATH, include_in_schema=False)
    database = room.services.database
    looker = Annotated[Person, Depends(room.guard.may(Permission.SET_TIMES))]
    changer = Annotated[Person, Depends(room.guard.form(Permission.SET_TIMES))]

    def page(request: Request, person: Person, *, at: str = "", filled: Filled | None = None, error: Unreadable | None = None, said: str = "") -> Response:
        """`at` is whose form `filled` and `error` belong to."""
        known = sla.policies(database)
        everybodys = Filled.of(known[EVERYBODY])
        forms = {whose: Filled.of(policy) for whose, policy in known.items()} | ({at: filled} if filled else {})
        named = teams.teams(database)
        shown = {"own": set(known), "forms": forms, "everybodys": everybodys, "teams": named, "at": at, "error": error, "said": said if said in SAID else ""}
        settings, status = room.services.settings, error.status if error else 200
        shown |= {"everybody": EVERYBODY, "names": NAMES, "units": list(UNITS), "hours": settings.hours}
        return room.pages.page(request, "times.html", status=status, person=person, here="people", part="times", **shown)

    def written(
        *,
        first: Number = "",
        first_unit: Unit = "minutes",
        next: Number = "",
        next_unit: Unit = "minutes",
        letter: Number = "",
        letter_unit: Unit = "hours",
        solution: Number = "",
        solution_unit: Unit = "hours",
        active: Ticked = False,
        stops_when_snoozed: Ticked = False,
        stops_for_customer: Ticked = False,
    ) -> Filled:
        """What a form said."""
        times = {"first": (first, first_unit), "next": (next, next_unit), "letter": (letter, letter_unit), "solution": (solution, solution_unit)}
        return Filled(times, active, stops_when_snoozed, stops_for_customer)

    @api.get("")
    def show(request: Request, person: looker, said: str = "") -> Response:
        return page(request, person, said=said)

    @api.post("/{whose}")
    def save(request: Request, whose: str, person: changer, filled: Annotated[Filled, Depends(written)]) -> Response:
        try:
            sla.save(database, whose, filled.policy(), by=person.id)
        except Unreadable as error:
            return page(request, person, at=whose, filled=filled, error=error)
        return _back("saved")

    @api.post("/{whose}/remove")
    def remove(whose: str, person: changer) -> Response:
        sla.remove(database, whose, by=person.id)
        return _back("removed")

    return api


def _written(minutes: int | None, *, unit: str) -> tuple[str, str]:
    """Hours where they come out even."""
    if minutes is None:
        return "", unit
    return (str(minutes // 60), "hours") if minutes % 60 == 0 else (str(minutes), "minutes")


def _minutes(name: str, written: str, unit: str) -> int | None:
    told = number(written, "bad_minutes", name)
    return None if told is None else told * UNITS.get(unit, 1)


def _back(said: str) -> RedirectResponse:
    return RedirectResponse(f"{PATH}?said={said}", status_code=303)
