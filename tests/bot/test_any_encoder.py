"""Any model that sentence-transformers loads in the place of the built-in encoder, by one setting. A very small one that knows nothing will do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bot.encoder import ENVIRONMENT_KEY, Encoder, EncoderMissing, load_encoder

pytestmark = [pytest.mark.commands, pytest.mark.load]  # torch and its friends take ten seconds to come in

WORDS = ["kus", "mu", "pakk", "on", "raha", "tagasi", "arve", "tere", "query", "passage", ":"]


def small_model(folder: Path) -> Path:
    """A BERT of two layers and sixteen numbers, with random weights, as its makers would ship it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(7)
    vocabulary = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", model_max_length=64)
    model = BertModel(BertConfig(vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32))
    parts = folder / "parts"
    model.save_pretrained(parts)
    fast.save_pretrained(parts)
    made = folder / "tiny-e5"
    SentenceTransformer(modules=[Transformer(str(parts)), Pooling(16)], device="cpu").save(str(made))
    return made


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encoder]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENVIRONMENT_KEY, str(small_model(tmp_path_factory.mktemp("model"))))
        yield load_encoder(Path("nowhere"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_many_texts_of_all_lengths_read_as_each_does_alone(encoder: Encoder) -> None:
    texts = [" ".join(WORDS[: 1 + number % 8]) for number in range(40)]
    together = encoder.queries(texts)
    assert together.shape == (40, encoder.dim) == (40, 16)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(40), abs=1e-4)
    for text, vector in zip(texts[:9], together[:9], strict=True):
        assert encoder.queries([text])[0] == pytest.approx(vector, abs=1e-4)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_tokens_are_those_of_the_text_without_prefix_and_marks(encoder: Encoder) -> None:
    assert [len(encoder.read_queries([text])[0].tokens) for text in ("arve", "kus mu pakk on")] == [1, 4]
    assert len(encoder.read_passages(["raha tagasi"])[0].tokens) == 2
    assert encoder.read_passages([]) == []


def test_a_model_that_can_not_be_loaded_is_named_with_the_setting(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match=r"ABILINE_ENCODER=.*olematu.* name a model or a folder"):
        load_encoder(tmp_path, str(tmp_path / "olematu"))
