"""A text is read once: what was meant, and what was typed where that was guessed."""

from __future__ import annotations

import numpy as np
import pytest

from bot.estonian import analyse
from bot.faq.question import read_questions
from tests.bot.fake_encoder import WordEncoder


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Kus mu pakk on?", ["Kus mu pakk on?"]),
        ("Kus mu voti on?", ["Kus mu võti on?"]),  # marks left out: nobody need guess
        ("Kas saab sulrahas maksta?", ["Kas saab sularahas maksta?", "Kas saab sulrahas maksta?"]),
    ],
)
def test_what_was_typed_is_read_only_where_a_word_was_guessed(words_encoder: WordEncoder, text: str, read: list[str]) -> None:
    (question,) = read_questions([analyse(text)], words_encoder)
    assert words_encoder.asked == read
    own = [words_encoder.read_queries([one])[0].vector for one in read]
    assert question.vector == pytest.approx(np.mean(own, axis=0))


def test_the_part_that_asks_is_read_with_it(words_encoder: WordEncoder) -> None:
    (question,) = read_questions([analyse("Ostsin eile teilt kingad. Kas need saab tagasi tuua?")], words_encoder)
    assert question.core is not None
    assert words_encoder.asked == [question.analysis.corrected, question.core.analysis.corrected]
