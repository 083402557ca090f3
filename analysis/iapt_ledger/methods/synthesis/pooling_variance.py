"""The variance between studies: three estimators, and the limits that Cochran's test sets to it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats
from statsmodels.stats.meta_analysis import combine_effects

Array = npt.NDArray[np.float64]


def cochran_q(y: Array, v: Array) -> float:
    """Cochran's Q of effects y with variances v: about chi-squared with k - 1 degrees of freedom if all are one."""
    return weighted_squares(0.0, y, v)


def q_profile(y: Array, v: Array, level: float) -> tuple[float, float]:
    """The variances between studies that the Q test would not refuse; NaN where it would refuse them all."""
    tail, df = (1 - level) / 2, len(y) - 1
    high, low = (float(stats.chi2.ppf(p, df)) for p in (1 - tail, tail))
    if cochran_q(y, v) < low:
        return float("nan"), float("nan")
    return _root(high, y, v), _root(low, y, v)


def weighted_squares(tau2: float, y: Array, v: Array) -> float:
    """The weighted squared distances of the studies from their mean, given a variance between them."""
    w = 1 / (v + tau2)
    return float(w @ (y - (w @ y) / w.sum()) ** 2)


def _root(target: float, y: Array, v: Array) -> float:
    """The variance at which the weighted squares come down to `target`; nought when it starts below."""
    if weighted_squares(0.0, y, v) <= target:
        return 0.0
    top = float(np.ptp(y) ** 2 + v.max())
    while weighted_squares(top, y, v) > target:
        top *= 4
    scale = max(float(v.min()), 1e-300)
    return float(
        optimize.brentq(lambda t: weighted_squares(t, y, v) - target, 0.0, top, xtol=1e-12 * scale)
    )


def _der_simonian_laird(y: Array, v: Array) -> float:
    with np.errstate(all="ignore"):  # of weights by a negative variance and of ratios, not used
        return max(0.0, float(combine_effects(y, v, method_re="dl").tau2))


def _paule_mandel(y: Array, v: Array) -> float:
    return _root(len(y) - 1.0, y, v)


def _restricted_likelihood(y: Array, v: Array) -> float:
    """The variance of the greatest restricted likelihood: a grid first, for there may be two peaks."""

    def minus(t: Array) -> Array:
        w = 1 / (v + np.asarray(t)[..., None])
        apart = y - (w @ y / w.sum(axis=-1))[..., None]
        parts = np.log(v + np.asarray(t)[..., None]).sum(axis=-1) + np.log(w.sum(axis=-1))
        return np.asarray(parts + (w * apart**2).sum(axis=-1))

    top = float(np.ptp(y) ** 2 + v.max())
    grid = np.concatenate([[0.0], np.geomspace(1e-6 * float(v.min()), top, 200)])
    best = int(np.argmin(minus(grid)))
    ends = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = optimize.minimize_scalar(
        lambda t: float(minus(np.asarray(t))), bounds=ends, method="bounded",
        options={"xatol": 1e-10 * float(ends[1])},
    )  # fmt: skip
    better = found.fun < float(minus(np.asarray(0.0))) and found.x > 1e-5 * float(v.min())
    return float(found.x) if better else 0.0  # a peak at the edge is one at nought


TAU2: dict[str, Callable[[Array, Array], float]] = {
    "REML": _restricted_likelihood,
    "PM": _paule_mandel,
    "DL": _der_simonian_laird,
}
