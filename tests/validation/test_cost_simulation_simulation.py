"""The simulation against closed forms, and Fieller's interval against its promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from iapt_ledger.methods import cost_per_outcome
from iapt_ledger.methods.costs.cost_simulation import NormalIncremental, Uncertain, incremental

DRAWS = 20_000


def within(share: float, n: int) -> float:
    """Four binomial standard errors of a share of n draws."""
    return 4 * math.sqrt(max(share * (1 - share), 1 / n) / n)


@pytest.mark.parametrize("correlation", [-0.7, 0.0, 0.5])
def test_the_curve_is_the_closed_form_of_normal_differences(correlation: float) -> None:
    closed = NormalIncremental(800, 400, 0.04, 0.015, correlation)
    found = incremental(
        Uncertain.normal("cost", 800, 400, "s"),
        Uncertain.normal("effect", 0.04, 0.015, "s"),
        correlation=correlation,
        draws=DRAWS,
        seed=11,
    )
    for threshold, share in found.acceptability.items():
        exact = closed.acceptability(threshold)
        assert share == pytest.approx(exact, abs=within(exact, DRAWS))
        spread = float(np.std(threshold * found.sample_effect - found.sample_cost))
        assert found.perfect_information(threshold) == pytest.approx(
            closed.perfect_information(threshold), abs=4 * spread / math.sqrt(DRAWS)
        )


def test_the_ends_of_the_ratio_are_fiellers_where_both_are_normal() -> None:
    closed = NormalIncremental(1000, 250, 0.06, 0.01, 0.2).ratio()
    found = incremental(
        Uncertain.normal("cost", 1000, 250, "s"),
        Uncertain.normal("effect", 0.06, 0.01, "s"),
        correlation=0.2,
        draws=DRAWS,
        seed=5,
    )
    assert found.value == pytest.approx(closed.value)
    assert (found.low, found.high) == pytest.approx((closed.low, closed.high), rel=0.02)


def test_a_cost_over_a_beta_share_has_the_quantiles_of_the_beta() -> None:
    found = cost_per_outcome(
        Uncertain.fixed("cost", 1_000, "s"),
        Uncertain.fixed("courses", 1, "s"),
        Uncertain.share("recovery", 40, 100, "s"),
        draws=DRAWS,
        seed=3,
    )
    beta = stats.beta(40.5, 60.5)
    exact = 1_000 / beta.ppf(0.975), 1_000 / beta.ppf(0.025)
    assert (found.low, found.high) == pytest.approx(exact, abs=4 * found.monte_carlo_error)
    assert 0 < found.monte_carlo_error < 0.01 * found.value


def test_a_lognormal_product_has_its_closed_interval() -> None:
    spread = stats.lognorm(0.3, scale=1_000), stats.lognorm(0.2, scale=1.4)
    found = cost_per_outcome(
        Uncertain.like("cost", spread[0], "s", point=1_000),
        Uncertain.fixed("courses", 1, "s"),
        Uncertain.fixed("recovery", 0.5, "s"),
        price=Uncertain.like("price", spread[1], "s", point=1.4),
        draws=DRAWS,
        seed=9,
    )
    half = 1.959964 * math.hypot(0.3, 0.2)
    exact = 2_800 * math.exp(-half), 2_800 * math.exp(half)
    assert (found.low, found.high) == pytest.approx(exact, abs=4 * found.monte_carlo_error)


def test_the_stated_error_of_the_ends_is_the_scatter_over_seeds() -> None:
    inputs = (
        Uncertain.gamma("cost", 1_000, 300, "s"),
        Uncertain.fixed("courses", 1, "s"),
        Uncertain.share("recovery", 200, 400, "s"),
    )
    runs = [cost_per_outcome(*inputs, draws=1_000, seed=seed) for seed in range(150)]
    scatter = max(np.std([r.low for r in runs]), np.std([r.high for r in runs]))
    stated = float(np.mean([r.monte_carlo_error for r in runs]))
    assert stated == pytest.approx(scatter, rel=0.25)


@pytest.mark.parametrize("correlation", [-0.5, 0.5])
def test_fiellers_interval_covers_as_often_as_it_says(correlation: float) -> None:
    rng, trials = np.random.default_rng(21), 4_000
    sd_cost, sd_effect = 300.0, 0.012
    noise = rng.standard_normal((2, trials))
    cost = 1_200 + sd_cost * noise[0]
    effect = 0.06 + sd_effect * (correlation * noise[0] + math.sqrt(1 - correlation**2) * noise[1])
    found = [
        NormalIncremental(c, sd_cost, e, sd_effect, correlation).ratio()
        for c, e in zip(cost, effect, strict=True)
    ]
    held = [r for r in found if math.isfinite(r.low)]
    assert len(held) > 0.99 * trials
    covered = np.mean([r.low <= 20_000 <= r.high for r in held])
    assert covered == pytest.approx(0.95, abs=within(0.95, trials))
