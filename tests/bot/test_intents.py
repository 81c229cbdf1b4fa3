from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.estonian import analyse
from bot.examples import read_nlu, with_bank
from bot.intents import _CHAR_BUCKETS, _LEMMA_BUCKETS, IntentModel, IntentsUnreadable, _counts, _weighted, _word_scores
from tests.bot.fake_encoder import WordEncoder

TEXTS = {
    "greet": ["tere", "tere hommikust", "tsau", "hei", "tervist", "tere päevast"],
    "bye": ["head aega", "nägemist", "kõike head", "head õhtut", "nägemiseni", "tsauki, head aega"],
    "order": ["tahan pitsat tellida", "üks pitsa palun", "tellin kaks pitsat", "pitsa koju", "soovin tellida", "saaks pitsat"],
}


def fitted(labels: tuple[str, ...] = tuple(TEXTS)) -> tuple[IntentModel, WordEncoder]:
    encoder, model = WordEncoder(), IntentModel()
    pairs = [(text, label) for label in labels for text in TEXTS[label]]
    model.fit([analyse(text) for text, _ in pairs], [label for _, label in pairs], encoder.queries([text for text, _ in pairs]))
    return model, encoder


def best(model: IntentModel, encoder: WordEncoder, text: str) -> str:
    return model.predict([analyse(text)], encoder.queries([text]))[0][0][0]


@pytest.mark.parametrize(("text", "label"), [("tere tere", "greet"), ("head aega siis", "bye"), ("telliks ühe pitsa", "order"), ("tahan pitsatt", "order")])
def test_anyones_intents_are_learned(text: str, label: str) -> None:
    assert best(*fitted(), text) == label


def test_probabilities_are_a_distribution_best_first() -> None:
    model, encoder = fitted()
    scores = [score for _, score in model.predict([analyse("tere")], encoder.queries(["tere"]))[0]]
    assert sum(scores) == pytest.approx(1.0)
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("labels", [("greet",), ("greet", "order")])
def test_one_or_two_intents_are_enough(labels: tuple[str, ...]) -> None:
    assert best(*fitted(labels), "tere") == "greet"


@pytest.mark.parametrize("text", ["tahan kaks pitsat, palun kaks", "", "😡", "tere"])
def test_one_text_is_scored_by_the_columns_it_was_learned_from(text: str) -> None:
    weight = np.random.default_rng(3).normal(size=(3, _LEMMA_BUCKETS + _CHAR_BUCKETS)).astype(np.float32)
    idf = np.abs(weight[0]) + 1
    assert _word_scores(analyse(text), idf, weight) == pytest.approx((_weighted(_counts([analyse(text)]), idf) @ weight.T)[0], abs=1e-4)


def test_no_texts_have_no_intents() -> None:
    model, _ = fitted()
    assert model.predict([], np.zeros((0, WordEncoder.dim), np.float32)) == []


def test_a_saved_model_reads_the_same_and_holds_no_pickle(tmp_path: Path) -> None:
    model, encoder = fitted()
    model.save(tmp_path)
    again = IntentModel.load(tmp_path)
    before, after = (dict(one.predict([analyse("tere")], encoder.queries(["tere"]))[0]) for one in (model, again))
    assert after == pytest.approx(before, abs=0.01)
    with np.load(tmp_path / "intents.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind == "f" for name in arrays.files)


def test_nothing_learned_and_nothing_saved_say_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(IntentsUnreadable, match="abiline train"):
        IntentModel().predict([analyse("tere")], WordEncoder().queries(["tere"]))
    with pytest.raises(IntentsUnreadable, match="abiline train"):
        IntentModel.load(tmp_path)


def test_one_learned_on_another_scale_is_refused_and_says_what_to_run(tmp_path: Path) -> None:
    texts, encoder = ["tere", "nägemist"], WordEncoder()
    model = IntentModel()
    model.fit([analyse(text) for text in texts], ["greet", "goodbye"], encoder.queries(texts))
    model.save(tmp_path)
    about = tmp_path / "intents.json"
    about.write_text(about.read_text(encoding="utf-8").replace('"form": 2', '"form": 1'), encoding="utf-8")
    with pytest.raises(IntentsUnreadable, match=r"another version.*abiline train"):
        IntentModel.load(tmp_path)


def test_examples_are_read_without_their_annotations(tmp_path: Path) -> None:
    file = tmp_path / "nlu.yml"
    file.write_text('nlu:\n- intent: order\n  examples: |\n    - tellimus [12345](order_number)\n    - [kaks]{"entity": "count"} pitsat\n', encoding="utf-8")
    assert [(one.text, one.intent) for one in read_nlu(file)] == [("tellimus 12345", "order"), ("kaks pitsat", "order")]


def test_the_bank_helps_only_our_own_intents(tmp_path: Path) -> None:
    file = tmp_path / "nlu.yml"
    file.write_text("nlu:\n- intent: order\n  examples: |\n    - pitsa\n", encoding="utf-8")
    examples = read_nlu(file)
    assert with_bank(examples, Path(__file__).parents[2] / "data" / "bank") == examples
