"""Inner products of a few vectors with very many that stay, in whole numbers of 8 bits: such a product waits for memory, and so has less to wait for.

Many that are asked often are multiplied by onnxruntime (VNNI or AMX: a tenth of what BLAS takes), others by BLAS. Both give the same to the last bit: a sum
of some hundred products of such numbers is a whole number that a float32 holds, too.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bot.encoder import Vectors, session
from bot.onnx_file import INT32, UINT8, Graph

Steps = npt.NDArray[np.int8]
_MOST = 127  # of an int8
_MIDDLE = 128  # onnxruntime's quick products want the few as uint8


def in_steps(vectors: Vectors) -> tuple[Steps, float]:
    """(n, dim) as whole steps, and what one step is: the same for all, so that sums of them can be compared before they are scaled."""
    step = max(float(np.abs(vectors).max(initial=0.0)), 1e-9) / _MOST
    return np.round(vectors / step).astype(np.int8), step


class Products:
    """Immutable."""

    def __init__(self, steps: Steps, *, lasting: bool) -> None:
        """`steps` (n, dim); `lasting` for what will be asked many times: to be made ready takes as long as a hundred answers."""
        self._made_ready = session(_graph(steps)) if lasting and steps.size else None
        self._steps = np.zeros((0, 0), np.float32) if self._made_ready else steps.astype(np.float32)

    def of(self, asked: Steps) -> npt.NDArray[np.int32]:
        """(m, dim) → (m, n): the inner products."""
        if self._made_ready is None:
            return np.asarray(np.ascontiguousarray((self._steps @ asked.astype(np.float32).T).T), dtype=np.int32)  # so, BLAS is a tenth sooner
        (found,) = self._made_ready.run(None, {"asked": asked.view(np.uint8) ^ np.uint8(_MIDDLE)})
        return np.asarray(found, dtype=np.int32)


def _graph(steps: Steps) -> bytes:
    graph = Graph("products")
    asked = graph.input("asked", UINT8, ["m", steps.shape[1]])
    middle, nothing = graph.constant(np.array(_MIDDLE, np.uint8)), graph.constant(np.array(0, np.int8))  # onnxruntime looks for both
    graph.output(graph.add("MatMulInteger", asked, graph.constant(steps.T), middle, nothing), INT32, ["m", len(steps)])
    return graph.content()
