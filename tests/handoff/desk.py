"""Reaching the desk as a customer does, and the addresses of its API."""

from __future__ import annotations

from bot.understanding import Candidate, Reading, Reply, Turn
from handoff.contract import FaqCandidate, HandoffRequest, Reason, Said
from handoff.conversations import service, turns
from handoff.conversations.service import Started
from handoff.database import Database, now

QUESTION = "Kas šokolaad sulab teel ära?"
REPLY = "Ei sula: suvel saadame šokolaadi jahutatud kastis."


def wait(database: Database, mari: Started, *, text: str = QUESTION, reason: Reason = Reason.ASKED, client_id: str = "mari-0001") -> None:
    """The customer writes and the bot hands over, as in a real turn."""
    service.say(database, mari.conversation_id, client_id=client_id, text=text)
    owed = turns.claim(database, mari.conversation_id, people_available=True)
    assert owed is not None
    candidate = Candidate("kuidas-tagastada", "Kuidas kaupa tagastada?", 0.31)
    request = HandoffRequest(
        conversation_id=mari.conversation_id,
        reason=reason,
        requested_at=now(),
        messages=[Said(who="customer", text=text)],
        candidates=[FaqCandidate(entry_id=candidate.entry_id, question=candidate.question, probability=candidate.probability)],
        tags=["tarne"],
    )
    reading = Reading(text, "et", "human", "ask_question", 0.9, (candidate,), "answer best=0.31 threshold=0.50")
    turns.pay(database, owed, Turn((Reply("Kutsun kolleegi."),), (), reading, handoff=request.model_dump(mode="json")))


def at(mari: Started, what: str = "") -> str:
    return f"/api/desk/conversations/{mari.conversation_id}{what}"
