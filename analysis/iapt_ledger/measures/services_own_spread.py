"""Months near a standard against the spread of each service's own months: a null that may peak where services do.

The smooth nulls of `services_pile_up` are fitted away from the standard and carried across it. If many services stand
close together there by nature, their months could pass for a pile-up. Here the spread between services is free: each
has a middle and a spread of its own, logit-normal, fitted to all its months through chance and rounding. Months near
the standard have a part in the fit, which draws it towards them: what is found is found in spite of that. What this
null still takes for granted is that a service's own months spread smoothly and evenly about its middle.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, stats

from iapt_ledger.errors import LedgerError
from iapt_ledger.methods.thresholds.bunching_kernel import BINS, GRID, WIDTHS, printing

Array = npt.NDArray[np.float64]
LEAST = 50  # finished courses, as in the other null
FEWEST_MONTHS = 6  # a middle and a spread from fewer would follow the months themselves
WINDOW = 3
ROUNDED_TO = 5
SPREADS = (-5.0, 1.0)  # limits of the log of a service's spread, on the logit scale
START = -2.0  # three points or so, near 50 per cent
_LOGIT = np.log(GRID) - np.log1p(-GRID)
_BASE = WIDTHS / (GRID * (1 - GRID))


def own_spread(rates: pd.DataFrame, threshold: int, window: int = WINDOW) -> pd.Series:
    """How many months print a threshold or the rates just above it, beyond each service's own share.

    Of a service's months in the window, its own spread places a share at or above the threshold. The excess is the
    sum over services of the months above less that share of the months in the window.

    Args:
        rates: from `services_pile_up.printed_rates`.
        threshold, window: the window runs from threshold - window to threshold + window - 1.

    Returns:
        value, low, high (months; 95%, from the scatter of services' own excesses), unit, months, services, above,
        below, expected_above, expected_below (months that print the window's upper and lower half), obs.

    Raises:
        LedgerError: no service has months enough.
    """
    large = rates[rates["finished"].ge(LEAST)]
    kept = large[large.groupby("code")["value"].transform("size").ge(FEWEST_MONTHS)]
    if kept["code"].nunique() < 2:
        raise LedgerError(
            "No services have months enough for a spread of their own",
            expected=f"two services with {FEWEST_MONTHS} months of {LEAST} finished courses or more",
            found=kept["code"].nunique(),
        )
    upper = slice(threshold, threshold + window)
    lower = slice(threshold - window, threshold)
    counts = np.array([_counts(own, upper, lower) for _, own in kept.groupby("code")])
    above, below, expected_above, expected_below = counts.T
    share = expected_above / np.maximum(expected_above + expected_below, 1e-12)
    excess = above - share * (above + below)
    n = len(excess)
    reach = stats.t.ppf(0.975, n - 1) * np.sqrt(n * excess.var(ddof=1))
    return pd.Series(
        {
            "value": excess.sum(),
            "low": excess.sum() - reach,
            "high": excess.sum() + reach,
            "unit": "months",
            "months": len(kept),
            "services": n,
            "above": above.sum(),
            "below": below.sum(),
            "expected_above": expected_above.sum(),
            "expected_below": expected_below.sum(),
            "obs": tuple(one for ids in kept["obs"] for one in ids),
        }
    )


def _counts(own: pd.DataFrame, upper: slice, lower: slice) -> tuple[float, float, float, float]:
    """One service: months printed in both halves of the window, and expected there."""
    printed = own["value"].to_numpy(dtype=int)
    expected = _expected(tuple(printed.tolist()), tuple(own["finished"].astype(int).tolist()))
    seen = np.bincount(printed, minlength=BINS)
    return seen[upper].sum(), seen[lower].sum(), expected[upper].sum(), expected[lower].sum()


@cache
def _expected(printed: tuple[int, ...], finished: tuple[int, ...]) -> Array:
    """Months expected to print each rate, of a service's months; services are asked about more than once."""
    tables = [printing(size, ROUNDED_TO) for size in finished]
    density = _fitted(np.array([table[r] for table, r in zip(tables, printed, strict=True)]))
    return np.sum([table @ density for table in tables], axis=0)


def _fitted(chances: Array) -> Array:
    """The logit-normal density of a service's true rates that makes its printed months likeliest.

    Args:
        chances: of what each month printed, given each true rate: shape (months, points of the grid).
    """
    likeliest = _LOGIT[chances.sum(axis=0).argmax()]
    found = optimize.minimize(
        lambda p: -np.log(chances @ _density(p) + 1e-300).sum(),
        [likeliest, START],
        method="Nelder-Mead",
        options={"xatol": 1e-5, "fatol": 1e-7, "maxiter": 2000},
    )
    return _density(found.x)


def _density(parameters: Array) -> Array:
    middle, log_spread = parameters
    least, most = SPREADS
    spread = np.exp(min(max(log_spread, least), most))  # np.clip takes as long as all the rest
    weight = np.exp(-0.5 * ((_LOGIT - middle) / spread) ** 2) * _BASE
    return np.asarray(weight / max(weight.sum(), 1e-300))
