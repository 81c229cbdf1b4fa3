"""What training adds to the encoder: low-rank changes of its matrices and a map that makes its token vectors small.

A changed matrix is W + B·A with A (rank, columns) and B (rows, rank) (Hu and others 2021, LoRA). Only A and B are kept, in 8
bits, so what was learned from tens of thousands of questions is a file of one and a half megabytes. `bot.adapt` learns it.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.mendable import Mendable

Floats = npt.NDArray[np.float32]
DEFAULT_ADAPTER = Path(__file__).parent / "adapter.npz"
_DOWN, _UP, _TOKENS, _SCALES = "down/", "up/", "tokens", ".scale"


class AdapterUnreadable(Mendable):
    """The file is missing or broken; the message names it and the mend."""


@dataclass(frozen=True)
class Adapter:
    """`down[name]` (rank, columns) and `up[name]` (rows, rank) for each changed matrix; `tokens` (token dim, hidden)."""

    down: Mapping[str, Floats]
    up: Mapping[str, Floats]
    tokens: Floats

    def change(self, name: str) -> Floats | None:
        """(rows, columns) to add to the matrix `name`, or None where it stays as it is."""
        return np.asarray(self.up[name] @ self.down[name], dtype=np.float32) if name in self.up else None

    @property
    def fingerprint(self) -> str:
        """Changes whenever the encoder's vectors would."""
        digest = hashlib.sha256(self.tokens.tobytes())
        for name in sorted(self.up):
            digest.update(name.encode() + self.down[name].tobytes() + self.up[name].tobytes())
        return digest.hexdigest()[:12]

    def save(self, path: Path) -> None:
        """Write codes of 8 bits with a scale for each rank, and the token map in half floats; the same content gives the same bytes."""
        arrays: dict[str, npt.NDArray[Any]] = {_TOKENS: self.tokens.astype(np.float16)}
        for kind, matrices, axis in ((_DOWN, self.down, 1), (_UP, self.up, 0)):
            for name, matrix in matrices.items():
                scale = np.maximum(np.abs(matrix).max(axis=axis, keepdims=True) / 127, 1e-12).astype(np.float32)
                arrays |= {kind + name: np.rint(matrix / scale).astype(np.int8), kind + name + _SCALES: scale}
        beside = path.with_suffix(".new")
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(arrays):
                with archive.open(zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0)), "w") as member:
                    np.lib.format.write_array(member, arrays[name], allow_pickle=False)  # type: ignore[no-untyped-call, unused-ignore]
        beside.replace(path)

    @staticmethod
    def load(path: Path = DEFAULT_ADAPTER) -> Adapter:
        """Raises `AdapterUnreadable`."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
                arrays = dict(held)
            down, up = (
                {name.removeprefix(kind): _floats(arrays, name) for name in arrays if name.startswith(kind) and not name.endswith(_SCALES)}
                for kind in (_DOWN, _UP)
            )
            return Adapter(down, up, arrays[_TOKENS].astype(np.float32))
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as error:
            raise AdapterUnreadable(f"{path} can't be read ({type(error).__name__}): restore it or run `abiline train --encoder`") from error


def _floats(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Floats:
    return np.asarray(arrays[name].astype(np.float32) * arrays[name + _SCALES], dtype=np.float32)
