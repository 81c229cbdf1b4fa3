"""From texts to vectors. Whoever needs vectors asks for the protocol; tests pass a ten-line encoder."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from bot.mendable import Mendable
from bot.stages import ENCODER, part

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]
FOLDER = "encoder"  # inside the model folder
ENVIRONMENT_KEY = "ABILINE_ENCODER"
THREADS = 2
_TEXTS_AT_ONCE = 32  # of a model under PyTorch
_FEW = 4  # texts that are cut into tokens sooner than other threads are woken for it: a question and its parts
_QUERY_TOKENS = 192  # a customer's story beyond this many tokens adds time and little meaning
_PASSAGE_TOKENS = 256
QUERY_PREFIX, PASSAGE_PREFIX = "query: ", "passage: "


class EncoderMissing(Mendable):
    """There is no usable encoder; the message says where it was looked for and what to run."""


@dataclass(frozen=True)
class Encoded:
    """One text: its vector (dim,) of length one, and the vectors of its tokens (tokens, token dim), as the encoder gives them."""

    vector: Vectors
    tokens: Vectors


class Encoder(Protocol):
    """Questions and passages into one space; inner products compare them."""

    @property
    def name(self) -> str:
        """Changes whenever the vectors would: a fingerprint for caches."""
        ...

    @property
    def dim(self) -> int: ...

    def read_queries(self, texts: Sequence[str]) -> list[Encoded]: ...

    def read_passages(self, texts: Sequence[str]) -> list[Encoded]: ...

    def queries(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32, each of length one."""
        ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32, each of length one."""
        ...


class _Stacked:
    """`queries` and `passages` for an encoder that reads texts one way or the other."""

    dim: int

    def read_queries(self, texts: Sequence[str]) -> list[Encoded]:
        raise NotImplementedError

    def read_passages(self, texts: Sequence[str]) -> list[Encoded]:
        raise NotImplementedError

    def queries(self, texts: Sequence[str]) -> Vectors:
        return stacked(self.read_queries(texts), self.dim)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return stacked(self.read_passages(texts), self.dim)


def stacked(readings: Sequence[Encoded], dim: int) -> Vectors:
    """(n, dim) of the texts' vectors."""
    return np.stack([reading.vector for reading in readings]) if readings else np.zeros((0, dim), np.float32)


def load_encoder(model_dir: Path, model: str = "") -> Encoder:
    """The exported encoder in `model_dir`, or `model`: a name or folder that sentence-transformers loads.

    An empty `model` asks the environment variable ABILINE_ENCODER. Raises `EncoderMissing`.
    """
    wanted = model or os.environ.get(ENVIRONMENT_KEY, "")
    return SentenceTransformersEncoder(wanted) if wanted else OnnxEncoder(model_dir / FOLDER)


def session(model: Path | bytes) -> InferenceSession:
    """A graph under onnxruntime, each run on the thread that asks. Raises bare exceptions of onnxruntime's own."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")  # processors before VNNI would cut off great sums
    return InferenceSession(model if isinstance(model, bytes) else str(model), options, providers=["CPUExecutionProvider"])


class OnnxEncoder(_Stacked):
    """The exported multilingual-e5-small under onnxruntime; safe to use from several threads.

    Each text is read by itself, on one thread: its numbers share a scale (`bot.smoothing`), so it reads the same whatever else is read, and one
    question is too little work for two processors. Of several texts each processor reads its own.
    """

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer  # type: ignore[import-untyped, unused-ignore]

        try:
            about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = session(folder / "model.onnx")
            self.name = str(about["name"])
            self.dim = int(about["dim"])
            self._readers = ThreadPoolExecutor(THREADS, "encoder")
        except Exception as error:  # onnxruntime and tokenizers raise bare exceptions of their own
            raise EncoderMissing(f"no usable encoder in {folder} ({type(error).__name__}): run `abiline train`") from error

    def read_queries(self, texts: Sequence[str]) -> list[Encoded]:
        with part(ENCODER):
            return self.encode(texts, prefix=QUERY_PREFIX, limit=_QUERY_TOKENS)

    def read_passages(self, texts: Sequence[str]) -> list[Encoded]:
        return self.encode(texts, prefix=PASSAGE_PREFIX, limit=_PASSAGE_TOKENS)

    def encode(self, texts: Sequence[str], *, prefix: str = "", limit: int = _PASSAGE_TOKENS) -> list[Encoded]:
        """Each text with the prefix in front, cut to `limit` tokens."""
        written = [prefix + text for text in texts]
        few = len(texts) <= _FEW
        encodings = [self._tokenizer.encode(text) for text in written] if few else self._tokenizer.encode_batch(written)  # a batch wakes threads
        ids, before = [cut(encoding.ids, limit) for encoding in encodings], self._before(prefix)
        if len(ids) == 1:
            return [self._run(ids[0], before)]
        return list(self._readers.map(lambda tokens: self._run(tokens, before), ids))

    @lru_cache  # noqa: B019 - there is one for the whole process
    def _before(self, prefix: str) -> int:
        """Tokens before the text's own: the begin mark and the prefix."""
        return len(self._tokenizer.encode(prefix.strip()).ids) - 1 if prefix else 1

    def _run(self, ids: list[int], before: int) -> Encoded:
        tokens = np.array([ids], dtype=np.int64)
        (vector,), (states,) = self._session.run(["vector", "tokens"], {"input_ids": tokens, "attention_mask": np.ones_like(tokens)})
        return Encoded(vector, states[content(len(ids), before)].copy())


class SentenceTransformersEncoder(_Stacked):
    """Any model that sentence-transformers loads. Models of the E5 family get their prefixes, or those the model names itself."""

    def __init__(self, model: str) -> None:
        from sentence_transformers import SentenceTransformer

        try:
            loaded: SentenceTransformer = SentenceTransformer(model, device="cpu")
        except Exception as error:  # the hub, torch and the file system each raise their own
            said = f"{ENVIRONMENT_KEY}={model}: sentence-transformers can't load it ({type(error).__name__})"
            raise EncoderMissing(f"{said}; name a model or a folder with one") from error
        self._model = loaded.eval()
        self.name = f"st:{model}"
        self.dim = int(loaded.get_sentence_embedding_dimension() or 0)
        is_e5 = "e5" in Path(model).name.lower()
        prompts = loaded.prompts or {}
        self._query = prompts.get("query") or (QUERY_PREFIX if is_e5 else "")
        self._passage = prompts.get("passage") or prompts.get("document") or (PASSAGE_PREFIX if is_e5 else "")

    def read_queries(self, texts: Sequence[str]) -> list[Encoded]:
        with part(ENCODER):
            return self._read([self._query + text for text in texts])

    def read_passages(self, texts: Sequence[str]) -> list[Encoded]:
        return self._read([self._passage + text for text in texts])

    def _read(self, texts: list[str]) -> list[Encoded]:
        """One pass gives both; the pooled vector may have gone through layers of its own and need not have the tokens' size.

        The model itself is asked: `encode(output_value=None)` fails on more than four texts, taking the features' kind for a feature of each.
        """
        from torch import inference_mode

        out: list[Encoded] = []
        for at in range(0, len(texts), _TEXTS_AT_ONCE):
            with inference_mode():
                found = self._model(self._model.preprocess(texts[at : at + _TEXTS_AT_ONCE]))
            read = (np.asarray(found[name].cpu()) for name in ("sentence_embedding", "token_embeddings", "attention_mask"))
            for vector, states, mask in zip(*read, strict=True):
                tokens = states.astype(np.float32)[mask > 0]
                own = vector.astype(np.float32)
                out.append(Encoded(own / max(float(np.linalg.norm(own)), 1e-9), tokens[content(len(tokens), 1)].copy()))
        return out


def cut(ids: list[int], limit: int) -> list[int]:
    """At most `limit` tokens, keeping the end mark."""
    return ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]


def content(length: int, before: int) -> slice:
    """Where the text itself stands among `length` tokens: after the begin mark and prefix (`before`), before the end mark; of an empty text its end mark."""
    return slice(before, length - 1) if length > before + 1 else slice(length - 1, length)
