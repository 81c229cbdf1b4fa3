"""`abiline faq import` and `export`: the same files by the same rules as on the editor's page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from handoff.database import Database
from handoff.editor.on_disk import take_in, write
from handoff.editor.outgoing import Wanted
from handoff.entries.store import EntryStore
from handoff.errors import AlreadyTaken, Unreadable
from tests.handoff.conftest import DELIVERY, RETURNS


@pytest.fixture
def store(database: Database) -> EntryStore:
    made = EntryStore(database)
    made.import_all([RETURNS, DELIVERY], by=None)
    return made


@pytest.mark.parametrize("name", ["a.yml", "a.csv", "a.xlsx"])
def test_what_was_exported_is_imported_without_a_change(store: EntryStore, tmp_path: Path, name: str) -> None:
    assert write(store, tmp_path / name, Wanted(), "en") == 2
    assert take_in(store, [tmp_path / name], dry_run=False).changes == []


def test_a_folder_is_one_list_and_a_dry_run_only_tells(store: EntryStore, tmp_path: Path) -> None:
    (tmp_path / "loomad.yml").write_text("- {id: kass, question: 'Kas kassid sobivad?', answer: Sobivad.}\n", encoding="utf-8")
    (tmp_path / "muu.csv").write_text(f"id,Vastus,Küsimus\n{RETURNS.id},30 päeva.,{RETURNS.question}\n", encoding="utf-8")
    (tmp_path / "note.txt").write_text("no table", encoding="utf-8")
    took = take_in(store, [tmp_path], dry_run=True, archive_rest=True)
    assert [(change.entry_id, change.kind) for change in took.changes] == [("kass", "new"), (RETURNS.id, "changed")]
    assert (took.archived, took.changed, len(store.all())) == ([DELIVERY.id], 0, 2)
    assert take_in(store, [tmp_path], dry_run=False, archive_rest=True).changed == 3
    assert {entry.id for entry in store.published()[0]} == {"kass", RETURNS.id}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "Küsimus;Vastus\nMiks?;Nii.\nKus?;\n", "a.csv:3:B: entry Kus?: The entry needs its answer."),
        ("a.csv", "x;y\n1;2\n", "no column is called question"),
        ("a.xlsx", "words", "save it as XLSX once more"),
        ("a.yml", "- id: [", "broken YAML"),
        ("a.docx", "", "no file that can be read"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_nothing_is_half_imported(store: EntryStore, tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    before = store.all()
    with pytest.raises(Unreadable, match=words.replace("?", r"\?")):
        take_in(store, [tmp_path / name], dry_run=False)
    assert store.all() == before


def test_another_ending_is_not_written(store: EntryStore, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        write(store, tmp_path / "a.pdf", Wanted(), "et")


def test_where_answers_are_reviewed_an_editors_import_waits_and_archives_nothing(store: EntryStore, database: Database, people: dict[str, str]) -> None:
    reviewed = EntryStore(database, reviewed=True)
    _, revision = store.published()
    changed = replace(RETURNS, answer="30 päeva.")
    assert reviewed.import_all([changed], by=people["liis"], archive=[DELIVERY.id], revision=revision) == 1
    assert store.published()[0] == [RETURNS, DELIVERY]
    assert store.get(RETURNS.id).review_at is not None
    assert reviewed.import_all([changed], by=None, archive=[DELIVERY.id]) == 2  # the operator's own hand
    assert store.published()[0] == [changed]


def test_who_published_meanwhile_is_not_overrun(store: EntryStore) -> None:
    _, revision = store.published()
    store.archive(DELIVERY.id, by=None)
    before = store.all()
    with pytest.raises(AlreadyTaken):
        store.import_all([replace(RETURNS, answer="Muu.")], by=None, archive=[RETURNS.id], revision=revision)
    assert store.all() == before


def test_drafts_change_no_answer_and_bring_an_archived_entry_back_as_a_draft(store: EntryStore) -> None:
    store.archive(DELIVERY.id, by=None)
    assert store.import_all([replace(RETURNS, answer="Muu."), DELIVERY], by=None, publish=False) == 2
    assert store.published()[0] == [RETURNS]
    assert (store.get(RETURNS.id).status, store.get(RETURNS.id).content["answer"], store.get(DELIVERY.id).status) == ("published", "Muu.", "draft")
    assert store.import_all([replace(RETURNS, answer="Muu."), DELIVERY], by=None, publish=False) == 0
