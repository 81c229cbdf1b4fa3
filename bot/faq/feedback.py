"""What people said afterwards → how far the promised probabilities are off. Pure.

The bank's businesses are not this one, so its calibration is only where we begin: ratings, customers' choices and agents' picks move it.
All probabilities are moved by one amount on the logit scale, the likeliest given the outcomes and a prior that doubts any move
(a logistic regression on the bias alone, as in Platt 1999). One number can't bend the curve, and a few angry thumbs can't silence the bot.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.faq.regression import logit, sigmoid
from bot.understanding import Outcome

_DOUBT = 0.4  # standard deviation of the prior: a business whose probabilities are off by more is rare
_FURTHEST = 1.5
_SURE = 3.0  # logits beyond this count as this: an editor's own wording that was wrong once must not outweigh everything else
_STEPS = 25


def fitted_shift(outcomes: Sequence[Outcome]) -> float:
    """What to add to the logit of every probability; 0 without outcomes.

    An outcome's own shift is taken off first: what is learned is always how far the bank's calibration is off.
    """
    if not outcomes:
        return 0.0
    promised = np.array([float(np.clip(logit(one.probability) - one.shift, -_SURE, _SURE)) for one in outcomes])
    right = np.array([float(one.right) for one in outcomes])
    shift = 0.0
    for _ in range(_STEPS):  # Newton's method; the likelihood has one peak
        chance = sigmoid(promised + shift)
        slope = float((right - chance).sum()) - shift / _DOUBT**2
        bend = float((chance * (1 - chance)).sum()) + 1 / _DOUBT**2
        shift += slope / bend
    return float(np.clip(shift, -_FURTHEST, _FURTHEST))
