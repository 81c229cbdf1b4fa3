"""How it was: Mari is asked once, answers with a tap, a number or not at all, and a new question is simply a question."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select

from handoff.accounts.seal import Seal
from handoff.asking import Asking
from handoff.conversations import agents, erasure, matters, retention, service, store, surveys, tickets, undoing
from handoff.conversations.agents import Holder
from handoff.conversations.feedback_tables import SurveyRow
from handoff.conversations.links import Links
from handoff.conversations.retention import Days
from handoff.conversations.scores import Scale
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.database import Database, now
from handoff.endpoints import book
from handoff.endpoints.book import Wish
from handoff.errors import NotFound, Unreadable
from handoff.letters import Letters
from handoff.notices import Notices
from handoff.outbox import OutboxRow
from handoff.services import Services
from handoff.settings import read_settings
from handoff.stages import read_stages
from handoff.texts import Texts
from tests.handoff import talk
from tests.handoff.test_texts import SHARED

pytestmark = pytest.mark.both_databases

QUESTION = "Kui rahul te meie abiga olete? 1\N{NO-BREAK SPACE}– üldse mitte, 5\N{NO-BREAK SPACE}– väga."
THANKS = "Suur aitäh! Kui midagi tuleb veel ette, kirjutage julgelt siia."


@pytest.fixture(autouse=True)
def asked(database: Database) -> None:
    """The house asks for satisfaction."""
    surveys.keep_asking(database, Asking(Scale.CSAT, 2, Texts(SHARED)))


@pytest.fixture
def ended(database: Database, mari: Started) -> Started:
    """Mari has asked something and ended the conversation."""
    talk.say(database, mari.conversation_id)
    service.end(database, mari.conversation_id)
    return mari


def the_row(database: Database) -> SurveyRow:
    with database.read() as session:
        return session.scalars(select(SurveyRow)).one()


def rows(database: Database) -> int:
    with database.read() as session:
        return len(session.scalars(select(SurveyRow)).all())


def question(database: Database, mari: Started) -> int:
    """The number of the event that asks."""
    return next(event.number for event in talk.events(database, mari.conversation_id) if event.body.get("text") == QUESTION)


def tap(database: Database, mari: Started, score: int, client_id: str = "tap-0001") -> service.Kept:
    return service.choose(database, mari.conversation_id, client_id=client_id, number=question(database, mari), button=score - 1)


def said(database: Database, mari: Started) -> str:
    """The bot's last words."""
    return talk.texts(database, mari.conversation_id, "bot")[-1]


def later(database: Database, mari: Started, passed: timedelta = surveys.AFTER) -> None:
    """The time for it has come."""
    talk.change(database, mari.conversation_id, survey_at=now() - passed)


def test_who_ends_the_conversation_is_asked_at_once(database: Database, ended: Started) -> None:
    event = talk.events(database, ended.conversation_id)[-1]
    assert (event.body["text"], event.body["buttons"], event.body["language"]) == (QUESTION, ["1", "2", "3", "4", "5"], "et")
    row = the_row(database)
    assert (row.kind, row.score, row.closed_by, row.agent_id, row.channel, row.outcome) == ("csat", None, "customer", None, "web", "ended_by_customer")


def test_who_was_helped_by_a_person_is_asked_once_the_agent_can_not_take_the_ending_back(database: Database, mari: Started, jaan: Holder) -> None:
    assert surveys.AFTER > undoing.WITHIN
    talk.go_live(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan)
    assert surveys.ask_due(database) == []
    later(database, mari)
    assert surveys.ask_due(database) == [mari.conversation_id]
    assert surveys.ask_due(database) == []
    row = the_row(database)
    assert (row.closed_by, row.agent_id, row.outcome, said(database, mari)) == ("agent", jaan.id, "solved", QUESTION)


def test_an_ending_that_is_taken_back_asks_nothing(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan)
    undoing.undo(database, mari.conversation_id, jaan)
    assert talk.row(database, mari.conversation_id).survey_at is None
    later(database, mari)
    assert surveys.ask_due(database) == []


def test_a_tap_is_kept_and_the_conversation_stays_closed(database: Database, ended: Started) -> None:
    kept = tap(database, ended, 5)
    assert not kept.owed
    assert tap(database, ended, 5).repeated
    row = the_row(database)
    assert (row.score, row.follow_up, row.awaits, talk.row(database, ended.conversation_id).state) == (5, None, "comment", "closed")
    assert "Soovi korral" in said(database, ended)


def test_agents_see_the_score_in_the_log_and_other_systems_hear_it_without_the_comment(database: Database, ended: Started) -> None:
    book.make(database, Wish("Kassa", "https://pood.ee/haak", ("customers",)), inside=True, by=None)
    tap(database, ended, 2)
    talk.say(database, ended.conversation_id, "Vastus jäi poolikuks")
    scored = next(event for event in talk.events(database, ended.conversation_id) if event.kind == "scored")
    assert (scored.actor, scored.body) == ("customer", {"scale": "csat", "score": 2, "most": 5, "low": True})
    assert "scored" not in talk.seen_by_customer(database, ended.conversation_id)
    with database.read() as session:
        (told,) = (row.payload["told"] for row in session.scalars(select(OutboxRow)))
    assert (told["type"], told["data"]["facts"]) == ("conversation.scored", scored.body)
    assert "poolikuks" not in repr(told)


@pytest.mark.parametrize(("text", "score"), [("4", 4), ("Viis!", 5)])
def test_a_typed_number_is_an_answer_too(database: Database, ended: Started, text: str, score: int) -> None:
    talk.say(database, ended.conversation_id, text)
    assert (the_row(database).score, talk.row(database, ended.conversation_id).state) == (score, "closed")


def test_the_next_words_are_the_comment_and_are_thanked_for(database: Database, ended: Started) -> None:
    tap(database, ended, 4)
    talk.say(database, ended.conversation_id, "Kiire ja sõbralik, aitäh Jaanile")
    row = the_row(database)
    assert (row.comment, row.awaits, said(database, ended)) == ("Kiire ja sõbralik, aitäh Jaanile", None, THANKS)
    assert talk.debts(database, ended.conversation_id)[1:] == []


@pytest.mark.parametrize("words", ["Kas te laupäeval avatud olete?", "kuidas ma kingad tagasi saadan", "Где мой заказ"])
@pytest.mark.parametrize("scored", [False, True], ids=["before the score", "after it"])
def test_a_new_question_is_simply_a_question(database: Database, ended: Started, words: str, scored: bool) -> None:
    if scored:
        tap(database, ended, 5)
    kept = service.say(database, ended.conversation_id, client_id="uus-00001", text=words)
    assert (kept.owed, talk.row(database, ended.conversation_id).state, the_row(database).comment) == (True, "bot", None)


def test_a_number_after_other_words_or_a_day_is_no_answer(database: Database, ended: Started) -> None:
    with database.write() as session:
        session.scalars(select(SurveyRow)).one().asked_at = now() - timedelta(hours=25)
    assert service.say(database, ended.conversation_id, client_id="uus-00002", text="5").owed
    assert the_row(database).score is None


def test_a_number_puts_the_score_right_and_is_no_comment(database: Database, ended: Started) -> None:
    tap(database, ended, 1)
    assert the_row(database).follow_up == "open"
    talk.say(database, ended.conversation_id, "5")
    row = the_row(database)
    assert (row.score, row.comment, row.follow_up) == (5, None, None)


def test_nobody_is_asked_twice_in_a_conversation(database: Database, ended: Started) -> None:
    tap(database, ended, 5)
    talk.say(database, ended.conversation_id, "Kas te homme olete avatud?")
    service.end(database, ended.conversation_id)
    assert (rows(database), talk.texts(database, ended.conversation_id, "bot").count(QUESTION)) == (1, 1)


def test_a_late_tap_counts_and_opens_nothing_and_does_not_talk_into_a_person_s_words(database: Database, ended: Started, jaan: Holder) -> None:
    talk.go_live(database, ended.conversation_id, jaan)
    before = talk.texts(database, ended.conversation_id, "bot")
    tap(database, ended, 3)
    assert the_row(database).score == 3
    assert talk.texts(database, ended.conversation_id, "bot") == before
    assert talk.row(database, ended.conversation_id).state == "live"


def test_who_said_nothing_spam_and_who_is_asked_whether_all_is_well_are_not_asked(database: Database, mari: Started, jaan: Holder) -> None:
    silent = service.start(database, greeting="Tere!")
    service.end(database, silent.conversation_id)
    spam = service.start(database, greeting="Tere!")
    talk.go_live(database, spam.conversation_id, jaan)
    agents.close(database, spam.conversation_id, jaan, outcome="spam")
    talk.go_live(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan)
    talk.change(database, mari.conversation_id, follow_up=matters.ASKED)
    later(database, mari)
    later(database, spam)
    assert surveys.ask_due(database) == []
    assert rows(database) == 0


def test_nothing_is_asked_where_the_operator_wants_it_so(database: Database, mari: Started) -> None:
    assert Asking.of(read_settings(survey="none"), Texts(SHARED)) is None
    surveys.keep_asking(database, None)
    talk.say(database, mari.conversation_id)
    service.end(database, mari.conversation_id)
    assert rows(database) == 0


@pytest.mark.parametrize(("kind", "buttons", "low"), [("nps", 11, 6), ("ces", 7, 3)])
def test_the_operator_chooses_what_is_asked(database: Database, kind: str, buttons: int, low: int) -> None:
    asking = Asking.of(read_settings(survey=kind), Texts(SHARED))
    assert asking is not None
    assert (len(asking.question("ru").buttons), asking.low) == (buttons, low)
    chosen = Asking.of(read_settings(survey=kind, low_score=0), Texts(SHARED))
    assert chosen is not None
    assert chosen.low == 0


@pytest.fixture
def by_mail(database: Database, tmp_path: Path) -> Links:
    """The house sends mail, and asks by letter who is not in the chat."""
    settings = read_settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://localhost:9"), mail_from="tugi@kodukaup.example")
    texts, links = Texts(SHARED), Links(Seal(lambda: "k" * 32, purpose="links to matters"))
    notices = Notices(settings, texts, read_stages(settings, texts), Letters(settings))
    surveys.keep_asking(database, Asking(Scale.CSAT, 2, texts, lambda row: notices.survey_letter(row, links.of(row))))
    return links


def closed_ticket(database: Database, jaan: Holder, *, email: str | None = None, phone: str | None = None) -> str:
    """A ticket that Jaan has closed; the time to ask has come."""
    ticket = tickets.open_ticket(database, channel="email", text="Kus mu pakk on?", email=email, phone=phone)
    agents.claim(database, ticket, jaan)
    agents.close(database, ticket, jaan)
    talk.change(database, ticket, survey_at=now())
    return ticket


def test_who_is_not_in_the_chat_is_asked_by_one_letter_and_answers_on_the_page(database: Database, jaan: Holder, by_mail: Links) -> None:
    ticket = closed_ticket(database, jaan, email="mari@naide.ee")
    assert surveys.ask_due(database) == [ticket]
    assert surveys.ask_due(database) == []
    with database.write() as session:
        (letter,) = session.scalars(select(OutboxRow).where(OutboxRow.key == f"survey:{ticket}")).all()
        token = by_mail.of(store.conversation(session, ticket, lock=True))
    assert token in letter.payload["text"]
    assert talk.texts(database, ticket, "bot") == []
    with pytest.raises(Unreadable):
        surveys.answer_on_page(database, token, days=30, score=6, comment="")
    with pytest.raises(NotFound):
        surveys.answer_on_page(database, "vale", days=30, score=5, comment="")
    surveys.answer_on_page(database, token, days=30, score=1, comment=" Vastus tuli hilja. ")
    row = the_row(database)
    assert (row.score, row.comment, row.channel, row.agent_id, row.follow_up) == (1, "Vastus tuli hilja.", "email", jaan.id, "open")
    assert talk.row(database, ticket).state == "closed"
    with pytest.raises(NotFound):
        surveys.answer_on_page(database, token, days=30, score=5, comment="")


def test_the_page_of_the_matter_asks_one_thing_at_a_time_and_thanks(client: TestClient, services: Services, database: Database, jaan: Holder) -> None:
    ticket = closed_ticket(database, jaan, email="mari@naide.ee")
    with database.write() as session:
        path = f"/asi/{services.links.of(store.conversation(session, ticket, lock=True))}"
        session.add(SurveyRow(conversation_id=ticket, kind="csat", language="et", channel="email", closed_by="agent"))
    page = client.get(path).text
    assert ("Kui rahul" in page, "Kas kõik sai korda?" in page, page.count('name="score"')) == (True, False, 5)
    assert client.post(f"{path}/score", data={"score": "9"}).text.count('name="score"') == 5
    thanked = client.post(f"{path}/score", data={"score": "4", "comment": "Kiire!"}).text
    assert ("Suur aitäh!" in thanked, 'name="score"' in thanked, "Kas kõik sai korda?" in thanked) == (True, False, False)
    assert (the_row(database).score, the_row(database).comment) == (4, "Kiire!")
    assert client.post(f"{path}/score", data={"score": "1"}).status_code == 404


def test_who_left_no_address_and_a_house_without_mail_ask_nothing(database: Database, jaan: Holder, request: pytest.FixtureRequest) -> None:
    closed_ticket(database, jaan, email="mari@naide.ee")
    assert surveys.ask_due(database) == []
    request.getfixturevalue("by_mail")
    closed_ticket(database, jaan, phone="+372 5555 1234")
    surveys.ask_due(database)
    assert rows(database) == 0


def test_figures_get_the_answers_of_a_time_and_not_the_silence(database: Database, ended: Started) -> None:
    soon = now() + timedelta(minutes=1)
    with database.read() as session:
        assert surveys.answered(session, now() - timedelta(days=1), soon) == []
    tap(database, ended, 4)
    with database.read() as session:
        assert [row.score for row in surveys.answered(session, now() - timedelta(days=1), soon)] == [4]
        assert surveys.answered(session, soon, soon + timedelta(days=1)) == []


def test_erasure_keeps_the_score_and_takes_the_words(database: Database, ended: Started, tmp_path: object) -> None:
    tap(database, ended, 2)
    talk.say(database, ended.conversation_id, "Mari Maasikas ei ole rahul")
    given = erasure.export(database, ended.conversation_id)["asked_how_it_was"]
    assert [(one["kind"], one["score"], one["comment"]) for one in given] == [("csat", 2, "Mari Maasikas ei ole rahul")]
    shelf = Shelf(tmp_path, database.vault)  # type: ignore[arg-type]
    erasure.erase(database, shelf, ended.conversation_id)
    row = the_row(database)
    assert (row.score, row.comment, row.awaits) == (2, None, None)


def test_the_words_go_when_their_days_are_over(database: Database, ended: Started, tmp_path: object) -> None:
    tap(database, ended, 2)
    talk.say(database, ended.conversation_id, "Mari Maasikas ei ole rahul")
    shelf = Shelf(tmp_path, database.vault)  # type: ignore[arg-type]
    assert retention.forget(database, shelf, Days(1000, survey=90))["survey"] == 0
    with database.write() as session:
        session.scalars(select(SurveyRow)).one().asked_at = now() - timedelta(days=91)
    assert retention.forget(database, shelf, Days(1000, survey=90))["survey"] == 1
    assert (the_row(database).comment, the_row(database).score) == (None, 2)
