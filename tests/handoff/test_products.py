"""Complaints by product: named by agents, suggested, covered, counted as paper says, and what stays of it after erasure.

On paper, November 2026 in Tallinn, the period is the 16th to the 22nd; „Matkasaabas" is named in all but c and f:
a, b  16 and 17 Nov  the bot hands over as a complaint                                        → two
c     18 Nov         the same, nobody has named a product                                     → one of no product
d     19 Nov         an agent tags „Kaebus" two days after the talk began                     → one, on the 19th
e     20 Nov         handed over as a complaint, the tag taken off: it was none               → none
f     20 Nov         tagged, taken off and tagged again; „Kellele: Mari" as its only product   → one, which nobody else has
g      9 Nov         handed over as a complaint                                               → one, the week before
h     20 Nov         asked for a person                                                       → none
i     22 Nov, 22.30 UTC is the 23rd in Tallinn                                                → none
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import bindparam, text

from handoff.accounts.tables import TeamRow
from handoff.contract import Reason
from handoff.conversations import erasure, products, tagging
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database, Moment
from handoff.errors import SettingsError, Unreadable
from handoff.products import read_products
from handoff.reports import grievances
from handoff.reports.examples import of_products
from handoff.reports.gathering import gather
from handoff.reports.grievances import OfProduct
from handoff.reports.overview import sheet
from handoff.reports.wanted import Wanted, ends
from handoff.schedule import Hours
from handoff.settings import Settings
from handoff.week import Week
from tests.handoff import talk
from tests.handoff.desk import at, wait

pytestmark = pytest.mark.both_databases

ZONE = ZoneInfo("Europe/Tallinn")
HOURS = Hours(Week.read("Mo-Fr 09:00-17:00"), ZONE)
WEEK = Wanted(date(2026, 11, 16), date(2026, 11, 22))
BOOT, ONLY_ONE = "Matkasaabas", "Kellele: Mari"
STATEMENT = re.compile(r"### Complaints by product\n.*?\n\n((?:    [^\n]*\n)+)", re.DOTALL)
Fact = tuple[float, str, dict[str, Any]]
CALL: Fact = (60, "handoff_requested", {"reason": "complaint"})
DAY = 86_400


def tag(kind: str, seconds: float) -> Fact:
    return (seconds, kind, {"tag": "Kaebus", "name": "Jaan"})


def day(number: int) -> datetime:
    return datetime(2026, 11, number, 12, tzinfo=ZONE)


@pytest.fixture
def paper(database: Database) -> Database:
    """The conversations above."""
    told: list[tuple[str, datetime, str | None, tuple[Fact, ...]]] = [
        ("a", day(16), BOOT, (CALL,)),
        ("b", day(17), BOOT, (CALL,)),
        ("c", day(18), None, (CALL, CALL)),
        ("d", day(17), BOOT, (tag("tagged", 2 * DAY),)),
        ("e", day(20), BOOT, (CALL, tag("untagged", 90))),
        ("f", day(20), ONLY_ONE, (tag("tagged", 60), tag("untagged", 70), tag("tagged", 80))),
        ("g", day(9), BOOT, (CALL,)),
        ("h", day(20), BOOT, ((60, "handoff_requested", {"reason": "asked"}),)),
        ("i", datetime(2026, 11, 22, 22, 30, tzinfo=UTC), BOOT, (CALL,)),
    ]
    with database.write() as session:
        for name, local, product, facts in told:
            began = local.astimezone(UTC)
            session.add(ConversationRow(id=name, secret_hash="-", created_at=began, changed_at=began, last_number=1 + len(facts), product=product))
            session.flush()
            said = {"text": f"Tald tuli lahti, {name}. Olen Mari"}
            session.add(EventRow(id=f"{name}-1", conversation_id=name, number=1, kind="message", actor="customer", body=said, at=began))
            for number, (seconds, kind, body) in enumerate(facts, 2):
                moment = began + timedelta(seconds=seconds)
                session.add(EventRow(id=f"{name}-{number}", conversation_id=name, number=number, kind=kind, actor="system", body=body, at=moment))
    gather(database, HOURS)
    return database


def counted(database: Database) -> list[OfProduct]:
    with database.read() as session:
        return grievances.products(session, WEEK)


PAPER = [OfProduct(BOOT, 3, 1), OfProduct(ONLY_ONE, 1, 0), OfProduct("", 1, 0)]


def test_complaints_are_counted_by_product_as_paper_says(paper: Database) -> None:
    assert counted(paper) == PAPER
    table = sheet(paper, "complaints-by-product", WEEK, zone=ZONE, until=day(23))
    assert table is not None
    assert (table.columns, table.rows) == (("product", "complaints", "complaints_before", "rising"), [(BOOT, 3, 1, 0), (ONLY_ONE, 1, 0, 0), ("", 1, 0, 0)])


def test_the_statement_of_the_docs_counts_the_same(paper: Database) -> None:
    found = STATEMENT.search((Path(__file__).parents[2] / "docs" / "figures.md").read_text(encoding="utf-8"))
    assert found
    since, until = ends(WEEK, ZONE)
    query = text(found[1]).bindparams(bindparam("since", since, type_=Moment()), bindparam("until", until, type_=Moment()))
    with paper.read() as session:
        assert {row.product: row.complaints for row in session.execute(query)} == {one.product: one.now for one in PAPER}


def test_examples_stand_under_the_product_newest_first_and_covered(paper: Database) -> None:
    with paper.read() as session:
        told = of_products(session, WEEK, PAPER, lambda words: words.replace("Mari", "[nimi]"), reader=None)
    assert told == {BOOT: [f"Tald tuli lahti, {name}. Olen [nimi]" for name in "dba"], ONLY_ONE: ["Tald tuli lahti, f. Olen [nimi]"]}


def test_of_erased_conversations_the_product_stays_that_others_have_too(paper: Database, shelf: Shelf) -> None:
    for name in "abcdfgi":
        erasure.erase(paper, shelf, name)
    gather(paper, HOURS)
    assert counted(paper) == [OfProduct(BOOT, 3, 1), OfProduct("", 2, 0)]
    with paper.read() as session:
        assert of_products(session, WEEK, counted(paper), str, reader=None) == {}
        assert "Mari" not in "".join(f"{row.product}" for row in session.query(ConversationRow))


def test_a_product_is_named_once_in_the_letters_in_which_it_is_known(database: Database, mari: Started, kadri: Holder) -> None:
    assert products.name(database, mari.conversation_id, kadri, "  matkasaabas ", known=[BOOT]) == BOOT
    assert products.name(database, mari.conversation_id, kadri, BOOT) == BOOT
    assert products.name(database, mari.conversation_id, kadri, " ") is None
    assert talk.kinds(database, mari.conversation_id)[1:] == ["product_named", "product_named"]
    with pytest.raises(Unreadable, match="60"):
        products.name(database, mari.conversation_id, kadri, "x" * 61)


def test_suggested_is_the_list_and_then_what_one_may_see(database: Database, mari: Started, kadri: Holder) -> None:
    products.name(database, mari.conversation_id, kadri, "Suusk")
    assert products.suggestions(database, kadri.id, ["Kelk", "Uisk"]) == ["Kelk", "Uisk", "Suusk"]
    assert products.suggestions(database, kadri.id, ["SUUSK"]) == ["SUUSK"]
    with database.write() as session:
        session.add(TeamRow(id="raha", name="Raha", walled=True))
        session.flush()
        session.get_one(ConversationRow, mari.conversation_id).team_id = "raha"
    assert products.suggestions(database, kadri.id) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Minu matkasaabastel tuli tald lahti", None),  # „matkasaapad" is no beginning of it, and neither is another product
        ("minu MATKASAABAS lagunes", "Matkasaabas"),
        ("Matkasaabas Põhjala on katki", "Matkasaabas Põhjala"),  # the longer name says more
        ("Põhjalal matkasaabas", "Matkasaabas Põhjala"),
        ("tvist müüjaga", None),
        ("uus TV ei tööta", "TV"),
        ("TV ja matkasaabas", None),  # two: the agent says which
        ("", None),
    ],
)
def test_the_customers_words_name_a_product_or_none(words: str, found: str | None) -> None:
    if words.startswith("Minu matkasaabastel"):
        assert products.told([words], ["Matkasaapad"]) is None
        return
    assert products.told([words], ["Matkasaabas", "Matkasaabas Põhjala", "TV"]) == found


def test_the_card_has_the_product_and_any_agent_puts_it_right(desk: TestClient, database: Database, mari: Started, jaan: Holder) -> None:
    wait(database, mari)
    tagging.add(database, mari.conversation_id, jaan, "kaebus")
    assert desk.get(at(mari)).json()["complaint"]["product"] is None
    assert desk.post(f"{at(mari)}/product", json={"product": BOOT}).json() == {"product": BOOT}
    assert desk.get(at(mari)).json()["complaint"]["product"] == BOOT
    assert desk.get("/api/desk/products").json() == [BOOT]
    assert desk.post(f"{at(mari)}/product", json={"product": "x" * 61}).json()["code"] == "long_product"
    assert desk.post(f"{at(mari)}/product", json={"product": ""}).json() == {"product": None}


def test_a_conversation_that_is_no_complaint_has_no_card(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari, reason=Reason.ASKED)
    assert desk.get(at(mari)).json()["complaint"] is None


def test_the_houses_own_list_is_read_once_or_stops_the_start(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "tooted.txt"
    own = settings.model_copy(update={"products": str(path)})
    with pytest.raises(SettingsError, match="ABILINE_PRODUCTS"):
        read_products(own)
    path.write_text("\ufeff# talv\nKelk\n\n  Uisk   36 \nkelk\n", encoding="utf-8")
    assert read_products(own) == ("Kelk", "Uisk 36")
    path.write_text("x" * 61, encoding="utf-8")
    with pytest.raises(SettingsError, match="60"):
        read_products(own)
    assert read_products(settings) == ()
