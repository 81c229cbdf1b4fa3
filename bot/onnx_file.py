"""Writes ONNX files: the few protobuf messages a graph is made of, without the `onnx` package.

Field numbers are those of onnx.proto3 (ONNX IR version 9). Only what `bot.export` needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

IR_VERSION = 9
OPSETS = {"": 17, "com.microsoft": 1}
FLOAT, UINT8, INT8, INT32, INT64, INT4 = 1, 2, 3, 6, 7, 22
_CODES = {np.dtype(np.float32): FLOAT, np.dtype(np.uint8): UINT8, np.dtype(np.int8): INT8, np.dtype(np.int64): INT64}

Attribute = int | float | Sequence[int]


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while True:
        low, number = number & 0x7F, number >> 7
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def _number(key: int, value: int) -> bytes:
    return _varint(key << 3) + _varint(value)


def _bytes(key: int, value: bytes) -> bytes:
    return _varint(key << 3 | 2) + _varint(len(value)) + value


def _text(key: int, value: str) -> bytes:
    return _bytes(key, value.encode())


def _attribute(name: str, value: Attribute) -> bytes:
    head = _text(1, name)
    if isinstance(value, float):
        return head + _varint(2 << 3 | 5) + np.float32(value).tobytes() + _number(20, 1)
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, 2)
    return head + b"".join(_number(8, item) for item in value) + _number(20, 7)


def _tensor(name: str, code: int, shape: Iterable[int], raw: bytes) -> bytes:
    return b"".join(_number(1, size) for size in shape) + _number(2, code) + _text(8, name) + _bytes(9, raw)


def _port(name: str, code: int, shape: Sequence[int | str]) -> bytes:
    dims = b"".join(_bytes(1, _number(1, size) if isinstance(size, int) else _text(2, size)) for size in shape)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, code) + _bytes(2, dims)))


@dataclass
class Graph:
    """A graph under construction: `add` returns the name of a node's output, so calls nest like an expression."""

    name: str
    _parts: list[bytes] = field(default_factory=list)
    _count: int = 0

    def input(self, name: str, code: int, shape: Sequence[int | str]) -> str:
        self._parts.append(_bytes(11, _port(name, code, shape)))
        return name

    def output(self, name: str, code: int, shape: Sequence[int | str]) -> None:
        self._parts.append(_bytes(12, _port(name, code, shape)))

    def constant(self, array: npt.NDArray[np.float32 | np.uint8 | np.int8 | np.int64]) -> str:
        """A float32, uint8, int8 or int64 array as an initializer."""
        name = self._fresh("c")
        self._parts.append(_bytes(5, _tensor(name, _CODES[array.dtype], array.shape, np.ascontiguousarray(array).tobytes())))
        return name

    def nibbles(self, packed: npt.NDArray[np.uint8], shape: Sequence[int]) -> str:
        """Signed 4-bit numbers, two in a byte with the first one low, as an initializer of this shape."""
        name = self._fresh("c")
        self._parts.append(_bytes(5, _tensor(name, INT4, shape, packed.tobytes())))
        return name

    def add(self, op: str, *inputs: str, domain: str = "", name: str | None = None, **attributes: Attribute) -> str:
        """One node with one output, whose output is `name` or a fresh one."""
        out = name or self._fresh("v")
        body = b"".join(_text(1, item) for item in inputs) + _text(2, out) + _text(4, op)
        body += b"".join(_bytes(5, _attribute(key, value)) for key, value in attributes.items()) + _text(7, domain)
        self._parts.append(_bytes(1, body))
        return out

    def write(self, path: Path, *, opsets: Mapping[str, int] = OPSETS) -> None:
        """Write the whole model; the nodes must have been added in the order they are computed."""
        path.write_bytes(self.content(opsets=opsets))

    def content(self, *, opsets: Mapping[str, int] = OPSETS) -> bytes:
        """What `write` writes."""
        body = b"".join(self._parts) + _text(2, self.name)
        versions = b"".join(_bytes(8, _text(1, domain) + _number(2, version)) for domain, version in opsets.items())
        return _number(1, IR_VERSION) + _text(2, "abiline") + _bytes(7, body) + versions

    def _fresh(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"
