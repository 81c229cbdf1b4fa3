"""A bot of a few lines that keeps the promises of `bot.understanding`, for everything that is not about understanding."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from bot.spoken import answers, spoken
from bot.understanding import (
    BotUnavailable,
    Button,
    Candidate,
    Contact,
    FaqEntry,
    Gathering,
    Ground,
    Group,
    Incoming,
    KnownGroup,
    Language,
    Outcome,
    Probe,
    Reading,
    Reply,
    SpellingMark,
    TrackerEvents,
    Turn,
    WordingMark,
)
from handoff.contract import HandoffRequest, Reason, Said
from handoff.database import now

MISSPELLED = {"tellimsu": ("tellimus", "tellimuse"), "jouab": ("jõuab",)}
COLD = {"kahjuks": ("negative", "saame pakkuda …", False), "koheselt": ("bureaucratic", "kohe", True)}


class FakeBot:
    """Knows its entries by shared words; „inimesega“ hands over, „katki bot“ fails, „aeglane“ never answers."""

    def __init__(self, entries: Sequence[FaqEntry] = ()) -> None:
        self.entries = {entry.id: entry for entry in entries}
        self._revision = -1
        self.awake = True
        self.pid: int | None = None
        self.asked: list[Incoming] = []
        self.foreseen: list[str] = []
        self.rehearsed: list[str] = []
        self.sketched: list[str] = []
        self.outcomes: list[Outcome] = []
        self.recalibrated = asyncio.Event()

    @property
    def revision(self) -> int:
        return self._revision

    async def replace_entries(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        self.entries = {entry.id: entry for entry in entries}
        self._revision = revision

    async def recalibrate(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes = list(outcomes)
        self.recalibrated.set()

    def foresee(self, text: str) -> None:
        self.foreseen.append(text)

    async def ask(self, text: str, *, language: Language | None = None) -> Reading:
        return self._read(text, self.entries, language or "et")

    async def rehearse(
        self, probes: Sequence[Probe], *, draft: FaqEntry | None = None, others: Sequence[FaqEntry] = (), without: Sequence[str] = ()
    ) -> tuple[Reading, ...]:
        self.rehearsed += [probe.text for probe in probes]
        return tuple(self._read(probe.text, _as_if_new(probe, self._changed(self._with(draft), others, without)), "et") for probe in probes)

    async def grounds(self, text: str, entry_ids: Sequence[str], *, draft: FaqEntry | None = None) -> tuple[Ground, ...]:
        entries = self._with(draft)
        shared = ((entries[one], set(_plain(entries[one].question + " " + " ".join(entries[one].examples)))) for one in entry_ids if one in entries)
        return tuple(Ground(entry.id, entry.question, tuple(word for word in _plain(text) if word in own)) for entry, own in shared)

    async def sketches(self, texts: Sequence[str]) -> tuple[bytes | None, ...]:
        """A text's longer words; one without any asks nothing."""
        self.sketched += texts
        words = (sorted({word for word in _plain(text) if len(word) > 4}) for text in texts)
        return tuple(" ".join(found).encode() or None for found in words)

    async def gather(self, sketches: Sequence[bytes], present: Sequence[str | None], known: Sequence[KnownGroup]) -> Gathering:
        """Together stands what shares a longer word with the first of a group."""
        groups: dict[str, bytes] = {group.id: group.mean for group in known}
        first: dict[str, int] = {}
        names: list[str] = []
        for place, (sketch, before) in enumerate(zip(sketches, present, strict=True)):
            name = next((one for one, mean in groups.items() if set(mean.split()) & set(sketch.split())), before or f"new {place}")
            groups.setdefault(name, sketch)
            if name not in {group.id for group in known}:
                first.setdefault(name, place)
            names.append(name)
        return Gathering(tuple(names), tuple(Group(name, groups[name], place) for name, place in first.items()))

    @property
    def sketch_form(self) -> str:
        return "words"

    def _changed(self, entries: dict[str, FaqEntry], others: Sequence[FaqEntry], without: Sequence[str]) -> dict[str, FaqEntry]:
        return {entry_id: entry for entry_id, entry in (entries | {one.id: one for one in others}).items() if entry_id not in without}

    def _with(self, draft: FaqEntry | None) -> dict[str, FaqEntry]:
        return {**self.entries, draft.id: draft} if draft else dict(self.entries)

    def _read(self, text: str, entries: dict[str, FaqEntry], language: Language) -> Reading:
        words = set(_plain(text))
        scored = []
        for entry in entries.values():
            own = set(_plain(" ".join([entry.question, *entry.examples])))
            scored.append((len(words & own) / max(len(words), 1), entry))
        scored.sort(key=lambda pair: -pair[0])
        candidates = tuple(Candidate(entry.id, entry.question, round(score, 2)) for score, entry in scored[:3] if score > 0)
        best = candidates[0].probability if candidates else 0.0
        action = "answer" if best >= 0.5 else "suggest" if best >= 0.25 else "human"
        return Reading(text, language, action, "ask_question", 0.9, candidates, why=f"answer best={best:.2f} threshold=0.50")  # type: ignore[arg-type]

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        self.asked.append(message)
        said = message.payload or message.text
        events = ({"event": "user", "text": message.text, "timestamp": now().timestamp()},)
        if "katki bot" in said:
            raise BotUnavailable("the fake fails as told")
        if "aeglane" in said:
            await asyncio.sleep(3600)
        if said == "/leave_contact" or (said == "/ask_human" and not message.people_available):
            return Turn((Reply("Kuhu saame teile vastata? Kirjutage palun oma **e-posti aadress või telefoninumber**."),), events)
        if said == "/ask_human" or "inimesega" in said:
            return self._hand_over(message, events)
        if "@" in said and "." not in said:
            return Turn((Reply("Palun vaadake aadress veel kord üle, näiteks **mari@example.ee**."),), events)
        if "@" in said:
            return Turn((Reply("Aitäh! Kirjutame teile."),), events, contact=Contact("email", said))
        if said.startswith("/choose_entry"):
            name = said.removeprefix("/choose_entry")
            entry = self.entries[json.loads(name)["entry"] if name.startswith("{") else name.removeprefix(":")]
            if entry.needs_identity and not message.verified:
                return Turn((_who_are_you(message, entry),), events)
            return Turn((self._answer(entry, message, 1.0),), events)
        reading = await self.ask(message.text, language=message.language)
        if reading.action == "answer":
            best = reading.candidates[0]
            if self.entries[best.entry_id].needs_identity and not message.verified:
                return Turn((_who_are_you(message, self.entries[best.entry_id]),), events, reading)
            return Turn((self._answer(self.entries[best.entry_id], message, best.probability),), events, reading)
        if reading.action == "suggest":
            buttons = tuple(Button(one.question, f"/choose_entry:{one.entry_id}") for one in reading.candidates)
            return Turn((Reply("Kas mõtlesite …?", (*buttons, Button("Ükski neist", "/ask_human"))),), events, reading)
        return Turn((Reply("Selle kohta ma veel vastust ei tea. Kas ühendan teid inimesega?", (Button("Räägi inimesega", "/ask_human"),)),), events, reading)

    def _answer(self, entry: FaqEntry, message: Incoming, probability: float) -> Reply:
        onward = tuple(Button(title, f"/choose_entry:{target}") for title, target in answers(entry, message.language) if target in self.entries)
        return Reply(spoken(entry, message.language), onward, entry_id=entry.id, probability=probability)

    def proofread(self, text: str) -> tuple[SpellingMark, ...]:
        """Knows two misspelled words and takes every other for right."""
        found = re.finditer("|".join(MISSPELLED), text)
        return tuple(SpellingMark(match.start(), match.end(), match.group(), MISSPELLED[match.group()]) for match in found)

    def wording(self, text: str) -> tuple[WordingMark, ...]:
        """Knows two words that could be warmer: one with advice, one with a word for its place."""
        found = re.finditer("|".join(COLD), text)
        return tuple(WordingMark(match.start(), match.end(), match.group(), *COLD[match.group()]) for match in found)

    def mask(self, text: str, kinds: Collection[str] | None = None, keep: Callable[[str], bool] | None = None) -> str:
        return text

    def _hand_over(self, message: Incoming, events: tuple[dict[str, object], ...]) -> Turn:
        request = HandoffRequest(
            conversation_id=message.conversation_id,
            reason=Reason.ASKED,
            requested_at=now(),
            messages=[Said(who="customer", text=message.text)],
            language=message.language,
            page=message.page,
        )
        return Turn((Reply("Kutsun kolleegi. Ta näeb kogu meie vestlust."),), (*events, {"event": "pause"}), handoff=request.model_dump(mode="json"))


def _plain(text: str) -> list[str]:
    return text.lower().replace("?", "").split()


def _as_if_new(probe: Probe, entries: dict[str, FaqEntry]) -> dict[str, FaqEntry]:
    if probe.of not in entries:
        return entries
    own = entries[probe.of]
    left = replace(own, examples=tuple(example for example in own.examples if example != probe.text))
    return {entry_id: left if entry_id == probe.of else entry for entry_id, entry in entries.items() if entry_id != probe.of or probe.text != own.question}


def _who_are_you(message: Incoming, entry: FaqEntry) -> Reply:
    """As `actions.ask_identity` says it."""
    code = (Button("Saada kood e-postile", "/send_code" + json.dumps({"entry": entry.id})),) if message.may_get_code else ()
    return Reply("Selle vastuse hoiame ainult teie jaoks.", (*code, Button("Räägi inimesega", "/ask_human")))
