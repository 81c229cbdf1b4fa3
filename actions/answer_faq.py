"""Answers a question as sure as the bot is: answer, „Kas mõtlesite …?“, a question back, or the offer of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import conversation
from actions.answer_entry import answer_entry
from actions.awaited import take_awaited
from actions.clarify import clarify
from actions.my_data import lead_to_page, may_mean_their_data
from actions.offer_estonian import must_be_offered, offer_estonian
from actions.offer_human import offer_human, say_machine_and_offer_human
from actions.suggest import suggest

Events = list[dict[str, Any]]


def answer_one(dispatcher: CollectingDispatcher, tracker: Tracker, entry: Mapping[str, Any]) -> Events:
    """The sure answer, or the offer of it where it is in Estonian only and the customer has not asked for that."""
    return offer_estonian(dispatcher, tracker, [entry]) if must_be_offered(tracker, entry) else answer_entry(dispatcher, tracker, entry)


def answer_parts(dispatcher: CollectingDispatcher, tracker: Tracker, parts: Sequence[Mapping[str, Any]]) -> Events:
    """Several questions in one message: every sure answer in the order of the questions, then one question back about the rest."""
    unsure: list[Mapping[str, Any]] = []
    in_estonian: list[Mapping[str, Any]] = []
    events: Events = []
    given: set[str] = set()
    for part in parts:
        shown = [one for one in part["candidates"] if one.get("texts")]
        if part["action"] == "answer" and shown and shown[0]["entry_id"] not in given:
            given.add(shown[0]["entry_id"])
            if must_be_offered(tracker, shown[0]):
                in_estonian.append(shown[0])
            else:
                events += answer_entry(dispatcher, tracker, shown[0])
        elif part["action"] == "suggest":
            unsure = unsure or shown
    left = [one for one in unsure if one["entry_id"] not in given]
    if in_estonian and not left:
        return events + offer_estonian(dispatcher, tracker, in_estonian)
    return events + (suggest(dispatcher, tracker, [*in_estonian, *left]) if left else [])


class ActionAnswerFaq(Action):
    """Follows the pipeline's decision; the bands themselves are `bot.faq.decision`'s."""

    def name(self) -> str:
        return "action_answer_faq"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        action = conversation.decision(tracker).get("action")
        shown = [one for one in conversation.candidates(tracker) if one.get("texts")]
        parts = conversation.parts(tracker)
        if action == "answer" and (parts or shown):
            events = answer_parts(dispatcher, tracker, parts) if parts else answer_one(dispatcher, tracker, shown[0])
            if may_mean_their_data(tracker):
                lead_to_page(dispatcher, tracker)
            return events
        awaited = await take_awaited(dispatcher, tracker)
        if awaited is not None:
            return awaited
        if action == "suggest" and shown:
            return suggest(dispatcher, tracker, shown)
        if action == "clarify":
            return clarify(dispatcher, tracker)
        may_mean_the_machine = conversation.decision(tracker).get("intent") == "ask_bot"
        return say_machine_and_offer_human(dispatcher, tracker) if may_mean_the_machine else offer_human(dispatcher, tracker)
