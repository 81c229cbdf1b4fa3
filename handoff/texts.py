"""What people read, from YAML files: one folder `texts/` in each room, one file a language. A missing text shows itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any

import yaml

from bot.understanding import LANGUAGES, Language


class Texts:
    """The texts of one or more folders, a later one over an earlier one. Placeholders are `$name`.

    A text that is missing in a language is taken from Estonian.
    """

    def __init__(self, *folders: Path) -> None:
        self._texts: dict[Language, dict[str, str]] = {language: {} for language in LANGUAGES}
        for folder in folders:
            for language in LANGUAGES:
                path = folder / f"{language}.yml"
                self._texts[language] |= _read(path, path.stat().st_mtime_ns) if path.exists() else {}

    def say(self, language: Language, key: str, **values: object) -> str:
        """The text in the language; `[?key]` where nobody has written it."""
        text = self._texts[language].get(key) or self._texts["et"].get(key)
        return Template(text).safe_substitute({name: str(value) for name, value in values.items()}) if text else f"[?{key}]"

    def all(self, language: Language) -> dict[str, str]:
        """Every text in the language by its dotted key, for a page's script."""
        return self._texts["et"] | self._texts[language]

    def missing(self, language: Language) -> list[str]:
        """Keys that Estonian has and this language has not."""
        return sorted(set(self._texts["et"]) - set(self._texts[language]))


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> Mapping[str, str]:
    """A file's texts by dotted key, read once until it changes: several rooms share the same files."""
    return _flat(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {})  # the loader in C: a start reads dozens of these


def _flat(texts: Mapping[str, Any], before: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in texts.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{name}.")
        else:
            flat[name] = str(value)
    return flat
