"""How a network's products are made, exactly or quickly, and what the quick way has to know of the numbers that pass through.

Quickly is whole numbers of 8 bits on both sides, which processors multiply several times as fast. One scale holds for all numbers of a text, and a few
channels are tens of times greater than the rest: those would get the bits and the others none. So each channel is divided by a power of two that what
passed through in sample texts asks for, and the matrix is multiplied by the same, which changes nothing but the rounding
(Xiao et al., SmoothQuant, ICML 2023, arXiv 2211.10438, equation 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bot import e5
from bot.onnx_file import FLOAT, Graph

Floats = npt.NDArray[np.float32]
MICROSOFT = "com.microsoft"
CALIBRATION = Path(__file__).with_name("calibration.txt")  # texts with the encoder's prefixes, as customers and editors write them
_INT8_ACTIVATIONS = 4  # MatMulNBits' accuracy_level
_HALF = 0.5  # how much of the difficulty moves to the weights: half of it
_MORE = 0.8  # … of what follows a GELU, whose few great numbers are all that is great there
# Here single tokens dwarf the others by a hundred times and no channel's scale helps: these two in a hundred of the work stay exact.
_EXACT = frozenset({"l0.fo", "l1.fo", "l2.fo", "l10.fo"})


class Multiply(Protocol):
    """Adds products of one input with several matrices (rows, columns), each with its bias, to a graph; gives the names of the results."""

    def __call__(self, net: Graph, name: str, given: str, matrices: Sequence[Floats], biases: Sequence[Floats]) -> list[str]: ...


class Exactly:
    """Weights in 8 bits by blocks of 32, what passes through in 8 bits by blocks as well. What was multiplied is remembered and is an output of the graph."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}  # the product's name → the output that is its input

    def __call__(self, net: Graph, name: str, given: str, matrices: Sequence[Floats], biases: Sequence[Floats]) -> list[str]:
        self.seen[name] = given
        net.output(given, FLOAT, ("n", "tokens", matrices[0].shape[1]))
        return exactly(net, given, matrices, biases)


class Quickly:
    """Weights in 8 bits by rows, what passes through in 8 bits by texts. `greatest` is the greatest number of each channel, by the product's name."""

    def __init__(self, greatest: Mapping[str, Floats]) -> None:
        self._greatest = greatest

    def __call__(self, net: Graph, name: str, given: str, matrices: Sequence[Floats], biases: Sequence[Floats]) -> list[str]:
        if name in _EXACT:
            return exactly(net, given, matrices, biases)
        scale = eased(self._greatest[name], matrices, _MORE if name.endswith("fo") else _HALF)
        given = net.add("Mul", given, net.constant(1 / scale))
        return [_quick(net, given, matrix * scale, bias) for matrix, bias in zip(matrices, biases, strict=True)]


def eased(greatest: Floats, matrices: Sequence[Floats], share: float) -> Floats:
    """(columns,): powers of two by which the channels are divided. `share` of a channel's size moves to the weights; on the whole nothing grows."""
    weights = np.max([np.abs(matrix).max(axis=0) for matrix in matrices], axis=0)
    wanted = share * np.log2(np.maximum(greatest, 1e-3)) - (1 - share) * np.log2(np.maximum(weights, 1e-5))
    powers: Floats = np.exp2(np.rint(wanted - wanted.mean())).astype(np.float32)
    return powers


def exactly(net: Graph, given: str, matrices: Sequence[Floats], biases: Sequence[Floats]) -> list[str]:
    """The products with weights in 8 bits by blocks, around the middle of a byte."""
    return [net.add("Add", _blocks(net, given, matrix), net.constant(bias)) for matrix, bias in zip(matrices, biases, strict=True)]


def _blocks(net: Graph, given: str, matrix: Floats) -> str:
    rows, columns = matrix.shape
    blocks = matrix.reshape(rows, columns // e5.BLOCK, e5.BLOCK)
    scales = np.maximum(np.abs(blocks).max(axis=2) / 127, 1e-9).astype(np.float32)
    codes = (np.rint(blocks / scales[:, :, None]) + 128).astype(np.uint8)
    sizes: dict[str, Any] = {"K": columns, "N": rows, "bits": 8, "block_size": e5.BLOCK, "accuracy_level": _INT8_ACTIVATIONS}
    return net.add("MatMulNBits", given, net.constant(codes), net.constant(scales.reshape(-1)), domain=MICROSOFT, **sizes)


def _quick(net: Graph, given: str, matrix: Floats, bias: Floats) -> str:
    scales = np.maximum(np.abs(matrix).max(axis=1) / 127, 1e-9).astype(np.float32)
    codes = np.rint(matrix / scales[:, None]).astype(np.int8)
    given_codes = net.constant(np.ascontiguousarray(codes.T))
    return net.add("DynamicQuantizeMatMul", given, given_codes, net.constant(scales), "", net.constant(bias), domain=MICROSOFT)
