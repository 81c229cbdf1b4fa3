"""An entry is renamed, merged, split, reviewed and restored: nothing is lost, and what names an id of old finds where its entry is now."""

from __future__ import annotations

from typing import Any

import pytest

from bot.understanding import FaqEntry
from handoff.accounts import service as accounts
from handoff.accounts.tables import Role
from handoff.database import Database
from handoff.entries import moving, presence, review
from handoff.entries.asides import asides, put_aside
from handoff.entries.history import revisions
from handoff.entries.rows import Entry
from handoff.entries.store import EntryStore
from handoff.errors import AlreadyTaken, NotFound, Unreadable

pytestmark = pytest.mark.both_databases

LIIS, TIIT = "liis", "tiit"


@pytest.fixture
def store(database: Database) -> EntryStore:
    made = EntryStore(database)
    for entry_id, question, examples in (("tee", "Kas tee on lahti?", ["teeolud", "jäätee"]), ("jaa", "Kas jää kannab?", ["kui paks jää", "Teeolud"])):
        made.save(entry_id, topic="tee", content=words(question=question, examples=examples), publish=True, by=LIIS)
    return made


@pytest.fixture
def strict(database: Database, store: EntryStore) -> EntryStore:
    return EntryStore(database, reviewed=True)


def words(**changed: Any) -> dict[str, Any]:
    return {"question": "Kas?", "answer": "Jah."} | changed


def published(store: EntryStore) -> dict[str, FaqEntry]:
    return {entry.id: entry for entry in store.published()[0]}


def acts(database: Database, entry_id: str) -> list[tuple[str | None, str | None]]:
    return [(one.act, one.note) for one in revisions(database, entry_id)]


def test_a_renamed_entry_keeps_its_history_and_its_old_id_leads_to_it(store: EntryStore, database: Database) -> None:
    put_aside(database, "tee", "spelling", by=LIIS)
    store.save("juhis", topic="", content=words(buttons=[{"title": "Tee", "entry": "tee"}]), publish=True, by=LIIS)
    before = store.published()[1]
    moving.rename(database, "tee", "teeolud", by=TIIT)
    moving.rename(database, "teeolud", "talveteed", by=TIIT)

    entry = published(store)["talveteed"]
    assert set(entry.formerly) == {"tee", "teeolud"}
    assert store.published()[1] > before
    assert store.answer("tee", "et") == ("Jah.", False)
    assert acts(database, "talveteed") == [("renamed", "teeolud"), ("renamed", "tee"), ("published", None)]
    assert asides(database) == {"talveteed": frozenset({"spelling"})}
    assert published(store)["juhis"].buttons[0].entry == "talveteed"
    with pytest.raises(NotFound):
        store.get("tee")


def test_a_renamed_entry_may_have_its_old_id_back_and_nobody_elses(store: EntryStore, database: Database) -> None:
    moving.rename(database, "tee", "teeolud", by=LIIS)
    with pytest.raises(Unreadable, match="another entry's"):
        moving.rename(database, "jaa", "tee", by=LIIS)
    with pytest.raises(Unreadable, match="already"):
        store.save("tee", topic="", content=words(), publish=False, by=LIIS)
    moving.rename(database, "teeolud", "tee", by=LIIS)
    assert published(store)["tee"].formerly == ("teeolud",)
    with pytest.raises(Unreadable):
        moving.rename(database, "tee", "jaa", by=LIIS)


def test_a_file_with_an_old_id_changes_the_renamed_entry(store: EntryStore, database: Database) -> None:
    moving.rename(database, "tee", "teeolud", by=LIIS)
    assert store.import_all([FaqEntry("tee", "Kas tee on avatud?", "On.", topic="tee")], by=None) == 1
    assert store.get("teeolud").content["question"] == "Kas tee on avatud?"
    assert store.differing([FaqEntry("tee", "Kas tee on avatud?", "On.", topic="tee")]) == []


def test_a_merged_entry_gives_its_wordings_at_once_and_is_archived_with_a_pointer(store: EntryStore, database: Database) -> None:
    kept = moving.merge(database, "tee", "jaa", by=TIIT)
    assert kept.content["examples"] == ["kui paks jää", "Teeolud", "Kas tee on lahti?", "jäätee"]
    assert set(published(store)) == {"jaa"}
    assert published(store)["jaa"].examples == tuple(kept.content["examples"])
    gone = store.get("tee")
    assert (gone.status, gone.merged_into) == ("archived", "jaa")
    assert store.question("tee", "et") == "Kas jää kannab?"
    assert acts(database, "jaa")[0] == ("merged", "tee")


@pytest.mark.parametrize(("gone", "into", "code"), [("tee", "tee", "merge_self"), ("jaa", "tee", "merge_circle"), ("uks", "tee", "merge_archived")])
def test_a_merge_with_itself_or_in_a_circle_or_with_the_archive_is_refused(store: EntryStore, database: Database, gone: str, into: str, code: str) -> None:
    store.save("uks", topic="", content=words(), publish=True, by=LIIS)
    moving.merge(database, "tee", "jaa", by=LIIS)
    with pytest.raises(Unreadable) as refused:
        moving.merge(database, gone, into, by=LIIS)
    assert refused.value.code == code
    assert set(published(store)) == {"jaa", "uks"}


def test_a_merge_past_the_most_wordings_changes_nothing(store: EntryStore, database: Database) -> None:
    store.save("suur", topic="", content=words(examples=[f"sõnastus {number}" for number in range(199)]), publish=True, by=LIIS)
    with pytest.raises(Unreadable, match="up to 200"):
        moving.merge(database, "tee", "suur", by=LIIS)
    assert store.get("tee").status == "published"


def test_a_merged_entry_that_is_restored_stands_on_its_own_again(store: EntryStore, database: Database) -> None:
    moving.merge(database, "tee", "jaa", by=LIIS)
    back = store.restore("tee", 1, publish=True, by=LIIS, base_revision=2)
    assert (back.status, back.merged_into) == ("published", None)
    assert store.question("tee", "et") == "Kas tee on lahti?"
    store.restore("jaa", 1, publish=True, by=LIIS, base_revision=2)
    assert published(store)["jaa"].examples == ("kui paks jää", "Teeolud")


def test_split_wordings_begin_a_draft_and_what_is_published_stays(store: EntryStore, database: Database) -> None:
    made = moving.split(database, "tee", ["jäätee", "teeolud"], by=LIIS)
    assert (made.id, made.status, made.content["question"], made.content["examples"], made.content["answer"]) == (
        "jaatee",
        "draft",
        "jäätee",
        ["teeolud"],
        "Jah.",
    )
    assert store.get("tee").content["examples"] == []
    assert published(store)["tee"].examples == ("teeolud", "jäätee")
    assert (acts(database, "jaatee"), acts(database, "tee")[0]) == ([("split", "tee")], ("split", "jaatee"))


@pytest.mark.parametrize("wordings", [[], ["võõras sõnastus"]])
def test_only_wordings_of_the_entry_are_split_off(store: EntryStore, database: Database, wordings: list[str]) -> None:
    with pytest.raises(Unreadable):
        moving.split(database, "tee", wordings, by=LIIS)


def test_an_earlier_form_comes_back_as_a_new_one(store: EntryStore, database: Database) -> None:
    store.save("tee", topic="tee", content=words(answer="Ei."), publish=True, by=TIIT, base_revision=1)
    draft = store.restore("tee", 1, publish=False, by=LIIS, base_revision=2)
    assert (draft.revision, draft.content["answer"], published(store)["tee"].answer) == (3, "Jah.", "Ei.")
    assert acts(database, "tee")[0] == ("restored", "1")
    with pytest.raises(NotFound):
        store.restore("tee", 9, publish=False, by=LIIS, base_revision=3)
    with pytest.raises(AlreadyTaken):
        store.restore("tee", 1, publish=False, by=LIIS, base_revision=2)


def draft(store: EntryStore, by: str = LIIS) -> Entry:
    return store.save("uus", topic="", content=words(), publish=False, by=by)


def test_where_a_review_is_required_another_person_publishes_than_who_wrote(strict: EntryStore, database: Database) -> None:
    written = draft(strict)
    sent = review.send(database, "uus", revision=written.revision, by=LIIS)
    assert sent.review_at
    for changed, by in (({}, LIIS), ({"answer": "Ei."}, TIIT)):  # also a reviewer's own words
        with pytest.raises(review.OwnWords):
            strict.save("uus", topic="", content=words(**changed), publish=True, by=by, base_revision=2)
    with pytest.raises(review.OwnWords):
        strict.save("veel", topic="", content=words(), publish=True, by=LIIS)
    with pytest.raises(review.OwnWords):
        strict.restore("uus", 1, publish=True, by=LIIS, base_revision=2)
    assert "uus" not in published(strict)

    done = strict.save("uus", topic="", content=words(), publish=True, by=TIIT, base_revision=2)
    assert (done.status, done.review_at, done.written_by) == ("published", None, LIIS)
    assert "uus" in published(strict)


def test_saving_somebodys_words_unchanged_does_not_make_them_ones_own(strict: EntryStore) -> None:
    draft(strict)
    strict.save("uus", topic="", content=words(), publish=False, by=TIIT, base_revision=1)
    with pytest.raises(review.OwnWords):
        strict.save("uus", topic="", content=words(), publish=True, by=LIIS, base_revision=2)


def test_where_no_review_is_required_one_publishes_ones_own(store: EntryStore) -> None:
    assert draft(store).status == "draft"
    assert store.save("uus", topic="", content=words(), publish=True, by=LIIS, base_revision=1).status == "published"


def test_an_import_waits_for_another_person_where_a_review_is_required(strict: EntryStore, store: EntryStore) -> None:
    changed = FaqEntry("tee", "Kas tee on lahti?", "Praegu mitte.", topic="tee")
    assert strict.import_all([changed, FaqEntry("uus", "Uus?", "Jah.")], by=LIIS) == 2
    assert strict.import_all([changed], by=LIIS) == 0
    assert (published(strict)["tee"].answer, strict.get("uus").status, "uus" in published(strict)) == ("Jah.", "draft", False)
    assert strict.get("tee").review_at
    assert strict.import_all([changed], by=None) == 1  # the operator's own command line
    assert published(strict)["tee"].answer == "Praegu mitte."


def test_words_are_sent_back_with_a_note_that_goes_when_they_are_sent_anew(store: EntryStore, database: Database) -> None:
    draft(store)
    review.send(database, "uus", revision=1, by=LIIS)
    back = review.send_back(database, "uus", revision=2, note=" Lisage hind. ", by=TIIT)
    assert (back.review_at, back.review_note) == (None, "Lisage hind.")
    assert acts(database, "uus")[0] == ("returned", "Lisage hind.")
    assert review.send(database, "uus", revision=3, by=LIIS).review_note is None


def test_a_review_of_nothing_and_a_note_without_words_are_refused(store: EntryStore, database: Database) -> None:
    with pytest.raises(Unreadable, match="not published yet"):
        review.send(database, "tee", revision=1, by=LIIS)
    with pytest.raises(Unreadable, match="Nobody has sent"):
        review.send_back(database, "tee", revision=1, note="Miks?", by=TIIT)
    draft(store)
    review.send(database, "uus", revision=1, by=LIIS)
    with pytest.raises(Unreadable, match="in a word"):
        review.send_back(database, "uus", revision=2, note=" ", by=TIIT)
    with pytest.raises(AlreadyTaken):
        review.send_back(database, "uus", revision=1, note="Hind?", by=TIIT)


def test_who_has_an_entry_open_is_seen_by_the_others_until_they_leave(database: Database) -> None:
    liis, tiit = (accounts.create(database, login=name, name=name.title(), password="kodukaup-proov", role=Role.EDITOR) for name in (LIIS, TIIT))
    assert presence.tell(database, "tee", liis, writing=True) == []
    assert presence.tell(database, "tee", tiit, writing=False) == [presence.Here("Liis", writing=True)]
    assert presence.tell(database, "jaa", tiit, writing=False) == []
    presence.leave(database, "tee", liis)
    assert presence.tell(database, "tee", tiit, writing=False) == []
