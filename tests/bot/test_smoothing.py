"""Products in whole numbers of 8 bits: nearly the true ones, also where one channel is far greater than the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from bot.onnx_file import FLOAT, Graph
from bot.smoothing import CALIBRATION, Exactly, Floats, Multiply, Quickly, eased

ROWS, COLUMNS, TOKENS = 24, 64, 6
LOUD = 5  # the channel that shouts


@pytest.fixture
def given() -> Floats:
    numbers = np.random.default_rng(7).normal(size=(1, TOKENS, COLUMNS)).astype(np.float32)
    numbers[0, 0, LOUD] = 120
    return numbers


@pytest.fixture
def matrix() -> Floats:
    return np.random.default_rng(8).normal(size=(ROWS, COLUMNS)).astype(np.float32)


def product(folder: Path, multiply: Multiply, name: str, given: Floats, matrix: Floats) -> Floats:
    """As onnxruntime counts it."""
    import onnxruntime

    net = Graph("one")
    source = net.input("given", FLOAT, ("n", "tokens", COLUMNS))
    (result,) = multiply(net, name, source, [matrix], [np.ones(ROWS, np.float32)])
    net.output(result, FLOAT, ("n", "tokens", ROWS))
    net.write(folder / "one.onnx")
    session = onnxruntime.InferenceSession(str(folder / "one.onnx"), providers=["CPUExecutionProvider"])
    (found,) = session.run([result], {"given": given})
    return np.asarray(found)


def error(found: Floats, given: Floats, matrix: Floats) -> float:
    """Of the tokens that do not shout."""
    true = given @ matrix.T + 1
    return float(np.abs(found - true)[0, 1:].mean() / np.abs(true)[0, 1:].mean())


def loudness(given: Floats) -> Mapping[str, Floats]:
    return {"l3.qkv": np.abs(given[0]).max(axis=0), "l3.fo": np.abs(given[0]).max(axis=0), "l0.fo": np.ones(COLUMNS, np.float32)}


@pytest.mark.parametrize("name", ["l3.qkv", "l3.fo"])
def test_a_loud_channel_leaves_the_others_their_bits(tmp_path: Path, given: Floats, matrix: Floats, name: str) -> None:
    quiet = error(product(tmp_path, Quickly(loudness(given)), name, given, matrix), given, matrix)
    deaf = error(product(tmp_path, Quickly({name: np.ones(COLUMNS, np.float32)}), name, given, matrix), given, matrix)
    assert quiet < 0.06
    assert quiet < deaf / 2


def test_by_blocks_it_is_all_but_exact_and_what_passed_is_an_output(tmp_path: Path, given: Floats, matrix: Floats) -> None:
    exact = Exactly()
    assert error(product(tmp_path, exact, "l3.qkv", given, matrix), given, matrix) < 0.02
    assert exact.seen == {"l3.qkv": "given"}


def test_where_no_scale_helps_products_stay_exact(tmp_path: Path, given: Floats, matrix: Floats) -> None:
    assert error(product(tmp_path, Quickly(loudness(given)), "l0.fo", given, matrix), given, matrix) < 0.02


def test_channels_are_divided_by_powers_of_two_which_rounds_nothing(given: Floats, matrix: Floats) -> None:
    scale = eased(np.abs(given[0]).max(axis=0), [matrix, 2 * matrix], 0.5)
    assert (np.log2(scale) == np.rint(np.log2(scale))).all()
    assert scale.argmax() == LOUD
    assert abs(float(np.log2(scale).mean())) < 0.5


def test_a_channel_in_which_nothing_passed_gets_a_scale_too() -> None:
    scale = eased(np.zeros(4, np.float32), [np.zeros((2, 4), np.float32)], 0.5)
    assert np.isfinite(scale).all()
    assert (scale > 0).all()


def test_the_sample_texts_are_questions_and_passages_in_three_languages() -> None:
    texts = CALIBRATION.read_text(encoding="utf-8").splitlines()
    assert all(text.startswith(("query: ", "passage: ")) for text in texts)
    assert sum(text.startswith("passage: ") for text in texts) >= 20
    assert any("а" <= letter <= "я" for text in texts for letter in text)
    assert any(" the " in text for text in texts)
