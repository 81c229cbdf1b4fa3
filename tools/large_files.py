"""Refuses files over a megabyte in a commit: models and recordings don't belong in git.

Two may be larger: what was learned on top of the encoder, which takes most of an hour to learn again, and what of the bank is searched when serving.
"""

from __future__ import annotations

import sys
from pathlib import Path

LARGEST = 1_000_000
ALLOWED = {"bot/adapter.npz": 2_000_000, "bot/faq/bridge.npz": 5_000_000}


def too_large(paths: list[str]) -> list[str]:
    """Those of the paths that are files over `LARGEST` bytes, or over what they are allowed."""
    return [path for path in paths if Path(path).is_file() and Path(path).stat().st_size > ALLOWED.get(path, LARGEST)]


if __name__ == "__main__":
    found = too_large(sys.argv[1:])
    for path in found:
        print(f"{path} is over {ALLOWED.get(path, LARGEST) / 1_000_000:.1f} MB: keep it out of git")  # noqa: T201
    sys.exit(1 if found else 0)
