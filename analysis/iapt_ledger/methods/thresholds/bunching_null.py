"""Smooth nulls for printed rates: a latent density of true rates, fitted through noise and rounding.

The density of true rates is an exponential family on a grid, log g = base + Q a, fitted to printed rates by
maximum likelihood of what is printed: the noise is in the likelihood, nothing is inverted. This is Efron's
g-modelling (2016, Biometrika 103:1-20; Narasimhan and Efron 2020, J. Stat. Softw. 94:11), with a penalty c0 |a|
for the splines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.thresholds.bunching_kernel import Array

PENALTY = 0.1  # a tenth of Efron's: it keeps the search from running away and hardly bends the null
STEPS = 500
SETTLED = 1e-10  # gain in log likelihood, as a share of it, at which the search ends
# Where noise explains all the spread, the likelihood rises for ever towards a single true rate: ENOUGH steps in turn
# that gain less than IDLE in log likelihood end the search too.
IDLE, ENOUGH = 1e-3, 10


@dataclass(frozen=True)
class Family:
    """Log densities base + Q a over the points of a grid.

    Attributes:
        name: for people.
        basis: Q, shape (points, parameters), columns of mean nought and length 1.
        base: log of the density at a = 0, shape (points,), up to a constant.
        penalty: c0, the weight of |a|.
    """

    name: str
    basis: Array
    base: Array
    penalty: float

    def density(self, parameters: Array) -> Array:
        """Chances of the grid's points; for parameters of shape (..., p) the shape (..., points)."""
        exponent = parameters @ self.basis.T + self.base
        weight = np.exp(exponent - exponent.max(axis=-1, keepdims=True))
        return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


@dataclass(frozen=True)
class Fit:
    """A family fitted to counts.

    Attributes:
        parameters: a; density: g over the grid.
        information: Fisher information of the likelihood; curvature: the penalty's second derivative.
    """

    family: Family
    parameters: Array
    density: Array
    information: Array
    curvature: Array


def natural_spline(points: Array, inner: Sequence[float], ends: tuple[float, float]) -> Array:
    """Cubic splines that are straight lines beyond the end knots: basis, shape (points, len(inner) + 1).

    The basis of R's splines::ns: B-splines without the first, held to no curvature at both ends.
    """
    low, high = ends
    knots = np.r_[[low] * 4, np.sort(np.asarray(inner, dtype=float)), [high] * 4]
    pieces = BSpline(knots, np.eye(len(knots) - 4), 3)
    inside = pieces(np.clip(points, low, high))
    slopes = pieces.derivative()(np.array(ends))
    inside += np.minimum(points - low, 0)[:, None] * slopes[0]
    inside += np.maximum(points - high, 0)[:, None] * slopes[1]
    bends = pieces.derivative(2)(np.array(ends))[:, 1:]
    free = np.linalg.qr(bends.T, mode="complete")[0][:, 2:]
    return np.asarray(inside[:, 1:] @ free)


def spline_family(
    points: Array, widths: Array, inner: Sequence[float], ends: tuple[float, float]
) -> Family:
    """A natural spline of the logit for the log density of the logit, so that tails run out like a beta's.

    Args:
        points, widths: middles and widths of the grid's cells.
        inner, ends: knots, as rates.
    """
    knots = _logit(np.asarray(inner, dtype=float)), _logit(np.asarray(ends, dtype=float))
    basis = natural_spline(_logit(points), knots[0].tolist(), (knots[1][0], knots[1][1]))
    base = np.log(widths) - np.log(points) - np.log1p(-points)
    return Family(f"spline {basis.shape[1]}", _levelled(basis), base, PENALTY)


def beta_family(points: Array, widths: Array) -> Family:
    """Beta densities."""
    logs = np.column_stack([np.log(points), np.log1p(-points)])
    return Family("beta", _orthogonal(logs), np.log(widths), penalty=0.0)


def logit_normal_family(points: Array, widths: Array) -> Family:
    """Densities whose logit is normal."""
    logit = _logit(points)
    base = np.log(widths) - np.log(points) - np.log1p(-points)
    return Family(
        "logit-normal", _orthogonal(np.column_stack([logit, logit**2])), base, penalty=0.0
    )


def fit(family: Family, kernel: Array, counts: Array, seen: Array | None = None) -> Fit:
    """Penalised maximum likelihood of counts whose chances are kernel @ g.

    Args:
        family: with p parameters over m points.
        kernel: chance of each outcome given each point, shape (outcomes, m).
        counts: how often each outcome was seen, shape (outcomes,).
        seen: chance, given each point, of an outcome that is counted at all, shape (m,); by default 1.
            Where outcomes are left out (those near a standard), the sum of the kernel's rows.

    Raises:
        MethodError: the search does not settle.
    """
    reach = np.ones(kernel.shape[1]) if seen is None else seen
    parameters, idle = np.ones(family.basis.shape[1]), 0
    value = _objective(family, parameters, kernel, counts, reach)
    for _ in range(STEPS):
        step = _direction(family, parameters, kernel, counts, reach)
        parameters, gained = _climb(family, parameters, step, value, (kernel, counts, reach))
        value += gained
        idle = idle + 1 if gained < IDLE else 0
        if gained <= SETTLED * (1 + abs(value)) or idle >= ENOUGH:
            return _finished(family, parameters, kernel, counts, reach)
    raise MethodError(
        f"The {family.name} null could not be fitted to the printed rates",
        expected=f"a likelihood that settles within {STEPS} steps",
        found="one that still rises",
        fix="take more units, or fewer flexibilities",
    )


def shrink(family: Family, parameters: Array) -> tuple[Array, Array]:
    """First and second derivative of the penalty c0 |a| at a: shapes (p,) and (p, p)."""
    size = np.sqrt(np.sum(parameters**2) + 1e-12)  # the penalty has no slope at nought
    unit = parameters / size
    return family.penalty * unit, family.penalty / size * (
        np.eye(len(parameters)) - np.outer(unit, unit)
    )


def scores(family: Family, density: Array, kernel: Array, seen: Array) -> Array:
    """What one count of each outcome adds to the slope of the log likelihood: shape (outcomes, p)."""
    weighted = density[:, None] * family.basis
    chances = np.maximum(kernel @ density, 1e-300)
    return np.asarray((kernel @ weighted) / chances[:, None] - (seen @ weighted) / (seen @ density))


def _finished(family: Family, parameters: Array, kernel: Array, counts: Array, seen: Array) -> Fit:
    density = family.density(parameters)
    information = _information(family, density, kernel, counts.sum(), seen)
    return Fit(family, parameters, density, information, shrink(family, parameters)[1])


def _information(family: Family, density: Array, kernel: Array, total: float, seen: Array) -> Array:
    slopes = scores(family, density, kernel, seen)
    chances = kernel @ density / (seen @ density)
    return np.asarray(total * (slopes * chances[:, None]).T @ slopes)


def _direction(
    family: Family, parameters: Array, kernel: Array, counts: Array, seen: Array
) -> Array:
    density = family.density(parameters)
    first, second = shrink(family, parameters)
    slope = counts @ scores(family, density, kernel, seen) - first
    curve = _information(family, density, kernel, counts.sum(), seen) + second
    steady = 1e-9 * np.trace(curve) / len(parameters) + 1e-9
    return np.linalg.solve(curve + steady * np.eye(len(parameters)), slope)


def _climb(
    family: Family, start: Array, step: Array, value: float, data: tuple[Array, Array, Array]
) -> tuple[Array, float]:
    """The longest of step, half of it and so on that does not lose, and what it gains."""
    for halving in range(40):
        trial = start + step * 0.5**halving
        gained = _objective(family, trial, *data) - value
        if gained >= 0:
            return trial, gained
    return start, 0.0


def _objective(
    family: Family, parameters: Array, kernel: Array, counts: Array, seen: Array
) -> float:
    density = family.density(parameters)
    chances = np.maximum(kernel @ density, 1e-300)
    likelihood = counts @ np.log(chances) - counts.sum() * np.log(seen @ density)
    return float(likelihood - family.penalty * np.sqrt(np.sum(parameters**2)))


def _logit(rates: Array) -> Array:
    return np.asarray(np.log(rates) - np.log1p(-rates))


def _levelled(basis: Array) -> Array:
    centred = basis - basis.mean(axis=0)
    return np.asarray(centred / np.sqrt(np.sum(centred**2, axis=0)))


def _orthogonal(basis: Array) -> Array:
    return np.asarray(np.linalg.qr(basis - basis.mean(axis=0))[0])
