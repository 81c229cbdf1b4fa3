"""Vectors → groups of those that lie together. Pure: no text, no model, no clock, and nobody says how many groups there are.

Average linkage: two groups are as alike as their members are on average, and while the likeness of two vectors is their inner product, that of
two groups is the product of their means. So a group is known by its mean alone, whether it has three members or three thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from bot.encoder import Vectors

Labels = npt.NDArray[np.int64]
NOBODY = -1
_NEVER = -np.inf


def agglomerated(vectors: Vectors, threshold: float) -> Labels:
    """(n, dim) → (n,): the two likest groups become one for as long as they are alike by `threshold`; numbered by their first members.

    Takes n² numbers and n² time: for some thousand vectors at once.
    """
    count = len(vectors)
    labels: Labels = np.arange(count)
    if count < 2:
        return labels
    sums, sizes = vectors.astype(np.float32, copy=True), np.ones(count, np.float32)
    likeness = sums @ sums.T
    np.fill_diagonal(likeness, _NEVER)
    partner, best = likeness.argmax(axis=1), likeness.max(axis=1)
    while True:
        one = int(best.argmax())
        if best[one] < threshold:
            return _numbered(labels)
        other = int(partner[one])
        one, other = min(one, other), max(one, other)
        labels[labels == other] = one
        sums[one] += sums[other]
        sizes[one] += sizes[other]
        likeness[other] = likeness[:, other] = best[other] = _NEVER
        gone = np.isneginf(best)
        row = sums @ sums[one] / (sizes * sizes[one])
        row[gone] = row[one] = _NEVER
        likeness[one] = likeness[:, one] = row
        nearer = ~gone & (row > best)
        partner[nearer], best[nearer] = one, row[nearer]
        stale = np.flatnonzero(~gone & ((partner == other) | (partner == one) & ~nearer))
        for place in {one, *stale.tolist()}:
            partner[place], best[place] = likeness[place].argmax(), likeness[place].max()


def nearest(vectors: Vectors, means: Vectors, threshold: float) -> Labels:
    """(n, dim) and the means (m, dim) of groups → (n,): the likest group, or `NOBODY` where none is alike by `threshold`."""
    if not len(vectors) or not len(means):
        return np.full(len(vectors), NOBODY, np.int64)
    likeness = vectors @ means.T
    found = likeness.argmax(axis=1)
    return np.where(likeness.max(axis=1) >= threshold, found, NOBODY)


def renamed(labels: Sequence[int] | Labels, former: Sequence[Hashable | None]) -> dict[int, Hashable]:
    """New groups → the names of former ones, each to the group that has most of its members; a group with none of anybody's is left out."""
    shared = Counter((int(label), name) for label, name in zip(labels, former, strict=True) if name is not None)
    names: dict[int, Hashable] = {}
    for (label, name), _ in sorted(shared.items(), key=lambda pair: (-pair[1], pair[0][0])):
        if label not in names and name not in names.values():
            names[label] = name
    return names


def medoid(vectors: Vectors) -> int:
    """The row that is likest to all: what a group is about is best said in its words."""
    return int((vectors @ vectors.mean(axis=0)).argmax())


def _numbered(labels: Labels) -> Labels:
    """0, 1, 2 … in the order in which the groups come."""
    firsts = {label: number for number, label in enumerate(dict.fromkeys(labels.tolist()))}
    return np.array([firsts[label] for label in labels.tolist()], np.int64)
