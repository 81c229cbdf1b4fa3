"""The judge of chaos runs is judged itself: a house that kept its word passes, and each way of breaking it is found and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.fault.journal import (
    BackupBegins,
    BackupMade,
    Claimed,
    Erased,
    Erasing,
    IsSet,
    Journal,
    Kept,
    Moved,
    Moving,
    Note,
    Opened,
    Published,
    Publishing,
    Received,
    Saw,
    Sent,
    Setting,
)
from tests.fault.ledger import UNKNOWN, Debt, Delivery, Event, Ledger, Talk
from tests.fault.oracle import RULES, judge

T = "vestlus"
GREETING = Event("e1", T, 1, "message", "bot", text="Tere!")
ASKED = Event("e2", T, 2, "message", "customer", client_id="mari-1", text="kus mu pakk on")
ANSWERED = Event("e3", T, 3, "message", "bot", text="Kohe näha. [e2]")
WANTED = Event("e4", T, 4, "message", "customer", client_id="mari-2", text="inimesega palun")
HANDED = Event("e5", T, 5, "message", "bot", text="Kutsun kolleegi. [e4]")
CALLED = Event("e6", T, 6, "handoff_requested", "system")
TAKEN = Event("e7", T, 7, "claimed", "agent", agent="jaan")
HELPED = Event("e8", T, 8, "message", "agent", agent="jaan", client_id="jaan-1", text="Tere, Mari!")
LOG = (GREETING, ASKED, ANSWERED, WANTED, HANDED, CALLED, TAKEN, HELPED)


def seen(reader: str, *events: Event) -> list[Note]:
    return [Saw(reader, T, event.number, event.kind, event.actor, event.client_id, event.text) for event in events]


def journal(*more: Note) -> Journal:
    """A day without faults: Mari asks, asks for a person, Jaan comes."""
    return Journal(
        *(Opened("mari#1", "customer", T, 0), Sent("mari", T, "mari-1", "kus mu pakk on"), Kept("mari", T, "mari-1", 2), *seen("mari#1", *LOG[:3])),
        *(Sent("mari", T, "mari-2", "inimesega palun"), Kept("mari", T, "mari-2", 4), Claimed("jaan", T), Opened("jaan#1", "desk", T, 6)),
        *(Sent("jaan", T, "jaan-1", "Tere, Mari!"), Kept("jaan", T, "jaan-1", 8), *seen("jaan#1", TAKEN, HELPED)),
        *(Opened("mari#2", "customer", T, 3), *seen("mari#2", *LOG[3:])),
        *(
            BackupBegins(1),
            BackupMade(1),
            Publishing("pakk", "Kahe päevaga."),
            Published("pakk", "Kahe päevaga."),
            Setting("default", 7),
            IsSet("default", 7),
            *(Received(f"d{event.number}") for event in LOG),
            *more,
        ),
    )


def ledger() -> Ledger:
    return Ledger(
        talks=[Talk(T, "live", "jaan", 8)],
        events=list(LOG),
        debts=[Debt("e2", T, paid=True), Debt("e4", T, paid=True)],
        deliveries=[Delivery(f"d{event.number}", event.id, delivered=True, dead=False) for event in LOG],
        published={"pakk": "Kahe päevaga."},
        answers={"8001": {"pakk": "Kahe päevaga."}, "8002": {"pakk": "Kahe päevaga."}},
        found={"mari-1": [T]},
        backup=list(LOG),
        minutes={"default": 7},
    )


def test_a_house_that_kept_its_word_passes() -> None:
    assert judge(journal(), ledger()) == []


def without(*events: Event) -> Callable[[Ledger], None]:
    def change(ledger: Ledger) -> None:
        ledger.events = [event for event in ledger.events if event not in events]

    return change


def instead(old: Event, new: Event) -> Callable[[Ledger], None]:
    return lambda ledger: ledger.events.__setitem__(ledger.events.index(old), new)


def standing(state: str, holder: str | None) -> Callable[[Ledger], None]:
    return lambda ledger: ledger.talks.__setitem__(0, Talk(T, state, holder, 8))


def one_more(event: Event) -> Callable[[Ledger], None]:
    def change(ledger: Ledger) -> None:
        ledger.talks[0] = replace(ledger.talks[0], last_number=event.number)
        ledger.events.append(event)
        ledger.deliveries.append(Delivery("d1", event.id, delivered=True, dead=False))

    return change


def owing(**changes: bool) -> Callable[[Ledger], None]:
    return lambda ledger: ledger.debts.__setitem__(0, replace(ledger.debts[0], **changes))  # type: ignore[arg-type]


def delivery(**changes: bool | str) -> Callable[[Ledger], None]:
    return lambda ledger: ledger.deliveries.__setitem__(2, replace(ledger.deliveries[2], **changes))  # type: ignore[arg-type]


BROKEN: dict[str, tuple[str, Callable[[Ledger], None]]] = {
    "an acknowledged message is lost": ("kept_once", without(ASKED)),
    "a message is there twice": ("kept_once", one_more(replace(ASKED, id="e9", number=9))),
    "a message has another number than was told": ("kept_once", instead(ASKED, replace(ASKED, number=4))),
    "a message has other words than were sent": ("kept_once", instead(ASKED, replace(ASKED, text="midagi muud"))),
    "a message is there that nobody has sent": ("kept_once", one_more(replace(ASKED, id="e9", number=9, client_id="kellegi-1"))),
    "a number is missing": ("numbered", without(CALLED)),
    "a number is there twice": ("numbered", instead(CALLED, replace(CALLED, number=5))),
    "what somebody saw is gone": ("seen_as_it_is", without(ANSWERED)),
    "what somebody saw has changed": ("seen_as_it_is", instead(ANSWERED, replace(ANSWERED, text="Ei tea. [e2]"))),
    "a message was never shown to its customer": ("seen_by_all", one_more(Event("e9", T, 9, "message", "agent", agent="jaan", text="Kas sobib?"))),
    "an answer is still owed": ("paid_once", owing(paid=False)),
    "an answer was given twice": ("paid_once", one_more(replace(ANSWERED, id="e9", number=9))),
    "an answer counts as given and is not": ("paid_once", lambda ledger: ledger.debts.append(Debt("e8", T, paid=True))),
    "somebody took what a colleague has": ("one_holder", one_more(Event("e9", T, 9, "claimed", "agent", agent="kadri"))),
    "somebody speaks who does not have it": ("one_holder", instead(HELPED, replace(HELPED, agent="kadri"))),
    "somebody speaks where nobody has it": ("one_holder", instead(TAKEN, replace(TAKEN, kind="released"))),
    "somebody waits whom the desk does not show": ("nobody_forgotten", standing("waiting", None)),
    "a conversation is with a person who is nobody": ("nobody_forgotten", standing("live", None)),
    "a delivery is stuck": ("delivered", delivery(delivered=False)),
    "a delivery counts as arrived and is not": ("delivered", delivery(id="d99")),
    "an event is owed to nobody": ("delivered", lambda ledger: ledger.deliveries.__delitem__(3)),
    "an event is owed twice": ("delivered", lambda ledger: ledger.deliveries.append(replace(ledger.deliveries[3], id="d5"))),
    "published words are lost": ("entries_agree", lambda ledger: setattr(ledger, "published", {"pakk": "Homme."})),
    "a process answers old words": ("entries_agree", lambda ledger: ledger.answers["8002"].update(pakk="Homme.")),
    "a backup misses what was acknowledged before": ("backed_up", lambda ledger: setattr(ledger, "backup", list(LOG[:3]))),
    "a backup has what never was": ("backed_up", lambda ledger: ledger.backup.append(replace(HELPED, number=9))),  # type: ignore[union-attr]
    "what was set last does not hold": ("settings_stand", lambda ledger: setattr(ledger, "minutes", {"default": 9})),
    "somebody moves what they never asked to": ("moves_made", one_more(Event("e9", T, 9, "released", "agent", agent="jaan"))),
    "somebody passes on what another has": ("one_holder", one_more(Event("e9", T, 9, "passed", "agent", agent="kadri", of="tiit"))),
    "somebody closes what another has": ("one_holder", one_more(Event("e9", T, 9, "closed", "agent", agent="kadri"))),
    "somebody takes back what was another's move": ("one_holder", one_more(Event("e9", T, 9, "undone", "agent", agent="kadri"))),
    "a conversation is erased that nobody wanted gone": ("forgotten", lambda ledger: ledger.talks.__setitem__(0, replace(ledger.talks[0], erased=True))),
    "a word is not found again": ("found_again", lambda ledger: ledger.found["mari-1"].clear()),
}


@pytest.mark.parametrize("wrong", BROKEN)
def test_it_is_found_where(wrong: str) -> None:
    rule, break_it = BROKEN[wrong]
    broken = ledger()
    break_it(broken)
    assert rule in {found.rule for found in judge(journal(), broken)}


@pytest.mark.parametrize(
    ("rule", "note"),
    [
        ("in_order", Kept("mari", T, "mari-1", 2)),
        ("seen_as_it_is", seen("mari#2", ANSWERED)[0]),
        ("one_holder", Claimed("kadri", T)),
        ("seen_by_all", Saw("jaan#2", T, 7, "claimed", "agent", None, None)),
    ],
    ids=["a message stands before an earlier one", "a connection tells something twice", "somebody is told to have it", "the desk is told with a gap"],
)
def test_it_is_found_in_what_people_wrote_down_where(rule: str, note: Note) -> None:
    assert rule in {found.rule for found in judge(journal(Opened("jaan#2", "desk", T, 3), note), ledger())}


PASSED = Event("e9", T, 9, "passed", "agent", agent="jaan", of="kadri")
OVER = Event("e10", T, 10, "taken_over", "agent", agent="tiit")
HEARD = Event("e11", T, 11, "message", "agent", agent="tiit", client_id="tiit-1", text="Mina olen Tiit.")
HANDED_ON = (
    *(Moving("jaan", T, "passed", "kadri"), Moved("jaan", T, "passed", "kadri"), Moving("tiit", T, "taken_over"), Moved("tiit", T, "taken_over")),
    *(Sent("tiit", T, "tiit-1", "Mina olen Tiit."), Kept("tiit", T, "tiit-1", 11), *seen("mari#2", PASSED, OVER, HEARD)),
)


def handed_on(*events: Event) -> Ledger:
    """Jaan passes it on to Kadri, from whom Tiit takes it over and speaks; or what is said to have happened instead."""
    on = ledger()
    for event in events or (PASSED, OVER, HEARD):
        one_more(event)(on)
    on.deliveries = [Delivery(f"d{min(event.number, 8)}", event.id, delivered=True, dead=False) for event in on.events]
    return on


def test_what_goes_from_hand_to_hand_passes() -> None:
    assert judge(journal(*HANDED_ON), handed_on()) == []


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        ("one_holder", replace(OVER, kind="message", agent="jaan", text="Veel üks asi.")),
        ("one_holder", replace(OVER, kind="claimed")),
        ("moves_made", replace(OVER, agent="jaan")),
        ("moves_made", replace(OVER, kind="contact_left")),
    ],
    ids=["who passed it on still speaks", "somebody takes it as if it were free", "somebody takes over who never asked", "a move that was told is not there"],
)
def test_it_is_found_in_what_goes_from_hand_to_hand_where(rule: str, event: Event) -> None:
    assert rule in {found.rule for found in judge(journal(*HANDED_ON), handed_on(PASSED, event, HEARD))}


def test_a_conversation_that_goes_to_somebody_else_than_was_meant_is_found() -> None:
    found = judge(journal(*HANDED_ON), handed_on(replace(PASSED, of="tiit"), OVER, HEARD))
    assert "moves_made" in {wrong.rule for wrong in found}


@pytest.mark.parametrize(("who", "found"), [("kadri", False), ("tiit", True)])
def test_who_takes_over_what_was_passed_to_them_has_it_already_also_where_the_log_has_been_erased(who: str, found: bool) -> None:
    told = (*HANDED_ON[:2], Moving(who, T, "taken_over"), Moved(who, T, "taken_over"), *seen("mari#2", PASSED))
    rules = {wrong.rule for wrong in judge(journal(*told), handed_on(replace(PASSED, of=UNKNOWN)))}
    assert ("moves_made" in rules) is found


WORD = "aeioulmnrsta"
SAID = Event("x1", "kadunud", 1, "message", "customer")
LAST = Event("x2", "kadunud", 2, "closed", "customer")
ERASURE = (Sent("juku", "kadunud", "juku-1", f"tere {WORD}"), Kept("juku", "kadunud", "juku-1", 1), Erasing("juku", "kadunud"), Erased("juku", "kadunud"))


def erasing() -> Ledger:
    """Beside Mari's talk, Juku's, which was erased."""
    both = ledger()
    both.talks.append(Talk("kadunud", "closed", None, 2, erased=True))
    both.events += [SAID, LAST]
    both.deliveries += [Delivery("d1", "x1", delivered=True, dead=False), Delivery("d2", "x2", delivered=True, dead=False)]
    both.backup = [*LOG, SAID]
    return both


def test_a_conversation_that_was_erased_passes() -> None:
    assert judge(journal(*ERASURE, Opened("jaan#9", "desk", "kadunud", 0), Saw("jaan#9", "kadunud", 1, "message", "customer", None, "")), erasing()) == []


def test_what_an_operator_erased_is_gone_and_what_it_did_not_is_not() -> None:
    """Also for the customer, who only learns of it with the next thing that is said."""
    by_letter = (*ERASURE[:2], Erasing("anu", "kadunud"), Erased("anu", "kadunud"))
    assert judge(journal(*by_letter), erasing()) == []
    assert judge(journal(*by_letter, Erased("juku", "kadunud")), erasing()) == []
    still = erasing()
    still.talks[1] = replace(still.talks[1], erased=False)
    assert "forgotten" in {wrong.rule for wrong in judge(journal(*by_letter), still)}
    assert "forgotten" in {wrong.rule for wrong in judge(journal(*by_letter[:2]), erasing())}


LEFT_BEHIND: dict[str, tuple[str, Callable[[Ledger], None]]] = {
    "it is still there": ("forgotten", lambda ledger: ledger.talks.__setitem__(1, replace(ledger.talks[1], erased=False))),
    "it goes on": ("forgotten", lambda ledger: ledger.talks.__setitem__(1, replace(ledger.talks[1], state="waiting"))),
    "words are left": ("forgotten", instead(SAID, replace(SAID, text=f"tere {WORD}"))),
    "it can be told who sent it": ("forgotten", instead(SAID, replace(SAID, client_id="juku-1"))),
    "an answer to it is owed": ("forgotten", lambda ledger: ledger.debts.append(Debt("x1", "kadunud", paid=True))),
    "a word stands in some table": ("forgotten", lambda ledger: setattr(ledger, "traces", {WORD: "outbox.payload"})),
    "the desk shows or finds a word": ("forgotten", lambda ledger: ledger.shows.update(kadunud=[WORD])),
    "a backup brings it back": ("backed_up", lambda ledger: setattr(ledger, "backup", [*LOG, replace(SAID, text="tere")])),
    "a word stands in a log": ("unlogged", lambda ledger: setattr(ledger, "logged", frozenset({WORD}))),
}


@pytest.mark.parametrize("left", LEFT_BEHIND)
def test_it_is_found_that_of_what_was_erased(left: str) -> None:
    rule, break_it = LEFT_BEHIND[left]
    broken = erasing()
    break_it(broken)
    assert rule in {found.rule for found in judge(journal(*ERASURE), broken)}


def test_whoever_comes_after_an_erasure_and_is_told_of_it_is_found() -> None:
    late = (Opened("jaan#9", "desk", "kadunud", 0), Saw("jaan#9", "kadunud", 1, "message", "customer", None, f"tere {WORD}"))
    assert {wrong.rule for wrong in judge(journal(*ERASURE, *late), erasing())} == {"forgotten"}
    assert judge(journal(*ERASURE[:2], *late, *ERASURE[2:]), erasing()) == []


def test_a_setting_that_was_asked_for_twice_may_come_late() -> None:
    """A process that hung does what it was asked once it goes on."""
    late = ledger()
    late.minutes = {"default": 8}
    assert judge(journal(Setting("default", 8), IsSet("default", 8, alone=False), Setting("default", 9), IsSet("default", 9)), late) == []
    assert judge(journal(Setting("default", 8), IsSet("default", 8), Setting("default", 9), IsSet("default", 9)), late) != []


def test_what_is_no_wrong_is_not_called_one() -> None:
    """A backup may lack what came after it. A message that was never acknowledged may be there or not; an answer may fail with an apology, or stay away
    where a person came first; a delivery may be dead; words that were on their way when the connection broke may be published or not."""
    kind = ledger()
    one_more(replace(ASKED, id="e9", number=9, client_id="mari-3", text="veel"))(kind)
    kind.debts += [Debt("e9", T, paid=True, failed=True), Debt("e6", T, paid=True)]
    kind.deliveries[0] = replace(kind.deliveries[0], delivered=False, dead=True)
    kind.published = {"pakk": "Ühe päevaga."}
    kind.answers = {}
    more = [Sent("mari", T, "mari-3", "veel"), Sent("mari", T, "mari-4", "ja veel"), *seen("mari#2", kind.events[-1]), Publishing("pakk", "Ühe päevaga.")]
    assert judge(journal(*more), kind) == []


def test_every_rule_is_broken_by_some_test() -> None:
    assert {rule.__name__ for rule in RULES} == {rule for rule, _ in (*BROKEN.values(), *LEFT_BEHIND.values())} | {"in_order"}
