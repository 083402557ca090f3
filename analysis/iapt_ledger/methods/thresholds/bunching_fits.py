"""The smooth nulls of several shapes, fitted outside a window, and intervals for the excess within it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iapt_ledger.methods.thresholds.bunching_kernel import GRID, WIDTHS, Array
from iapt_ledger.methods.thresholds.bunching_null import (
    Family,
    beta_family,
    fit,
    logit_normal_family,
    spline_family,
)
from iapt_ledger.methods.thresholds.bunching_reading import Reading, Window, read
from iapt_ledger.methods.thresholds.bunching_simulation import Units

RESAMPLES = 2000
NEAREST_KNOTS = (
    0.04  # on the logit scale, a point near 50%: closer ones would bend between two printed rates
)


def families(
    flexibilities: Sequence[str | int], values: npt.NDArray[np.int64]
) -> tuple[Family, ...]:
    """The shapes by name; a number is the degrees of freedom of a spline with knots where the values lie."""
    named = {"beta": beta_family, "logit-normal": logit_normal_family}
    return tuple(
        named[each](GRID, WIDTHS) if isinstance(each, str) else _spline(each, values)
        for each in flexibilities
    )


def readings(
    units: Units, kernel: Array, window: Window, flexibilities: Sequence[str | int]
) -> tuple[Reading, ...]:
    """Each null fitted to the printed rates outside the window, and the window read under it.

    Raises:
        MethodError: a null could not be fitted.
    """
    counts, rows = units.counts, kernel[window.outside]
    seen = units.values[window.outside[units.values]]
    return tuple(
        read(window, fit(family, rows, counts[window.outside], rows.sum(axis=0)), kernel)
        for family in families(flexibilities, seen)
    )


@dataclass(frozen=True)
class Resamples:
    """Resampled clusters, or units where each is its own.

    Attributes:
        weights: how often each cell was drawn, shape (RESAMPLES, cells); a cell is a cluster, or a printed rate.
        often: units or clusters of each cell, shape (cells,).
        units: what was resampled.
    """

    weights: Array
    often: Array
    units: Units

    @classmethod
    def of(cls, units: Units, seed: int) -> Resamples:
        """Draw them."""
        rng = np.random.default_rng([seed, 1])
        often = np.ones(units.n_clusters) if units.clustered else units.counts
        drawn = rng.multinomial(int(often.sum()), often / often.sum(), size=RESAMPLES)
        return cls(drawn.astype(float), often, units)

    def interval(self, value: float, influence: Array, level: float) -> tuple[float, float, float]:
        """Low, high and standard error of a quantity, by the bootstrap-t.

        Each resample gives its own standard error, so that few or uneven clusters widen the interval.

        Args:
            influence: what one unit at each printed rate adds to the quantity, shape (101,).
        """
        cells = self.units.sums(influence) if self.units.clustered else influence
        error = float(_errors(self.often[None], cells)[0])
        errors = np.maximum(_errors(self.weights, cells), 1e-9 * (1 + error))
        t = ((self.weights - self.often) @ cells) / errors
        low, high = np.quantile(t, [(1 - level) / 2, (1 + level) / 2])
        return value - max(high, 0.0) * error, value - min(low, 0.0) * error, error


def _errors(weights: Array, cells: Array) -> Array:
    number = weights.sum(axis=1)
    spread = weights @ cells**2 - (weights @ cells) ** 2 / number
    return np.sqrt(np.maximum(spread, 0.0) * number / (number - 1))


def _spline(freedom: int, values: npt.NDArray[np.int64]) -> Family:
    """Knots at quantiles of the printed rates, or evenly between their ends where many print the same."""
    logit = np.log((values + 0.25) / (100.25 - values))  # finite at 0 and 100 too
    places = np.quantile(logit, np.r_[0.01, np.arange(1, freedom) / freedom, 0.99])
    if np.min(np.diff(places)) < NEAREST_KNOTS:
        places = np.linspace(places[0], places[-1], freedom + 1)
    rates = 1 / (1 + np.exp(-places))
    return spline_family(GRID, WIDTHS, rates[1:-1], (rates[0], rates[-1]))
