"""What is missing: which questions count, how they come into groups, and what becomes of a group."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import select, update

from bot.understanding import BotUnavailable, FaqEntry, Gathering
from handoff.conversations import erasure, service
from handoff.conversations.gap_tables import GapLookRow, GapQuestionRow, GapRow
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.unanswered import Cause, unanswered
from handoff.database import Database, now
from handoff.editor.gaps import collecting
from handoff.editor.gaps.book import Gaps, State
from handoff.entries.tables import EntryRow
from tests.fakes import FakeBot
from tests.handoff.conftest import DELIVERY, RETURNS
from tests.handoff.gaps import PAINT, PUPPY, PUPPY_TOO, House, ask, ask_in_vain, gaps, house_with, look
from tests.handoff.talk import wait_for_person

pytestmark = pytest.mark.both_databases


def causes(database: Database, mari: Started) -> list[Cause]:
    with database.read() as session:
        return [one.cause for one in unanswered(session, [mari.conversation_id])]


@pytest.mark.parametrize(("action", "found"), [("human", [Cause.NOTHING]), ("suggest", [Cause.LIST]), ("answer", []), ("smalltalk", []), ("flow", [])])
def test_what_the_bot_did_says_whether_a_question_was_answered(database: Database, mari: Started, action: str, found: list[Cause]) -> None:
    ask(database, mari, PUPPY, action)
    assert causes(database, mari) == found


@pytest.mark.parametrize("why", ["asks_person intent=ask_human chance=0.97", "gibberish intent=gibberish chance=0.9", "no_words"])
def test_a_wish_for_a_person_and_letters_at_random_are_no_questions(database: Database, mari: Started, why: str) -> None:
    ask(database, mari, "tahan inimest", why=why)
    assert causes(database, mari) == []


@pytest.mark.parametrize(("button", "found"), [(0, []), (1, [Cause.NONE])])
def test_a_choice_from_the_list_answers_and_none_of_these_does_not(database: Database, mari: Started, button: int, found: list[Cause]) -> None:
    number = ask(database, mari, PUPPY, "suggest")
    service.choose(database, mari.conversation_id, client_id="choice-0001", number=number, button=button)
    assert causes(database, mari) == found


def test_a_thumb_down_and_a_wish_for_a_person_right_after_the_answer_count(database: Database, mari: Started) -> None:
    rated, liked = (ask(database, mari, text, "answer") for text in (PUPPY, PAINT))
    service.rate(database, mari.conversation_id, number=rated, helpful=False)
    service.rate(database, mari.conversation_id, number=liked, helpful=True)
    ask(database, mari, PUPPY_TOO, "answer")
    wait_for_person(database, mari.conversation_id)
    assert causes(database, mari) == [Cause.THUMB, Cause.PERSON]


@pytest.fixture
def house(database: Database, bot: FakeBot) -> House:
    return house_with(database, bot)


@pytest.fixture
def missing(house: House, mari: Started) -> House:
    ask_in_vain(house, mari)
    return house


def test_questions_that_ask_the_same_stand_together_the_most_asked_first(missing: House) -> None:
    assert gaps(missing) == [(2, PUPPY), (1, PAINT)]
    assert Gaps(missing.database, missing.bot.mask).count() == 2


def test_a_group_keeps_its_id_while_it_grows_and_each_text_is_read_once(missing: House, database: Database, mari: Started, bot: FakeBot) -> None:
    before = Gaps(database, bot.mask).page("open")[0][0].id
    ask(database, mari, "kutsikas poodi")
    look(missing)
    (largest, *_), _ = Gaps(database, bot.mask).page("open")
    assert (largest.id, largest.size) == (before, 3)
    assert sorted(bot.sketched) == sorted([PUPPY, PAINT, PUPPY_TOO, "kutsikas poodi"])


def test_what_was_said_to_be_right_later_is_let_go(house: House, database: Database, mari: Started) -> None:
    number = ask(database, mari, PUPPY, "suggest")
    look(house)
    assert gaps(house) == [(1, PUPPY)]
    service.choose(database, mari.conversation_id, client_id="choice-0001", number=number, button=0)
    look(house)
    assert gaps(house) == []


def test_what_asks_nothing_belongs_to_no_group(house: House, database: Database, mari: Started) -> None:
    ask(database, mari, "tere")
    look(house)
    assert gaps(house) == []


def test_no_text_is_kept_beside_the_conversation_and_what_is_shown_is_masked(missing: House, database: Database) -> None:
    hidden = Gaps(database, lambda text: text.replace("kutsikas", "[loom]"))
    assert hidden.page("open")[0][0].examples[0].text == "kas [loom] tohib kaasa tulla"
    assert not {column.name for table in (GapRow, GapQuestionRow) for column in table.__table__.columns} & {"text", "title", "question"}


def test_an_erased_conversation_s_questions_are_in_no_group_any_more(missing: House, database: Database, mari: Started, shelf: Shelf) -> None:
    erasure.erase(database, shelf, mari.conversation_id)
    assert gaps(missing) == []
    with database.read() as session:
        assert session.scalars(select(GapQuestionRow)).all() == []
    look(missing)
    with database.read() as session:
        assert session.scalars(select(GapRow)).all() == []


@pytest.mark.parametrize("state", ["open", "dismissed", "answered"])
def test_where_an_erased_question_lay_is_forgotten_and_the_others_say_it_anew(
    house: House, database: Database, mari: Started, shelf: Shelf, state: State
) -> None:
    other = service.start(database, greeting="Tere!")
    ask(database, mari, "kutsikas sabatult")
    ask(database, other, "kutsikas rongis")
    look(house)
    with database.write() as session:
        session.execute(update(GapRow).values(state=state))
    assert means(database) == [b"kutsikas sabatult"]
    erasure.erase(database, shelf, mari.conversation_id)
    assert means(database) == [b""]
    look(house)
    assert means(database) == [b"kutsikas rongis"]
    assert gaps(house, state) == [(1, "kutsikas rongis")]
    erasure.erase(database, shelf, other.conversation_id)
    look(house)
    assert means(database) == ([b"kutsikas rongis"] if state == "dismissed" else [])


def test_a_question_that_is_erased_while_it_is_put_into_a_group_leaves_nothing_there(
    house: House, database: Database, mari: Started, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = service.start(database, greeting="Tere!")
    ask(database, mari, "kutsikas sabatult")
    ask(database, other, "kutsikas rongis")
    gather = house.bot.gather

    async def slowly(*asked: Any) -> Gathering:
        found = await gather(*asked)
        erasure.erase(database, shelf, mari.conversation_id)
        return found

    monkeypatch.setattr(house.bot, "gather", slowly)
    look(house)
    assert means(database) == [b""]
    monkeypatch.setattr(house.bot, "gather", gather)
    look(house)
    assert means(database) == [b"kutsikas rongis"]


def test_a_look_that_was_killed_while_it_put_questions_into_groups_is_done_anew(
    missing: House, database: Database, mari: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = means(database)
    ask(database, mari, "kutsikas rongis")
    with monkeypatch.context() as killed:
        killed.setattr(collecting, "_settle", Mock(side_effect=OSError("killed")))
        with pytest.raises(OSError, match="killed"):
            look(missing)
    assert collecting.untold(database)
    look(missing)
    assert not collecting.untold(database)
    assert means(database) == before


def means(database: Database) -> list[bytes]:
    with database.read() as session:
        return sorted(session.scalars(select(GapRow.mean)))


def test_a_dismissed_group_takes_new_questions_alike_and_stays_away(missing: House, database: Database, mari: Started, shelf: Shelf) -> None:
    book = Gaps(database, missing.bot.mask)
    puppies = book.page("open")[0][0].id
    book.dismiss(puppies, by="liis", reason="not_ours")
    again = service.start(database, greeting="Tere!")
    erasure.erase(database, shelf, mari.conversation_id)
    ask(database, again, "veel üks kutsikas")
    look(missing)
    assert gaps(missing) == []
    assert gaps(missing, "dismissed") == [(1, "veel üks kutsikas")]
    book.reopen(puppies, by="liis")
    assert gaps(missing) == [(1, "veel üks kutsikas")]


def test_a_group_closes_by_itself_once_an_entry_answers_it_and_opens_when_it_does_not_help(missing: House, database: Database, mari: Started) -> None:
    missing.entries.import_all([FaqEntry("kutsikas", PUPPY, "Tohib küll.", examples=(PUPPY_TOO,))], by=None)
    asyncio.run(missing.bot.replace_entries(missing.entries.published()[0], revision=7))
    look(missing)
    assert gaps(missing) == [(1, PAINT)]
    (closed,), _ = Gaps(database, missing.bot.mask).page("answered")
    assert (closed.size, closed.entry_id) == (2, "kutsikas")
    ask(database, mari, "kutsikas veel")
    asyncio.run(missing.bot.replace_entries([RETURNS, DELIVERY], revision=8))
    look(missing)
    assert gaps(missing)[0][0] == 3


def test_an_answer_that_did_not_help_does_not_close_its_group_until_it_is_written_anew(house: House, database: Database, mari: Started) -> None:
    number = ask(database, mari, DELIVERY.question, "answer")
    service.rate(database, mari.conversation_id, number=number, helpful=False)
    asyncio.run(house.bot.replace_entries([DELIVERY], revision=7))
    with database.write() as session:  # the answer is older than the question
        session.execute(update(EntryRow).values(changed_at=now() - timedelta(days=3)))
    look(house)
    assert gaps(house) == [(1, DELIVERY.question)]
    with database.write() as session:
        session.execute(update(EntryRow).values(changed_at=now() + timedelta(minutes=1)))
        session.execute(update(GapRow).values(asked_revision=-1))
    look(house)
    assert gaps(house, "answered") == [(1, DELIVERY.question)]


def test_one_worker_looks_and_a_dead_one_s_look_is_taken_over(house: House, database: Database) -> None:
    assert collecting.is_due(database, 0)
    assert collecting.claim(database) is not None
    assert not collecting.is_due(database, 0)
    assert collecting.claim(database) is None
    assert look(house) is False
    with database.write() as session:
        session.execute(update(GapLookRow).values(claimed_until=now() - timedelta(seconds=1)))
    assert collecting.claim(database) is not None


def test_a_look_is_due_when_it_is_wanted_and_after_the_entries_have_changed(house: House, database: Database) -> None:
    look(house)
    revision = house.bot.revision
    assert not collecting.is_due(database, revision)
    assert collecting.is_due(database, revision + 1)
    collecting.want(database)
    assert collecting.is_due(database, revision)


def test_a_look_without_the_bot_is_begun_again_later(house: House, database: Database, mari: Started, bot: FakeBot, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise BotUnavailable("not started")

    ask(database, mari, PUPPY)
    with monkeypatch.context() as patch:
        patch.setattr(bot, "sketches", away)
        with pytest.raises(BotUnavailable):
            look(house)
    assert collecting.is_due(database, bot.revision)
    look(house)
    assert gaps(house) == [(1, PUPPY)]


def test_old_questions_and_too_many_are_let_go(missing: House, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MOST", 2)
    look(missing)
    assert sum(size for size, _ in gaps(missing)) == 2
    with database.write() as session:
        session.execute(update(GapQuestionRow).values(at=now() - timedelta(days=collecting.DAYS + 1)))
    collecting.let_go(database)
    assert gaps(missing) == []
