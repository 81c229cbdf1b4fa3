"""What the rest of the house may ask of the bot.

A leaf: it imports nothing of ours, so the rooms of `handoff` can name what they need without pulling in Rasa,
spaCy or FAISS. `bot.runtime` keeps these promises; `handoff.app` hands the keeper in; tests pass a ten-line fake.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

Action = Literal["answer", "suggest", "clarify", "human", "smalltalk", "flow"]
Language = Literal["et", "en", "ru"]
WORDING_REASONS = ("negative", "blaming", "commanding", "bureaucratic", "passive", "vague", "cold")
PERSONAL_FORMS = ("email", "phone", "identity_code", "iban", "card", "document")  # told by a form or a check digit
PERSONAL_KINDS = (*PERSONAL_FORMS, "address", "name")  # the last two are told by the words around
LANGUAGES: tuple[Language, ...] = ("et", "en", "ru")
TrackerEvents = Sequence[Mapping[str, Any]]
"""Rasa tracker events as Rasa itself serialises them (`event.as_dict()`)."""


@dataclass(frozen=True)
class Step:
    """One step of a guide. With `yes` and `no` (ids of steps) it is a question with two ways; otherwise the next one in the list follows, or
    with `end` none. `bot.faq.steps` checks that every way comes to an end."""

    id: str
    text: str
    yes: str = ""
    no: str = ""
    end: bool = False
    translations: Mapping[str, str] = field(default_factory=dict)  # language → text

    @property
    def asks(self) -> bool:
        return bool(self.yes)

    def text_in(self, language: str) -> str:
        """The words in this language, else in Estonian."""
        return self.translations.get(language) or self.text


@dataclass(frozen=True)
class EntryButton:
    """What an answer offers beside its words: a page that opens, or another entry that is then answered. Exactly one of `url` and `entry` is set."""

    title: str
    url: str = ""
    entry: str = ""
    translations: Mapping[str, str] = field(default_factory=dict)  # language → title

    def title_in(self, language: str) -> str:
        """The title in this language, else in Estonian."""
        return self.translations.get(language) or self.title


@dataclass(frozen=True)
class FaqEntry:
    """One published entry as the bot sees it; `bot.faq.entries` reads and checks the file form."""

    id: str
    question: str
    answer: str
    examples: tuple[str, ...] = ()
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # language → {question, answer}
    topic: str = ""
    tags: tuple[str, ...] = ()
    needs_identity: bool = False  # told to those only of whom we know who they are
    steps: tuple[Step, ...] = ()
    buttons: tuple[EntryButton, ...] = ()
    video: str = ""  # address of a film that shows it
    valid_from: date | None = None  # the first day it is answered from, in the operator's time zone
    valid_until: date | None = None  # the last one
    formerly: tuple[str, ...] = field(default=(), compare=False)  # ids it had, and those of entries that were merged into it

    def valid_on(self, day: date) -> bool:
        """Whether it is answered from on this day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_until is None or day <= self.valid_until)

    @property
    def branches(self) -> bool:
        """Whether its steps ask, so that a reader is led through them one by one."""
        return any(step.asks for step in self.steps)


@dataclass(frozen=True)
class Candidate:
    """An entry that may answer the question; `probability` is calibrated, 0…1."""

    entry_id: str
    question: str
    probability: float


@dataclass(frozen=True)
class Part:
    """One of several questions in a message, read by itself."""

    text: str
    action: Action
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Outcome:
    """What people said of the entry that the bot thought likeliest: a thumb, another choice, an agent's pick.

    `probability` is what was promised, `shift` the `Reading.shift` it was promised with.
    """

    probability: float
    right: bool
    shift: float = 0.0


@dataclass(frozen=True)
class Reading:
    """How one text was understood, and what would be done about it.

    `parts` are the separate questions of a message that asks several which are answered one by one; empty otherwise.
    """

    text: str
    language: Language
    action: Action
    intent: str | None
    intent_confidence: float
    candidates: tuple[Candidate, ...]  # best first, at most 10
    why: str  # which band or intent decided, as a code and its values: "answer best=0.91 threshold=0.80"
    entities: tuple[Mapping[str, Any], ...] = ()
    parts: tuple[Part, ...] = ()
    shift: float = 0.0  # how far outcomes had moved the probabilities, on the logit scale


@dataclass(frozen=True)
class Incoming:
    """One customer message on its way to the bot.

    `payload` is set only by the server, from a button it offered itself (for instance `/choose_entry{"entry": "x"}`);
    what a customer typed is always `text`, also when it begins with a slash.
    """

    conversation_id: str
    message_id: str
    text: str
    payload: str | None = None
    language: Language = "et"
    page: str | None = None
    name: str | None = None
    people_available: bool = True
    verified: bool = False  # we know who the customer is
    may_get_code: bool = False  # a code to the address on file would tell
    data_page: bool = False  # the page of one's own data can make sure who asks
    back_at: str | None = None  # when people are back, an ISO moment with its offset in their own zone; None when unknown


@dataclass(frozen=True)
class Button:
    """A quick reply. `payload` stays on the server; the customer's browser only sees the title and the place."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """One thing the bot says."""

    text: str
    buttons: tuple[Button, ...] = ()
    entry_id: str | None = None  # set when the text is this entry's answer (then it can be rated)
    probability: float | None = None
    language: Language | None = None


@dataclass(frozen=True)
class Contact:
    """What the customer left so that a person can write or call back."""

    kind: Literal["email", "phone"]
    value: str


@dataclass(frozen=True)
class Turn:
    """All that came of one message; committed by `handoff.conversations` in one transaction.

    `handoff` has the shape of `handoff.contract.HandoffRequest` (as JSON-able data: this leaf may not import it).
    After a handoff the bot says nothing more in the turn.
    """

    replies: tuple[Reply, ...]
    tracker_events: tuple[Mapping[str, Any], ...]  # only the new ones, in order
    reading: Reading | None = None
    handoff: Mapping[str, Any] | None = None
    contact: Contact | None = None
    feedback: str | None = None


@dataclass(frozen=True)
class SpellingMark:
    """A word that Vabamorf does not know: where it stands (characters, end exclusive) and what may be meant."""

    start: int
    end: int
    word: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True)
class WordingMark:
    """Words that could be said warmer: where they stand (characters, end exclusive), why, and what to say instead.

    With `swaps` what to say can stand in their place as it is.
    """

    start: int
    end: int
    words: str
    why: str  # one of WORDING_REASONS
    say: str
    swaps: bool = False


@dataclass(frozen=True)
class Probe:
    """A text to try. `of` is the entry whose own wording it is: it is read as if it were not; without its question, an entry isn't there."""

    text: str
    of: str | None = None


@dataclass(frozen=True)
class Ground:
    """What speaks for a candidate: the entry's own wording that is nearest to the text, and the words of the text that it has too."""

    entry_id: str
    wording: str
    words: tuple[str, ...]  # as typed


@dataclass(frozen=True)
class KnownGroup:
    """A group of questions that stays as it is; new ones may join it. `mean` is what a `Group` gave."""

    id: str
    mean: bytes


@dataclass(frozen=True)
class Group:
    """Questions that ask the same. `id` is a former group's, or one beginning with "new "; `middle` is the place of the question
    that says best what all ask. `mean` holds no words."""

    id: str
    mean: bytes
    middle: int


@dataclass(frozen=True)
class Gathering:
    """Each question's group, in their order, and the groups but for the known ones."""

    names: tuple[str, ...]
    groups: tuple[Group, ...]


class BotUnavailable(Exception):
    """The bot is not there, is too busy or failed; the message says which. The customer is offered a person."""


class Understanding(Protocol):
    """The bot, as seen from outside."""

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        """Answer one message of a conversation whose tracker events so far are `history`.

        Raises `BotUnavailable`. Nothing is kept in the bot: the caller commits `Turn.tracker_events`.
        """
        ...

    def foresee(self, text: str) -> None:
        """A customer's message with this text is being kept and will be `reply`'s next: it may be read already. From any thread; raises nothing."""
        ...

    async def ask(self, text: str, *, language: Language | None = None) -> Reading:
        """Read one text alone, without a conversation (editor's "ask it now", agent's suggestions)."""
        ...

    async def rehearse(
        self, probes: Sequence[Probe], *, draft: FaqEntry | None = None, others: Sequence[FaqEntry] = (), without: Sequence[str] = ()
    ) -> tuple[Reading, ...]:
        """Read texts as they would be if `draft` and the `others` were published, in place of their former selves or as new ones, and those of
        `without` (ids) were archived. What customers are answered from stays as it is. Raises `BotUnavailable`."""
        ...

    async def grounds(self, text: str, entry_ids: Sequence[str], *, draft: FaqEntry | None = None) -> tuple[Ground, ...]:
        """What speaks for these entries as answers to a text, in their order; one that is not there is left out. Raises `BotUnavailable`."""
        ...

    async def sketches(self, texts: Sequence[str]) -> tuple[bytes | None, ...]:
        """What each text asks, in numbers that can be compared without the text; None where it asks nothing (a greeting, letters at random).
        Raises `BotUnavailable`."""
        ...

    async def gather(self, sketches: Sequence[bytes], present: Sequence[str | None], known: Sequence[KnownGroup]) -> Gathering:
        """Put questions that ask the same into groups. `present` are the groups that they stand in so far; names stay with their questions.
        Raises `BotUnavailable`."""
        ...

    @property
    def sketch_form(self) -> str:
        """Sketches of another form can't be compared with those that are made now."""
        ...

    async def replace_entries(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        """Put these published entries in place of the present ones, at once and without a gap in answering."""
        ...

    async def recalibrate(self, outcomes: Sequence[Outcome]) -> None:
        """Let the promised probabilities follow what came of earlier ones; `outcomes` are all that are to count."""
        ...

    @property
    def awake(self) -> bool:
        """Whether a model is loaded that can be asked."""
        ...

    @property
    def revision(self) -> int:
        """The revision of the entries that are answered from now."""
        ...

    @property
    def pid(self) -> int | None:
        """The process that reads, where it has one of its own and is there."""
        ...

    def proofread(self, text: str) -> tuple[SpellingMark, ...]:
        """Words of an Estonian text that are not words. Names, addresses and numbers are passed over, and so is a text in another language."""
        ...

    def wording(self, text: str) -> tuple[WordingMark, ...]:
        """What an agent could say warmer in an Estonian text."""
        ...

    def mask(self, text: str, kinds: Collection[str] | None = None, keep: Callable[[str], bool] | None = None) -> str:
        """The text with personal data of these kinds (`PERSONAL_KINDS`), else of all, replaced by the kind: „[e-post]“; but for what `keep` says of."""
        ...
