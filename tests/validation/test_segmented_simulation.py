"""How often intervals of the change of level hold the truth, where they should and where they cannot.

Bands are the stated chance and 3.5 binomial standard errors. Two of the tests state what the method does not do:
Newey-West errors do not mend autocorrelation in short series, and spoil intervals that had no need of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from iapt_ledger.methods import interrupted_time_series

Make = Callable[[np.random.Generator], pd.DataFrame]


def margin(share: float, runs: int) -> float:
    return 3.5 * float(np.sqrt(share * (1 - share) / runs))


def coverage(make: Make, truth: float, runs: int, *models: dict[str, object]) -> list[float]:
    """The share of series in which the interval of each model holds the true change of level."""
    rng = np.random.default_rng(20250131)
    held = np.zeros(len(models))
    for _ in range(runs):
        data = make(rng)
        for n, choices in enumerate(models):
            found = interrupted_time_series(data, "y", "t", **choices)
            held[n] += found.low <= truth <= found.high
    return list(held / runs)


def line(n: int, at: int, rho: float = 0.0) -> Make:
    """A line that jumps by 2, with errors of variance 1 about it that remember the last one by rho."""
    t = np.arange(n)
    base = 10 + 0.3 * t + 2 * (t >= at) + 0.1 * (t >= at) * (t - at)

    def make(rng: np.random.Generator) -> pd.DataFrame:
        error = rng.normal(size=n)
        for k in range(1, n):
            error[k] = rho * error[k - 1] + np.sqrt(1 - rho**2) * error[k]
        return pd.DataFrame({"t": t, "y": base + error})

    return make


def counts(n: int, spread: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> Make:
    """Counts about 200 to 300 that jump by a log ratio of 0.1 halfway, given the mean of each period."""
    t = np.arange(n)
    mean = 200 * np.exp(0.01 * t + 0.1 * (t >= n // 2))
    return lambda rng: pd.DataFrame({"t": t, "y": rng.poisson(spread(mean, rng))})


def test_intervals_of_a_short_line_hold_the_truth_as_often_as_they_say() -> None:
    (held,) = coverage(line(26, 11), 2.0, 1000, {"start": 11})
    assert abs(held - 0.95) < margin(0.95, 1000)


def test_quasi_poisson_intervals_hold_the_truth_where_poisson_ones_do_not() -> None:
    four_times = counts(24, lambda mean, rng: rng.gamma(mean / 3, 3.0))  # variance 4 x mean
    quasi, plain = coverage(
        four_times,
        0.1,
        400,
        {"start": 12, "family": "quasipoisson"},
        {"start": 12, "family": "poisson"},
    )
    assert abs(quasi - 0.95) < margin(0.95, 400)
    assert abs(plain - 0.68) < margin(0.68, 400)  # half as wide as they should be: 0.673


def test_negative_binomial_intervals_nearly_hold_what_they_say() -> None:
    """Maximum likelihood makes alpha too small in a short series: somewhat under 95% is what there is."""
    spread = counts(36, lambda mean, rng: rng.gamma(20.0, mean / 20))  # alpha 0.05
    (held,) = coverage(spread, 0.1, 200, {"start": 18, "family": "negative_binomial"})
    assert 0.92 - margin(0.92, 200) < held < 0.96 + margin(0.96, 200)


def test_newey_west_errors_spoil_the_intervals_of_a_short_line_without_need() -> None:
    plain, robust = coverage(line(26, 11), 2.0, 500, {"start": 11}, {"start": 11, "hac_lags": 3})
    assert plain > 0.95 - margin(0.95, 500)
    assert abs(robust - 0.80) < margin(0.80, 500)


def test_newey_west_errors_help_a_longer_autocorrelated_line_and_do_not_mend_it() -> None:
    plain, robust = coverage(
        line(60, 30, rho=0.6), 2.0, 500, {"start": 30}, {"start": 30, "hac_lags": 3}
    )
    assert abs(plain - 0.71) < margin(0.71, 500)
    assert abs(robust - 0.77) < margin(0.77, 500)
    assert plain < robust < 0.90  # nobody should read 95% in either


def test_a_break_is_found_as_often_as_power_says() -> None:
    make = line(26, 11)
    rng = np.random.default_rng(5)
    first = interrupted_time_series(make(rng), "y", "t", start=11)
    # The effect that has power 0.8 when errors have the variance 1 that they are made with.
    effect = first.detectable(0.8).effect / np.sqrt(first.dispersion)
    found = 0
    for _ in range(1000):
        data = make(rng).assign(y=lambda d: d["y"] + (effect - 2) * (d["t"] >= 11))
        found += interrupted_time_series(data, "y", "t", start=11).p_value < 0.05
    assert abs(found / 1000 - 0.8) < margin(0.8, 1000)


def test_the_best_of_many_dates_is_often_found_where_nothing_happened() -> None:
    make = line(26, 99)  # no break at all
    rng = np.random.default_rng(6)
    naive = adjusted = 0
    for _ in range(120):
        scan = interrupted_time_series(make(rng), "y", "t", start=11).break_scan()
        naive += scan.table["p_value"].min() < 0.05
        adjusted += scan.table["p_adjusted"].min() < 0.05
    assert naive / 120 > 0.20
    assert adjusted / 120 < 0.05 + margin(0.05, 120)
