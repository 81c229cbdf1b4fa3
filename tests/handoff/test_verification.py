"""Who is this? The site's signature and an agent's own check: what counts, for how long, and what undoes it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from bot.understanding import Contact, Reply, Turn
from handoff.accounts.tables import AuditRow
from handoff.conversations import erasure, turns, verification, visitors
from handoff.conversations.agents import Holder
from handoff.conversations.events import for_customer
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow
from handoff.conversations.verification import How, NotVerified, verified
from handoff.conversations.visitors import Identity
from handoff.database import Database, now
from handoff.errors import MoveRefused, NotAllowed, Unreadable
from handoff.writing import files
from tests.handoff import talk
from tests.handoff.conftest import LogIn
from tests.handoff.desk import at, wait

pytestmark = pytest.mark.both_databases

MARI = Identity("klient-7", "Mari Õunapuu", "mari@naide.ee")


def leave_contact(database: Database, mari: Started, address: str) -> None:
    """Mari tells the bot her address."""
    talk.say(database, mari.conversation_id, address)
    turns.pay(database, talk.owed(database, mari.conversation_id), Turn((Reply("Aitäh!"),), (), contact=Contact("email", address)))


@pytest.mark.parametrize(
    ("how", "hours", "counts"),
    [("signed", 1, True), ("code", 1, True), ("agent", 1, True), ("address", 1, False), ("agent", 25, False), (None, 1, False)],
)
def test_what_tells_who_somebody_is_does_so_for_a_day(how: str | None, hours: int, counts: bool) -> None:
    assert verified(ConversationRow(verified_how=how, verified_at=now() - timedelta(hours=hours))) is counts


def test_the_sites_signature_verifies_and_each_page_does_so_anew(database: Database, mari: Started) -> None:
    assert visitors.identify(database, mari.conversation_id, MARI)
    first = talk.row(database, mari.conversation_id)
    assert verified(first)
    assert not visitors.identify(database, mari.conversation_id, MARI)  # no news
    again = talk.row(database, mari.conversation_id)
    assert again.verified_at is not None
    assert first.verified_at is not None
    assert again.verified_at > first.verified_at


def test_an_agents_check_says_who_checked_what_and_is_written_down(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    verification.check(database, mari.conversation_id, jaan, "order_and_name")
    row = talk.row(database, mari.conversation_id)
    assert (verified(row), row.verified_by, row.verified_what) == (True, jaan.id, "order_and_name")
    event = talk.events(database, mari.conversation_id)[-1]
    assert (event.kind, event.body) == ("verified", {"how": "agent", "what": "order_and_name", "name": "Jaan"})
    assert for_customer(event) is None
    with database.read() as session:
        assert session.query(AuditRow).filter_by(act="verified_conversation", agent_id=jaan.id, target=mari.conversation_id).count() == 1


def test_only_the_holder_checks(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    with pytest.raises(MoveRefused):
        verification.check(database, mari.conversation_id, jaan, "called_back")
    talk.go_live(database, mari.conversation_id, jaan)
    with pytest.raises(NotAllowed):
        verification.check(database, mari.conversation_id, kadri, "called_back")
    with pytest.raises(Unreadable, match="100"):
        verification.check(database, mari.conversation_id, jaan, "õ" * 101)
    with pytest.raises(Unreadable):
        verification.check(database, mari.conversation_id, jaan, "  ")
    with pytest.raises(NotVerified):
        verification.check_verified(talk.row(database, mari.conversation_id))


def test_another_contact_instead_of_the_known_one_undoes_it(database: Database, mari: Started) -> None:
    visitors.identify(database, mari.conversation_id, MARI)
    leave_contact(database, mari, "keegi.teine@naide.ee")
    row = talk.row(database, mari.conversation_id)
    assert (verified(row), row.email_signed) == (False, None)
    assert "unverified" in talk.kinds(database, mari.conversation_id)
    assert visitors.identify(database, mari.conversation_id, MARI)  # the next page of the site signs again, and its address counts
    assert verification.standing(talk.row(database, mari.conversation_id)) is How.SIGNED


def test_the_same_contact_again_or_a_first_one_undoes_nothing(database: Database, mari: Started) -> None:
    visitors.identify(database, mari.conversation_id, MARI)
    leave_contact(database, mari, "mari@naide.ee")
    row = talk.row(database, mari.conversation_id)
    assert (verified(row), row.email_signed) == (True, True)


def test_a_contact_told_to_the_agent_instead_of_another_undoes_it_too(database: Database, mari: Started, jaan: Holder) -> None:
    from handoff.conversations import contacts

    talk.go_live(database, mari.conversation_id, jaan)
    contacts.ask(database, mari.conversation_id, jaan, contact="email", client_id="kysin-1234", text="Kuhu kirjutada?")
    talk.say(database, mari.conversation_id, "mari@naide.ee")
    verification.check(database, mari.conversation_id, jaan, "called_back")
    contacts.ask(database, mari.conversation_id, jaan, contact="email", client_id="kysin-5678", text="Kas mõnele teisele?")
    talk.say(database, mari.conversation_id, "keegi.teine@naide.ee")
    assert not verified(talk.row(database, mari.conversation_id))


def test_the_desk_shows_who_verified_how_and_when_and_takes_it_back(desk: TestClient, log_in: LogIn, database: Database, mari: Started) -> None:
    wait(database, mari)
    assert desk.post(at(mari, "/verify"), json={"what": "called_back"}).json()["code"] == "move_refused"
    desk.post(at(mari, "/claim"))
    assert log_in("kadri").post(at(mari, "/verify"), json={"what": "called_back"}).status_code == 403
    standing = desk.post(at(mari, "/verify"), json={"what": "called_back"}).json()
    assert {key: standing["verification"][key] for key in ("how", "what", "by")} == {"how": "agent", "what": "called_back", "by": "Jaan"}
    line = desk.get("/api/desk/queue?list=mine").json()["conversations"][0]
    assert line["verification"] == desk.get(at(mari)).json()["conversation"]["verification"] == standing["verification"]
    assert desk.post(at(mari, "/unverify")).json()["verification"] is None
    assert desk.post(at(mari, "/verify"), json={"what": "called_back"}, headers={"X-CSRF-Token": ""}).status_code == 403


def test_the_copy_says_how_and_erasure_forgets_what_was_checked(database: Database, mari: Started, jaan: Holder, shelf: Shelf) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    verification.check(database, mari.conversation_id, jaan, "Lemmiklooma nimi")
    assert erasure.export(database, mari.conversation_id)["conversation"]["verified_how"] == "agent"
    erasure.erase(database, shelf, mari.conversation_id)
    row = talk.row(database, mari.conversation_id)
    assert (row.verified_what, verified(row)) == (None, False)
    assert "Lemmiklooma" not in str([event.body for event in talk.events(database, mari.conversation_id)])


def test_a_template_for_verified_customers_is_locked_until_then(desk: TestClient, log_in: LogIn, database: Database, mari: Started) -> None:
    tiit = log_in("tiit")
    form = {"title": "Tellimuse seis", "et": "Teie tellimus on teel.", "whose": "company", "csrf_token": tiit.headers["X-CSRF-Token"]}
    tiit.post("/replies/new", data=form | {"needs_identity": "yes"})
    assert "checked" in tiit.get(re.findall(r"/replies/[\w-]{20,}", tiit.get("/replies").text)[0]).text
    assert "needs_identity: true" in tiit.get("/replies/export.yml").text
    wait(database, mari)
    desk.post(at(mari, "/claim"))

    def offered() -> tuple[str, bool]:
        one = next(one for one in desk.get(at(mari, "/replies")).json()["templates"] if one["title"] == "Tellimuse seis")
        return one["text"], one["locked"]

    assert offered() == ("", True)
    desk.post(at(mari, "/verify"), json={"what": "called_back"})
    assert offered() == ("Teie tellimus on teel.", False)
    desk.post(at(mari, "/unverify"))
    assert offered() == ("", True)


def test_what_was_exported_for_verified_customers_is_imported_so() -> None:
    written = files.read("- title: Seis\n  needs_identity: true\n  et: Teel.\n", {})
    assert [one.needs_identity for one in written] == [True]
