"""Measure the methods: `envs/run python tests/benchmarks/bench_methods.py`

Targets, on a machine with two cores: 2,000 specifications of the cheapest regression under 20 s, a funnel of 200
services under 50 ms, 10,000 simulations of the null of a pile-up under 5 s. Each stands beside a rival that is timed
in the same run, so that a slow machine slows both; nothing is asserted, since machines differ.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import psutil
import statsmodels.formula.api as smf
from scipy import stats

from iapt_ledger.methods import funnel, interrupted_time_series, multiverse, threshold_bunching
from iapt_ledger.methods.base import Estimate
from iapt_ledger.methods.thresholds.bunching_kernel import half_up, printing

SPECIFICATIONS = 2_000
SERVICES = 200
SIMULATIONS = 10_000
NULLS = 5  # that the test of a pile-up fits


def months(seed: int = 0) -> pd.DataFrame:
    """Ten years of made-up months with a step at the middle."""
    rng = np.random.default_rng(seed)
    month = np.arange(120)
    items = 100 + 0.2 * month + 5 * (month >= 60) + rng.normal(0, 3, 120)
    return pd.DataFrame({"month": month, "items": items})


def services(number: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Recovered, finished as published in fives, and the rate as printed, of made-up services."""
    rng = np.random.default_rng(seed)
    people = 5 * rng.integers(10, 200, number)
    recovered = rng.binomial(people, rng.beta(60, 58, number))
    return recovered, people, half_up(recovered, people)


def one_regression(data: pd.DataFrame, *, first: int, start: int, slope: bool) -> Estimate:
    """The change of level when a break is put at a month and the months before another are left out."""
    kept = data[data["month"] >= first]
    return interrupted_time_series(
        kept, "items", "month", start=start, slope_change=slope
    ).level_change


def specifications(number: int) -> dict[str, list[Any]]:
    """Dimensions whose combinations are so many."""
    return {
        "first": list(range(20)),
        "start": list(range(40, 40 + number // 40)),
        "slope": [True, False],
    }


def by_formula(data: pd.DataFrame, number: int) -> None:
    """The rival: as many regressions by formula, one after another."""
    for place in range(number):
        part = data.assign(step=(data["month"] >= 40 + place % 40).astype(int))
        smf.ols("items ~ month + step", part).fit()


def by_loop(events: np.ndarray, people: np.ndarray) -> None:
    """The rival: exact binomial limits of each service by the library's quantiles, one after another."""
    target = events.sum() / people.sum()
    for n in people:
        for tail in (0.001, 0.025, 0.975, 0.999):
            stats.binom.ppf(tail, n, target)


def drawn_one_by_one(people: np.ndarray, times: int) -> None:
    """The rival: services drawn, rounded and counted, simulation by simulation, for a single null without refit."""
    rng = np.random.default_rng(0)
    for _ in range(times):
        printed = half_up(rng.binomial(people, rng.beta(60, 58, len(people))), people)
        np.bincount(printed, minlength=101)


def seconds(work: Callable[[], object], runs: int = 1) -> tuple[float, float]:
    """The median of some runs: elapsed seconds, and seconds of the processor, those of started processes too."""
    times = []
    for _ in range(runs):
        before = os.times()
        work()
        after = os.times()
        times.append((after.elapsed - before.elapsed, sum(after[:4]) - sum(before[:4])))
    return statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)


def show(
    what: str, taken: tuple[float, float], target: float, rival: str, other: tuple[float, float]
) -> None:
    """One line: what, seconds, target, and how many times as much of the processor a rival takes."""
    print(
        f"{what:52}{taken[0]:7.2f} s, {taken[1]:6.2f} s of processor (target {target:g} s)   "
        f"{rival}: {other[1]:.2f} s, {other[1] / max(taken[1], 1e-4):.1f} times as much   "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def scaled(taken: tuple[float, float], times: float) -> tuple[float, float]:
    """What a part that was run says of the whole."""
    return taken[0] * times, taken[1] * times


def bench_multiverse() -> None:
    """2,000 regressions, on both cores."""
    data, dimensions = months(), specifications(SPECIFICATIONS)
    taken = seconds(lambda: multiverse(one_regression, dimensions, data=data, workers=2))
    rival = scaled(seconds(lambda: by_formula(data, SPECIFICATIONS // 10)), 10)
    show(f"{SPECIFICATIONS:,} specifications", taken, 20, "by formula, a tenth of them", rival)


def bench_funnel() -> None:
    """A funnel of 200 services, fifty times over, since the clock of the processor ticks slowly."""
    events, people, _ = services(SERVICES)
    funnel(events, people)  # libraries loaded
    taken = scaled(seconds(lambda: [funnel(events, people) for _ in range(50)]), 1 / 50)
    rival = scaled(seconds(lambda: [by_loop(events, people) for _ in range(5)]), 1 / 5)
    show(f"funnel of {SERVICES} services", taken, 0.05, "limits one by one", rival)


def bench_bunching() -> None:
    """10,000 simulations under each of five nulls, the chances of what is printed found anew each time."""
    for number, repeated in ((200, 1), (2_000, 1), (2_000, 10)):
        _, people, rates = services(number)
        areas = None if repeated == 1 else np.arange(number) // repeated
        printing.cache_clear()
        test = partial(
            threshold_bunching,
            rates,
            50,
            denominators=people,
            clusters=areas,
            simulations=SIMULATIONS,
        )
        taken = seconds(test)
        rival = scaled(seconds(partial(drawn_one_by_one, people, SIMULATIONS // 10)), 10)
        what = f"{SIMULATIONS:,} simulations, {NULLS} nulls, {number:,} rates"
        what += "" if areas is None else f" of {number // repeated} areas"
        show(what, taken, 5, "one null one by one, a tenth of them", rival)


def main() -> None:
    """Print the times."""
    process = psutil.Process()
    for bench in (bench_funnel, bench_bunching, bench_multiverse):
        bench()
    print(f"memory held at the end: {process.memory_info().rss / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
