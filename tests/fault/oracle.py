"""Judges a chaos run by what each side wrote down and by what the house has in the end. Pure: it knows no service, so it can be wrong about none.

Each rule is a function from (journal, ledger) to what is wrong; none of them believes another part of the service, only what people were told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.fault.holding import moves_made, one_holder
from tests.fault.journal import BackupBegins, BackupMade, IsSet, Journal, Kept, Opened, Published, Publishing, Received, Saw, Sent, Setting
from tests.fault.ledger import Event, Ledger
from tests.fault.oblivion import erased_in, forgotten, unlogged
from tests.fault.verdict import Rule, Wrong

NOT_THE_BOTS = frozenset({"handoff_requested", "claimed", "closed", "contact_left", "reopened"})  # after these the bot may be silent


def judge(journal: Journal, ledger: Ledger) -> list[Wrong]:
    """Everything that is wrong; nothing, when the house has kept its word."""
    return [wrong for rule in RULES for wrong in rule(journal, ledger)]


def numbered(_journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """The log of each conversation counts 1, 2, 3 … up to its last number."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for event in ledger.events:
        numbers[event.conversation].append(event.number)
    for talk in ledger.talks:
        if sorted(numbers[talk.id]) != list(range(1, talk.last_number + 1)):
            yield Wrong("numbered", talk.id, f"{sorted(numbers[talk.id])}, and the last number is {talk.last_number}")


def kept_once(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """What was acknowledged is there once, under its number, with its words; what was not, at most once; nothing that nobody has sent.
    What was erased is another rule's."""
    kept = {(event.conversation, event.client_id): event for event in ledger.events if event.client_id}
    copies = Counter((event.conversation, event.client_id) for event in ledger.events if event.client_id)
    words = {(note.conversation, note.client_id): note.text for note in journal.of(Sent)}
    for (conversation, client_id), count in copies.items():
        if count > 1:
            yield Wrong("kept_once", conversation, f"{client_id} is there {count} times")
        if words.get((conversation, client_id), "") not in (None, kept[conversation, client_id].text):
            yield Wrong("kept_once", conversation, f"{client_id} is not what was sent")
    gone = erased_in(ledger)
    for note in journal.of(Kept):
        event = kept.get((note.conversation, note.client_id))
        if note.conversation in gone:
            continue
        if event is None:
            yield Wrong("kept_once", note.conversation, f"{note.client_id} of {note.who} was acknowledged and is lost")
        elif event.number != note.number:
            yield Wrong("kept_once", note.conversation, f"{note.client_id} was acknowledged as {note.number} and is {event.number}")


def in_order(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """Whoever sent one message after another was acknowledged finds them in that order."""
    last: dict[tuple[str, str], tuple[int, str]] = {}
    for note in journal.of(Kept):
        before, client_id = last.get((note.who, note.conversation), (0, ""))
        if note.number < before:
            yield Wrong("in_order", note.conversation, f"{note.client_id} of {note.who} stands before {client_id}")
        last[note.who, note.conversation] = max((note.number, note.client_id), (before, client_id))


def seen_as_it_is(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """What a stream told is in the log with the same words, and no connection told anything twice or out of order."""
    log = {(event.conversation, event.number): event for event in ledger.events}
    last: dict[str, int] = {note.reader: note.after for note in journal.of(Opened)}
    gone = erased_in(ledger)
    for note in journal.of(Saw):
        event = log.get((note.conversation, note.number))
        if event is None:
            yield Wrong("seen_as_it_is", note.conversation, f"{note.reader} saw {note.number}, which is gone")
        elif not _same(event, note, words_gone=note.conversation in gone):
            yield Wrong("seen_as_it_is", note.conversation, f"{note.reader} saw another {note.number}")
        if note.number <= last.get(note.reader, 0):
            yield Wrong("seen_as_it_is", note.conversation, f"{note.reader} saw {note.number} after {last[note.reader]}")
        last[note.reader] = note.number


def _same(event: Event, note: Saw, *, words_gone: bool) -> bool:
    said = words_gone or (event.client_id, event.text) == (note.client_id, note.text)
    return said and (event.kind, event.actor) == (note.kind, note.actor)


def seen_by_all(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """The customer's page, in all its connections together, has shown every message; a connection of the desk left nothing out between.
    Who had everything erased looks no more."""
    gone = erased_in(ledger)
    messages: dict[str, set[int]] = defaultdict(set)
    for event in ledger.events:
        if event.kind == "message":
            messages[event.conversation].add(event.number)
    readers = {note.reader: note for note in journal.of(Opened)}
    seen: dict[str, set[int]] = defaultdict(set)
    for note in journal.of(Saw):
        seen[note.reader].add(note.number)
    shown: dict[str, set[int]] = defaultdict(set)
    for reader, opened in readers.items():
        if opened.side == "customer":
            shown[opened.conversation] |= seen[reader]
        elif missing := set(range(opened.after + 1, max(seen[reader], default=0))) - seen[reader]:
            yield Wrong("seen_by_all", opened.conversation, f"{reader} was not told {sorted(missing)}")
    for conversation, numbers in shown.items():
        if conversation not in gone and (missing := messages[conversation] - numbers):
            yield Wrong("seen_by_all", conversation, f"its customer was never shown {sorted(missing)}")


def paid_once(_journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """Every answer that was owed is paid; the bot's words to a message (they carry its id) are there once, unless a person came between or it failed."""
    said = Counter(token for event in ledger.events if event.actor == "bot" and event.text for token in [event.text.rpartition("[")[2].rstrip("]")])
    log: dict[str, list[Event]] = defaultdict(list)
    for event in ledger.events:
        log[event.conversation].append(event)
    numbers = {event.id: event.number for event in ledger.events}
    for debt in ledger.debts:
        if not debt.paid:
            yield Wrong("paid_once", debt.conversation, f"message {numbers.get(debt.event)} still waits for its answer")
        elif said[debt.event] > 1:
            yield Wrong("paid_once", debt.conversation, f"message {numbers.get(debt.event)} was answered {said[debt.event]} times")
        elif not said[debt.event] and not debt.failed:
            later = {event.kind for event in log[debt.conversation] if event.number > numbers.get(debt.event, 0)}
            if not later & NOT_THE_BOTS:
                yield Wrong("paid_once", debt.conversation, f"message {numbers.get(debt.event)} counts as answered, and nobody said a word")


def nobody_forgotten(_journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """Who waits for a person stands in the desk's list; who has one, has one by name."""
    for talk in ledger.talks:
        if talk.state == "waiting" and talk.id not in ledger.shown:
            yield Wrong("nobody_forgotten", talk.id, "waits, and the desk does not show it")
        if talk.state == "live" and talk.holder is None:
            yield Wrong("nobody_forgotten", talk.id, "is with a person, and nobody knows with whom")


def delivered(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """Every event was owed to the other system once, and was delivered or is visibly dead; what counts as delivered has arrived."""
    arrived = {note.delivery for note in journal.of(Received)}
    owed = Counter(delivery.event for delivery in ledger.deliveries)
    for delivery in ledger.deliveries:
        if not (delivery.delivered or delivery.dead):
            yield Wrong("delivered", delivery.id, "is neither delivered nor dead")
        elif delivery.delivered and delivery.id not in arrived:
            yield Wrong("delivered", delivery.id, "counts as delivered and never arrived")
    for event in ledger.events if ledger.deliveries else ():
        if owed[event.id] != 1:
            yield Wrong("delivered", event.conversation, f"{event.number} is owed to the other system {owed[event.id]} times")


def entries_agree(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """The catalogue has what was published last (or was on its way), and every process answers just that."""
    certain: dict[str, str] = {}
    possible: dict[str, set[str]] = defaultdict(set)
    for note in journal.notes:
        if isinstance(note, Published):
            certain[note.entry] = note.answer
            possible[note.entry] = {note.answer}
        elif isinstance(note, Publishing):
            possible[note.entry].add(note.answer)
    for entry, answer in certain.items():
        if ledger.published.get(entry) not in possible[entry]:
            yield Wrong("entries_agree", entry, f"{answer!r} was published, and {ledger.published.get(entry)!r} is")
    for process, told in ledger.answers.items():
        for entry, answer in told.items():
            if answer != ledger.published.get(entry):
                yield Wrong("entries_agree", entry, f"{process} answers {answer!r}, and {ledger.published.get(entry)!r} is published")


def settings_stand(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """What a supervisor was last told to have set holds; so may what was on its way: later, or asked twice, so that a process which hung did it late."""
    certain: dict[str, int] = {}
    on_its_way: dict[str, list[int]] = defaultdict(list)
    for note in journal.notes:
        if isinstance(note, Setting):
            on_its_way[note.whose].append(note.minutes)
        elif isinstance(note, IsSet):
            certain[note.whose] = note.minutes
            if note.alone:
                on_its_way[note.whose].remove(note.minutes)
    for whose, minutes in certain.items():
        if (stands := ledger.minutes.get(whose)) not in (minutes, *on_its_way[whose]):
            yield Wrong("settings_stand", whose, f"{minutes} minutes were set, and {stands} are")


def found_again(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """The desk's search finds the conversation in which a word was said."""
    where, gone = {note.client_id: note.conversation for note in journal.of(Kept)}, erased_in(ledger)
    for client_id, conversations in ledger.found.items():
        if where[client_id] not in conversations and where[client_id] not in gone:
            yield Wrong("found_again", where[client_id], f"{client_id} is not found by its words")


def backed_up(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """The last backup has all that was acknowledged before it began, and nothing that the house has not; what was erased since is erased in it again."""
    if ledger.backup is None:
        return
    made = max((note.number for note in journal.of(BackupMade)), default=0)
    begins = next((place for place, note in enumerate(journal.notes) if note == BackupBegins(made)), 0)
    log, gone = {(event.conversation, event.number): event for event in ledger.events}, erased_in(ledger)
    for event in ledger.backup:
        if event.conversation in gone:
            if event.text:
                yield Wrong("backed_up", event.conversation, f"the backup brings back {event.number}, which was erased")
        elif log.get((event.conversation, event.number)) != event:
            yield Wrong("backed_up", event.conversation, f"the backup has another {event.number}")
    has = {(event.conversation, event.client_id) for event in ledger.backup}
    for note in journal.notes[:begins]:
        if isinstance(note, Kept) and note.conversation not in gone and (note.conversation, note.client_id) not in has:
            yield Wrong("backed_up", note.conversation, f"{note.client_id} was acknowledged before the backup and is not in it")


RULES: tuple[Rule, ...] = (
    *(numbered, kept_once, in_order, seen_as_it_is, seen_by_all, paid_once, one_holder, moves_made, nobody_forgotten, delivered),
    *(entries_agree, settings_stand, found_again, forgotten, unlogged, backed_up),
)
