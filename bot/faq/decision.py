"""Candidates and intents → what to do. Pure: no model, no clock, no text of ours, only numbers and names.

The bands follow from what a mistake costs the customer. A wrong answer costs most, so it must be rare enough (the operator's
precision). A list of three that holds none of the right ones costs reading it; a person costs waiting. So: answer above
the precision's threshold, suggest while the list is likely enough to hold the answer, offer a person below that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.understanding import Action, Candidate

HUMAN = frozenset({"ask_human", "complain"})
FLOWS = frozenset({"leave_contact", "my_data", "give_feedback"})
CHAT = frozenset({"greet", "goodbye", "thank", "affirm", "deny", "acknowledge", "ask_bot", "ask_capabilities"})
CHAT_PREFIX = "smalltalk"
GIBBERISH = "gibberish"
QUESTION = "ask_question"
SHOWN = 3
SAME_WORDING = 0.98  # as sure as an editor's own words make it
SURE_MATCH = 0.9
UNHEARD_WISH = 0.5  # from here on, a wish for a person is one


@dataclass(frozen=True)
class Costs:
    """What the customer pays, in units of one wrong answer."""

    useless_list: float = 0.3  # three suggestions, none of them right
    right_list: float = 0.05  # the answer is one click further away
    person: float = 0.2  # waiting for a person although the FAQ might have helped
    ignored_wish: float = 0.4  # a list, or small talk, for somebody who wants a person, or is angry

    @property
    def wish_outweighs_chat(self) -> float:
        """The chance of a wish for a person from which offering one costs less than chatting on."""
        return self.person / (self.person + self.ignored_wish)


@dataclass(frozen=True)
class Policy:
    """Where the bands lie. `answer_at` comes from the operator's precision by way of the calibration curve."""

    answer_at: float
    intent_at: float = 0.5  # an intent less sure than this is only a hint
    sure_intent_at: float = 0.85  # an intent at least this sure needs no look at the FAQ
    costs: Costs = Costs()

    def suggest_at(self, wish: float = 0.0) -> float:
        """Least chance that one of those shown is right for which a list costs less than a person; `wish` is the chance that a person is wanted."""
        costs = self.costs
        dearer = wish / max(1.0 - wish, 1e-9) * costs.ignored_wish
        return max(0.0, (costs.useless_list + dearer - costs.person) / (costs.useless_list - costs.right_list))


@dataclass(frozen=True)
class Decision:
    """`shown` are the candidates the customer sees: one for `answer`, up to three for `suggest`.

    `why` is a code and its values ("answer best=0.91 threshold=0.80"): pages say it in their reader's language (`handoff.explain`).
    """

    action: Action
    why: str
    shown: tuple[Candidate, ...] = ()


def decide(candidates: Sequence[Candidate], intents: Sequence[tuple[str, float]], policy: Policy, *, has_words: bool = True) -> Decision:
    """`candidates` and `intents` best first; `has_words` is False for a text of emoji, digits or punctuation alone."""
    intent, sure = leading(intents)
    best = candidates[0].probability if candidates else 0.0
    wish = sum(chance for name, chance in intents if name in HUMAN)
    by_intent = _by_intent(intent, sure, best, wish, policy)
    if not has_words and (by_intent is None or by_intent.action == "answer"):
        return Decision("clarify", "no_words")
    if by_intent is not None and by_intent.action != "answer":
        return by_intent
    return _by_bands(candidates, policy, wish)


def leading(intents: Sequence[tuple[str, float]]) -> tuple[str, float]:
    """The best intent of the likeliest kind, and how sure the kind is.

    Intents that lead to the same action stand together: a text that is half greeting and half smalltalk is surely not a question.
    """
    if not intents:
        return QUESTION, 0.0
    mass: dict[str, float] = {}
    for name, chance in intents:
        mass[_kind(name)] = mass.get(_kind(name), 0.0) + chance
    kind = max(mass, key=lambda one: mass[one])
    return next(name for name, _ in intents if _kind(name) == kind), mass[kind]


def _kind(intent: str) -> str:
    if intent in HUMAN:
        return "human"
    return "chat" if intent in CHAT or intent.startswith(CHAT_PREFIX) else intent


def _by_intent(intent: str, sure: float, best: float, wish: float, policy: Policy) -> Decision | None:
    """What the intent alone decides; None leaves it to the bands."""
    if intent == QUESTION or sure < policy.intent_at:
        return None
    said = f"intent={intent} chance={sure:.2f}"
    clear_answer = best >= policy.answer_at and sure < policy.sure_intent_at
    if intent in HUMAN:
        return Decision("human", f"asks_person {said}")
    if intent == GIBBERISH:
        return None if best >= policy.suggest_at() else Decision("clarify", f"gibberish {said}")
    if clear_answer or (intent in FLOWS and best >= policy.answer_at):
        return None
    if _kind(intent) != "chat":
        return Decision("flow", f"flow {said}")  # our flows, and every intent of the operator's own
    may_be_a_wish = wish >= policy.costs.wish_outweighs_chat
    return Decision("human", f"maybe_person chance={wish:.2f}") if may_be_a_wish else Decision("smalltalk", f"chat {said}")


def _by_bands(candidates: Sequence[Candidate], policy: Policy, wish: float) -> Decision:
    if not candidates:
        return Decision("human", "no_entry")
    best = candidates[0].probability
    if best >= policy.answer_at:
        return Decision("answer", f"answer best={best:.2f} threshold={policy.answer_at:.2f}", (candidates[0],))
    shown = tuple(candidates[:SHOWN])
    among = min(1.0, sum(candidate.probability for candidate in shown))
    least = policy.suggest_at(wish)
    if among >= least:
        return Decision("suggest", f"suggest best={best:.2f} threshold={policy.answer_at:.2f} among={among:.2f}", shown)
    return Decision("human", f"unlikely among={among:.2f} threshold={min(least, 1.0):.2f}")


def discounted(candidates: Sequence[Candidate], intents: Sequence[tuple[str, float]]) -> tuple[Candidate, ...]:
    """Candidates' probabilities, less what the intents say against this being a question to the FAQ at all.

    A match as sure as this outweighs a doubtful intent („mis kell te lahti olete“ is no small talk), but never a wish for a
    person: „tahan inimesega rääkida“ may stand under an entry with phone numbers.
    """
    scores: Mapping[str, float] = dict(intents)
    wish = sum(chance for name, chance in scores.items() if name in HUMAN)
    if candidates and candidates[0].probability >= SURE_MATCH and wish < UNHEARD_WISH:
        return tuple(candidates)
    against = sum(chance for name, chance in scores.items() if name in HUMAN or name in CHAT or name == GIBBERISH or name.startswith(CHAT_PREFIX))
    # Half-sure intents are often wrong about short questions: only clear ones may take much away.
    factor = 1.0 - min(1.0, against) ** 2
    return tuple(replace(candidate, probability=round(candidate.probability * factor, 4)) for candidate in candidates)
