"""The two regressions the matcher is made of, and the curve that turns scores into probabilities. numpy and scipy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Linear:
    """Σ weight · (x − mean) / scale + bias."""

    mean: Array
    scale: Array
    weight: Array
    bias: float = 0.0

    def __call__(self, columns: npt.ArrayLike) -> Array:
        """(…, columns) → (…)"""
        return np.asarray(((np.asarray(columns, dtype=np.float64) - self.mean) / self.scale) @ self.weight + self.bias, dtype=np.float64)

    def as_dict(self) -> dict[str, object]:
        return {"mean": _short(self.mean), "scale": _short(self.scale), "weight": _short(self.weight), "bias": round(self.bias, 5)}

    @staticmethod
    def from_dict(form: dict[str, object]) -> Linear:
        mean, scale, weight = (np.array(form[key], dtype=np.float64) for key in ("mean", "scale", "weight"))
        return Linear(mean, scale, weight, float(str(form["bias"])))


@dataclass(frozen=True)
class Curve:
    """A rising piecewise linear function; constant outside its ends."""

    x: Array
    y: Array

    def __call__(self, value: npt.ArrayLike) -> Array:
        return np.asarray(np.interp(np.asarray(value, dtype=np.float64), self.x, self.y), dtype=np.float64)

    def shifted(self, by: float) -> Curve:
        """The curve with every probability moved by `by` on the logit scale."""
        return Curve(self.x, sigmoid(logit(self.y) + by)) if by else self

    def as_dict(self) -> dict[str, object]:
        return {"x": _short(self.x), "y": _short(self.y)}

    @staticmethod
    def from_dict(form: dict[str, object]) -> Curve:
        return Curve(np.array(form["x"], dtype=np.float64), np.array(form["y"], dtype=np.float64))


def fit_choice(tables: list[Array], right: list[Array], *, l2: float) -> Linear:
    """Conditional logit: which row of a table is right. `tables` (rows, columns) each, `right` (rows,) 0 or 1, at least one 1.

    Maximises the probability mass that a softmax over a table's rows puts on the right ones.
    """
    from scipy.optimize import minimize

    everything = np.concatenate(tables).astype(np.float64)
    mean, scale = everything.mean(axis=0), everything.std(axis=0) + 1e-6
    rows = (everything - mean) / scale
    starts = np.concatenate([[0], np.cumsum([len(table) for table in tables])[:-1]])
    lengths = np.diff(np.append(starts, len(rows)))
    truth = np.concatenate(right).astype(np.float64)

    def loss(weight: Array) -> tuple[float, Array]:
        scores = rows @ weight
        scores -= np.repeat(np.maximum.reduceat(scores, starts), lengths)
        mass = np.exp(scores)
        chosen = mass / np.repeat(np.add.reduceat(mass, starts), lengths)
        hit = np.add.reduceat(chosen * truth, starts) + 1e-12
        slope = chosen - chosen * truth / np.repeat(hit, lengths)
        return float(-np.log(hit).mean() + 0.5 * l2 * weight @ weight), np.asarray(rows.T @ slope / len(starts) + l2 * weight)

    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return Linear(mean, scale, found.x)


def fit_chance(columns: Array, right: Array, mass: Array, *, l2: float) -> Linear:
    """Logistic regression of `right` (n,) 0 or 1 on `columns` (n, c), each case counting `mass` (n,) times."""
    from scipy.optimize import minimize

    share = mass / mass.sum()
    mean = share @ columns
    scale = np.sqrt(share @ (columns - mean) ** 2) + 1e-6
    x = (columns - mean) / scale

    def loss(parameters: Array) -> tuple[float, Array]:
        weight, bias = parameters[:-1], parameters[-1]
        logit = x @ weight + bias
        slope = share * (sigmoid(logit) - right)
        value = share @ (np.logaddexp(0.0, logit) - right * logit) + 0.5 * l2 * weight @ weight
        return float(value), np.append(x.T @ slope + l2 * weight, slope.sum())

    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return Linear(mean, scale, found.x[:-1], float(found.x[-1]))


def fit_curve(score: Array, right: Array, mass: Array, *, bins: int = 24) -> Curve:
    """Score → share that is right, never falling: pool adjacent violators over bins of equal mass."""
    order = np.argsort(score)
    edges = np.searchsorted(np.cumsum(mass[order]) / mass.sum(), np.linspace(0, 1, bins + 1)[1:-1])
    blocks = []  # [mass, right mass, score mass]
    for part in np.split(order, edges):
        if len(part) == 0:
            continue
        blocks.append([float(mass[part].sum()), float(mass[part] @ right[part]), float(mass[part] @ score[part])])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][0] >= blocks[-1][1] / blocks[-1][0]:
            last = blocks.pop()
            blocks[-1] = [one + other for one, other in zip(blocks[-1], last, strict=True)]
    x = np.array([block[2] / block[0] for block in blocks])
    y = np.array([(block[1] + 0.5) / (block[0] + 1.0) for block in blocks])
    return Curve(x, np.maximum.accumulate(y))


def sigmoid(x: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -40, 40))), dtype=np.float64)


def logit(chance: npt.ArrayLike) -> Array:
    """The reverse of `sigmoid`; 0 and 1 are taken for nearly so."""
    inside = np.clip(np.asarray(chance, dtype=np.float64), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float64)


def _short(values: Array) -> list[float]:
    return [float(f"{value:.5g}") for value in values]
