"""By what a letter of ours is known when it comes back into our own box: a seal that only this house's key makes of its Message-ID."""

from __future__ import annotations

from handoff.vault import Vault

HEADER = "X-Abiline-Letter"
PURPOSE = "letter"
_ALL = (1 << 64) - 1


class OwnLetters:
    """Seals what we send and knows it again, also after a change of keys. A name in a header proves nothing: anybody can write one."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, message_id: str) -> str:
        """For the header of the letter with this Message-ID."""
        return _written(self._vault.mark(PURPOSE, message_id.strip()))

    def knows(self, message_id: str, seal: str) -> bool:
        """Whether we have sealed this."""
        return seal.strip() in map(_written, self._vault.marks(PURPOSE, message_id.strip()))


def _written(mark: int) -> str:
    return f"{mark & _ALL:016x}"
