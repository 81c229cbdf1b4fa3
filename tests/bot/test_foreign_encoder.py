"""Any model that sentence-transformers loads can take the built-in encoder's place: here a tiny one of random weights, from a folder, to the answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.encoder import ENVIRONMENT_KEY, Encoder, load_encoder
from bot.faq.facts import FactCache
from bot.faq.matcher import MatcherWeights, WeightsUnreadable
from bot.faq.training import train
from bot.quiet import without_import_warnings
from bot.understand import Reader
from bot.understanding import FaqEntry
from tests.bot.test_matcher import bank

pytestmark = [pytest.mark.figures, pytest.mark.load]  # importing PyTorch takes a quarter of a minute

DIM = 32
LETTERS = "abcdefghijklmnopqrsšzžtuvwõäöüxy0123456789?.,"
NAMES = ("arve", "pakk", "parool", "leping", "kaart", "kingad")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model as its makers publish it."""
    made = tmp_path_factory.mktemp("mudel")
    with without_import_warnings():
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.models import Pooling, Transformer
        from transformers import BertConfig, BertModel, BertTokenizerFast

        (made / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{one}" for one in LETTERS)]), encoding="utf-8")
        BertTokenizerFast(str(made / "vocab.txt")).save_pretrained(made / "bert")
        size = {"hidden_size": DIM, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64, "vocab_size": 5 + 2 * len(LETTERS)}
        BertModel(BertConfig(**size)).save_pretrained(made / "bert")
        SentenceTransformer(modules=[Transformer(str(made / "bert")), Pooling(DIM)], device="cpu").save(str(made / "valmis"))
    return made / "valmis"


@pytest.fixture
def encoder(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Encoder:
    monkeypatch.setenv(ENVIRONMENT_KEY, str(folder))
    with without_import_warnings():
        return load_encoder(tmp_path)


def test_a_foreign_model_answers_once_the_matcher_has_learned_with_it_and_says_so_before(encoder: Encoder, tmp_path: Path) -> None:
    assert encoder.dim == DIM
    with pytest.raises(WeightsUnreadable, match="train --matcher"):
        MatcherWeights.load().fits(encoder.name)
    (tmp_path / "pank").mkdir()
    train(bank(tmp_path / "pank"), encoder, tmp_path / "weights.json", chatter=["tere", "aitäh"])
    weights = MatcherWeights.load(tmp_path / "weights.json").fits(encoder.name)
    reader = Reader(encoder, weights, cache=FactCache(encoder, tmp_path / "cache"))
    reader.replace_entries([FaqEntry(name, f"Kuidas {name} saada?", f"Küsige, kus on {name}.") for name in NAMES], revision=1)
    assert reader.read("kuidas parool saada").candidates[0].entry_id == "parool"
    again = FactCache(encoder, tmp_path / "cache")
    assert again.lacking(list(reader.entries)) == []
    assert np.isclose(np.linalg.norm(encoder.queries(["arve"])), 1.0, atol=1e-5)
