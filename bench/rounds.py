"""The rounds: both are asked the same, turn by turn, so that whatever else the machine does falls on both."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bench.contender import Contender
from bot.faq.bank import Asked

AT_ONCE = 32  # customers
A_CONVERSATION = 5  # questions
SPACES = (" ", "  ", "   ", "\u00a0")
Step = Callable[[str], None]


@dataclass
class Measured:
    """Of one contender. Seconds and bytes; `right` is the share of questions whose answer came at once from the right entry."""

    name: str
    training: float = 0.0
    start: float = 0.0
    change: float = 0.0
    change_is_least: bool = False  # not measured: what it would take at the very least
    memory: int = 0
    loaded: list[str] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    right: float = 0.0
    per_second: float = 0.0
    per_second_again: float = 0.0  # of questions that were asked before in the same words

    @property
    def p50(self) -> float:
        return statistics.median(self.answers)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.answers, n=20)[-1]


async def interleaved(contenders: Sequence[Contender], questions: Sequence[Asked], measured: Sequence[Measured], say: Step) -> None:
    """Each question to each contender in turn, each in a conversation of its own that was begun before the clock."""
    right = [0] * len(contenders)
    for number, question in enumerate(questions):
        turn = list(range(len(contenders)))
        for place in turn if number % 2 else reversed(turn):
            customer = await contenders[place].customer()
            try:
                answer = await customer.asks(question.text)
            finally:
                await customer.leaves()
            measured[place].answers.append(answer.seconds)
            right[place] += answer.entry_id in question.right
        if number % 50 == 49:
            say(f"{number + 1} of {len(questions)} questions")
    for one, count in zip(measured, right, strict=True):
        one.right = count / len(questions)


def never_heard(questions: Sequence[Asked]) -> Iterator[str]:
    """Without end, each text once: the same words with other spaces between them, so that to read it is the same work and nobody has read it before.
    (But for texts of a word or two, which come again in hundreds of rounds, as people say them.)"""
    for number in itertools.count(1):
        yield from (_in_other_spaces(question.text, number) for question in questions)


def _in_other_spaces(text: str, number: int) -> str:
    first, *rest = text.split(" ")
    digits = (number // len(SPACES) ** place % len(SPACES) for place in itertools.count())
    return first + "".join(f"{SPACES[digit]}{word}" for digit, word in zip(digits, rest, strict=False))


async def together(contender: Contender, texts: Iterator[str], seconds: float) -> float:
    """Answers a second with so many customers at once, who each ask on as soon as they are answered; conversations begin and end within."""
    began, answered = time.perf_counter(), 0

    async def customers() -> None:
        nonlocal answered
        while time.perf_counter() - began < seconds:
            customer = await contender.customer()
            try:
                for text in itertools.islice(texts, A_CONVERSATION):
                    await customer.asks(text)
                    answered += 1
                    if time.perf_counter() - began >= seconds:
                        return
            finally:
                await customer.leaves()

    await asyncio.gather(*(customers() for _ in range(AT_ONCE)))
    return answered / (time.perf_counter() - began)
