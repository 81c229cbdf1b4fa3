"""Import lists every change before it makes one; what is wrong never reaches the index. Export reads back the same."""

from __future__ import annotations

import json

import pytest
import yaml
from fastapi.testclient import TestClient

from bot.understanding import FaqEntry
from handoff import elements
from handoff.editor.changes import compare
from handoff.editor.incoming import EXPORT_NAME, as_yaml, read_files
from handoff.services import Services
from tests.fakes import FakeBot
from tests.handoff.conftest import DELIVERY, RETURNS, LogIn

CHANGED = """
- id: kuidas-tagastada
  question: "Kuidas kaupa tagastada?"
  answer: "30 päeva jooksul."
  topic: tagastamine
- id: kas-kassid-sobivad
  question: "Kas kassid sobivad?"
  answer: "Sobivad."
"""


@pytest.fixture
def liis(log_in: LogIn) -> TestClient:
    return log_in("liis")


def upload(text: str | bytes, name: str = "tarne.yml") -> dict[str, tuple[str, bytes]]:
    return {"file": (name, text if isinstance(text, bytes) else text.encode())}


def test_a_dry_run_lists_every_change_and_changes_nothing(liis: TestClient, services: Services) -> None:
    before = services.entries.all()
    told = liis.post("/api/editor/import", files=upload(CHANGED)).json()
    assert told["counts"] == {"new": 1, "changed": 1, "same": 0}
    assert told["untouched"] == 1
    assert [(one["entry_id"], one["kind"], one["fields"]) for one in told["changes"]] == [
        ("kuidas-tagastada", "changed", ["answer", "examples"]),
        ("kas-kassid-sobivad", "new", []),
    ]
    assert services.entries.all() == before


def test_an_import_publishes_at_once(liis: TestClient, bot: FakeBot) -> None:
    told = liis.post("/api/editor/import?dry_run=false", files=upload(CHANGED)).json()
    assert told["changed"] == 2
    assert bot.entries["kas-kassid-sobivad"].topic == "tarne"
    assert bot.entries[RETURNS.id].answer == "30 päeva jooksul."
    assert DELIVERY.id in bot.entries


def test_a_bad_file_is_refused_whole_with_file_line_and_entry(liis: TestClient, client: TestClient, bot: FakeBot) -> None:
    revision = bot.revision
    refused = liis.post("/api/editor/import?dry_run=false", files=upload(CHANGED + '- id: pooleli\n  question: "Miks?"\n'))
    assert refused.status_code == 422
    assert refused.json()["code"] == "bad_file"
    problem = refused.json()["problems"][0]
    assert (problem["file"], problem["line"], problem["entry"]) == ("tarne.yml", 9, "pooleli")
    assert "answer" in problem["message"]
    assert (bot.revision, bot.entries[RETURNS.id].answer) == (revision, RETURNS.answer)


@pytest.mark.parametrize("text", ["- id: [", "\xff\xfe", "just words", "[" * 5_000, "- id: a\n  id: a\n  question: b\n  answer: c\n"])
def test_broken_yaml_is_a_message_never_a_failure(liis: TestClient, text: str) -> None:
    refused = liis.post("/api/editor/import", files=upload(text.encode("latin-1")))
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_file")
    assert refused.json()["problems"][0]["file"] == "tarne.yml"
    assert "/tmp" not in refused.text


def test_the_same_id_in_two_files_is_named_without_our_folders(liis: TestClient) -> None:
    files = [("file", (name, CHANGED.encode())) for name in ("a.yml", "b.yml")]
    refused = liis.post("/api/editor/import", files=files).json()
    assert "a.yml:2" in refused["problems"][0]["message"]
    assert "/tmp" not in refused["message"]


def test_a_file_over_five_megabytes_is_refused(liis: TestClient) -> None:
    refused = liis.post("/api/editor/import", files=upload(b"#" * (5 * 1024 * 1024 + 1)))
    assert (refused.status_code, refused.json()["code"]) == (422, "too_large")


@pytest.mark.parametrize(("name", "code"), [("pilt.png", "unknown_kind"), ("../../kuri.sh", "unknown_kind")])
def test_another_kind_of_file_is_refused(liis: TestClient, name: str, code: str) -> None:
    assert liis.post("/api/editor/import", files=upload(CHANGED, name)).json()["code"] == code


def test_a_form_without_a_file_is_refused(liis: TestClient) -> None:
    assert liis.post("/api/editor/import", data={"dry_run": "true"}).json()["code"] == "missing_file"


def test_an_import_after_somebody_published_asks_to_look_again(liis: TestClient, services: Services) -> None:
    told = liis.post("/api/editor/import", files=upload(CHANGED)).json()
    services.entries.archive(DELIVERY.id, by=None)
    refused = liis.post(f"/api/editor/import?dry_run=false&revision={told['revision']}", files=upload(CHANGED))
    assert (refused.status_code, refused.json()["code"]) == (409, "already_taken")


def test_a_dry_run_warns_of_an_unpublished_change_that_would_go(services: Services) -> None:
    entry = services.entries.get(RETURNS.id)
    words = entry.content | {"answer": "Liisi pooleli mõte."}
    services.entries.save(entry.id, topic=entry.topic, content=words, publish=False, by=None, base_revision=entry.revision)
    incoming = FaqEntry(RETURNS.id, RETURNS.question, "Failist.", RETURNS.examples, topic=RETURNS.topic)
    assert compare([incoming], services.entries.all())[0].overwrites_draft
    assert not compare([RETURNS], services.entries.all())[0].overwrites_draft


def test_an_export_reads_back_without_a_change(liis: TestClient, services: Services) -> None:
    exported = liis.get("/editor/export.yml")
    assert "attachment" in exported.headers["content-disposition"]
    assert [entry["id"] for entry in yaml.safe_load(exported.text)] == [RETURNS.id, DELIVERY.id]
    told = liis.post("/api/editor/import", files=upload(exported.text, f"{EXPORT_NAME}.yml")).json()
    assert told["counts"] == {"new": 0, "changed": 0, "same": 2}


def test_an_entry_without_a_topic_stays_without_one_through_the_export() -> None:
    entry = FaqEntry("oo", "Öö?", "Jah.", translations={"en": {"question": "Night?", "answer": "Yes."}}, tags=("öö",))
    assert read_files([(f"{EXPORT_NAME}.yml", as_yaml([entry]).encode())]) == [entry]


def test_agents_may_not_import_or_export(log_in: LogIn, services: Services) -> None:
    jaan = log_in("jaan")
    assert jaan.get("/editor/export.yml").status_code == 403
    assert jaan.post("/api/editor/import?dry_run=false", files=upload(CHANGED)).status_code == 403
    assert len(services.entries.all()) == 2


def test_what_is_for_verified_customers_only_stays_so_on_the_way_out_and_in(liis: TestClient, services: Services) -> None:
    whole = liis.get("/editor/export.yml").text
    assert "needs_identity" not in whole  # it is named where it is so
    kept = whole.replace("- id: millal-pakk-jouab\n", "- id: millal-pakk-jouab\n  needs_identity: true\n")
    told = liis.post("/api/editor/import", files=upload(kept)).json()
    assert [(one["entry_id"], one["fields"]) for one in told["changes"] if one["kind"] == "changed"] == [(DELIVERY.id, ["needs_identity"])]
    liis.post("/api/editor/import?dry_run=false", files=upload(kept))
    assert [entry.id for entry in services.entries.published()[0] if entry.needs_identity] == [DELIVERY.id]
    assert read_files([("kogu.yml", liis.get("/editor/export.yml").content)]) == services.entries.published()[0]
    back = liis.post("/api/editor/import", files=upload(whole)).json()
    assert [one["fields"] for one in back["changes"] if one["kind"] == "changed"] == [["needs_identity"]]


def test_an_editor_says_that_an_answer_is_for_verified_customers_only(liis: TestClient, services: Services, bot: FakeBot) -> None:
    entry = liis.get(f"/api/editor/entries/{DELIVERY.id}").json()
    words = {name: entry[name] for name in ("question", "answer", "topic", "revision")}
    saved = liis.post(f"/api/editor/entries/{DELIVERY.id}/publish", json=words | {"needs_identity": True}).json()
    assert saved["needs_identity"] is True
    assert bot.entries[DELIVERY.id].needs_identity
    again = liis.post(f"/api/editor/entries/{DELIVERY.id}/publish", json=words | {"revision": saved["revision"]}).json()
    assert "needs_identity" not in again
    assert services.entries.differing([DELIVERY]) == []


SHEET = "Küsimus;Vastus;Teema\nKuidas kaupa tagastada?;30 päeva jooksul.;tagastamine\nKas kassid sobivad?;Sobivad.;loomad\n"


def test_a_table_is_listed_field_by_field_and_only_what_is_ticked_is_taken_in(liis: TestClient, services: Services, bot: FakeBot) -> None:
    listed = liis.post("/api/editor/import", files=upload(SHEET, "küsimused.csv")).json()
    changed, new = listed["changes"]
    assert changed["differences"] == [{"field": "answer", "before": RETURNS.answer, "after": "30 päeva jooksul."}]
    assert (new["kind"], new["entry_id"], [one["entry_id"] for one in listed["rest"]]) == ("new", "kas-kassid-sobivad", [DELIVERY.id])
    assert [column["field"] for column in listed["tables"][0]["columns"]] == ["question", "answer", "topic"]
    told = liis.post("/api/editor/import?dry_run=false", files=upload(SHEET, "küsimused.csv"), data={"chosen": f'["{RETURNS.id}"]'}).json()
    assert (told["changed"], bot.entries[RETURNS.id].answer, bot.entries[RETURNS.id].examples) == (1, "30 päeva jooksul.", RETURNS.examples)
    assert "kas-kassid-sobivad" not in bot.entries


def test_one_bad_row_refuses_the_whole_table_unless_it_is_passed_over(liis: TestClient, services: Services, bot: FakeBot) -> None:
    bad = SHEET + "Miks?;;\n"
    listed = liis.post("/api/editor/import", files=upload(bad, "a.csv")).json()
    assert [(one["line"], one["column"], one["code"]) for one in listed["problems"]] == [(4, "B (Vastus)", "missing_answer")]
    before = services.entries.all()
    refused = liis.post("/api/editor/import?dry_run=false", files=upload(bad, "a.csv"))
    assert (refused.status_code, refused.json()["problems"][0]["line"], services.entries.all()) == (422, 4, before)
    refused = liis.post("/api/editor/import?dry_run=false&skip_wrong=true&archive_rest=true", files=upload(bad, "a.csv"))
    assert (refused.status_code, services.entries.all()) == (422, before)  # what the whole list is can't be told from a part of it
    assert liis.post("/api/editor/import?dry_run=false&skip_wrong=true", files=upload(bad, "a.csv")).json()["changed"] == 2
    assert bot.entries["kas-kassid-sobivad"].topic == "loomad"


def test_as_drafts_nothing_is_answered_otherwise_and_the_whole_list_archives_the_rest(liis: TestClient, services: Services, bot: FakeBot) -> None:
    told = liis.post("/api/editor/import?dry_run=false&publish=false", files=upload(SHEET, "a.csv")).json()
    assert (told["changed"], told["published"], set(bot.entries)) == (2, False, {RETURNS.id, DELIVERY.id})
    assert bot.entries[RETURNS.id].answer == RETURNS.answer
    assert services.entries.get("kas-kassid-sobivad").status == "draft"
    assert services.entries.get(RETURNS.id).has_unpublished_change
    told = liis.post("/api/editor/import?dry_run=false&archive_rest=true", files=upload(SHEET, "a.csv")).json()
    assert (told["changed"], told["archived"], set(bot.entries)) == (3, 1, {RETURNS.id, "kas-kassid-sobivad"})
    assert services.entries.get(DELIVERY.id).status == "archived"


def test_columns_that_are_not_known_are_asked_for_and_taken_as_they_are_put_right(liis: TestClient, bot: FakeBot) -> None:
    table = upload("Mis see on;Mida öelda\nKas kassid sobivad?;Sobivad.\n", "a.csv")
    listed = liis.post("/api/editor/import", files=table).json()
    assert (listed["tables"][0]["complete"], listed["changes"], listed["tables"][0]["columns"][1]["samples"]) == (False, [], ["Sobivad."])
    refused = liis.post("/api/editor/import?dry_run=false", files=table)
    assert (refused.status_code, refused.json()["code"]) == (422, "need_columns")
    told = liis.post("/api/editor/import?dry_run=false", files=table, data={"columns": '{"a.csv": {"0": "question", "1": "answer"}}'}).json()
    assert (told["changed"], bot.entries["kas-kassid-sobivad"].answer) == (1, "Sobivad.")
    for columns in ("[1]", "{", '{"a.csv": 1}'):
        assert liis.post("/api/editor/import", files=table, data={"columns": columns}).json()["code"] == "unreadable"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "yml"])
def test_an_export_of_any_kind_reads_back_without_a_change_in_any_language(liis: TestClient, kind: str) -> None:
    for language in ("et", "en", "ru"):
        exported = liis.get(f"/editor/export.{kind}?lang={language}&delimiter=comma")
        told = liis.post("/api/editor/import", files=upload(exported.content, f"{EXPORT_NAME}.{kind}")).json()
        assert (told["counts"], told["problems"]) == ({"new": 0, "changed": 0, "same": 2}, [])


def test_an_export_holds_what_was_asked_for(liis: TestClient, services: Services) -> None:
    entry = services.entries.get(RETURNS.id)
    words = entry.content | {"answer": "Uus mõte.", "translations": {"en": {"question": "Return?", "answer": "Yes."}}}
    services.entries.save(entry.id, topic=entry.topic, content=words, publish=False, by=None, base_revision=entry.revision)
    services.entries.archive(DELIVERY.id, by=None)

    def asked(**wanted: str) -> list[tuple[str, str]]:
        return [(one["id"], one["answer"]) for one in yaml.safe_load(liis.get("/editor/export.yml", params=wanted).content) or []]

    assert asked() == asked(status="all") == asked(topic="tagastamine") == [(RETURNS.id, RETURNS.answer)]
    assert asked(status="draft") == asked(status="draft", missing="ru") == [(RETURNS.id, "Uus mõte.")]
    assert asked(status="draft", missing="en") == asked(topic="tarne") == []
    assert asked(status="archived") == [(DELIVERY.id, DELIVERY.answer)]
    assert liis.get("/editor/export.exe").status_code == 422
    assert liis.get("/editor/export.yml?status=kõik").status_code == 422


def test_a_script_in_an_imported_answer_is_words_for_whoever_reads_it(liis: TestClient, client: TestClient, services: Services) -> None:
    bad = 'Küsimus;Vastus\nKas kassid sobivad?;"<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)> **jah**"\n'
    assert liis.post("/api/editor/import?dry_run=false", files=upload(bad, "a.csv")).json()["changed"] == 1
    page = client.get("/help/kas-kassid-sobivad").text
    assert "<strong>jah</strong>" in page
    article = page.split("<main")[1]
    assert "<script>alert" not in article
    assert "<img src=x" not in article
    assert 'href="javascript' not in article
    drawn = json.dumps(elements.answer(services.entries.get("kas-kassid-sobivad").content["answer"]))
    assert '"href"' not in drawn  # in the chat the script is a word like any other
    assert "alert(1)" in drawn


def test_a_spreadsheet_of_twenty_megabytes_is_refused_before_it_is_read(liis: TestClient) -> None:
    refused = liis.post("/api/editor/import", content=b"", headers={"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(20 * 1024 * 1024)})
    assert (refused.status_code, refused.json()["code"]) == (422, "too_large")
