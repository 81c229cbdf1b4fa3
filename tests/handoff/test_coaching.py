"""Tiit looks after low scores and at Jaan's work; Jaan sees his own week and answers; Kadri sees nothing of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from handoff.accounts.tables import AuditRow
from handoff.coaching import reviews
from handoff.coaching.criteria import Criterion, mean, read_criteria
from handoff.coaching.reviews import Filled
from handoff.coaching.sample import Wanted, draw
from handoff.coaching.week import monday, week
from handoff.conversations import agents, erasure, low_scores, service
from handoff.conversations.agents import Holder
from handoff.conversations.feedback_tables import ReviewNoteRow, ReviewRow, SurveyRow
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import EventRow, HandoffRow
from handoff.database import Database, now
from handoff.errors import NotAllowed, NotFound, SettingsError, Unreadable
from tests.handoff import talk
from tests.handoff.conftest import LogIn

pytestmark = pytest.mark.both_databases

ZONE = ZoneInfo("Europe/Tallinn")
CRITERIA = read_criteria("")
WORDS = "Hästi tervitasid. Ütle järgmine kord, millal raha jõuab."
CARD = Filled({"greeted": 5, "right": 4, "kind": None}, WORDS, {})


@pytest.fixture
def closed(database: Database, mari: Started, jaan: Holder) -> Started:
    """Jaan has helped Mari and closed the conversation; she gave two points."""
    talk.go_live(database, mari.conversation_id, jaan)
    agents.answer(database, mari.conversation_id, jaan, client_id="jaan-0001", text="Tere, Mari! Vaatan kohe.")
    agents.close(database, mari.conversation_id, jaan)
    score(database, mari.conversation_id, 2, agent_id=jaan.id, comment="Vastus jäi poolikuks")
    return mari


def score(database: Database, conversation_id: str, points: int, *, agent_id: str | None, at: datetime | None = None, comment: str | None = None) -> None:
    low = "open" if points <= 2 else None
    with database.write() as session:
        row = SurveyRow(conversation_id=conversation_id, kind="csat", score=points, comment=comment, at=at or now(), language="et", channel="web")
        row.agent_id, row.closed_by, row.follow_up = agent_id, "agent", low
        session.add(row)


def number_of(database: Database, closed: Started) -> int:
    """The number of Jaan's message."""
    return next(event.number for event in talk.events(database, closed.conversation_id) if event.client_id == "jaan-0001")


def share(database: Database, closed: Started, tiit: Holder, card: Filled = CARD) -> str:
    return reviews.save(database, closed.conversation_id, tiit.id, agent_id="", filled=card, criteria=CRITERIA, share=True, week=monday(now(), ZONE))


def trailed(database: Database) -> list[str]:
    with database.read() as session:
        return [
            row.act for row in session.scalars(select(AuditRow).where(AuditRow.act.like("%review") | AuditRow.act.like("%low_score")).order_by(AuditRow.id))
        ]


def test_low_scores_wait_until_somebody_has_looked_after_them_and_can_be_taken_up_again(database: Database, closed: Started, tiit: Holder) -> None:
    (waiting,) = low_scores.listed(database, tiit.id)
    low_scores.finish(database, waiting.id, tiit, " Helistasin Marile. ")
    low_scores.finish(database, waiting.id, tiit, "Helistasin Marile.")
    (done,) = low_scores.listed(database, tiit.id, done=True)
    assert (low_scores.waiting(database, tiit.id), done.follow_note, done.followed_by) == (0, "Helistasin Marile.", tiit.id)
    low_scores.take_back(database, waiting.id, tiit)
    assert low_scores.waiting(database, tiit.id) == 1
    assert trailed(database) == ["followed_low_score", "reopened_low_score"]
    with pytest.raises(NotFound):
        low_scores.finish(database, "olematu", tiit, "")


def test_a_draft_is_the_reviewer_s_alone_and_what_is_shared_stays(database: Database, closed: Started, jaan: Holder, tiit: Holder) -> None:
    with_note = Filled(CARD.marks, WORDS, {number_of(database, closed): "Soe algus", 999: "sellist ei ole"})
    draft = reviews.save(database, closed.conversation_id, tiit.id, agent_id="", filled=with_note, criteria=CRITERIA, share=False, week=monday(now(), ZONE))
    assert reviews.of_agent(database, jaan.id) == []
    with pytest.raises(NotFound):
        reviews.read(database, draft, jaan.id, reviews=False)
    assert share(database, closed, tiit, with_note) == draft
    with pytest.raises(Unreadable, match="stays as it is"):
        share(database, closed, tiit)
    looked = reviews.read(database, draft, jaan.id, reviews=False)
    assert looked.review is not None
    assert (looked.review.marks, looked.review.words) == ({"greeted": 5, "right": 4, "kind": None}, WORDS)
    assert looked.notes == {number_of(database, closed): "Soe algus"}
    assert looked.review.score == pytest.approx((5 * 1 + 4 * 3) / 4)


def test_the_agent_answers_and_nobody_else_reads_it(database: Database, closed: Started, jaan: Holder, kadri: Holder, tiit: Holder) -> None:
    review = share(database, closed, tiit)
    reviews.reply(database, review, jaan.id, "Aitäh, teen nii.")
    for who, may_review in ((kadri, False), (tiit, False)):
        with pytest.raises(NotFound):
            reviews.read(database, review, who.id, reviews=may_review)
    with pytest.raises(NotFound):
        reviews.reply(database, review, tiit.id, "Mina ei ole Jaan.")
    with pytest.raises(Unreadable):
        reviews.reply(database, review, jaan.id, "   ")
    looked = reviews.read(database, review, tiit.id, reviews=True)
    assert looked.review is not None
    assert (looked.review.reply, looked.review.seen_at) == ("Aitäh, teen nii.", None)
    assert trailed(database) == ["shared_review", "answered_review"]


def test_nobody_reviews_themselves_and_an_empty_card_is_not_shared(database: Database, closed: Started, mari: Started, tiit: Holder, jaan: Holder) -> None:
    with pytest.raises(Unreadable, match="nothing to share"):
        share(database, closed, tiit, Filled({"kind": None}, " ", {}))
    with pytest.raises(NotAllowed):
        reviews.look(database, closed.conversation_id, jaan.id)
    with pytest.raises(NotAllowed):
        reviews.look(database, closed.conversation_id, jaan.id, jaan.id)
    with pytest.raises(NotFound):
        reviews.look(database, service.start(database, greeting="Tere!").conversation_id, tiit.id)


def test_the_sample_is_the_same_all_week_and_never_of_one_s_own(database: Database, closed: Started, jaan: Holder, kadri: Holder, tiit: Holder) -> None:
    for one in range(6):
        other = service.start(database, greeting="Tere!")
        talk.go_live(database, other.conversation_id, kadri if one % 2 else tiit)
        agents.close(database, other.conversation_id, kadri if one % 2 else tiit)
    this_week = monday(now(), ZONE)

    def drawn(wanted: Wanted) -> list[str]:
        return [one.row.id for one in draw(database, tiit.id, wanted, week=this_week)]

    assert len(drawn(Wanted())) == 4
    assert drawn(Wanted(count=2)) == drawn(Wanted())[:2]
    assert drawn(Wanted(agent_id=jaan.id)) == drawn(Wanted(low=True)) == [closed.conversation_id]
    assert drawn(Wanted(agent_id=tiit.id)) == drawn(Wanted(waited=True)) == drawn(Wanted(topic="tarne")) == drawn(Wanted(team_id="olematu")) == []
    with database.write() as session:
        for handoff in session.scalars(select(HandoffRow).where(HandoffRow.conversation_id == closed.conversation_id)):
            handoff.requested_at -= timedelta(minutes=6)
    assert drawn(Wanted(waited=True)) == [closed.conversation_id]


def test_an_agent_s_week_is_counted_as_on_paper(database: Database, closed: Started, mari: Started, jaan: Holder, kadri: Holder, tiit: Holder) -> None:
    """Jaan: one conversation, first words after 90 s, one score of 2, one review of 4,25; Kadri: nothing; a week ago nothing either."""
    with database.write() as session:
        said = session.scalars(select(EventRow).where(EventRow.client_id == "jaan-0001")).one().at
        for handoff in session.scalars(select(HandoffRow)):
            handoff.requested_at = said - timedelta(seconds=90)
    moment = said + timedelta(seconds=1)
    if monday(said - timedelta(seconds=90), ZONE) != monday(moment, ZONE):
        pytest.skip("the week has just begun")
    share(database, closed, tiit)
    found = week(database, jaan.id, moment, ZONE)
    assert (found.conversations, found.first_response, found.responses) == (1, 90.0, 1)
    assert [(score.scale, score.mean, score.count) for score in found.scores] == [("csat", 2.0, 1)]
    assert (found.review, found.reviews) == (4.25, 1)
    empty = week(database, kadri.id, moment, ZONE)
    assert (empty.conversations, empty.first_response, empty.scores, empty.review) == (0, None, (), None)
    assert week(database, jaan.id, moment, ZONE, weeks_ago=1).conversations == 0


def test_a_week_begins_on_monday_also_when_the_clock_changes() -> None:
    sunday = datetime(2026, 10, 25, 23, 30, tzinfo=ZONE)  # of 25 hours
    assert monday(sunday, ZONE) == datetime(2026, 10, 19, tzinfo=ZONE)
    assert monday(sunday + timedelta(hours=1), ZONE) == datetime(2026, 10, 26, tzinfo=ZONE)
    assert monday(sunday, ZONE, 1) == datetime(2026, 10, 12, tzinfo=ZONE)


def test_marks_are_weighed_and_what_did_not_apply_weighs_nothing() -> None:
    criteria = [Criterion("a", {}, 1), Criterion("b", {}, 3)]
    assert mean({"a": 5, "b": 3}, criteria) == pytest.approx(3.5)
    assert mean({"a": 5, "b": None}, criteria) == 5
    assert mean({"b": None, "gone": 1}, criteria) is None


def test_the_operator_s_criteria_take_the_place_of_ours_and_a_wrong_file_is_named(tmp_path: Path) -> None:
    assert [one.id for one in CRITERIA] == ["greeted", "understood", "right", "kind", "language", "next_step"]
    own = tmp_path / "own.yml"
    own.write_text("- {id: kiire, name: {et: Kiire}, weight: 2}", encoding="utf-8")
    (found,) = read_criteria(str(own))
    assert (found.id, found.weight, found.names["ru"]) == ("kiire", 2, "Kiire")
    for wrong in ("- {id: Kiire}", "[]", "- {id: a, name: {et: A}}\n- {id: a, name: {et: B}}"):
        own.write_text(wrong, encoding="utf-8")
        with pytest.raises(SettingsError, match="ABILINE_REVIEW_CRITERIA"):
            read_criteria(str(own))
    with pytest.raises(SettingsError, match="can't read"):
        read_criteria(str(tmp_path / "none.yml"))


def test_erasure_takes_the_words_of_a_review_and_keeps_its_marks(database: Database, closed: Started, tiit: Holder, jaan: Holder, tmp_path: Path) -> None:
    review = share(database, closed, tiit, Filled({"right": 3}, WORDS, {number_of(database, closed): "Mari nimi on Maasikas"}))
    erasure.erase(database, Shelf(tmp_path, database.vault), closed.conversation_id)
    with database.read() as session:
        row = session.get_one(ReviewRow, review)
        assert (row.marks, row.score, row.words, session.scalars(select(ReviewNoteRow)).all()) == ({"right": 3}, 3.0, None, [])
    assert low_scores.waiting(database, tiit.id) == 0


def test_the_whole_way_in_the_browser(database: Database, closed: Started, log_in: LogIn, tiit: Holder) -> None:
    office, jaans, kadris = log_in("tiit"), log_in("jaan"), log_in("kadri")

    def send(browser: TestClient, path: str, **fields: str) -> str:
        answer = browser.post(path, data={"csrf_token": browser.headers["X-CSRF-Token"], **fields})
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    low = office.get("/coaching").text
    assert "Vastus jäi poolikuks" in low
    assert '<span class="count">1</span>' in low
    assert "Kõik on järele vaadatud" in send(office, f"/coaching/low/{low_scores.listed(database, tiit.id)[0].id}/done", note="Helistasin")
    assert "Helistasin" in office.get("/coaching/low?done=1").text

    path = f"/coaching/conversations/{closed.conversation_id}"
    assert path in office.get("/coaching/sample").text
    number, agent = number_of(database, closed), reviews.look(database, closed.conversation_id, tiit.id).agent.id
    empty = office.post(path, data={"csrf_token": office.headers["X-CSRF-Token"], "agent": agent, "act": "share"})
    assert (empty.status_code, "Andke vähemalt üks hinne" in empty.text) == (422, True)
    draft = send(office, path, agent=agent, act="save", words=WORDS, **{"mark-right": "4", "mark-kind": "none", f"note-{number}": "Soe <b>algus</b>"})
    assert "Mustand on salvestatud" in draft
    assert "Soe &lt;b&gt;algus" in draft
    assert jaans.get("/coaching").text.count("/coaching/reviews/") == 0
    shared = send(office, path, agent=agent, act="share", words=WORDS, **{"mark-right": "4", "mark-kind": "none", f"note-{number}": "Soe algus"})
    assert "4,0 / 5" in shared
    ((row, _),) = reviews.of_reviewer(database, tiit.id)

    own = jaans.get("/coaching").text
    assert f"/coaching/reviews/{row.id}" in own
    assert "2,0 (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}1)" in own
    assert "Soe algus" in jaans.get(f"/coaching/reviews/{row.id}").text
    assert "Aitäh, teen nii" in send(jaans, f"/coaching/reviews/{row.id}/reply", text="Aitäh, teen nii.")
    assert "Aitäh, teen nii" in office.get(f"/coaching/reviews/{row.id}").text
    assert [kadris.get(url).status_code for url in (f"/coaching/reviews/{row.id}", path, "/coaching/low")] == [404, 403, 403]
