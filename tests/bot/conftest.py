"""The real encoder, exported once into the repository's model folder, and its stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.encoder import FOLDER, OnnxEncoder
from bot.training import ensure_encoder
from tests.bot.fake_encoder import WordEncoder

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture(scope="session")
def real_encoder() -> OnnxEncoder:
    ensure_encoder(MODELS)
    return OnnxEncoder(MODELS / FOLDER)


@pytest.fixture
def words_encoder() -> WordEncoder:
    return WordEncoder()
