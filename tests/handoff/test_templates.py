"""Reply templates: the words that every house begins with, who may use and change which, and what the desk fills in."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from bot.understanding import LANGUAGES, Reading, Reply, Turn
from handoff.accounts import teams
from handoff.accounts.service import Person
from handoff.accounts.tables import Availability, Role
from handoff.contract import Reason
from handoff.conversations import service, turns
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.errors import NotAllowed, NotFound, Unreadable
from handoff.writing import files, placeholders, templates
from handoff.writing.templates import Written
from tests.handoff.conftest import LogIn
from tests.handoff.desk import at, wait

pytestmark = pytest.mark.both_databases

STARTERS = files.starters()
LEAST = 25
HARSH = re.compile(
    r"\b(ei saa|peate|kahjuks|ei õnnestu|probleem\w*|viga\w*|vastavalt|seoses|teostata\w*|unfortunately|can't|cannot|к сожалению)\b", re.IGNORECASE
)
OWN = Written("Minu oma", {"et": "Tere, {{name?}}!"}, shortcut="minu", own=True)
ALL = Written("Kõigile", {"et": "Tere!"}, shortcut="koik")


def person(agent_id: str, role: Role = Role.AGENT) -> Person:
    return Person(agent_id, "Keegi", "keegi", role, "", Availability.AVAILABLE)


@pytest.fixture
def jaan_here(people: dict[str, str]) -> Person:
    return person(people["jaan"])


@pytest.fixture
def kadri_here(people: dict[str, str]) -> Person:
    return person(people["kadri"])


@pytest.fixture
def tiit_here(people: dict[str, str]) -> Person:
    return person(people["tiit"], Role.SUPERVISOR)


def test_there_are_enough_starter_templates_each_in_three_languages_with_a_shortcut_of_its_own() -> None:
    assert len(STARTERS) >= LEAST
    assert [one.title for one in STARTERS if set(one.texts) != set(LANGUAGES) or not all(one.texts.values())] == []
    assert len({one.shortcut for one in STARTERS}) == len({one.title for one in STARTERS}) == len(STARTERS)


@pytest.mark.parametrize("one", STARTERS, ids=lambda one: one.shortcut)
def test_a_starter_template_can_be_kept_is_positive_and_asks_the_same_in_every_language(one: Written) -> None:
    assert templates.checked(one).texts == {language: text.strip() for language, text in one.texts.items()}
    assert [text for text in one.texts.values() if HARSH.search(text)] == []
    assert len({tuple(sorted(placeholders.names(text))) for text in one.texts.values()}) == 1
    assert [text for text in one.texts.values() if text.count("?") - text.count("?}}") - text.count("?»") > 1] == []  # one question at a time


def test_every_placeholder_is_explained_to_those_who_write_templates() -> None:
    from handoff.app import HERE
    from handoff.texts import Texts

    texts = Texts(HERE / "console" / "texts").all("et")
    assert {key.removeprefix("desk.place.") for key in texts if key.startswith("desk.place.")} == set(placeholders.KNOWN)


def test_what_is_no_placeholder_is_named() -> None:
    assert placeholders.unknown("Tere, {{ name ? }}! {{nimi}} {{order}} {{}}") == ["nimi", ""]


def test_the_starters_come_once_and_not_again_when_all_are_removed(database: Database, tiit_here: Person) -> None:
    assert templates.begin(database, STARTERS) == len(STARTERS)
    for one in templates.usable(database, tiit_here):
        templates.remove(database, one.id, tiit_here)
    assert templates.begin(database, STARTERS) == 0
    assert templates.usable(database, tiit_here) == []


def test_an_agents_own_template_is_nobody_elses(database: Database, jaan_here: Person, kadri_here: Person, tiit_here: Person) -> None:
    made = templates.save(database, None, OWN, jaan_here)
    assert [one.id for one in templates.usable(database, jaan_here)] == [made]
    assert templates.usable(database, kadri_here) == templates.shown(database, tiit_here) == []
    for other in (kadri_here, tiit_here):
        with pytest.raises(NotFound):
            templates.save(database, made, OWN, other)
        with pytest.raises(NotFound):
            templates.get(database, made, other)


def test_templates_for_others_are_written_by_supervisors(database: Database, jaan_here: Person, tiit_here: Person) -> None:
    with pytest.raises(NotAllowed):
        templates.save(database, None, ALL, jaan_here)
    made = templates.save(database, None, ALL, tiit_here)
    assert [one.id for one in templates.usable(database, jaan_here)] == [made]
    with pytest.raises(NotAllowed):
        templates.remove(database, made, jaan_here)
    with pytest.raises(NotAllowed):
        templates.save(database, made, OWN, jaan_here)


def test_a_teams_template_is_for_the_team(database: Database, people: dict[str, str], jaan_here: Person, kadri_here: Person, tiit_here: Person) -> None:
    team = teams.make(database, "Arved", by=None)
    with database.write() as session:
        teams.put(session, people["jaan"], [team])
    made = templates.save(database, None, Written("Arvest", {"ru": "Счёт"}, team_id=team), tiit_here)
    assert [one.id for one in templates.usable(database, jaan_here)] == [made]
    assert templates.usable(database, kadri_here) == []
    assert [one.id for one in templates.shown(database, tiit_here)] == [made]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (Written(" ", {"et": "Tere"}, own=True), "bad_title"),
        (Written("Tere", {"et": "Tere"}, shortcut="tere tore", own=True), "bad_shortcut"),
        (Written("Tere", {"et": "  "}, own=True), "no_text"),
        (Written("Tere", {"et": "a" * 3001}, own=True), "long_text"),
        (Written("Tere", {"et": "Tere, {{nimi}}!"}, own=True), "unknown_placeholder"),
        (Written("Tere", {"et": "Tere"}, tags=["a" * 41], own=True), "bad_tags"),
        (Written("Teine", {"et": "Tere"}, shortcut="/MINU", own=True), "shortcut_taken"),
    ],
)
def test_what_can_not_be_kept_is_refused_by_code(database: Database, jaan_here: Person, written: Written, code: str) -> None:
    templates.save(database, None, OWN, jaan_here)
    with pytest.raises(Unreadable) as refused:
        templates.save(database, None, written, jaan_here)
    assert refused.value.code == code


def test_written_anew_it_keeps_its_shortcut_and_its_count(database: Database, jaan_here: Person) -> None:
    made = templates.save(database, None, OWN, jaan_here)
    templates.used(database, made, jaan_here)
    templates.save(database, made, Written("Minu uus", {"et": "Hei!"}, shortcut="minu", own=True), jaan_here)
    (one,) = templates.usable(database, jaan_here)
    assert (one.title, one.shortcut, one.uses) == ("Minu uus", "minu", 1)


def test_what_was_exported_is_imported_without_a_change(database: Database, tiit_here: Person) -> None:
    team = teams.make(database, "Arved", by=None)
    templates.begin(database, STARTERS)
    templates.save(database, None, Written("Arvest", {"et": "Esimene rida\nteine: rida"}, team_id=team), tiit_here)
    text = files.write(templates.shown(database, tiit_here), {team: "Arved"})
    again = files.read(text, {"arved": team})
    assert len(again) == len(STARTERS) + 1
    assert templates.import_all(database, again, by=None) == 0


def test_an_import_replaces_by_shortcut_and_takes_all_or_nothing(database: Database, tiit_here: Person) -> None:
    templates.save(database, None, ALL, tiit_here)
    with pytest.raises(Unreadable):
        templates.import_all(database, [Written("Uus", {"et": "Uus"}), Written("Halb", {})], by=None)
    assert templates.import_all(database, files.read("- {title: Uus nimi, shortcut: koik, et: Hei}", {}), by=None) == 1
    (one,) = templates.shown(database, tiit_here)
    assert (one.title, one.texts) == ("Uus nimi", {"et": "Hei"})


@pytest.mark.parametrize(
    "text", ["- [", "title: Tere", "- {title: Tere, et: Tere, tekst: muu}", "- {title: Tere, et: Tere, team: Pole}", "- {et: Tere}", "[" * 5000]
)
def test_a_file_that_can_not_be_read_says_why(text: str) -> None:
    with pytest.raises(Unreadable) as refused:
        files.read(text, {})
    assert refused.value.code == "bad_file"
    assert refused.value.message


def test_the_desk_fills_in_what_is_known(desk: TestClient, database: Database, mari: Started) -> None:
    templates.begin(database, STARTERS)
    wait(database, mari)
    found = desk.get(at(mari, "/replies")).json()
    assert found["language"] == "et"
    assert found["values"] == {"agent": "Jaan", "company": "Kodukaup"}
    assert len(found["templates"]) == len(STARTERS)


def test_the_most_used_comes_first_and_for_a_complaint_what_calms(desk: TestClient, database: Database, mari: Started) -> None:
    templates.begin(database, STARTERS)
    wait(database, mari, reason=Reason.COMPLAINT)
    before = {one["shortcut"]: one["id"] for one in desk.get(at(mari, "/replies")).json()["templates"]}
    for shortcut in ("tere", "kaebus", "tere"):
        assert desk.post(f"/api/desk/replies/{before[shortcut]}/used").status_code == 204
    found = desk.get(at(mari, "/replies")).json()
    assert "due" in found["values"]
    assert found["templates"][0]["shortcut"] == "kaebus"
    complaints = sum("kaebus" in one["tags"] for one in found["templates"])
    assert found["templates"][complaints]["shortcut"] == "tere"
    assert all("kaebus" in one["tags"] for one in found["templates"][:complaints])


def test_templates_of_a_conversation_are_for_agents(log_in: LogIn, database: Database, mari: Started) -> None:
    assert log_in("liis").get(at(mari, "/replies")).status_code == 403
    assert log_in("jaan").get("/api/desk/conversations/olematu/replies").status_code == 404


def test_an_agent_writes_one_changes_it_and_removes_it_on_the_page(desk: TestClient, database: Database, jaan_here: Person) -> None:
    form = {
        "csrf_token": desk.headers["X-CSRF-Token"],
        "title": "Tere <b>",
        "shortcut": "hei",
        "et": "Hei, {{name}}!",
        "tags": "algus, Tervitus",
        "whose": "own",
    }
    assert desk.post("/replies/new", data=form, follow_redirects=False).headers["location"] == "/replies?said=saved"
    (one,) = templates.usable(database, jaan_here)
    assert (one.owner_id, one.tags) == (jaan_here.id, ("algus", "tervitus"))
    page = desk.get("/replies").text
    assert "Tere &lt;b&gt;" in page
    assert "Laadi alla" not in page
    assert desk.get(f"/replies/{one.id}").status_code == 200
    refused = desk.post(f"/replies/{one.id}", data=form | {"et": "{{nimi}}"})
    assert (refused.status_code, "mida me ei tunne" in refused.text) == (422, True)
    assert desk.post(f"/replies/{one.id}/remove", data={"csrf_token": "vale"}).status_code == 403
    desk.post(f"/replies/{one.id}/remove", data=form)
    assert templates.usable(database, jaan_here) == []


def test_a_supervisor_takes_all_out_and_in_as_a_file(log_in: LogIn, database: Database, tiit_here: Person) -> None:
    templates.begin(database, STARTERS)
    tiit = log_in("tiit")
    file = tiit.get("/replies/export.yml")
    assert file.headers["content-disposition"].endswith('"abiline-replies.yml"')
    sent = {"csrf_token": tiit.headers["X-CSRF-Token"]}
    done = tiit.post("/replies/import", data=sent, files={"file": ("mallid.yml", file.content + b"\n- {title: Lisa, et: Lisa}\n")}, follow_redirects=False)
    assert done.headers["location"] == "/replies?said=imported&count=1"
    refused = tiit.post("/replies/import", data=sent, files={"file": ("mallid.yml", b"- {et: Tere}")})
    assert (refused.status_code, "template 1, title" in refused.text) == (422, True)
    assert tiit.post("/replies/import", data=sent, files={"file": ("pilt.png", b"\xff\xfe\x00")}).status_code == 422


def test_files_are_for_those_who_write_for_others(desk: TestClient) -> None:
    assert desk.get("/replies/export.yml").status_code == 403
    sent = {"csrf_token": desk.headers["X-CSRF-Token"]}
    assert desk.post("/replies/import", data=sent, files={"file": ("mallid.yml", b"[]")}).status_code == 403


def test_the_name_and_the_order_number_that_was_named_last_are_filled_in(desk: TestClient, database: Database, mari: Started) -> None:
    with database.write() as session:
        session.execute(update(ConversationRow).where(ConversationRow.id == mari.conversation_id).values(name="Mari Maasikas", email="mari@naide.ee"))
    for number, order in enumerate(("A-1042", "B-2000")):
        service.say(database, mari.conversation_id, client_id=f"mari-000{number}", text=f"tellimus {order}")
        owed = turns.claim(database, mari.conversation_id, people_available=True)
        assert owed is not None
        entity = {"entity": "order_number", "value": order, "start": 9, "end": 15}
        reading = Reading(f"tellimus {order}", "et", "human", "ask_question", 0.9, (), "answer best=0.31 threshold=0.50", entities=(entity,))
        turns.pay(database, owed, Turn((Reply("Kohe."),), (), reading))
    values = desk.get(at(mari, "/replies")).json()["values"]
    assert (values["name"], values["order"], values["contact"]) == ("Mari", "B-2000", "mari@naide.ee")
