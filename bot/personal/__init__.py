"""Personal data in what people write: found by rule, and masked wherever others than the one who was asked may read it."""

from bot.personal.masking import FORMS, MASKS, find, mask

__all__ = ["FORMS", "MASKS", "find", "mask"]
