"""What the widget and the service tell each other."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.understanding import Language
from handoff.conversations.states import State

ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$", description="made by the sender; the same id again is the same message")]
Page = Annotated[str | None, Field(max_length=4_000, description="address of the page that the visitor is on")]


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Start(Asked):
    """`secret` is made by the sender (32 random bytes, as base64url or hex), so that a retry after a lost answer is the same conversation."""

    language: Language = "et"
    secret: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]{43,64}$", description="the service makes one when it is left out")
    page: Page = None
    device: str | None = Field(None, max_length=1_000, description="size of the window, such as 390 × 844; the system is taken from the request")
    consent: str | None = Field(None, max_length=20, description="version of the privacy notice that the visitor agreed to")


class Choice(Asked):
    number: int = Field(ge=1, description="number of the event that offered the buttons")
    button: int = Field(ge=0, description="place of the button, from 0")


class Say(Asked):
    """Either what was typed, or which button was tapped."""

    client_id: ClientId
    text: str | None = None
    choice: Choice | None = None
    page: Page = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Say:
        if (self.text is None) == (self.choice is None):
            raise ValueError("give either text or choice")
        return self


class AskHuman(Asked):
    client_id: ClientId


class Rate(Asked):
    number: int = Field(ge=1)
    helpful: bool


class Speak(Asked):
    language: Language


class Seen(Asked):
    number: int = Field(ge=0)


class Identify(Asked):
    token: str = Field(description="JWT of the site, signed with the secret that both share")


class Agree(Asked):
    version: str = Field(max_length=20, description="`notice` of the configuration, as the visitor read it")


class Event(BaseModel):
    """One numbered thing that happened; `body` depends on `kind` (see `handoff.conversations.events.Kind`)."""

    number: int
    kind: str
    actor: str
    at: str
    client_id: str | None
    body: dict[str, Any]
    shown: list[Any] | None = Field(None, description="the words as elements: text, or [tag, attributes, children …]; null when they are the words alone")


Offer = Literal["human", "contact", "bot_again", "end", "keep"]


class Standing(BaseModel):
    """Who has the conversation now."""

    state: State
    agent: str | None = Field(description="name of the person who has it")
    people_available: bool
    back: str = Field(description="when nobody is here: one sentence, when people are back")
    place: int | None = Field(None, description="in the line, from 1; only while waiting for a person")
    waiting: str = Field("", description="while waiting: the place and the time, in the customer's language")
    line: str = Field("", description="what stands over the box, in the customer's language; nothing when empty")
    offer: Offer | None = Field(None, description="the one way on that is offered there")
    seen_by_agent: int
    owed: bool = Field(description="the bot is thinking about an answer")
    consent_due: bool = Field(False, description="the visitor agrees to the privacy notice before saying more")


class Log(BaseModel):
    events: list[Event]
    state: Standing
    typing: str | None = Field(None, description="name of the person who is writing now")
    version: str = Field(description="of `state` and `typing`; goes back as `known`, so that a change of them ends the wait too")


class Earlier(BaseModel):
    events: list[Event]


class Started(Log):
    id: str
    secret: str = Field(description="told once; later in the header `Authorization: Bearer …`")


class Kept(BaseModel):
    number: int


class Files(BaseModel):
    """What may be sent along."""

    accept: str = Field(description="file name endings, comma separated, as a file chooser wants them")
    most: int = Field(description="bytes of one file")
    kinds: str = Field(description="the endings in capitals, for people")


class Config(BaseModel):
    """All that the widget shows before there is a conversation."""

    language: Language
    company: str
    bot_name: str
    people_available: bool
    next_opening: str | None = Field(description="ISO 8601, when nobody is here")
    back: str
    standing: Standing = Field(description="as it is before there is a conversation")
    files: Files | None = Field(description="null when no files are taken")
    mail: bool = Field(description="whether the conversation can be sent by e-mail")
    texts: dict[str, str]
    greetings: list[tuple[str, str, list[Any]]] = Field(description="page, the bot's first words there, and these as elements; the first that fits")
    help: bool = Field(description="whether anything stands on the public help page")
    notice: str = Field(description="version of the privacy notice")
    consent_due: bool = Field(description="the visitor agrees to the privacy notice before the first message")


class Problem(BaseModel):
    code: str = Field(examples=["empty", "too_long", "not_text", "no_such_choice", "not_found", "too_many"])
    message: str
    field: str | None = None
