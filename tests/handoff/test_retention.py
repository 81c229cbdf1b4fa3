"""What is over goes by itself, kind by kind; what is held stays; what is gone is gone from the disk."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from bot.understanding import Candidate, Contact, Reading, Reply, Turn
from handoff import mail, outbox
from handoff.accounts.tables import AuditRow
from handoff.contract import Reason
from handoff.conversations import agents, amending, erasure, holding, reminders, retention, service, tagging, tickets, turns, verification
from handoff.conversations.agents import Holder
from handoff.conversations.attachments import Allowed, Answer, Attachments
from handoff.conversations.feedback_tables import ReviewNoteRow, ReviewRow, SurveyRow
from handoff.conversations.forgotten import Forgotten, mark_of
from handoff.conversations.gap_tables import GapQuestionRow
from handoff.conversations.holding import Held
from handoff.conversations.retention import Days
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import AttachmentRow, ConversationRow, EventRow, RatingRow, TrackerEventRow
from handoff.database import Database, now
from handoff.entries.store import EntryStore
from handoff.errors import NotFound, Unreadable
from handoff.outbox import OutboxRow
from handoff.sealed import keep_vault
from tests.handoff import talk
from tests.handoff.conftest import LogIn
from tests.handoff.sender import ALL
from tests.keys import TEST_KEY, OpenVault

pytestmark = pytest.mark.both_databases

WORD = "kvartsmaasikas"  # what nobody else says
LONG_AGO = timedelta(days=400)


def a_whole_story(database: Database, shelf: Shelf, jaan: Holder, folder: Path) -> Started:
    """Everything that anybody does with a conversation, with the person's word in all of it."""
    mari = service.start(database, greeting="Tere!", page=f"https://pood.example/{WORD}", device=f"Firefox {WORD}")
    talk.say(database, mari.conversation_id, f"Mina olen {WORD}")
    request = talk.request(mari.conversation_id, Reason.COMPLAINT, name=WORD).model_dump(mode="json")
    reading = Reading(WORD, "et", "answer", "ask_question", 0.9, (Candidate("garantii", WORD, 0.9),), WORD, ({"value": WORD},))
    said, heard = Reply(f"Tere, {WORD}!", entry_id="garantii"), {"event": "user", "text": WORD}
    turn = Turn((said,), (heard,), reading, handoff=request, contact=Contact("email", f"{WORD}@naide.ee"))
    assert turns.pay(database, talk.owed(database, mari.conversation_id), turn, forward_url="https://teine.example")
    agents.claim(database, mari.conversation_id, jaan)
    first = agents.answer(database, mari.conversation_id, jaan, client_id="vastus-0001", text=f"Tere, {WORD}!")
    amending.edit(database, mari.conversation_id, jaan, first, "Tere!")
    agents.note(database, mari.conversation_id, jaan, client_id="markus-0001", text=f"{WORD} helistas")
    reminders.remind(database, mari.conversation_id, jaan, now() + timedelta(days=1), f"helista {WORD}")
    tagging.add(database, mari.conversation_id, jaan, WORD)
    verification.check(database, mari.conversation_id, jaan, f"küsisin {WORD}")
    source = folder / "tulnud.part"
    source.write_bytes(f"minu lugu, {WORD}".encode())
    attachments = Attachments(database, shelf, Allowed(ALL, 10**7, 20, 10**8))
    attachments.from_customer(
        mari.conversation_id, client_id="fail-0001", name=f"{WORD}.txt", source=source, answers=lambda _state: Answer(Reply("Aitäh!"), "utter_offer_human")
    )
    letter = mail.Letter(to=f"{WORD}@naide.ee", subject=WORD, text=WORD, html=WORD, language="et", conversation_id=mari.conversation_id)
    with database.write() as session:
        row = session.get_one(ConversationRow, mari.conversation_id)
        row.name, row.phone, row.identity, row.orders = WORD, "+372 5123 4567", WORD, WORD
        session.add(RatingRow(conversation_id=mari.conversation_id, score=1, comment=f"{WORD} ei ole rahul"))
        add_feedback(session, mari.conversation_id, jaan)
        for key in ("teel", "saadetud"):
            outbox.enqueue(session, kind=mail.KIND, url="outbox:mail", key=key, payload=letter.as_payload())
        session.execute(update(OutboxRow).where(OutboxRow.key == "saadetud").values(delivered_at=now()))
        session.add(
            GapQuestionRow(
                message_id=heard_as(session, mari), conversation_id=mari.conversation_id, at=now(), language="et", cause="none", sketch=WORD.encode()
            )
        )
    entries = EntryStore(database)
    for name in ("mustand", "avaldatud"):
        entries.save(name, topic="", content={"question": f"{WORD}?", "answer": WORD}, publish=False, by=jaan.id, conversation_id=mari.conversation_id)
    entries.save("mustand", topic="", content={"question": f"{WORD}?", "answer": f"{WORD}!"}, publish=False, by=jaan.id, base_revision=1)
    entries.save("avaldatud", topic="", content={"question": "Kas see aitab?", "answer": "Jah."}, publish=True, by=jaan.id, base_revision=1)
    return mari


def add_feedback(session: Session, conversation_id: str, jaan: Holder) -> None:
    """What she thought of it, and what was made of Jaan's work."""
    asked = SurveyRow(conversation_id=conversation_id, kind="csat", score=1, comment=WORD, follow_note=WORD, language="et", channel="web", closed_by="agent")
    review = ReviewRow(id="ylevaatus", conversation_id=conversation_id, agent_id=jaan.id, reviewer_id=jaan.id, words=WORD, reply=WORD)
    session.add_all([asked, review])
    session.flush()
    session.add(ReviewNoteRow(review_id=review.id, number=2, text=WORD))


def heard_as(session: Session, mari: Started) -> str:
    """The id of her first message."""
    return session.scalars(select(EventRow.id).where(EventRow.conversation_id == mari.conversation_id, EventRow.actor == "customer")).all()[0]


def on_the_disk(database: Database, folder: Path) -> bool:
    """Whether the word stands in any file of the data folder, or in any table."""
    if database.is_sqlite:
        database.tidy()
        return any(WORD.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())
    with database.read() as session:
        names = session.scalars(text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")).all()
        dump = [str(row) for name in names for row in session.execute(text(f'SELECT * FROM "{name}"'))]
    return any(WORD in row for row in dump) or any(WORD.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_who_was_erased_is_gone_from_every_byte_on_the_disk(database: Database, jaan: Holder, tmp_path: Path) -> None:
    database.vault = OpenVault(TEST_KEY)
    keep_vault(database.engine.dialect, database.vault)
    (tmp_path / "attachments").mkdir()
    shelf = Shelf(tmp_path / "attachments", database.vault)
    mari = a_whole_story(database, shelf, jaan, tmp_path)
    assert on_the_disk(database, tmp_path)
    erasure.erase(database, shelf, mari.conversation_id)
    assert not on_the_disk(database, tmp_path)
    assert EntryStore(database).get("avaldatud").content["answer"] == "Jah."


def test_a_ticket_is_gone_too(database: Database, shelf: Shelf, tmp_path: Path) -> None:
    database.vault = OpenVault(TEST_KEY)
    keep_vault(database.engine.dialect, database.vault)
    conversation_id = tickets.open_ticket(database, channel="email", text=f"Siin {WORD}", name=WORD, email=f"{WORD}@naide.ee")
    erasure.erase(database, shelf, conversation_id)
    assert not on_the_disk(database, tmp_path)


@pytest.fixture
def old(database: Database, shelf: Shelf, jaan: Holder, tmp_path: Path) -> Started:
    """A whole story that was closed long ago."""
    (tmp_path / "attachments").mkdir(exist_ok=True)
    mari = a_whole_story(database, shelf, jaan, tmp_path)
    agents.close(database, mari.conversation_id, jaan)
    then = now() - LONG_AGO
    with database.write() as session:
        session.execute(update(ConversationRow).values(changed_at=then))
        session.execute(update(RatingRow).values(at=then))
        session.execute(update(GapQuestionRow).values(at=then))
        first = session.scalar(select(func.min(AuditRow.id)))
        session.execute(update(AuditRow).where(AuditRow.id == first).values(at=then))
        session.execute(update(OutboxRow).where(OutboxRow.key == "saadetud").values(delivered_at=then))
    return mari


ALL_KINDS = Days(conversation=1000, contact=90, attachment=90, tracker=90, rating=90, gap=90, outbox=90, audit=90)


def test_a_dry_look_counts_each_kind_and_takes_nothing_away(database: Database, shelf: Shelf, old: Started) -> None:
    expected = {"conversation": 0, "contact": 1, "attachment": 1, "tracker": 1, "rating": 1, "gap": 1, "outbox": 1, "audit": 1}
    assert retention.due(database, ALL_KINDS) == expected
    assert retention.due(database, ALL_KINDS) == expected
    assert retention.forget(database, shelf, ALL_KINDS) == expected
    assert set(retention.due(database, ALL_KINDS).values()) == {0}


def test_each_kind_goes_and_the_rest_stays(database: Database, shelf: Shelf, old: Started, tmp_path: Path) -> None:
    retention.forget(database, shelf, ALL_KINDS)
    with database.read() as session:
        row = session.get_one(ConversationRow, old.conversation_id)
        assert (row.name, row.email, row.phone, row.identity, row.orders, row.page, row.device, row.verified_how) == (None,) * 8
        assert session.scalars(select(AttachmentRow.id)).all() == session.scalars(select(TrackerEventRow.message_id)).all() == []
        assert session.scalars(select(GapQuestionRow.message_id)).all() == []
        assert [(rating.score, rating.comment) for rating in session.scalars(select(RatingRow))] == [(1, None)]
        assert "teel" in session.scalars(select(OutboxRow.key)).all()
        assert session.scalar(select(AuditRow.target).where(AuditRow.act == "retention")) == "contact 1 attachment 1 tracker 1 rating 1 gap 1 outbox 1 audit 1"
    assert list((tmp_path / "attachments").iterdir()) == []
    assert f"Mina olen {WORD}" in talk.texts(database, old.conversation_id, "customer")


def test_what_is_still_open_or_younger_stays(database: Database, shelf: Shelf, old: Started) -> None:
    assert set(
        retention.forget(database, shelf, Days(conversation=401, contact=401, attachment=401, tracker=401, rating=401, gap=401, outbox=401, audit=401)).values()
    ) == {0}
    with database.write() as session:
        session.execute(update(ConversationRow).values(state="ticket"))
    assert retention.forget(database, shelf, Days(conversation=1000, contact=1, attachment=1, tracker=1)) == dict.fromkeys(
        ("conversation", "contact", "attachment", "tracker"), 0
    )


def test_what_is_held_is_kept_whole_until_it_is_let_go(database: Database, shelf: Shelf, old: Started, tiit: Holder) -> None:
    holding.hold(database, old.conversation_id, tiit, "Vaidlus komisjonis")
    with database.write() as session:
        session.execute(update(ConversationRow).values(changed_at=now() - LONG_AGO))
    everything = Days(conversation=1, contact=1, attachment=1, tracker=1, rating=1, gap=1)
    assert set(retention.due(database, everything).values()) == {0}
    assert set(retention.forget(database, shelf, everything).values()) == {0}
    with pytest.raises(Held):
        erasure.erase(database, shelf, old.conversation_id)
    assert f"Mina olen {WORD}" in talk.texts(database, old.conversation_id, "customer")
    assert holding.let_go(database, old.conversation_id, tiit)
    erasure.erase(database, shelf, old.conversation_id)
    with database.read() as session:
        acts = session.scalars(select(AuditRow.act).where(AuditRow.target.startswith(old.conversation_id)).order_by(AuditRow.id)).all()
    assert [act for act in acts if "held" in act or "era" in act or "let" in act] == [
        *("held_conversation", "refused_erasure", "let_go_conversation", "erased_conversation")
    ]


def test_what_is_held_between_the_look_and_the_job_stays(database: Database, shelf: Shelf, old: Started, tiit: Holder) -> None:
    holding.hold(database, old.conversation_id, tiit, "Vaidlus")
    assert retention._conversations(database, shelf, [old.conversation_id]) == 0


@pytest.mark.parametrize(("why", "code"), [("  ", "empty"), ("x" * 301, "long_reason")])
def test_a_hold_needs_a_reason_of_some_words(database: Database, mari: Started, tiit: Holder, why: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        holding.hold(database, mari.conversation_id, tiit, why)
    assert refused.value.code == code


def test_what_was_erased_is_not_held(database: Database, shelf: Shelf, mari: Started, tiit: Holder) -> None:
    erasure.erase(database, shelf, mari.conversation_id)
    with pytest.raises(NotFound):
        holding.hold(database, mari.conversation_id, tiit, "Vaidlus")


def test_each_erasure_is_written_down_outside_of_the_database(database: Database, shelf: Shelf, mari: Started, tmp_path: Path) -> None:
    erasure.keep_log(database, tmp_path / "erased.log")
    erasure.erase(database, shelf, mari.conversation_id)
    assert Forgotten(tmp_path / "erased.log").marks() == {mark_of(mari.conversation_id)}
    assert mari.conversation_id not in (tmp_path / "erased.log").read_text()


def test_a_supervisor_holds_and_lets_go_at_the_desk_and_mari_hears_kindly_why_it_stays(
    client: TestClient, log_in: LogIn, desk: TestClient, database: Database, mari: Started
) -> None:
    at, right = f"/api/desk/conversations/{mari.conversation_id}", f"/api/privacy/conversations/{mari.conversation_id}/erase"
    secret = {"Authorization": f"Bearer {mari.secret}"}
    assert desk.post(f"{at}/hold", json={"why": "Vaidlus komisjonis"}).status_code == 403
    tiit = log_in("tiit")
    assert tiit.post(f"{at}/hold", json={"why": "Vaidlus komisjonis"}).json()["hold"]["by"] == "Tiit"
    shown = desk.get(at).json()
    assert shown["conversation"]["hold"]["why"] == "Vaidlus komisjonis"
    assert shown["conversation"]["hold"]["by"] == "Tiit"
    refused = client.post(right, headers=secret)
    assert (refused.status_code, refused.json()["code"]) == (409, "held")
    assert "kustutame" in refused.json()["message"]
    assert "Vaidlus" not in refused.text
    assert "Vaidlus" not in client.post(right.replace("erase", "export"), headers=secret).text
    assert desk.get(at).json()["conversation"]["hold"]["wished"] is True
    assert desk.post(f"{at}/let-go").status_code == 403
    assert tiit.post(f"{at}/let-go").json()["hold"] is None
    with database.read() as session:
        assert session.get_one(ConversationRow, mari.conversation_id).outcome == "erased"  # what she had asked for
        assert session.scalar(select(func.count()).where(AuditRow.act == "refused_erasure")) == 1


def test_a_file_that_is_mostly_empty_gives_its_room_back(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite only: PostgreSQL's autovacuum does it")
    monkeypatch.setattr("handoff.database.LEAST_EMPTY", 10)
    with database.write() as session:
        session.add_all(OutboxRow(key=str(number), kind="x", url="x" * 5_000, payload={}) for number in range(200))
    database.tidy()
    full = (tmp_path / "abiline.db").stat().st_size
    with database.write() as session:
        session.execute(delete(OutboxRow))
    database.tidy()  # nobody waits for room at somebody's erasure
    assert (tmp_path / "abiline.db").stat().st_size == full
    database.tidy(shrink=True)
    assert (tmp_path / "abiline.db").stat().st_size < full / 2
    assert (tmp_path / "abiline.db-wal").stat().st_size == 0
