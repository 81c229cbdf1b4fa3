"""What holds at every messenger: a person takes over and answers there, what comes again is one message, no kill and no provider that fails loses a word."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as some
from pydantic import SecretStr
from sqlalchemy import select, update

from handoff.channels import routes, words
from handoff.channels.facebook import Facebook
from handoff.channels.provider import Provider
from handoff.channels.slack import Slack
from handoff.channels.telegram import Telegram
from handoff.conversations import agents, amending, channel_debts, hearing, queue, service
from handoff.conversations.agents import Holder
from handoff.conversations.attachments import Allowed, Attachments
from handoff.conversations.shelf import Shelf
from handoff.conversations.signals import Signals
from handoff.conversations.tables import ConversationRow, EventRow, OwedReplyRow
from handoff.database import Database, now
from handoff.outbox import Outbox, OutboxRow
from handoff.settings import Settings, read_settings
from tests.handoff import talk, test_facebook, test_slack, test_telegram
from tests.handoff.messenger import Messenger
from tests.handoff.talk import be_here

pytestmark = pytest.mark.both_databases


class Killed(BaseException):
    """The process is gone, here."""


@dataclass(frozen=True)
class Kind:
    """One messenger: what it brings as the n-th message of Mari, and the words of what was sent to her."""

    provider: Callable[[Settings], Provider]
    settings: dict[str, str]  # `api` is the setting that names its address
    brings: Callable[[int, str], dict[str, Any]]
    method: str
    words: Callable[[Any], str]


KINDS = {
    "telegram": Kind(
        Telegram, {"telegram_token": test_telegram.TOKEN, "telegram_secret": test_telegram.SECRET}, test_telegram.said, "sendMessage", lambda body: body["text"]
    ),
    "slack": Kind(
        Slack,
        {"slack_token": "xoxb-proov", "slack_secret": test_slack.SECRET},
        lambda number, text: test_slack.said(text, ts=f"1760000000.{number:06}"),
        "chat.postMessage",
        lambda body: body["text"],
    ),
    "facebook": Kind(
        Facebook,
        {"facebook_token": "leht", "facebook_secret": test_facebook.SECRET, "facebook_verify": "kontroll"},
        lambda number, text: test_facebook.said(text, mid=f"m_{number}"),
        "messages",
        lambda body: body["message"]["text"],
    ),
}


@pytest.fixture(params=sorted(KINDS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def kind(name: str) -> Kind:
    return KINDS[name]


@pytest.fixture
def there() -> Iterator[Messenger]:
    made = Messenger()
    yield made
    made.stop()


@pytest.fixture
def settings(tmp_path: Path, there: Messenger, name: str, kind: Kind) -> Settings:
    secrets: dict[str, Any] = {key: SecretStr(value) for key, value in kind.settings.items()}
    return read_settings(data_dir=tmp_path, public_url="https://tugi.pood.ee", **secrets, **{f"{name}_api": there.url})


@pytest.fixture
async def theirs(database: Database, settings: Settings, shelf: Shelf) -> Any:
    """The outbox of a house with this messenger."""
    channel_debts.keep_set_up(database, routes.set_up(settings))
    attachments = Attachments(database, shelf, Allowed.of(settings))
    async with httpx.AsyncClient(timeout=0.5) as client:
        yield Outbox(database, secret="", ways=routes.ways(settings, database, Signals(), attachments, client=client))


def hear(database: Database, settings: Settings, kind: Kind, number: int, text: str) -> None:
    """As the route takes what comes, past its signature."""
    for one in kind.provider(settings).read({}, json.dumps(kind.brings(number, text)).encode()):
        hearing.take(database, one, words.words_of_house(settings))


async def deliver(database: Database, sends: Outbox) -> None:
    """All that is due by now, or later."""
    with database.write() as session:
        session.execute(update(OutboxRow).values(next_at=now() - timedelta(seconds=1)))
    while await sends.deliver_one():
        pass


def told(there: Messenger, kind: Kind) -> list[str]:
    """The words of everything that was sent to her."""
    return [kind.words(body) for method, body in there.got if method == kind.method]


def only(database: Database) -> str:
    with database.read() as session:
        return session.scalars(select(ConversationRow.id)).one()


def heard(database: Database) -> list[str]:
    with database.read() as session:
        return [event.body.get("text", "") for event in session.scalars(select(EventRow).where(EventRow.actor == "customer"))]


async def test_an_agent_takes_it_over_answers_there_and_ends_it(
    database: Database, settings: Settings, theirs: Outbox, there: Messenger, kind: Kind, name: str, jaan: Holder
) -> None:
    be_here(database, jaan)
    hear(database, settings, kind, 1, "Tahan inimesega rääkida")
    conversation_id = only(database)
    assert talk.row(database, conversation_id).channel == name
    talk.wait_for_person(database, conversation_id)
    agents.claim(database, conversation_id, jaan)
    agents.answer(database, conversation_id, jaan, client_id="jaan-0001", text="Tere! Pakk jõuab homme.")
    await deliver(database, theirs)
    assert "tehisaru" in told(there, kind)[0]
    assert told(there, kind)[-2:] == ["Jaan liitus vestlusega", "Tere! Pakk jõuab homme."]
    hear(database, settings, kind, 2, "Aitäh!")
    assert heard(database)[-1] == "Aitäh!"
    agents.close(database, conversation_id, jaan, outcome="solved")
    await deliver(database, theirs)
    assert told(there, kind)[-1].startswith("Vestlus lõppes.")


async def test_words_are_taken_back_before_they_leave_and_put_right_after_it(
    database: Database, settings: Settings, theirs: Outbox, there: Messenger, kind: Kind, jaan: Holder
) -> None:
    be_here(database, jaan)
    hear(database, settings, kind, 1, "Tahan inimesega rääkida")
    conversation_id = only(database)
    talk.wait_for_person(database, conversation_id)
    agents.claim(database, conversation_id, jaan)
    await deliver(database, theirs)
    first = agents.answer(database, conversation_id, jaan, client_id="jaan-0001", text="Pakk jõuab eile.")
    assert queue.whole(database, conversation_id).item.gone == 0
    amending.withdraw(database, conversation_id, jaan, first)
    await deliver(database, theirs)
    assert "Pakk jõuab eile." not in told(there, kind)
    second = agents.answer(database, conversation_id, jaan, client_id="jaan-0002", text="Pakk jõuab homme.")
    await deliver(database, theirs)
    assert queue.whole(database, conversation_id).item.gone == second
    with pytest.raises(amending.AlreadyThere):
        amending.withdraw(database, conversation_id, jaan, second)
    amending.edit(database, conversation_id, jaan, second, "Pakk jõuab ülehomme.")
    await deliver(database, theirs)
    assert told(there, kind)[-1] == "Parandus: Pakk jõuab ülehomme."


@examples(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=some.lists(some.integers(1, 5), min_size=1, max_size=12))
def test_whatever_comes_again_and_in_whatever_order_is_one_message_each(
    database: Database, settings: Settings, kind: Kind, name: str, order: list[int]
) -> None:
    channel_debts.keep_set_up(database, [name])
    before = set(heard(database))
    for number in order:
        hear(database, settings, kind, number, f"sõnum {number}")
    assert set(heard(database)) - before <= {f"sõnum {number}" for number in order}
    assert len(heard(database)) == len(set(heard(database)))
    assert set(heard(database)) >= {f"sõnum {number}" for number in order}


@pytest.mark.parametrize("step", ["placed", "said"])
async def test_whoever_is_killed_between_two_steps_loses_nothing_and_says_nothing_twice(
    database: Database, settings: Settings, theirs: Outbox, there: Messenger, kind: Kind, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The provider gets no answer then and brings it again."""
    real = service.say

    def killed(*args: Any, **more: Any) -> Any:
        if step == "said":
            real(*args, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(service, "say", killed)
        with pytest.raises(KeyboardInterrupt):
            hear(database, settings, kind, 1, "Kas olete avatud?")
    hear(database, settings, kind, 1, "Kas olete avatud?")
    assert heard(database) == ["Kas olete avatud?"]
    with database.read() as session:
        assert len(session.scalars(select(OwedReplyRow)).all()) == 1
    await deliver(database, theirs)
    assert len(told(there, kind)) == 1


@pytest.mark.parametrize(("step", "before"), [("_deliver", True), ("_settle", True), ("_settle", False)], ids=["claimed", "sent", "settled"])
async def test_whoever_is_killed_while_it_is_sent_loses_nothing_and_only_an_answer_that_got_no_yes_comes_twice(
    database: Database, settings: Settings, theirs: Outbox, there: Messenger, kind: Kind, monkeypatch: pytest.MonkeyPatch, step: str, before: bool
) -> None:
    hear(database, settings, kind, 1, "Kas olete avatud?")
    real = getattr(Outbox, step)

    def gone(*given: object) -> None:
        if not before:
            real(*given)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, step, gone)
        with pytest.raises(Killed):
            await theirs.deliver_one()
    await deliver(database, theirs)
    assert len(told(there, kind)) == (2 if step == "_settle" and before else 1)
    await deliver(database, theirs)
    with database.read() as session:
        assert all(row.delivered_at for row in session.scalars(select(OutboxRow)))


async def test_a_provider_that_fails_for_an_hour_delays_and_loses_nothing(
    database: Database, settings: Settings, theirs: Outbox, there: Messenger, kind: Kind, jaan: Holder
) -> None:
    be_here(database, jaan)
    hear(database, settings, kind, 1, "Tahan inimesega rääkida")
    conversation_id = only(database)
    talk.wait_for_person(database, conversation_id)
    agents.claim(database, conversation_id, jaan)
    await deliver(database, theirs)
    agents.answer(database, conversation_id, jaan, client_id="jaan-0001", text="Esimene")
    agents.answer(database, conversation_id, jaan, client_id="jaan-0002", text="Teine")
    there.failing = [(500, {})] * 8
    for _ in range(8):
        await deliver(database, theirs)
    there.failing = []
    before = len(told(there, kind))
    await deliver(database, theirs)
    assert told(there, kind)[before:] == ["Esimene", "Teine"], "in their order, once each"
    await deliver(database, theirs)
    assert len(told(there, kind)) == before + 2
