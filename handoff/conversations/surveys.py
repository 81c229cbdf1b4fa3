"""One question after a conversation: how it was. Asked once, never again; answered by a tap or a typed number, then by words, or not at all.

Who is not in the chat gets a letter with the link to the page of their matter, where the answer is a form.

It is asked where the customer ends the conversation at once, and where an agent does, after the time in which that can be taken back. A talk with the bot
alone nobody ends: there it is asked after a silence (`quiet`), and the conversation stays as open as it was. What is asked stands in the conversation's log, so
the widget needs to know nothing of it; what was answered stands in a row of its own (`SurveyRow`), by which figures count.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot.understanding import Language, Reply
from handoff import mail, outbox
from handoff.conversations import links, quiet, store
from handoff.conversations.events import Kind
from handoff.conversations.feedback_tables import SurveyRow
from handoff.conversations.saying import append_reply
from handoff.conversations.scores import Scale, read
from handoff.conversations.states import State
from handoff.conversations.store import ERASED
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.conversations.words import clean
from handoff.database import Database, now
from handoff.errors import NotFound, Unreadable
from handoff.mail import Letter

ASKS = "surveys"  # what a session knows the operator's choice as
SCORE = "/score_"  # the payload of a score begins so
ASIDE = "/survey"  # of what else is said about it: these words ask nothing and answer nothing
AFTER = timedelta(seconds=35)  # an agent has closed it: longer than that can be taken back (`undoing.WITHIN`)
WAITS_FOR_WORDS = timedelta(hours=24)  # a number that comes later is no answer any more
SCORE_DUE, COMMENT_DUE = "score", "comment"
OPEN, DONE = "open", "done"
ENDS_IN = (State.CLOSED.value, State.BOT.value)  # where a conversation may be asked about: by an ending, or by a silence
BY_CUSTOMER = "ended_by_customer"
NOT_ASKED = frozenset({"spam", ERASED})
CHAT = "web"
WHERE = "outbox:mail"

_ASKS_SOMETHING = re.compile(
    r"\?|^\W*(kas|kuidas|kus|kust|kuhu|millal|miks|palun öelge|how|where|when|why|can|could|как|где|куда|когда|почему|можно)\b", re.IGNORECASE
)
# Asked with every message.
_WAS_ASKED = select(SurveyRow.__table__.c.id).where(SurveyRow.__table__.c.conversation_id == bindparam("conversation_id")).limit(1)


class Asks(Protocol):
    """What the customer is asked and told, by the operator's choice."""

    @property
    def scale(self) -> Scale: ...

    @property
    def low(self) -> int: ...

    def question(self, language: Language) -> Reply: ...

    def more(self, language: Language, *, low: bool) -> Reply: ...

    def thanks(self, language: Language) -> Reply: ...

    def letter(self, row: ConversationRow) -> Letter | None: ...


def keep_asking(database: Database, asks: Asks | None) -> None:
    """From now on customers are asked; with None nobody is."""
    database.about[ASKS] = asks


def plan(session: Session, row: ConversationRow) -> None:
    """An agent has closed it: ask once that can't be taken back any more. The row must be locked."""
    row.survey_at = now() + AFTER if _may_ask(session, row) else None


def ask(session: Session, row: ConversationRow) -> bool:
    """Ask now, unless it was asked before or there is nobody to ask. The row must be locked."""
    row.survey_at = None
    asks: Asks | None = session.info.get(ASKS)
    if asks is None or not _may_ask(session, row):
        return False
    letter = None if row.channel == CHAT else asks.letter(row)
    if row.channel != CHAT and letter is None:
        return False
    language = store.spoken_language(session, row)
    by = "customer" if row.outcome == BY_CUSTOMER else "agent" if row.agent_id else "bot"
    session.add(
        SurveyRow(
            conversation_id=row.id,
            kind=asks.scale.value,
            language=language,
            channel=row.channel,
            team_id=row.team_id,
            agent_id=row.agent_id,
            closed_by=by,
            outcome=row.outcome,
            awaits=SCORE_DUE if letter is None else None,
        )
    )
    if letter is None:
        append_reply(session, row, asks.question(language), about=ASIDE)
    else:
        outbox.enqueue(session, kind=mail.KIND, url=WHERE, key=f"survey:{row.id}", payload=letter.as_payload())
    return True


def ask_due(database: Database, is_typing: Callable[[str], bool] = lambda _id: False) -> list[str]:
    """Ask those whose conversation was closed a while ago, and those who had their answer from the bot and have been silent since; gives the conversations.
    Nobody is asked while they type. Of two processes at it one asks."""
    due = (ConversationRow.state.in_(ENDS_IN), ConversationRow.survey_at <= now())
    with database.read() as session:
        ids = session.scalars(select(ConversationRow.id).where(*due).order_by(ConversationRow.survey_at)).all()
    return [conversation_id for conversation_id in ids if not is_typing(conversation_id) and _ask_one(database, conversation_id)]


def take(session: Session, row: ConversationRow, *, client_id: str, text: str, payload: str | None) -> EventRow | None:
    """Keep the message as an answer to the question, if it is one; a closed conversation stays closed then. None: it is a message like any other.
    The row must be locked."""
    tapped = int(payload.removeprefix(SCORE)) if payload and payload.startswith(SCORE) else None
    if tapped is None and row.state not in ENDS_IN:
        return None
    survey = session.scalar(_of(row)) if session.connection().scalar(_WAS_ASKED, {"conversation_id": row.id}) else None
    if survey is None:
        return None
    score = tapped if tapped is not None or payload is not None else _typed(survey, text)
    if score is None and (payload is not None or not _is_comment(survey, text)):
        survey.awaits = None  # something else is on the customer's mind: that is simply a message
        return None
    hidden = {"payload": ASIDE if score is None else f"{SCORE}{score}"}
    event = store.append(session, row, Kind.MESSAGE, actor="customer", client_id=client_id, body={"text": text}, hidden=hidden)
    if score is None:
        _comment(session, row, survey, text)
    else:
        _score(session, row, survey, score)
    return event


def open_on_page(session: Session, row: ConversationRow) -> Scale | None:
    """What the page of the matter asks; None where nothing was asked, or it is answered."""
    survey = session.scalar(_of(row))
    return Scale(survey.kind) if survey is not None and survey.score is None and row.state == State.CLOSED else None


def answer_on_page(database: Database, token: str, *, days: int, score: int, comment: str) -> str:
    """The answer of whoever has the link of the matter; gives the conversation. Raises `NotFound`, also for what was not asked or is answered, and
    `Unreadable` for a comment that can't be kept or a score that the scale has not."""
    words = clean(comment) if comment.strip() else None
    with database.write() as session:
        row = links.find(session, token, days=days, lock=True)
        survey = session.scalar(_of(row))
        if survey is None or survey.score is not None:
            raise NotFound("Nothing is asked here.")
        if score not in Scale(survey.kind).steps:
            raise Unreadable("The scale has no such score.", code="no_such_choice", field="score")
        _keep_score(session, row, survey, score)
        survey.comment = words
        return row.id


def answered(session: Session, since: datetime, until: datetime) -> list[SurveyRow]:
    """All answers of a time, the oldest first: what CSAT, NPS and CES are counted from."""
    query = select(SurveyRow).where(SurveyRow.at >= since, SurveyRow.at < until, SurveyRow.score.is_not(None))
    return list(session.scalars(query.order_by(SurveyRow.at)))


def is_aside(payload: str | None) -> bool:
    """Whether a message, by its payload, is the question how it was or an answer to it, and so no part of what the conversation was about."""
    return payload is not None and payload.startswith((SCORE, ASIDE))


def _ask_one(database: Database, conversation_id: str) -> bool:
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if row.survey_at is None or row.survey_at > now() or row.state not in ENDS_IN:
            return False
        if row.state == State.BOT and not quiet.is_over(session, row):
            return False
        return ask(session, row)


def _may_ask(session: Session, row: ConversationRow) -> bool:
    """Somebody wrote, nobody is asked yet, and the question whether all is well does not come anyway."""
    if session.info.get(ASKS) is None or (row.channel != CHAT and row.email is None) or row.outcome in NOT_ASKED:
        return False
    if row.follow_up is not None or row.follow_up_at is not None:
        return False
    wrote = select(EventRow.id).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value, EventRow.actor == "customer")
    return session.scalar(_of(row)) is None and session.scalar(wrote.limit(1)) is not None


def _typed(survey: SurveyRow, text: str) -> int | None:
    """A number is the score, or puts it right while words are awaited."""
    return read(text, Scale(survey.kind)) if survey.awaits is not None and now() - survey.asked_at < WAITS_FOR_WORDS else None


def _is_comment(survey: SurveyRow, text: str) -> bool:
    return survey.awaits == COMMENT_DUE and survey.at is not None and now() - survey.at < WAITS_FOR_WORDS and not _ASKS_SOMETHING.search(text)


def _score(session: Session, row: ConversationRow, survey: SurveyRow, score: int) -> None:
    asks: Asks | None = session.info.get(ASKS)
    is_the_talk = row.state == State.CLOSED or survey.awaits is not None  # nothing else was said since it was asked
    low = _keep_score(session, row, survey, score)
    if asks is None or row.state not in ENDS_IN:
        return  # a person is speaking with them: nobody talks in between
    if is_the_talk and survey.comment is None:
        survey.awaits = COMMENT_DUE
        append_reply(session, row, asks.more(_language(survey), low=low), about=ASIDE)
    else:
        append_reply(session, row, asks.thanks(_language(survey)), about=ASIDE)


def _keep_score(session: Session, row: ConversationRow, survey: SurveyRow, score: int) -> bool:
    """Whether it is a low one, which waits for a supervisor from now on. The row must be locked: it stands in the log, where other systems hear of it."""
    asks: Asks | None = session.info.get(ASKS)
    scale = Scale(survey.kind)
    low = score <= (asks.low if asks and asks.scale == scale else scale.low)
    survey.score, survey.at, survey.awaits = score, now(), None
    survey.follow_up = (survey.follow_up or OPEN) if low else None
    store.append(session, row, Kind.SCORED, actor="customer", body={"scale": scale.value, "score": score, "most": scale.steps[-1], "low": low})
    return low


def _of(row: ConversationRow) -> Select[tuple[SurveyRow]]:
    return select(SurveyRow).where(SurveyRow.conversation_id == row.id)


def _comment(session: Session, row: ConversationRow, survey: SurveyRow, text: str) -> None:
    asks: Asks | None = session.info.get(ASKS)
    survey.comment, survey.awaits = text, None
    if asks is not None:
        append_reply(session, row, asks.thanks(_language(survey)), about=ASIDE)


def _language(survey: SurveyRow) -> Language:
    language: Language = survey.language  # type: ignore[assignment]
    return language
