"""The table of moves. That random people making random moves never leave it, stands in `test_random_moves.py`."""

from __future__ import annotations

import itertools

import pytest

from handoff.conversations.states import MOVES, State, bot_may_answer, check_move
from handoff.errors import MoveRefused


@pytest.mark.parametrize(("before", "after"), sorted(MOVES))
def test_a_move_of_the_table_is_allowed(before: State, after: State) -> None:
    check_move(before, after)


@pytest.mark.parametrize(("before", "after"), sorted(set(itertools.product(State, State)) - MOVES))
def test_any_other_move_is_refused_naming_both_states(before: State, after: State) -> None:
    with pytest.raises(MoveRefused, match=f"from {before.value} to {after.value}"):
        check_move(before, after)


def test_every_state_can_be_reached_and_left_except_by_accident() -> None:
    assert {before for before, _ in MOVES} == set(State)
    assert {after for _, after in MOVES} == set(State)


@pytest.mark.parametrize("state", [State.WAITING, State.LIVE, State.SNOOZED, State.CLOSED])
def test_the_bot_is_silent_while_people_have_the_conversation(state: State) -> None:
    assert not bot_may_answer(state, "web")


def test_the_bot_answers_in_its_own_conversation() -> None:
    assert bot_may_answer(State.BOT, "web")


def test_the_bot_answers_who_left_a_contact_and_asks_on_in_the_chat() -> None:
    assert bot_may_answer(State.TICKET, "web")


def test_the_bot_keeps_out_of_an_email_ticket() -> None:
    assert not bot_may_answer(State.TICKET, "email")
