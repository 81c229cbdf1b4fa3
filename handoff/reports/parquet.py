"""One table from JSON (standard input) to Parquet (standard output); run as a program of its own.

Today's pyarrow refuses to be in one process with the NumPy that Rasa asks for, and needs none itself. Besides, who never exports pays no megabyte for it.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

SECONDS = 60


def written(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """The file of these columns. Raises `subprocess.SubprocessError` when it can't be made."""
    asked = json.dumps(columns).encode()
    return subprocess.run([sys.executable, "-I", __file__], input=asked, capture_output=True, check=True, timeout=SECONDS).stdout  # noqa: S603  (ourselves)


def main() -> None:
    sys.modules["numpy"] = None  # type: ignore[assignment]  # "there is none": pyarrow goes without
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyarrow import parquet

    file = io.BytesIO()
    parquet.write_table(pa.table(json.load(sys.stdin)), file)
    sys.stdout.buffer.write(file.getvalue())


if __name__ == "__main__":
    main()
