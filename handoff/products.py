"""The house's own list of products, for agents to choose from: a plain text file, one name a line."""

from __future__ import annotations

from pathlib import Path

from handoff.errors import SettingsError
from handoff.settings import Settings

LONGEST = 60  # characters of one name
MOST = 2_000


def read_products(settings: Settings) -> tuple[str, ...]:
    """The names in the file that `ABILINE_PRODUCTS` names, each once; empty lines and those that begin with # are none. Raises `SettingsError`."""
    if not settings.products:
        return ()
    path = Path(settings.products)
    try:
        lines = [" ".join(line.split()) for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"ABILINE_PRODUCTS: can't read {path} ({error})") from None
    names: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith("#"):
            names.setdefault(line.casefold(), line)
    if long := next((one for one in names.values() if len(one) > LONGEST), None):
        raise SettingsError(f"ABILINE_PRODUCTS: {path} has a name of more than {LONGEST} characters: {long[:LONGEST]}…")
    if len(names) > MOST:
        raise SettingsError(f"ABILINE_PRODUCTS: {path} has more than {MOST} names")
    return tuple(names.values())
