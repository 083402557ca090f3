"""Control limits of a funnel: exact binomial ones, and ones that allow for variance between units."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import stats

from iapt_ledger.methods.units.binomial_units import Array

Scale = Literal["arcsine", "score"]


def exact_limits(target: float, n: Array, level: float) -> tuple[Array, Array]:
    """Spiegelhalter (2005, appendix A.1.1): the binomial quantile, less the part of its step that is too much."""
    low, high = (_smooth_quantile(p, n, target) for p in ((1 - level) / 2, (1 + level) / 2))
    return np.clip(low / n, 0, 1), np.clip(high / n, 0, 1)


def _smooth_quantile(p: float, n: Array, target: float) -> Array:
    r = stats.binom.ppf(p, n, target)
    upto, step = stats.binom.cdf(r, n, target), stats.binom.pmf(r, n, target)
    return np.asarray(r - (upto - p) / step, dtype=float)


def adjusted_limits(
    target: float, n: Array, level: float, scale: Scale, tau2: float
) -> tuple[Array, Array]:
    """Normal limits on the scale of the z-scores, variance of chance and between units added, as shares."""
    z = stats.norm.ppf(0.5 + level / 2)
    if scale == "arcsine":
        middle, reach = np.arcsin(np.sqrt(target)), z * np.sqrt(1 / (4 * n) + tau2)
        low, high = (np.clip(middle + side * reach, 0, np.pi / 2) for side in (-1, 1))
        return np.sin(low) ** 2, np.sin(high) ** 2
    reach = z * np.sqrt(target * (1 - target) / n + tau2)
    return np.clip(target - reach, 0, 1), np.clip(target + reach, 0, 1)


def tail_below(n: Array, target: float, tail: float) -> Array:
    """Probability of all outcomes whose lower tail is under `tail`: what chance puts below the limit."""
    first_within = stats.binom.ppf(tail, n, target)
    return np.asarray(stats.binom.cdf(first_within - 1, n, target), dtype=float)
