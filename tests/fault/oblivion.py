"""Rules of what was erased: it is gone from everywhere, and nothing else is; and of what must not be written down at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.fault.journal import Erased, Erasing, Journal, Moving, Opened, Saw, Sent
from tests.fault.ledger import Ledger, own_words
from tests.fault.verdict import Wrong


def erased_in(ledger: Ledger) -> set[str]:
    """The conversations that the house calls erased."""
    return {talk.id for talk in ledger.talks if talk.erased}


def forgotten(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """What a customer was told to be erased is empty and closed, no table, search or look at the desk has a word of it, and whoever came later saw none;
    nothing is erased that nobody asked for."""
    gone, asked = erased_in(ledger), {note.conversation for note in journal.of(Erasing)}
    for conversation in sorted(gone - asked):
        yield Wrong("forgotten", conversation, "is erased, and nobody asked for it")
    for note in journal.of(Erased):
        if note.conversation not in gone:
            yield Wrong("forgotten", note.conversation, f"{note.who} was told that it is gone, and it is not")
    yield from _left_over(ledger, gone)
    said = _words(journal)
    for conversation in sorted(gone):
        for word in sorted(said[conversation] & set(ledger.traces)):
            yield Wrong("forgotten", conversation, f"{word} was erased and stands in {ledger.traces[word]}")
        if shown := said[conversation] & set(ledger.shows.get(conversation, ())):
            yield Wrong("forgotten", conversation, f"the desk still shows or finds {sorted(shown)}, which were erased")
    yield from _seen_later(journal)


def unlogged(journal: Journal, ledger: Ledger) -> Iterator[Wrong]:
    """No process writes into its log what people say."""
    for conversation, words in _words(journal).items():
        if written := words & ledger.logged:
            yield Wrong("unlogged", conversation, f"{sorted(written)} stand in a log")


def _left_over(ledger: Ledger, gone: set[str]) -> Iterator[Wrong]:
    for talk in ledger.talks:
        if talk.erased and talk.state != "closed":
            yield Wrong("forgotten", talk.id, f"is erased and {talk.state}")
    for event in ledger.events:
        if event.conversation in gone and (event.text or event.client_id):
            yield Wrong("forgotten", event.conversation, f"{event.number} was erased and has words or a name")
    for debt in ledger.debts:
        if debt.conversation in gone:
            yield Wrong("forgotten", debt.conversation, "is erased, and an answer to it is owed")


def _seen_later(journal: Journal) -> Iterator[Wrong]:
    erased: set[str] = set()
    too_late: set[str] = set()  # connections that began when it was gone
    for note in journal.notes:
        if isinstance(note, Erased):
            erased.add(note.conversation)
        elif isinstance(note, Opened) and note.conversation in erased:
            too_late.add(note.reader)
        elif isinstance(note, Saw) and note.reader in too_late and note.text:
            yield Wrong("forgotten", note.conversation, f"{note.reader} came after the erasure and was told {note.number}")


def _words(journal: Journal) -> dict[str, set[str]]:
    """The own words that were said in each conversation, to the customer or among colleagues."""
    words: dict[str, set[str]] = defaultdict(set)
    for note in journal.notes:
        if isinstance(note, Sent) and note.text:
            words[note.conversation].update(own_words(note.text))
        elif isinstance(note, Moving) and note.words:
            words[note.conversation].update(own_words(note.words))
    return words
