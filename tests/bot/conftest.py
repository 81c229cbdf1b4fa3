"""The real encoder, exported once into the repository's model folder, and its stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.encoder import FOLDER, EncoderMissing, OnnxEncoder
from bot.export import export_encoder
from tests.bot.fake_encoder import WordEncoder

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture(scope="session")
def real_encoder() -> OnnxEncoder:
    try:
        return OnnxEncoder(MODELS / FOLDER)
    except EncoderMissing:
        return OnnxEncoder(export_encoder(MODELS / FOLDER))


@pytest.fixture
def words_encoder() -> WordEncoder:
    return WordEncoder()
