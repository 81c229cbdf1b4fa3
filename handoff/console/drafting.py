"""An agent's reply as a draft entry: the question and the reply without whom they are about."""

import re

from handoff.conversations.facts import Facts, facts
from handoff.entries.slugs import slug
from handoff.entries.store import Entry
from handoff.own_words import own_words
from handoff.services import Services

SHORTEST_NAME = 3  # letters; shorter ones are words too often
NAME, ORDER = "[nimi]", "[tellimuse number]"


def draft(services: Services, conversation_id: str, question: str, reply: str, *, by: str) -> Entry:
    """Keep both as a draft that names the conversation. The same once more is the first again. Raises `NotFound`."""
    known = facts(services.database, conversation_id)
    ours = own_words(services)  # a shop's own street, number and address are what its answers tell
    asked, answered = (anonymous(services.bot.mask(text, None, ours), known) for text in (question, reply))
    entries = services.entries.all()
    for entry in entries:  # a second click on the same reply is not a second draft
        if entry.conversation_id == conversation_id and (entry.content["question"], entry.content["answer"]) == (asked, answered):
            return entry
    content = {"question": asked, "answer": answered}
    if known.language != "et":  # an editor translates; what was said is the answer in that language already
        content |= {"translations": {known.language: {"question": asked, "answer": answered}}}  # type: ignore[dict-item]
    name = slug(asked, {entry.id for entry in entries})
    return services.entries.save(name, topic="", content=content, publish=False, by=by, conversation_id=conversation_id)


def anonymous(text: str, known: Facts) -> str:
    """The text without the customer's name, in any case of it, and without the order number."""
    for name in (known.name or "").split():
        if len(name) >= SHORTEST_NAME:
            text = re.sub(rf"\b{re.escape(name)}[^\W\d_]{{0,4}}\b", NAME, text)
    text = text.replace(f"{NAME} {NAME}", NAME)
    return re.sub(rf"(?<!\w){re.escape(known.order)}(?!\w)", ORDER, text, flags=re.IGNORECASE) if known.order else text
