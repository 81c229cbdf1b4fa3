from __future__ import annotations

import pytest

from bot.faq.decision import SAME_WORDING, Costs, Policy, decide, discounted, leading
from bot.understanding import Candidate

POLICY = Policy(answer_at=0.8)


def candidates(*chances: float) -> list[Candidate]:
    return [Candidate(f"e{place}", "?", chance) for place, chance in enumerate(chances)]


@pytest.mark.parametrize(
    ("chances", "action"),
    [((0.9, 0.05), "answer"), ((0.8,), "answer"), ((0.79, 0.1), "suggest"), ((0.2, 0.15, 0.1), "suggest"), ((0.1, 0.05), "human"), ((), "human")],
)
def test_the_bands_follow_the_probability(chances: tuple[float, ...], action: str) -> None:
    assert decide(candidates(*chances), [("ask_question", 0.9)], POLICY).action == action


def test_at_most_three_are_suggested() -> None:
    assert len(decide(candidates(0.3, 0.2, 0.2, 0.2), [], POLICY).shown) == 3


@pytest.mark.parametrize(
    ("intent", "action"),
    [
        ("ask_human", "human"),
        ("complain", "human"),
        ("greet", "smalltalk"),
        ("smalltalk_joke", "smalltalk"),
        ("leave_contact", "flow"),
        ("operators_own", "flow"),
        ("gibberish", "clarify"),
    ],
)
def test_a_clear_intent_decides(intent: str, action: str) -> None:
    assert decide(candidates(0.1), [(intent, 0.95)], POLICY).action == action


def test_a_person_asked_for_is_given_although_the_faq_has_an_answer() -> None:
    assert decide(candidates(0.95), [("ask_human", 0.7)], POLICY).action == "human"


def test_a_clear_answer_wins_over_a_flow_and_over_an_unsure_greeting() -> None:
    assert decide(candidates(0.95), [("my_data", 0.99)], POLICY).action == "answer"
    assert decide(candidates(0.95), [("greet", 0.6)], POLICY).action == "answer"


def test_an_unsure_intent_leaves_it_to_the_bands() -> None:
    assert decide(candidates(0.9), [("complain", 0.3), ("greet", 0.2)], POLICY).action == "answer"


def test_small_talk_that_may_be_a_wish_for_a_person_offers_one() -> None:
    assert decide([], [("ask_bot", 0.6), ("ask_human", 0.4)], POLICY).action == "human"
    assert decide([], [("ask_bot", 0.8), ("ask_human", 0.2)], POLICY).action == "smalltalk"


def test_intents_that_lead_to_the_same_action_stand_together() -> None:
    assert leading([("ask_question", 0.4), ("smalltalk_joke", 0.3), ("greet", 0.3)]) == ("smalltalk_joke", 0.6)
    assert leading([]) == ("ask_question", 0.0)


def test_emoji_alone_are_asked_about() -> None:
    assert decide([], [("ask_question", 0.4)], POLICY, has_words=False).action == "clarify"


def test_emoji_that_clearly_complain_reach_a_person() -> None:
    assert decide([], [("complain", 0.9)], POLICY, has_words=False).action == "human"


def test_every_decision_says_why() -> None:
    assert "0.80" in decide(candidates(0.9), [], POLICY).why
    assert "ask_human" in decide([], [("ask_human", 0.9)], POLICY).why


def test_dearer_lists_are_shown_less_often() -> None:
    assert Policy(0.8, costs=Costs(useless_list=0.6)).suggest_at() > POLICY.suggest_at()


def test_a_clear_greeting_takes_the_probability_away_and_a_question_does_not() -> None:
    assert discounted(candidates(0.5), [("greet", 1.0)])[0].probability == 0.0
    assert discounted(candidates(0.5), [("ask_question", 1.0)])[0].probability == 0.5


def test_an_editors_own_words_outweigh_a_doubtful_intent() -> None:
    sure = (Candidate("kassitoit", "Kas teil on kassitoitu?", SAME_WORDING),)
    doubtful = [("smalltalk_other", 0.56), ("ask_question", 0.44)]
    assert decide(discounted(sure, doubtful), doubtful, Policy(0.68)).action == "answer"
    assert discounted(sure, [("ask_human", 0.9), ("ask_question", 0.1)])[0].probability < 0.2
    half = (Candidate("kassitoit", "Kas teil on kassitoitu?", 0.8),)
    assert decide(discounted(half, doubtful), doubtful, Policy(0.68)).action == "smalltalk"


def test_a_likely_wish_for_a_person_makes_a_list_too_dear() -> None:
    candidates = tuple(Candidate(str(number), "?", 0.18) for number in range(3))
    assert decide(candidates, [("ask_question", 1.0)], Policy(0.8)).action == "suggest"
    assert decide(candidates, [("ask_question", 0.7), ("ask_human", 0.3)], Policy(0.8)).action == "human"
