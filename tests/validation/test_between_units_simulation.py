"""Services whose true rates are known: whether intervals and rank ranges hold them as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from iapt_ledger.methods import between_unit_variance

SERVICES, TIMES = 60, 150
SHAPES = {  # true rates about one half that differ with a standard deviation of 4 points
    "beta": lambda rng: rng.beta(77.6, 77.6, SERVICES),
    "two sorts of services": lambda rng: rng.choice([0.46, 0.54], SERVICES),
}


def fits(shape: str):
    rng = np.random.default_rng(99)
    n = rng.integers(60, 4000, SERVICES)
    for _ in range(TIMES):
        true = SHAPES[shape](rng)
        yield true, between_unit_variance(rng.binomial(n, true), n, draws=1000)


@pytest.fixture(scope="module")
def beta_fits():
    return list(fits("beta"))


def test_the_interval_of_the_spread_holds_the_truth(beta_fits):
    held = sum(f.spread.low <= 0.04 <= f.spread.high for _, f in beta_fits)
    low, high = stats.binom.ppf([1e-4, 1 - 1e-4], TIMES, 0.95)
    assert low <= held <= high


def test_the_spread_is_not_biased_by_more_than_a_twentieth(beta_fits):
    assert np.mean([f.spread.value for _, f in beta_fits]) == pytest.approx(0.04, rel=0.05)


def test_rank_ranges_hold_the_true_ranks(beta_fits):
    held = np.mean(
        [
            f.ranks["rank_low"].le(r) & f.ranks["rank_high"].ge(r)
            for true, f in beta_fits
            for r in [stats.rankdata(-true)]
        ]
    )
    # Ranks are whole, so ranges hold a little more than they say; the fit is taken as known, so a little less.
    assert 0.93 <= held <= 0.985


def test_shrunken_rates_hold_the_true_ones_and_are_nearer_to_them_than_the_observed(beta_fits):
    held, ours, plain = [], [], []
    for true, f in beta_fits:
        u = f.units
        held.append(u["shrunken_low"].le(true) & u["shrunken_high"].ge(true))
        ours.append(((u["shrunken"] - true) ** 2).sum())
        plain.append(((u["rate"] - true) ** 2).sum())
    assert 0.93 <= np.mean(held) <= 0.97
    assert np.mean(ours) < 0.95 * np.mean(plain)


def test_reliability_of_ranks_is_the_squared_correlation_with_the_true_ones(beta_fits):
    said = np.mean([f.rank_reliability for _, f in beta_fits])
    found = np.mean(
        [
            np.corrcoef(f.ranks["expected_rank"], stats.rankdata(-true))[0, 1] ** 2
            for true, f in beta_fits
        ]
    )
    assert said == pytest.approx(found, abs=0.03)


def test_ranges_stand_when_services_are_of_two_sorts_and_no_beta():
    held = [
        (u["shrunken_low"].le(true) & u["shrunken_high"].ge(true)).mean()
        for true, f in fits("two sorts of services")
        for u in [f.units]
    ]
    assert np.mean(held) > 0.92


def test_by_chance_alone_the_test_rejects_as_often_as_it_says():
    rng = np.random.default_rng(5)
    n = rng.integers(60, 4000, SERVICES)
    rejected = sum(
        between_unit_variance(rng.binomial(n, 0.5), n).p_value < 0.05 for _ in range(200)
    )
    low, high = stats.binom.ppf([1e-4, 1 - 1e-4], 200, 0.05)
    assert low <= rejected <= high
