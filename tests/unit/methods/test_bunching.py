"""A pile-up near a standard: what is counted, what a null of known shape expects, and the words."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from iapt_ledger.methods import MethodError, threshold_bunching
from iapt_ledger.methods.thresholds.bunching_caliper import caliper, caliper_above
from iapt_ledger.methods.thresholds.bunching_kernel import (
    GRID,
    WIDTHS,
    half_up,
    possible_sizes,
    printed_below,
    printing,
)
from iapt_ledger.methods.thresholds.bunching_null import beta_family, fit, natural_spline
from iapt_ledger.methods.thresholds.bunching_placebos import placebo_thresholds


def services(n: int = 600, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Rates about 51% as printed, and the denominators as published, rounded to fives."""
    rng = np.random.default_rng(seed)
    published = 5 * rng.integers(12, 120, n)
    people = published + rng.integers(-2, 3, n)
    rates = rng.beta(60, 58, n)
    return half_up(rng.binomial(people, rates), people), published


@pytest.mark.parametrize(
    ("successes", "n", "printed"),
    [
        (99, 200, 50),
        (101, 200, 51),
        (248, 500, 50),
        (247, 500, 49),
        (1, 3, 33),
        (2, 3, 67),
        (5, 5, 100),
    ],
)
def test_halves_are_rounded_up(successes: int, n: int, printed: int) -> None:
    assert half_up(np.array([successes]), n)[0] == printed


def test_each_printed_rate_has_the_chance_that_counting_gives() -> None:
    for n in (7, 50, 61):
        table = printing(n, 1)
        assert table.sum(axis=0) == pytest.approx(1)
        place = int(np.argmin(abs(GRID - 0.4375)))
        chances = np.zeros(101)
        for k in range(n + 1):
            rate = Fraction(100 * k, n)
            chances[int(rate + Fraction(1, 2))] += stats.binom.pmf(k, n, GRID[place])
        assert table[:, place] == pytest.approx(chances, abs=1e-12)


def test_some_rates_cannot_be_printed_by_few_people() -> None:
    assert printing(60, 1)[51].max() == 0
    assert printing(60, 5)[51].max() > 0  # 59 people can: 30 of them


def test_a_published_denominator_stands_for_those_that_round_to_it() -> None:
    assert list(possible_sizes(60, 5)) == [58, 59, 60, 61, 62]
    assert list(possible_sizes(60, 1)) == [60]
    assert list(possible_sizes(60, 10)) == list(range(55, 65))


def test_a_rate_can_print_the_standard_without_meeting_it() -> None:
    # Of 101 people, 50 are 49.5%: printed 50. Of 100, only 50 prints 50, and meets it.
    assert printed_below(101, 1, 50).max() > 0.05
    assert printed_below(100, 1, 50).max() == 0


def test_the_search_finds_the_beta_that_made_the_counts() -> None:
    family = beta_family(GRID, WIDTHS)
    kernel = printing(150, 1)
    truth = stats.beta(30, 20).pdf(GRID) * WIDTHS
    found = fit(family, kernel, 10_000 * (kernel @ truth / truth.sum()))
    assert found.density == pytest.approx(truth / truth.sum(), abs=2e-6)


def test_outcomes_that_are_left_out_do_not_move_the_fit() -> None:
    family, kernel = beta_family(GRID, WIDTHS), printing(150, 1)
    truth = stats.beta(30, 20).pdf(GRID) * WIDTHS
    counts = 10_000 * (kernel @ truth / truth.sum())
    kept = np.ones(101, dtype=bool)
    kept[57:63] = False
    found = fit(family, kernel[kept], counts[kept], kernel[kept].sum(axis=0))
    assert found.density == pytest.approx(truth / truth.sum(), abs=2e-5)


def test_natural_splines_are_straight_beyond_their_ends() -> None:
    points = np.linspace(-3, 3, 61)
    basis = natural_spline(points, [-0.5, 0.0, 0.5], (-1.0, 1.0))
    assert basis.shape == (61, 4)
    outside = np.abs(points) > 1.05
    bend = np.diff(basis, 2, axis=0)
    assert bend[outside[2:] & outside[:-2]] == pytest.approx(0, abs=1e-12)


def test_the_window_and_the_excess_are_what_they_are_said_to_be() -> None:
    values, sizes = services()
    found = threshold_bunching(values, 50, denominators=sizes, window=2, simulations=199)
    row = found.by_flexibility[found.by_flexibility["headline"]].iloc[0]
    above, below = np.sum((values == 50) | (values == 51)), np.sum((values == 48) | (values == 49))
    assert (row["observed_above"], row["observed_below"]) == (above, below)
    assert found.value == pytest.approx(above - row["expected_share"] * (above + below))
    odds = row["expected_share"] / (1 - row["expected_share"])
    assert found.ratio.value == pytest.approx(above / below / odds)
    assert found.low <= found.value <= found.high
    assert found.ratio.low <= found.ratio.value <= found.ratio.high
    assert found.p_value == found.by_flexibility["p_value"].max() == found.excess.p_value
    assert found.caliper.value == pytest.approx((above - below) / 2)
    assert found.caliper.p_value == pytest.approx(stats.binomtest(above, above + below).pvalue)
    assert 0.2 < found.rounded_up < 0.5


def test_the_bins_are_those_to_draw() -> None:
    values, sizes = services()
    found = threshold_bunching(values, 50, denominators=sizes, simulations=199)
    one = found.bins[found.bins["flexibility"] == "spline 5"].set_index("bin")
    assert one["observed"].tolist() == np.bincount(values, minlength=101).tolist()
    assert one.index[one["side"] == "above"].tolist() == [50, 51, 52]
    assert one.index[one["side"] == "below"].tolist() == [47, 48, 49]
    outside = one["side"] == "outside"
    assert one["expected"][outside].sum() == pytest.approx(one["observed"][outside].sum())
    assert (one["low"] <= one["expected"] + 1).all()
    assert (one["expected"] <= one["high"] + 1).all()


def test_a_planted_pile_up_is_seen_and_measured() -> None:
    values, sizes = services()
    moved = np.isin(values, [48, 49])
    piled = np.where(moved, 50, values)
    plain = threshold_bunching(values, 50, denominators=sizes, simulations=499)
    found = threshold_bunching(piled, 50, denominators=sizes, simulations=499)
    assert plain.p_value > 0.05
    assert found.p_value < 0.01
    assert found.p_above < 0.01
    assert found.low > 0
    assert found.value == pytest.approx(moved.sum(), rel=0.25)
    statistic = found.placebos.set_index("threshold")["statistic"]
    assert statistic[50] > statistic.drop(50).max()
    compared = (~found.placebos["round_number"] | found.placebos["standard"]).sum()
    assert found.placebo_p_value == pytest.approx(1 / compared)


def test_placebos_keep_clear_and_say_which_are_round() -> None:
    values, sizes = services()
    table = threshold_bunching(values, 50, denominators=sizes, simulations=99).placebos
    others = table[~table["standard"]]
    assert (abs(others["threshold"] - 50) >= 6).all()
    assert table["round_number"].equals(table["threshold"] % 5 == 0)
    chosen = threshold_bunching(
        values, 50, denominators=sizes, simulations=99, placebos=[44, 57]
    ).placebos
    assert chosen["threshold"].tolist() == [44, 50, 57]


def test_placebo_windows_leave_something_on_either_side() -> None:
    counts = np.zeros(101)
    counts[40:61] = 20
    assert placebo_thresholds(None, 50, 3, counts) == (44, 56, 57)


def test_the_words_are_those_of_a_pile_up() -> None:
    values, sizes = services(200)
    areas = np.repeat(np.arange(20), 10)
    found = threshold_bunching(
        values, 50, denominators=sizes, clusters=areas, simulations=99, unit="area months"
    )
    words = found.summary()
    assert words.startswith("A pile-up near the standard of 50%?")
    assert "200 area months of 20 clusters" in words
    assert "cannot tell gaming from effort, or from ending treatment" in words
    assert words.count("gaming") == 1
    assert "the interval is a rough one" in words
    assert "95% cluster bootstrap-t interval" in found.excess.summary()


def test_small_services_are_dropped_and_counted() -> None:
    values, sizes = services()
    found = threshold_bunching(values, 50, denominators=sizes, simulations=99, min_denominator=100)
    assert found.n == np.sum(sizes >= 100)
    assert found.n + found.n_dropped == len(values)


def test_the_same_seed_gives_the_same_result() -> None:
    values, sizes = services()
    one, two, other = (
        threshold_bunching(values, 50, denominators=sizes, simulations=199, seed=seed)
        for seed in (3, 3, 4)
    )
    assert one.by_flexibility.equals(two.by_flexibility)
    assert not one.by_flexibility.equals(other.by_flexibility)


def test_a_caliper_with_another_share_tests_that_share() -> None:
    assert caliper(30, 70, share=0.3).value == pytest.approx(0)
    assert caliper(30, 70, share=0.3).p_value == pytest.approx(1)
    assert caliper_above(30, 70, share=0.3) > 0.5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"threshold": float("nan")}, "argument threshold"),
        ({"threshold": "50"}, "argument threshold.*'50'"),
        ({"window": 2.5}, "argument window"),
        ({"simulations": "many"}, "argument simulations"),
        ({"values": ["51%"] * 600}, "column values, row 1.*'51%'"),
        ({"denominators": None}, "column denominators"),
    ],
)
def test_what_is_no_number_is_refused_by_name(changes, words) -> None:
    values, published = services()
    given = {"values": values, "threshold": 50, "denominators": published} | changes
    with pytest.raises(MethodError, match=words):
        threshold_bunching(**given)


def test_one_null_needs_no_list() -> None:
    values, published = services()
    found = threshold_bunching(
        values, 50, denominators=published, flexibilities="beta", simulations=199
    )
    assert found.by_flexibility["flexibility"].tolist() == ["beta"]
