"""How often the test of a pile-up errs: its size under rounding, its power, and the cover of its intervals.

Made-up services have denominators of 50 to 2,000, published rounded to fives, and rates printed as whole per cents.
The standard lies near the mode, where a pile-up is hardest to tell from the shape of the distribution. Bands are
those of the binomial: a rate of 5% in R runs may be seen as high as 5% + 3 standard errors.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from iapt_ledger.methods import threshold_bunching
from iapt_ledger.methods.thresholds.bunching_kernel import half_up

RUNS, SERVICES, SIMULATIONS = 80, 400, 199
# Forty sizes of services, evenly on the log scale.
SIZES = np.unique(5 * np.round(np.geomspace(50, 2000, 40) / 5)).astype(int)
Draw = Callable[[np.random.Generator, int], np.ndarray]

SHAPES: dict[str, Draw] = {
    "beta, one of the nulls": lambda rng, n: rng.beta(50, 50, n),
    "skewed": lambda rng, n: 0.2 + 0.45 * rng.beta(8, 2, n),
    "two kinds of service": lambda rng, n: np.where(
        rng.random(n) < 0.7, rng.normal(0.51, 0.03, n), rng.normal(0.40, 0.07, n)
    ),
    "sharp at its mode": lambda rng, n: rng.laplace(0.505, 0.04, n),
    "long-tailed to the right": lambda rng, n: 0.44 + 0.02 * rng.gamma(3, 1, n),
}


def allowed(rate: float, runs: int) -> float:
    return rate + 3 * np.sqrt(rate * (1 - rate) / runs)


def published(rng: np.random.Generator, rates: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Printed rates of services whose denominators round to `sizes`."""
    people = sizes + rng.integers(-2, 3, len(sizes))
    return half_up(rng.binomial(people, np.clip(rates, 0.01, 0.99)), people)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_a_smooth_distribution_is_seldom_taken_for_a_pile_up(shape: str) -> None:
    rng = np.random.default_rng(2019)
    sizes = rng.choice(SIZES, SERVICES)
    headline, splines, plain = [], [], []
    for run in range(RUNS):
        values = published(rng, SHAPES[shape](rng, SERVICES), sizes)
        found = threshold_bunching(
            values, 50, denominators=sizes, simulations=SIMULATIONS, seed=run
        )
        headline.append(found.p_value <= 0.05)
        rows = found.by_flexibility.set_index("flexibility")
        splines.append((rows.loc["spline 7", "p_value"]) <= 0.05)
        plain.append(found.caliper.p_value <= 0.05)
    assert np.mean(headline) <= allowed(0.05, RUNS)
    assert np.mean(splines) <= allowed(0.05, RUNS)
    if shape in ("skewed", "two kinds of service"):
        # Where the density slopes, taking both sides for equally likely finds pile-ups that are not there.
        assert np.mean(plain) > allowed(0.05, RUNS)


@pytest.mark.slow
def test_ignoring_noise_and_rounding_finds_pile_ups_that_are_arithmetic() -> None:
    """Of 50 people and of 60 some print 50%, none 49%; of 75 it is the other way round."""
    rng = np.random.default_rng(50)
    sizes = rng.choice([50, 60, 75, 80], 600)
    naive, ours = [], []
    for run in range(40):
        values = half_up(rng.binomial(sizes, rng.beta(50, 50, 600)), sizes)
        shared = {"window": 1, "flexibilities": (3,), "simulations": SIMULATIONS, "seed": run}
        exact = threshold_bunching(
            values, 50, denominators=sizes, denominators_rounded_to=1, **shared
        )
        # Twenty thousand people have no noise to speak of: the null is then smooth in what is printed.
        smooth = threshold_bunching(values, 50, denominators=np.full(600, 20_000), **shared)
        ours.append(exact.p_value <= 0.05)
        naive.append(smooth.p_value <= 0.05)
    assert np.mean(naive) > allowed(0.05, 40)
    assert np.mean(ours) <= allowed(0.05, 40)


@pytest.mark.slow
@pytest.mark.parametrize(("services", "moved", "power"), [(200, 0.5, 0.75), (1000, 0.25, 0.8)])
def test_a_planted_pile_up_is_found_and_measured(services: int, moved: float, power: float) -> None:
    rng = np.random.default_rng(7)
    sizes = rng.choice(SIZES, services)
    seen, excess, truth, covered = [], [], [], []
    for run in range(40):
        values = published(rng, rng.beta(50, 50, services), sizes)
        shifts = np.isin(values, [47, 48, 49]) & (rng.random(services) < moved)
        piled = np.where(shifts, 50 + rng.integers(0, 2, services), values)
        found = threshold_bunching(piled, 50, denominators=sizes, simulations=SIMULATIONS, seed=run)
        seen.append(found.p_value <= 0.05)
        excess.append(found.value)
        truth.append(shifts.sum())
        covered.append(found.low <= shifts.sum() <= found.high)
    assert np.mean(seen) >= power
    assert np.mean(excess) == pytest.approx(np.mean(truth), rel=0.12)
    assert np.mean(covered) >= 0.85


@pytest.mark.slow
def test_repeated_months_widen_the_interval_as_they_should() -> None:
    """Sixty services of twelve months that hardly move: intervals that take months for services are too narrow."""
    rng = np.random.default_rng(11)
    runs, services, months = 60, 60, 12
    areas = np.repeat(np.arange(services), months)
    sizes = np.repeat(rng.choice(SIZES[SIZES >= 400], services), months)
    covered, headline, alone, false = [], [], [], []
    for run in range(runs):
        rates = 0.51 + 0.05 * rng.standard_normal(services)[areas]
        values = published(rng, rates + 0.003 * rng.standard_normal(len(areas)), sizes)
        shared = {"denominators": sizes, "simulations": SIMULATIONS, "seed": run}
        found = threshold_bunching(values, 50, clusters=areas, **shared)
        naive = threshold_bunching(values, 50, **shared)
        row = found.by_flexibility.set_index("flexibility").loc["logit-normal"]
        covered.append(row["low"] <= 0 <= row["high"])
        headline.append(found.low <= 0 <= found.high)
        false.append(found.p_value <= 0.05)
        row = naive.by_flexibility.set_index("flexibility").loc["logit-normal"]
        alone.append(row["low"] <= 0 <= row["high"])
    least = 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)
    assert np.mean(covered) >= least
    assert np.mean(headline) >= least
    assert np.mean(false) <= allowed(0.05, runs)
    assert np.mean(alone) < least
