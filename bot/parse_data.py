"""What the pipeline decided, as it travels in Rasa's parse data under `decision`, and back into a `Reading`.

    {action, why, intent, confidence, language, shift,     the classifier's own intent, whatever the dialogue goes on with
     candidates: [{entry_id, question, probability, topic, texts?, buttons?}],
     parts?: [{text, action, candidates}]}                  several questions in one message, in their order

`texts` ({language: {question, answer}}) stands only by the entries that may be shown now: an action server of its own
needs no index, and a conversation's history stays small. An answer stands there as it is said, its steps and links included; `buttons`
([{entry, titles: {language: title}}]) ask other entries that are there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast

from bot.spoken import answers, spoken
from bot.understanding import LANGUAGES, Action, Candidate, FaqEntry, Language, Part, Reading

DECISION = "decision"
SHOWN = {"answer": 1, "suggest": 3}
MOST_CANDIDATES = 10


def decision_data(reading: Reading, entries: Mapping[str, FaqEntry]) -> dict[str, Any]:
    """The decision of one text; `entries` by id are those it was read against."""
    shown = SHOWN.get(reading.action, 0)
    candidates = [_candidate(one, entries, with_texts=place < shown) for place, one in enumerate(reading.candidates[:MOST_CANDIDATES])]
    data = {
        "action": reading.action,
        "why": reading.why,
        "intent": reading.intent,
        "confidence": reading.intent_confidence,
        "language": reading.language,
        "shift": reading.shift,
        "candidates": candidates,
    }
    if reading.parts:
        data["parts"] = [_part(part, entries) for part in reading.parts]
    return data


def chosen(entry_id: str, entries: Mapping[str, FaqEntry]) -> dict[str, Any]:
    """The "decision" of a tap on a suggestion: the entry as it is published now, also by an id it had before, or nothing when it no longer is."""
    entry = entries.get(entry_id) or next((one for one in entries.values() if entry_id in one.formerly), None)
    return {"candidates": [_candidate(Candidate(entry.id, entry.question, 1.0), entries, with_texts=True)] if entry else []}


def reading_of(parsed: Mapping[str, Any], language: Language | None = None) -> Reading | None:
    """The reading in Rasa's parse data; None for a button's message or a pipeline without a decision."""
    decision = parsed.get(DECISION) or {}
    if "action" not in decision:
        return None
    entities = (entity for entity in parsed.get("entities", ()) if entity["entity"] != "language")
    return Reading(
        text=str(parsed["text"]),
        language=cast(Language, decision["language"] or language or "et"),
        action=cast(Action, decision["action"]),
        intent=decision["intent"],
        intent_confidence=float(decision["confidence"]),
        candidates=tuple(_candidate_of(one) for one in decision["candidates"]),
        why=str(decision["why"]),
        entities=tuple(entities),
        parts=tuple(_part_of(part) for part in decision.get("parts") or ()),
        shift=float(decision.get("shift", 0.0)),
    )


def _part(part: Part, entries: Mapping[str, FaqEntry]) -> dict[str, Any]:
    shown = SHOWN.get(part.action, 0)
    candidates = [_candidate(one, entries, with_texts=place < shown) for place, one in enumerate(part.candidates)]
    return {"text": part.text, "action": part.action, "candidates": candidates}


def _part_of(data: Mapping[str, Any]) -> Part:
    return Part(str(data["text"]), cast(Action, data["action"]), tuple(_candidate_of(one) for one in data["candidates"]))


def _candidate_of(data: Mapping[str, Any]) -> Candidate:
    return Candidate(data["entry_id"], data["question"], data["probability"])


def _candidate(candidate: Candidate, entries: Mapping[str, FaqEntry], *, with_texts: bool) -> dict[str, Any]:
    entry = entries.get(candidate.entry_id)
    data = {"entry_id": candidate.entry_id, "question": candidate.question, "probability": candidate.probability, "topic": entry.topic if entry else ""}
    if entry and entry.needs_identity:
        data["needs_identity"] = True
    if entry and with_texts:
        own = {"question": entry.question, "answer": spoken(entry)}
        data["texts"] = {"et": own} | {language: {**texts, "answer": spoken(entry, language)} for language, texts in entry.translations.items()}
        data |= _buttons(entry, entries)
    return data


def _buttons(entry: FaqEntry, known: Collection[str]) -> dict[str, Any]:
    """The entries that it offers to answer next, but for those that are not there now."""
    titles = {language: answers(entry, language) for language in LANGUAGES}
    offered = [(place, target) for place, (_, target) in enumerate(titles["et"]) if target in known]
    buttons = [{"entry": target, "titles": {language: titles[language][place][0] for language in LANGUAGES}} for place, target in offered]
    return {"buttons": buttons} if buttons else {}
