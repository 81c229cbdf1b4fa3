"""Two whole processes, each with the real bot beside it, on one PostgreSQL and one Redis behind a proxy: what is published at one is understood by both."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.fault.worker import Worker
from tests.many.customer import Mari
from tests.many.house import House, opened
from tests.many.reader import PATIENCE_SECONDS, News, Reader

pytestmark = [pytest.mark.commands, pytest.mark.load, pytest.mark.timeout(600)]

ENTRY = {"id": "lauamangud", "topic": "laenutus", "question": "Kas teilt saab lauamänge laenutada?", "answer": "Jah, lauamänge saab laenutada nädalaks."}
ASKED = "Tere! kas teie käest saab lauamängu laenuks"  # not as the entry has it
LATER = "Jah, nüüd saab lauamänge laenutada lausa kuuks."


@pytest.fixture(scope="module")
def house(trained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("real"), module="handoff serve", ABILINE_MODEL_DIR=str(trained_model)) as serving:
        yield serving
    Reader.end_all()


class Questioner(Mari):
    """Tells what she was answered."""

    def is_told(self, at: str, text: str) -> str:
        page = self.reads(at)
        before = len(page.wait_for(_standing))
        self.says(at, text)
        told = page.wait_for(lambda told: _standing(told[before:]) and _of_bot(told[before:]), says=f"an answer to {text}")
        page.stop()
        return " ".join(data["body"]["text"] for data in _of_bot(told[before:]))


def _of_bot(told: list[News]) -> list[dict[str, dict[str, str]]]:
    return [data for name, data in told if name == "event" and data["actor"] == "bot" and data["kind"] == "message"]


def _standing(told: list[News]) -> bool:
    """Nothing is owed any more, as far as was told."""
    return [data["owed"] for name, data in told if name == "state"][-1:] == [False]


def seconds_until(holds: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() < began + PATIENCE_SECONDS, "it never came to that"
    return time.monotonic() - began


def test_both_understand_what_is_published_at_one_and_one_alone_goes_on(
    house: House, client: httpx.Client, record_property: Callable[[str, object], None]
) -> None:
    liis, at = house.headers("liis"), f"{house.one.url}/api/editor/entries"
    made = client.post(at, json=ENTRY, headers=liis).raise_for_status().json()
    made = client.post(f"{at}/{made['id']}/publish", json=ENTRY | {"revision": made["revision"]}, headers=liis).raise_for_status().json()
    mari = Questioner(client, house.site)
    seconds_until(lambda: ENTRY["answer"] in mari.is_told(house.other.url, ASKED))

    client.post(f"{at}/{made['id']}/publish", json=ENTRY | {"answer": LATER, "revision": made["revision"]}, headers=liis).raise_for_status()
    assert LATER in mari.is_told(house.one.url, ASKED)  # where it was published it is there when that returns
    record_property(
        "an entry changed at one process, answered by the other's real bot", f"{seconds_until(lambda: LATER in mari.is_told(house.other.url, ASKED)):.1f} s"
    )

    with ThreadPoolExecutor(6) as hands:  # six customers, each request to whichever process
        customers = [Questioner(client, house.site) for _ in range(6)]
        assert all(LATER in words for words in hands.map(lambda one: one.is_told(house.site, ASKED), customers))

    house.one.kill()
    assert LATER in mari.is_told(house.site, ASKED)
    house.one.start()
    house.one.await_answer()
    assert LATER in mari.is_told(house.one.url, ASKED)
    _ends_well(house.one)


def _ends_well(worker: Worker) -> None:
    worker.stop()
    assert "Traceback" not in worker.log
