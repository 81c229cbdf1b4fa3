"""Calls that customers wait for: taken with their conversation, tried again, and what came of them."""

from datetime import UTC, timedelta
from pathlib import Path
from typing import Annotated, cast

from fastapi import APIRouter, Depends

from bot.understanding import Language
from handoff.accounts.keys import Caller, Scope
from handoff.api import shapes
from handoff.api.conversations import COVERED, Key, after, holder_of
from handoff.api.door import Door
from handoff.call_times import CallTimes
from handoff.conversations import agents, calls
from handoff.conversations.call_tables import Step
from handoff.conversations.calls import Window
from handoff.conversations.tables import ConversationRow
from handoff.covering import cover
from handoff.errors import Unreadable
from handoff.mail import Letter
from handoff.schedule import Hours
from handoff.services import Services
from handoff.texts import Texts

PATH = "/callbacks/{call_id}"


def router(services: Services, door: Door, api: APIRouter) -> None:
    """Add the routes of calls."""
    covers, database = cover(services), services.database
    times = CallTimes(Hours.of(services.settings), Texts(Path(__file__).parents[1] / "texts"))
    writer = Annotated[Caller, Depends(door.may(Scope.WRITE))]

    @api.get("/callbacks")
    def list_callbacks(caller: Annotated[Caller, Depends(door.may(Scope.READ))]) -> list[shapes.Callback]:
        """Open calls that the key's person may see, the earliest first, at most 200."""
        return [
            shapes.Callback(
                id=one.id,
                conversation_id=one.conversation_id,
                name=one.name,
                phone=COVERED if covers.mask and one.phone else one.phone,
                language=one.language,
                starts=one.window.starts,
                ends=one.window.ends,
                tries=one.tries,
                agent_id=one.holder_id,
            )
            for one in calls.listed(services.database, caller.person.id)
        ]

    @api.post(PATH + "/claim")
    def claim_callback(call_id: str, caller: writer, _key: Key = None) -> shapes.Standing:
        """Take the call and its conversation, in the name of the key's person. 409 `already_taken` with `holder` when somebody was first."""
        return after(services, calls.take(database, call_id, holder_of(caller)))

    @api.post(PATH + "/retry")
    def retry_callback(call_id: str, retry: shapes.Retry, caller: writer, _key: Key = None) -> shapes.Standing:
        """Nobody answered: it is tried again then, the reminder follows, and who has left an address is told. Only who has it may."""
        try:
            starts = retry.starts.astimezone(UTC)
            window = Window(starts, starts + timedelta(minutes=retry.minutes))
        except OverflowError:
            raise Unreadable("That is no time.", code="bad_time", field="starts") from None

        def letter(row: ConversationRow) -> Letter | None:
            return services.notices.call(row, services.links.of(row), "again", times.when(window, cast(Language, row.language)))

        return after(services, calls.no_answer(database, call_id, holder_of(caller), window, retry.note, tell=letter))

    @api.post(PATH + "/finish")
    def finish_callback(call_id: str, outcome: shapes.Outcome, caller: writer, _key: Key = None) -> shapes.Standing:
        """What came of it. Only who has it may; 409 `move_refused` for a call that is over."""
        holder = holder_of(caller)
        conversation_id = calls.finish(database, call_id, holder, outcome.note, Step(outcome.result))
        if outcome.close and outcome.result != "wrong":
            agents.close(database, conversation_id, holder, outcome="solved" if outcome.result == "done" else "not_solved")
        return after(services, conversation_id)
