from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.encoder import OnnxEncoder
from bot.estonian import analyse
from bot.faq.bank import BankError, read_bank
from bot.faq.block import SOURCES
from bot.faq.decision import SAME_WORDING
from bot.faq.evidence import widened
from bot.faq.facts import FactCache
from bot.faq.matcher import Matcher, MatcherWeights, WeightsUnreadable, spread
from bot.faq.question import read_questions
from bot.faq.regression import fit_chance, fit_choice, fit_curve, sigmoid
from bot.faq.training import auroc, precision_steps, train, variations
from bot.understanding import FaqEntry
from tests.bot.fake_encoder import WordEncoder

ENTRIES = [
    FaqEntry("pakk", "Kuidas saan oma saadetist jälgida?", "Saatsime teile jälgimiskoodi. Sisestage see kullerfirma lehel."),
    FaqEntry("tagastus", "Kuidas kaupa tagastada?", "Tagastada saab 14 päeva jooksul. Täitke vorm ja viige pakk automaati."),
    FaqEntry("arve", "Kust leian oma ostu arve?", "Arve saadame e-postile kohe pärast maksmist."),
    FaqEntry("lahti", "Mis kell on pood avatud?", "Pood on avatud tööpäeviti kell 10–18."),
]


@pytest.fixture(scope="module")
def matcher(real_encoder: OnnxEncoder) -> Matcher:
    weights = MatcherWeights.load()
    return Matcher.over(ENTRIES, FactCache(real_encoder), weights)


@pytest.mark.parametrize(
    ("asked", "entry"),
    [
        ("kauba tagastamine", "tagastus"), ("kust arvet saab", "arve"), ("kaua pood lahti on", "lahti"), ("jalgimiskood", "pakk"),
        ("how can I return an item?", "tagastus"), ("во сколько открыт магазин?", "lahti"), ("Mis kelani pood avtud", "lahti"),
    ],
)  # fmt: skip
def test_the_right_entry_comes_first(matcher: Matcher, real_encoder: OnnxEncoder, asked: str, entry: str) -> None:
    assert matcher.match(read_questions([analyse(asked)], real_encoder)[0])[0].entry_id == entry


def test_a_question_from_elsewhere_is_less_likely_than_a_known_one(matcher: Matcher, real_encoder: OnnxEncoder) -> None:
    known, foreign = read_questions([analyse("kust leian ostu arve"), analyse("kas teil töötab mõni hambaarst")], real_encoder)
    assert matcher.match(known)[0].probability > 0.5 > matcher.match(foreign)[0].probability


def test_probabilities_fall_and_stay_within_bounds(matcher: Matcher, real_encoder: OnnxEncoder) -> None:
    chances = [one.probability for one in matcher.match(read_questions([analyse("pakk")], real_encoder)[0])]
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)


def test_a_wording_that_an_editor_wrote_is_all_but_sure_whatever_its_endings_and_slips(real_encoder: OnnxEncoder) -> None:
    entries = [replace(ENTRIES[0], examples=("kas koeraga võib poodi tulla",)), *ENTRIES[1:]]
    matcher = Matcher.over(entries, FactCache(real_encoder), MatcherWeights.load())

    first, second = matcher.match(read_questions([analyse("Kas koeraga voib poodi tulla?")], real_encoder)[0])[:2]

    assert (first.entry_id, first.probability) == (ENTRIES[0].id, SAME_WORDING)
    assert second.probability <= 1 - SAME_WORDING + 1e-9


def test_an_empty_faq_and_a_text_without_words_have_no_candidates(matcher: Matcher, real_encoder: OnnxEncoder) -> None:
    weights = MatcherWeights.load()
    nothing = Matcher.over([], FactCache(real_encoder), weights)
    arve, emoji = read_questions([analyse("arve"), analyse("😡")], real_encoder)
    assert nothing.match(arve) == ()
    assert matcher.match(emoji) == ()


def test_one_entry_alone_can_be_asked(real_encoder: OnnxEncoder) -> None:
    weights = MatcherWeights.load()
    alone = Matcher.over(ENTRIES[:1], FactCache(real_encoder), weights)
    assert len(alone.match(read_questions([analyse("jälgida")], real_encoder)[0])) == 1


def test_a_higher_precision_never_lowers_the_threshold() -> None:
    weights = MatcherWeights.load()
    thresholds = [weights.threshold(precision) for precision in (0.5, 0.7, 0.8, 0.9, 0.95)]
    assert thresholds == sorted(thresholds)
    assert weights.threshold(1.1) > 1


def test_committed_weights_are_small_and_survive_saving(tmp_path: Path) -> None:
    weights = MatcherWeights.load()
    path = tmp_path / "weights.json"
    weights.save(path)
    assert path.stat().st_size < 200_000
    assert MatcherWeights.load(path).precision == weights.precision


def test_a_bridge_that_is_missing_or_another_is_named_with_its_mend(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    MatcherWeights.load().save(path)
    bridge = tmp_path / "bridge.npz"
    kept = bridge.read_bytes()
    bridge.write_bytes(kept[: len(kept) // 2])
    with pytest.raises(WeightsUnreadable, match="train --matcher"):
        MatcherWeights.load(path)
    bridge.unlink()
    with pytest.raises(WeightsUnreadable, match="train --matcher"):
        MatcherWeights.load(path)
    shipped = MatcherWeights.load().bridge
    assert shipped
    replace(shipped, questions=shipped.questions[::-1].copy()).save(bridge)
    with pytest.raises(WeightsUnreadable, match=r"bridge\.npz is not the one"):
        MatcherWeights.load(path)


@pytest.mark.parametrize("text", ["", "{}", '{"form": 0}'])
def test_unreadable_weights_name_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WeightsUnreadable, match=r"weights\.json"):
        MatcherWeights.load(path)


def test_the_others_share_what_the_best_leaves() -> None:
    chances = spread([2.0, 1.0, 0.0], 0.6)
    assert chances[0] == 0.6
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) <= 1.0


def test_evidence_against_the_spread_has_mean_zero() -> None:
    wide = widened(np.random.default_rng(0).normal(size=(5, len(SOURCES))).astype(np.float32))
    assert wide.shape == (5, 2 * len(SOURCES))
    assert wide[:, len(SOURCES) :].mean(axis=0) == pytest.approx(np.zeros(len(SOURCES)), abs=1e-5)


def test_a_choice_is_learned_from_tables_of_different_length() -> None:
    tables = [np.array([[1.0, 5.0], [0.0, 9.0]]), np.array([[0.0, 1.0], [2.0, 2.0], [0.5, 7.0]])]
    linear = fit_choice(tables, [np.array([1.0, 0.0]), np.array([0.0, 1.0, 0.0])], l2=1e-3)
    assert [int(linear(table).argmax()) for table in tables] == [0, 1]


def test_a_chance_is_learned_with_the_weight_of_its_cases() -> None:
    x = np.array([[0.0], [0.0], [1.0], [1.0]])
    linear = fit_chance(x, np.array([1.0, 0.0, 1.0, 0.0]), np.array([1.0, 3.0, 3.0, 1.0]), l2=1e-6)
    assert sigmoid(linear(x)).tolist() == pytest.approx([0.25, 0.25, 0.75, 0.75], abs=0.02)


def test_a_calibration_curve_never_falls() -> None:
    dice = np.random.default_rng(1)
    score = dice.normal(size=400)
    curve = fit_curve(score, (dice.random(400) < sigmoid(score)).astype(float), np.ones(400))
    assert np.all(np.diff(curve.y) >= 0)
    assert float(curve(-9)) < 0.5 < float(curve(9))


def test_precision_and_coverage_are_counted_by_hand() -> None:
    chance, right = np.array([0.9, 0.9, 0.5, 0.1]), np.array([1.0, 0.0, 1.0, 0.0])
    steps = {threshold: rest for threshold, *rest in precision_steps(chance, right, np.ones(4), np.array([True, False, True, True]))}
    assert steps[0.6] == pytest.approx([0.5, 1 / 3], abs=1e-3)
    assert steps[0.4] == pytest.approx([2 / 3, 2 / 3], abs=1e-3)


def test_auroc_counts_ties_half() -> None:
    assert auroc(np.array([0.9, 0.5]), np.array([0.5, 0.1])) == pytest.approx(0.875)


def bank(folder: Path) -> Path:
    for name, things in (("pood", ("arve", "pakk", "kassa")), ("kool", ("tunniplaan", "hinne", "puudumine")), ("arst", ("retsept", "analüüs", "vastuvõtt"))):
        lines = [f"business: {name}", "part: matcher", "topics:"]
        for number, thing in enumerate(things):
            lines += [f"- id: {name}-{number}", f'  question: "Kust leian: {thing}?"', f'  answer: "Siin on {thing}."']
            lines += ["  asked:", f'    typical: ["kus on {thing}", "{thing} kadus", "{thing}"]', f'    english: ["where is my {thing}"]']
        lines.append(f'out_of_scope: ["kas {name} müüb lilli", "mis ilm on"]')
        (folder / f"{name}.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_weights_learned_from_a_bank_answer_an_faq_never_seen(tmp_path: Path, words_encoder: WordEncoder) -> None:
    out = tmp_path / "weights.json"
    folder = tmp_path / "bank"
    folder.mkdir()
    learned = train(bank(folder), words_encoder, out, chatter=["tere", "aitäh"])
    assert learned.figures["recall_at_1"] > 0.8
    matcher = Matcher.over(ENTRIES, FactCache(words_encoder), MatcherWeights.load(out))
    assert matcher.match(read_questions([analyse("ostu arve")], words_encoder)[0])[0].entry_id == "arve"


def test_variations_take_answers_away_and_never_ask_an_example(tmp_path: Path) -> None:
    businesses = read_bank(bank(tmp_path))
    whole, most, _, exampled, _again, merged = variations(businesses[0], businesses, ["tere"])
    assert len(most[0]) < len(whole[0]) < len(merged[0])
    assert any(not one.right for one in most[1])
    assert not {example for entry in exampled[0] for example in entry.examples} & {one.text for one in exampled[1]}


def test_a_broken_bank_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(BankError, match="no questions"):
        read_bank(tmp_path)
    (tmp_path / "x.yml").write_text("topics: 3\n", encoding="utf-8")
    with pytest.raises(BankError, match=r"x\.yml"):
        read_bank(tmp_path)
