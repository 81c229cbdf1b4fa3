"""What the API takes and gives. Each shape carries an example, which the description shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

T = TypeVar("T")
ID = "7JBqy2xlVuaYecu1OuQDiw"
PERSON = "etNvUgL8UUfTzqC-bNC1bg"
TIME = "2026-03-02T09:30:00Z"


def shown(**example: Any) -> ConfigDict:
    """The example of a shape, which takes nothing that it does not name."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class Problem(BaseModel):
    """What went wrong (RFC 9457). `code` is stable, `detail` is for people."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {"type": "urn:abiline:not_found", "title": "Not Found", "status": 404, "detail": "There is no such conversation.", "code": "not_found"}
            ]
        },
    )

    type: str
    title: str
    status: int
    detail: str
    code: str


class Page(BaseModel, Generic[T]):
    """Some of a list. `next` is the cursor of the rest; None: that was all."""

    items: list[T]
    next: str | None


class Conversation(BaseModel):
    """A conversation as it stands."""

    model_config = shown(
        id=ID,
        state="waiting",
        channel="web",
        language="et",
        team_id=None,
        agent_id=None,
        name="Mari",
        email=None,
        phone=None,
        orders=["10023"],
        reason="asked",
        tags=["tarne"],
        product=None,
        outcome=None,
        last_number=4,
        created_at=TIME,
        changed_at=TIME,
        waiting_since=TIME,
        claimed_at=None,
        closed_at=None,
    )

    id: str
    state: str
    channel: str
    language: str
    team_id: str | None
    agent_id: str | None
    name: str | None
    email: str | None
    phone: str | None
    orders: list[str]
    reason: str | None
    tags: list[str]
    product: str | None
    outcome: str | None
    last_number: int
    created_at: datetime
    changed_at: datetime
    waiting_since: datetime | None
    claimed_at: datetime | None
    closed_at: datetime | None


class Event(BaseModel):
    """One numbered thing that happened; `body` depends on `kind`. `masked`: personal data is covered in it."""

    model_config = shown(number=2, kind="message", actor="customer", agent_id=None, at=TIME, body={"text": "Kus mu pakk on?"}, masked=False)

    number: int
    kind: str
    actor: str
    agent_id: str | None
    at: datetime
    body: dict[str, Any]
    masked: bool = False


class Callback(BaseModel):
    """A call that a customer waits for, between `starts` and `ends`; nobody answered `tries` times. `agent_id`: who has its conversation."""

    model_config = shown(
        id=ID, conversation_id=ID, name="Mari", phone="+372 5555 1234", language="et", starts=TIME, ends="2026-03-02T11:30:00Z", tries=0, agent_id=None
    )

    id: str
    conversation_id: str
    name: str | None
    phone: str | None
    language: str
    starts: datetime
    ends: datetime
    tries: int
    agent_id: str | None


class Retry(BaseModel):
    """Nobody answered: when it is tried again, with the offset of the time, and what colleagues read of it."""

    model_config = shown(starts=TIME, minutes=30, note="Helistasin, keegi ei vastanud.")

    starts: AwareDatetime
    minutes: int = Field(30, ge=5, le=480)
    note: str = Field(min_length=1, max_length=2_000)


class Outcome(BaseModel):
    """What came of a call: they have spoken, it is tried no more, or the number was wrong. `close` ends the conversation too, but not for a wrong number."""

    model_config = shown(result="done", note="Rääkisime, arve on selge.", close=True)

    result: Literal["done", "unreached", "wrong"]
    note: str = Field(min_length=1, max_length=2_000)
    close: bool = False


class Standing(BaseModel):
    """How it stands after a change."""

    model_config = shown(id=ID, state="live", agent_id=PERSON, team_id=None, last_number=5)

    id: str
    state: str
    agent_id: str | None
    team_id: str | None
    last_number: int


class Words(BaseModel):
    """What is said."""

    model_config = shown(text="Teie pakk jõuab homme.")

    text: str = Field(min_length=1, max_length=100_000)


class Number(BaseModel):
    """The number of the event that it became."""

    model_config = shown(number=6)

    number: int


class Assign(BaseModel):
    """To whom: a person or a team; the note is for colleagues."""

    model_config = shown(agent_id=PERSON, note="Arve küsimus")

    agent_id: str | None = Field(None, max_length=40)
    team_id: str | None = Field(None, max_length=40)
    note: str = Field("", max_length=100_000)

    @model_validator(mode="after")
    def _one_of_both(self) -> Assign:
        if (self.agent_id is None) == (self.team_id is None):
            raise ValueError("give either agent_id or team_id")
        return self


class Tag(BaseModel):
    """One tag."""

    model_config = shown(tag="tarne")

    tag: str = Field(min_length=1, max_length=200)


class About(BaseModel):
    """The product that a conversation is about; empty says that it is about none."""

    model_config = shown(product="Matkasaabas Põhjala")

    product: str = Field(max_length=200)


class Tags(BaseModel):
    """All tags of a conversation."""

    model_config = shown(tags=["tarne"])

    tags: list[str]


class Ending(BaseModel):
    """How it ended."""

    model_config = shown(outcome="solved")

    outcome: Literal["solved", "not_solved", "spam"] = "solved"


class Colleague(BaseModel):
    """Somebody who answers. `here`: their desk is open and they have not said that they are away."""

    model_config = shown(id=PERSON, name="Jaan", here=True)

    id: str
    name: str
    here: bool


class Team(BaseModel):
    """Several colleagues by one name."""

    model_config = shown(id=ID, name="Arved")

    id: str
    name: str
