"""Inner products of a few vectors with very many, in whole numbers of 8 bits: such a product waits for memory, and so has a quarter of it to wait for.

onnxruntime multiplies them (VNNI or AMX: a tenth of what BLAS takes), and the sums are exact.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bot.encoder import Vectors, session
from bot.onnx_file import INT8, INT32, UINT8, Graph

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Steps = npt.NDArray[np.int8]
_MOST = 127  # of an int8
_FINER = 254  # what is left of a step after rounding is half a step at most: as great as 127 finer ones
_MIDDLE = 128  # of an uint8: onnxruntime's quick products want one side so


def in_steps(vectors: Vectors) -> tuple[Steps, float]:
    """(n, dim) as whole steps, and what one step is: the same for all, so that sums of them can be compared before they are scaled."""
    step = max(float(np.abs(vectors).max(initial=0.0)), 1e-9) / _MOST
    return np.round(vectors / step).astype(np.int8), step


def in_fine_steps(vectors: Vectors) -> tuple[Steps, Steps, float]:
    """(n, dim) as whole steps, what they leave in finer ones, and what a finer one is: near 16 bits together."""
    steps, step = in_steps(vectors)
    finer = step / _FINER
    return steps, np.round((vectors - steps * np.float32(step)) / finer).clip(-_MOST, _MOST).astype(np.int8), finer


class Products:
    """Immutable: the very many."""

    def __init__(self, steps: Steps) -> None:
        """`steps` (n, dim)."""
        self._many = steps.view(np.uint8) ^ np.uint8(_MIDDLE)

    def of(self, asked: Steps) -> npt.NDArray[np.int32]:
        """(m, dim) → (m, n): the inner products."""
        (found,) = _multiply().run(None, {"many": self._many, "few": np.ascontiguousarray(asked.T)})
        return np.ascontiguousarray(found.T)

    def near(self, asked: Vectors) -> tuple[npt.NDArray[np.int32], float]:
        """(m, dim) → (m, n) inner products, and what one of them is: twice the work of `of`, a 254th of its rounding."""
        steps, left, finer = in_fine_steps(asked)
        found = self.of(np.concatenate([steps, left]))
        return found[: len(asked)] * _FINER + found[len(asked) :], finer


@cache
def _multiply() -> InferenceSession:
    graph = Graph("products")
    many, few = graph.input("many", UINT8, ("n", "dim")), graph.input("few", INT8, ("dim", "m"))
    middles = graph.constant(np.array(_MIDDLE, np.uint8)), graph.constant(np.array(0, np.int8))  # onnxruntime looks for both
    graph.output(graph.add("MatMulInteger", many, few, *middles), INT32, ("n", "m"))
    return session(graph.content())
