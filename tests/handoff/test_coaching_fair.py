"""Fair reviews: behind a wall only its own reviewers look, a mean is made of what came up by chance, and Jaan takes note of what is said of his work."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot import personal
from handoff.accounts import service as accounts
from handoff.accounts import sharing, teams
from handoff.accounts.tables import AuditRow, Role, TeamMemberRow
from handoff.coaching import reviews
from handoff.coaching.criteria import read_criteria
from handoff.coaching.heard import heard
from handoff.coaching.reviews import Filled
from handoff.coaching.sample import Wanted, draw
from handoff.coaching.week import monday, week
from handoff.conversations import agents, low_scores, service, surveys
from handoff.conversations.agents import Holder
from handoff.conversations.feedback_tables import ReviewRow, SurveyRow
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.database import Database, now
from handoff.errors import NotFound
from handoff.services import Services
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.conftest import PASSWORD, LogIn
from tests.handoff.racing import at_once, done
from tests.handoff.test_coaching import ZONE, score

pytestmark = pytest.mark.both_databases

CRITERIA = read_criteria("")


def review(database: Database, conversation_id: str, by: Holder, marks: int = 4, *, share: bool = True) -> str:
    card = Filled({"right": marks}, "Hästi tehtud.", {})
    return reviews.save(database, conversation_id, by.id, agent_id="", filled=card, criteria=CRITERIA, share=share, week=monday(now(), ZONE))


@pytest.fixture
def anu(database: Database) -> Holder:
    """Another supervisor."""
    return Holder(accounts.create(database, login="anu", name="Anu", password=PASSWORD, role=Role.SUPERVISOR), "Anu")


@pytest.fixture
def closed(database: Database, mari: Started, jaan: Holder) -> Started:
    """Jaan has helped Mari and closed the conversation; she gave two points."""
    talk.go_live(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan)
    score(database, mari.conversation_id, 2, agent_id=jaan.id, comment="Vastus jäi poolikuks")
    return mari


@pytest.fixture
def walled(database: Database, closed: Started, jaan: Holder, tiit: Holder) -> str:
    """Jaan's conversation belongs to „Arved“, whose supervisor is Tiit; it keeps to itself."""
    team_id = teams.make(database, "Arved", by=tiit.id)
    with database.write() as session:
        session.add_all(TeamMemberRow(team_id=team_id, agent_id=one.id) for one in (jaan, tiit))
        session.get_one(ConversationRow, closed.conversation_id).team_id = team_id
    sharing.set_walled(database, team_id, True, by=tiit.id)
    return team_id


def test_behind_a_wall_its_own_supervisor_looks_and_another_one_does_not(
    database: Database, closed: Started, walled: str, jaan: Holder, tiit: Holder, anu: Holder
) -> None:
    written = review(database, closed.conversation_id, tiit)
    (low,) = low_scores.listed(database, tiit.id)
    assert [one.row.id for one in draw(database, tiit.id, Wanted(), week=monday(now(), ZONE))] == [closed.conversation_id]
    assert reviews.read(database, written, tiit.id, reviews=True).row.id == closed.conversation_id

    assert (low_scores.waiting(database, anu.id), low_scores.listed(database, anu.id)) == (0, [])
    assert draw(database, anu.id, Wanted(), week=monday(now(), ZONE)) == []
    for act in (
        lambda: reviews.look(database, closed.conversation_id, anu.id),
        lambda: review(database, closed.conversation_id, anu),
        lambda: reviews.read(database, written, anu.id, reviews=True),
        lambda: low_scores.finish(database, low.id, anu, "Vaatasin."),
        lambda: low_scores.take_back(database, low.id, anu),
    ):
        with pytest.raises(NotFound):
            act()
    assert reviews.read(database, written, jaan.id, reviews=False).row.id == closed.conversation_id


def test_where_the_walled_team_has_no_reviewer_others_look_so_that_nothing_stays_unseen(
    database: Database, closed: Started, walled: str, tiit: Holder, anu: Holder
) -> None:
    with database.write() as session:
        session.delete(session.get_one(TeamMemberRow, (walled, tiit.id)))
    assert low_scores.waiting(database, anu.id) == 1
    assert review(database, closed.conversation_id, anu)


def test_what_a_reviewer_wrote_behind_a_wall_that_is_no_longer_theirs_is_not_listed(
    database: Database, closed: Started, walled: str, tiit: Holder, anu: Holder
) -> None:
    review(database, closed.conversation_id, tiit)
    assert len(reviews.of_reviewer(database, tiit.id)) == 1
    with database.write() as session:
        session.execute(update(TeamMemberRow).where(TeamMemberRow.agent_id == tiit.id).values(agent_id=anu.id))
    assert reviews.of_reviewer(database, tiit.id) == []


def test_no_route_of_the_room_leads_around_the_wall(database: Database, closed: Started, walled: str, tiit: Holder, anu: Holder, log_in: LogIn) -> None:
    written = review(database, closed.conversation_id, tiit)
    (low,) = low_scores.listed(database, tiit.id)
    own, other = log_in("tiit"), log_in("anu")
    card, shared = f"/coaching/conversations/{closed.conversation_id}", f"/coaching/reviews/{written}"
    assert [own.get(path).status_code for path in (card, shared)] == [200, 200]
    assert [other.get(path).status_code for path in (card, shared)] == [404, 404]
    token = {"csrf_token": other.headers["X-CSRF-Token"]}
    assert [other.post(path, data=token).status_code for path in (f"/coaching/low/{low.id}/done", f"/coaching/low/{low.id}/undo", card)] == [404, 404, 404]
    assert closed.conversation_id not in "".join(other.get(path).text for path in ("/coaching/low", "/coaching/low?done=1", "/coaching/sample"))
    assert (own.get("/coaching/waits").json()["count"], other.get("/coaching/waits").json()["count"]) == (1, 0)


def test_a_mean_is_made_of_what_came_up_by_chance_and_not_of_what_somebody_went_looking_for(
    database: Database, closed: Started, jaan: Holder, tiit: Holder
) -> None:
    many = [closed.conversation_id]
    for _ in range(21):
        many.append(service.start(database, greeting="Tere!").conversation_id)
        talk.say(database, many[-1])
        with database.write() as session:
            row = session.get_one(ConversationRow, many[-1])
            row.state, row.agent_id, row.closed_at = "closed", jaan.id, now()
    week_began = monday(now(), ZONE)
    drawn = [one.row.id for one in draw(database, tiit.id, Wanted(agent_id=jaan.id, count=20), week=week_began)]
    left_out = next(one for one in many if one not in drawn and one != closed.conversation_id)
    by_chance = next(one for one in drawn if one != closed.conversation_id)
    review(database, by_chance, tiit, 5)
    review(database, left_out, tiit, 1)
    with database.read() as session:
        found = {row.conversation_id: row.came_by for row in session.scalars(select(ReviewRow))}
    assert found == {by_chance: "chance", left_out: "choice"}
    own = week(database, jaan.id, now(), ZONE)
    assert (own.review, own.reviews) == (5.0, 1)


def test_a_review_of_a_low_score_that_the_sample_has_not_says_so_and_weighs_nothing(database: Database, closed: Started, jaan: Holder, tiit: Holder) -> None:
    talk.change(database, closed.conversation_id, closed_at=now() - 40 * (monday(now(), ZONE) - monday(now(), ZONE, 1)))
    review(database, closed.conversation_id, tiit, 1)
    with database.read() as session:
        assert session.scalars(select(ReviewRow.came_by)).one() == "low"
    assert week(database, jaan.id, now(), ZONE).review is None


def test_jaan_takes_note_once_and_an_answer_is_a_note_too(database: Database, closed: Started, jaan: Holder, kadri: Holder, tiit: Holder) -> None:
    written = review(database, closed.conversation_id, tiit)
    assert (reviews.new_ones(database, jaan.id), reviews.new_ones(database, kadri.id)) == (1, 0)
    reviews.read(database, written, jaan.id, reviews=False)
    assert reviews.new_ones(database, jaan.id) == 1
    for who in (kadri, tiit):
        with pytest.raises(NotFound):
            reviews.acknowledge(database, written, who.id)
    assert done(at_once(*[lambda: reviews.acknowledge(database, written, jaan.id)] * 3)) == 3
    with database.read() as session:
        assert session.scalars(select(AuditRow.act).where(AuditRow.act == "acknowledged_review")).all() == ["acknowledged_review"]
    assert reviews.new_ones(database, jaan.id) == 0

    with database.write() as session:
        session.get_one(ReviewRow, written).acknowledged_at = None
    reviews.reply(database, written, jaan.id, "Aitäh, teen nii.")
    assert reviews.new_ones(database, jaan.id) == 0


def test_a_draft_that_is_saved_twice_at_once_is_one(database: Database, closed: Started, jaan: Holder, tiit: Holder) -> None:
    acts = [lambda: review(database, closed.conversation_id, tiit, 3, share=False), lambda: review(database, closed.conversation_id, tiit, 4)]
    assert done(at_once(*acts)) >= 1
    with database.read() as session:
        row = session.scalars(select(ReviewRow)).one()
    assert (row.shared_at is not None, row.score) == (True, 4.0)


def test_of_two_supervisors_who_look_after_a_low_score_at_once_both_are_told_the_same(database: Database, closed: Started, tiit: Holder, anu: Holder) -> None:
    (low,) = low_scores.listed(database, tiit.id)
    at_once(lambda: low_scores.finish(database, low.id, tiit, "Helistasin."), lambda: low_scores.finish(database, low.id, anu, "Kirjutasin."))
    with database.read() as session:
        row = session.get_one(SurveyRow, low.id)
        acts = session.scalars(select(AuditRow.act).where(AuditRow.act == "followed_low_score")).all()
    assert (row.follow_up, (row.followed_by, row.follow_note) in {(tiit.id, "Helistasin."), (anu.id, "Kirjutasin.")}, len(acts)) == (surveys.DONE, True, 1)


def test_an_agent_reads_what_customers_said_of_conversations_that_ended_with_them_and_nobody_else_s(
    database: Database, closed: Started, jaan: Holder, kadri: Holder
) -> None:
    before = monday(now(), ZONE, 1)
    assert [one.comment for one in heard(database, jaan.id, before)] == ["Vastus jäi poolikuks"]
    assert heard(database, kadri.id, before) == []
    team_id = teams.make(database, "Arved", by=jaan.id)
    with database.write() as session:
        row = session.get_one(ConversationRow, closed.conversation_id)
        row.team_id, row.agent_id = team_id, kadri.id
    sharing.set_walled(database, team_id, True, by=jaan.id)
    assert heard(database, jaan.id, before) == []


@pytest.fixture
def bot() -> FakeBot:
    """Masks as the real one does."""
    made = FakeBot()
    made.mask = personal.mask  # type: ignore[method-assign]
    return made


@pytest.mark.parametrize("masked", [True, False])
def test_my_week_covers_what_customers_said_where_the_house_wants_that(
    services: Services, database: Database, closed: Started, jaan: Holder, tiit: Holder, log_in: LogIn, monkeypatch: pytest.MonkeyPatch, masked: bool
) -> None:
    monkeypatch.setitem(services.settings.__dict__, "mask_for_agents", masked)
    with database.write() as session:
        session.scalars(select(SurveyRow)).one().comment = "Helistage 5555 1234"
    written = review(database, closed.conversation_id, tiit)
    jaans, office = log_in("jaan"), log_in("tiit")
    mine = jaans.get("/coaching/mine").text
    assert ("5555" in mine, "[telefon]" in mine) == (not masked, masked)
    assert "5555" not in office.get("/coaching/low").text
    assert jaans.get("/coaching/waits?lang=et").json() == {"count": 1, "text": "Uusi ülevaateid: 1"}
    assert office.get("/coaching/waits?lang=en").json() == {"count": 1, "text": "Need a second look: 1"}
    shown = jaans.get(f"/coaching/reviews/{written}").text
    assert ("Võta teadmiseks" in shown, "vestlus valiti juhuslikult" in shown) == (True, True)
    noted = jaans.post(f"/coaching/reviews/{written}/acknowledge", data={"csrf_token": jaans.headers["X-CSRF-Token"]}).text
    assert ("Aitäh! Ülevaate kirjutaja näeb" in noted, "Võta teadmiseks" in noted) == (True, False)
    assert "teadmiseks võetud" in office.get("/coaching/sample").text
    assert jaans.get("/coaching/waits").json()["count"] == 0


def test_who_answers_nothing_is_told_of_no_number(log_in: LogIn) -> None:
    assert log_in("liis").get("/coaching/waits").status_code == 403
