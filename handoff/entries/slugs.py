"""An entry's id from its question: „Kui kiiresti pakk jõuab?“ → `kui-kiiresti-pakk-jouab`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

LONGEST = 60
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e jo zh z i j k l m n o p r s t u f h ts ch sh shch _ y _ e ju ja".replace("_", "").split(" "),
        strict=True,
    )
)


def slug(text: str, taken: Collection[str] = ()) -> str:
    """Lower-case ASCII words with hyphens, cut at a word, with a number behind when `taken` has it already."""
    latin = "".join(_CYRILLIC.get(letter, letter) for letter in text.lower())
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain) or ["vastus"]
    first: str = words[0][:LONGEST]
    for word in words[1:]:
        if len(first) + 1 + len(word) > LONGEST:
            break
        first = f"{first}-{word}"
    candidate, number = first, 1
    while candidate in taken:
        number += 1
        candidate = f"{first}-{number}"
    return candidate
