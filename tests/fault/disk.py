"""A small disk that can be filled: a file system in memory, mounted where the house keeps its things."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

MEGABYTES = 64


def may_mount() -> bool:
    """Whether we are allowed to: root is, elsewhere than in the strictest containers."""
    return os.geteuid() == 0


class Disk:
    """Mounted while the block runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / ".ballast"

    def __enter__(self) -> Disk:
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(self.folder)], check=True)
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def fill(self) -> None:
        """To the last byte."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (1_000_000, 4096, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)
