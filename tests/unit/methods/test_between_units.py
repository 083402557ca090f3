"""Spread between units, reliability and ranks, in examples whose answer can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from iapt_ledger.methods import MethodError, between_unit_variance

HOSPITALS = (
    [0, 18, 8, 46, 8, 13, 9, 31, 14, 8, 29, 24],
    [47, 148, 119, 810, 211, 196, 148, 215, 207, 97, 256, 360],
)


def test_the_fit_is_the_likeliest_beta_binomial():
    x, n = (np.array(v) for v in HOSPITALS)
    got = between_unit_variance(x, n)

    def likelihood(a: float, b: float) -> float:
        return float(stats.betabinom.logpmf(x, n, a, b).sum())

    best = likelihood(got.alpha, got.beta)
    assert got.log_likelihood == pytest.approx(best, abs=1e-6)
    for factor in (0.97, 1.03):
        assert likelihood(got.alpha * factor, got.beta) < best
        assert likelihood(got.alpha, got.beta * factor) < best


def test_its_parts_agree_with_each_other():
    got = between_unit_variance(*HOSPITALS)
    mean = got.alpha / (got.alpha + got.beta)
    assert got.mean.value == pytest.approx(mean)
    assert got.icc.value == pytest.approx(1 / (got.alpha + got.beta + 1))
    assert got.variance.value == pytest.approx(mean * (1 - mean) * got.icc.value)
    assert got.spread.value == pytest.approx(np.sqrt(got.variance.value))
    assert got.low < got.value < got.high


def test_the_profile_interval_is_where_the_likelihood_has_fallen_by_the_quantile():
    x, n = (np.array(v) for v in HOSPITALS)
    got = between_unit_variance(x, n)
    for rho in (got.icc.low, got.icc.high):
        size = (1 - rho) / rho
        means = np.linspace(0.03, 0.2, 3000)
        profile = max(
            stats.betabinom.logpmf(x[:, None], n[:, None], means * size, (1 - means) * size).sum(0)
        )
        assert got.log_likelihood - profile == pytest.approx(stats.chi2.ppf(0.95, 1) / 2, abs=1e-3)


def test_shrinking_moves_a_rate_towards_the_mean_by_its_lack_of_reliability():
    got = between_unit_variance(*HOSPITALS)
    u, mean = got.units, got.mean.value
    expected = u["reliability"] * u["rate"] + (1 - u["reliability"]) * mean
    assert u["shrunken"].to_numpy() == pytest.approx(expected.to_numpy())
    assert u.loc[u["denominator"].idxmax(), "reliability"] == u["reliability"].max()


def test_units_alike_share_the_middle_of_the_table():
    got = between_unit_variance([50, 51, 49, 50], [100] * 4)
    assert got.value == got.low == 0
    assert got.high > 0
    assert got.chance_share.value == 1
    assert got.ranks["expected_rank"].tolist() == [2.5] * 4
    assert got.ranks["rank_low"].tolist() == [1] * 4
    assert got.ranks["rank_high"].tolist() == [4] * 4
    assert got.rank_reliability == 0


def test_units_far_apart_are_ranked_without_doubt():
    got = between_unit_variance([1000, 5000, 9000, 3000], [10_000] * 4)
    assert got.ranks["expected_rank"].tolist() == [4, 2, 1, 3]
    assert (got.ranks["rank_low"] == got.ranks["rank_high"]).all()
    assert got.rank_reliability == pytest.approx(1)
    assert got.p_value < 1e-6


def test_the_highest_rate_has_rank_one_and_ties_share_theirs():
    got = between_unit_variance([10, 50, 50, 90], [100] * 4)
    assert got.units["rank"].tolist() == [4, 2.5, 2.5, 1]


def test_the_same_seed_gives_the_same_ranks_and_another_hardly_others():
    first, again, other = (between_unit_variance(*HOSPITALS, seed=s) for s in (3, 3, 4))
    assert first.ranks.equals(again.ranks)
    assert not first.ranks.equals(other.ranks)
    assert first.ranks["expected_rank"].to_numpy() == pytest.approx(
        other.ranks["expected_rank"].to_numpy(), abs=0.3
    )


def test_expected_ranks_are_those_of_pairwise_comparisons():
    # The expected rank of a unit is one more than the sum of the chances that others are above it.
    got = between_unit_variance(*HOSPITALS, draws=20_000)
    x, n = (np.array(v) for v in HOSPITALS)
    grid = np.linspace(0, 0.4, 8001)
    a, b = got.alpha + x, got.beta + n - x
    density = stats.beta.pdf(grid[:, None], a, b) * (grid[1] - grid[0])
    above = stats.beta.sf(grid[:, None], a, b)
    pair = np.einsum("gi,gj->ij", density, above)  # chance that j lies above i
    expected = 1 + pair.sum(axis=1) - np.diag(pair)
    assert got.ranks["expected_rank"].to_numpy() == pytest.approx(expected, abs=0.06)


def test_the_summary_says_what_the_ranks_are_worth():
    text = between_unit_variance(*HOSPITALS).summary()
    assert "Intraclass correlation: 0.009184" in text
    assert "of the ranks: 0.60" in text


@pytest.mark.parametrize(
    ("options", "word"),
    [({"level": 1.0}, "level"), ({"draws": 10}, "draws"), ({"draws": 150.5}, "draws")],
)
def test_options_that_cannot_be_used_are_named(options, word):
    with pytest.raises(MethodError, match=word):
        between_unit_variance(*HOSPITALS, **options)


@pytest.mark.filterwarnings("error")
def test_very_many_outcomes_a_unit_put_the_upper_limit_at_the_least_that_is_looked_at():
    sizes = np.full(40, 10**8)
    events = np.random.default_rng(5).binomial(sizes, 0.5)
    got = between_unit_variance(events, sizes)
    assert got.value == got.low == 0
    assert got.high == pytest.approx(1e-7)
