"""Gaps between groups: what is summed, what is refused, and what must hold for any counts."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.caseness import Group, threshold_share
from iapt_ledger.measures.gaps import (
    DECILES,
    LEAST_DEPRIVED,
    MOST_DEPRIVED,
    NOT_STATED,
    change,
    gaps,
    group_counts,
    group_rates,
    if_unknown_were,
    merge_groups,
    yearly_trend,
)
from iapt_ledger.measures.mix import at_fixed_mix

FEW = settings(max_examples=25, deadline=None)  # each example builds frames
COLUMNS = ["breakdown", "category", "measure", "value", "unit", "level", "year", "imd_decile"]


def breakdowns(*rows: tuple) -> pd.DataFrame:
    """A tidy frame with one row a published number."""
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.assign(
        period_start=pd.to_datetime(frame["year"].astype(str) + "-04-01"),
        obs_id=[f"iapt_breakdowns:{i}" for i in range(1, len(frame) + 1)],
        imd_decile=frame["imd_decile"].astype("Int8"),
    )


def finishers(category, finished, below, recovered, *, breakdown="gender", year=2024, decile=None):
    counts = {
        "finished_course": finished,
        "not_at_caseness_start": below,
        "moved_to_recovery": recovered,
        "referrals_received": 2 * finished,
    }
    return [
        (breakdown, category, measure, value, "referrals", "detail", year, decile)
        for measure, value in counts.items()
    ]


def test_recovery_leaves_out_those_not_at_caseness():
    frame = breakdowns(*finishers("Female", 100, 20, 40))
    rate = group_rates(group_counts(frame, "gender"), ["recovery_rate"]).iloc[0]
    assert (rate["value"], rate["base"]) == (50.0, 80)
    assert len(rate["obs"]) == 3


def test_deciles_are_named_from_the_most_deprived_whatever_the_label_says():
    frame = breakdowns(
        *finishers("10 Most deprived", 100, 0, 40, breakdown=DECILES, decile=1),
        *finishers("01 Least deprived", 100, 0, 60, breakdown=DECILES, decile=10),
        *finishers(NOT_STATED, 100, 0, 50, breakdown=DECILES),
    )
    rates = group_rates(group_counts(frame, DECILES), ["recovery_rate"])
    gap = gaps(rates, of=LEAST_DEPRIVED, against=MOST_DEPRIVED)
    assert list(gap["value"]) == [pytest.approx(20)]
    assert set(rates["group"]) == {"1", "10", NOT_STATED}


def test_only_details_are_read_unless_asked():
    detail = finishers("Female", 100, 0, 40)
    subtotal = [(*row[:5], "subtotal", *row[6:]) for row in finishers("All", 900, 0, 300)]
    counts = group_counts(breakdowns(*detail, *subtotal), "gender")
    assert list(counts["group"]) == ["Female"]


def test_people_are_never_counted_with_referrals():
    people = [("gender", "Female", "people_referred", 500, "people", "detail", 2013, None)]
    counts = group_counts(breakdowns(*people, *finishers("Female", 100, 0, 40)), "gender")
    assert list(counts["period"]) == ["2024-25"]
    assert "people_referred" not in counts


def test_no_rate_by_referral_where_the_problem_is_written_down_later():
    frame = breakdowns(*finishers("Depression", 100, 0, 40, breakdown="presenting_complaint"))
    with pytest.raises(LedgerError, match="finished_per_referral"):
        group_rates(group_counts(frame, "presenting_complaint"), ["finished_per_referral"])


def test_a_number_published_twice_is_refused():
    rows = finishers("Female", 100, 0, 40)
    with pytest.raises(ValueError, match="duplicate"):
        group_counts(breakdowns(*rows, rows[0]), "gender")


def test_an_unknown_breakdown_names_the_choices():
    with pytest.raises(LedgerError, match="valid choices are gender"):
        group_counts(breakdowns(*finishers("Female", 1, 0, 1)), "sex")


def test_merged_groups_carry_every_observation_and_lose_what_a_part_lacks():
    rows = [*finishers("Female", 100, 0, 40), *finishers("Male", 50, 0, 20)]
    rows = [row for row in rows if row[1:3] != ("Male", "referrals_received")]
    counts = group_counts(breakdowns(*rows), "gender")
    merged = merge_groups(counts, {"Female": "both", "Male": "both"}).iloc[0]
    assert merged["moved_to_recovery"] == 60
    assert pd.isna(merged["referrals_received"])
    assert len(merged["obs"]["moved_to_recovery"]) == 2


def series(values, measure="recovery_rate_gap"):
    return pd.DataFrame(
        {
            "measure": measure,
            "period": [f"{2015 + i}-{16 + i}" for i in range(len(values))],
            "value": values,
            "low": [v - 1 for v in values],
            "high": [v + 2 for v in values],
        }
    )


def test_change_adds_the_uncertainty_of_both_years():
    moved = change(series([20.0, 15.0, 13.0]), "2015-16", "2017-18")
    assert moved == pytest.approx((-7, -7 - 5**0.5, -7 + 5**0.5))
    with pytest.raises(LedgerError, match="2030-31"):
        change(series([20.0]), "2015-16", "2030-31")


def test_trend_is_the_line_and_is_refused_across_a_new_classification():
    slope = yearly_trend(series([20, 18, 16, 14, 12.0]), DECILES)
    assert slope == pytest.approx((-2, -2, -2))
    with pytest.raises(LedgerError, match="new age bands"):
        yearly_trend(series([20, 18, 16, 14, 12, 10, 8.0]), "age_band")
    with pytest.raises(LedgerError, match="five years"):
        yearly_trend(series([20, 18.0]), DECILES)


positive = st.integers(1, 10_000)
group = st.tuples(positive, positive).map(lambda p: (sum(p), 0, p[0]))


@FEW
@given(group, group, positive, st.floats(0, 1))
def test_any_split_of_an_unknown_that_never_recovers_stays_inside_the_bounds(a, b, unknown, part):
    names = {"a": a, "b": b, NOT_STATED: (unknown, 0, 0)}
    rows = [row for name, counts in names.items() for row in finishers(name, *counts)]
    bounds = if_unknown_were(
        group_counts(breakdowns(*rows), "gender"), "recovery_rate", "a", "b"
    ).iloc[0]
    split = a[2] / (a[0] + part * unknown) - b[2] / (b[0] + (1 - part) * unknown)
    assert bounds["value"] == pytest.approx(100 * (a[2] / a[0] - b[2] / b[0]))
    assert bounds["low"] - 1e-9 <= 100 * split <= bounds["high"] + 1e-9
    assert len(bounds["obs"]) == 9


@FEW
@given(group, group)
def test_turning_a_gap_round_turns_its_sign_and_its_limits(first, second):
    rows = [*finishers("a", *first), *finishers("b", *second)]
    rates = group_rates(group_counts(breakdowns(*rows), "gender"), ["recovery_rate"])
    one, two = gaps(rates, against="b").iloc[0], gaps(rates, against="a").iloc[0]
    assert one["value"] == pytest.approx(-two["value"])
    assert (one["low"], one["high"]) == pytest.approx((-two["high"], -two["low"]))
    assert one["low"] <= one["value"] <= one["high"]
    assert one["relative"] * two["relative"] == pytest.approx(1)


def one_group(numbers: tuple[int, int, int, int]) -> Group:
    """Recovered, improved only, neither, below the line without improving: any counts make a group."""
    recovered, improved, _, below = numbers
    return Group(sum(numbers), below, recovered + improved, recovered)


wild_groups = st.tuples(positive, st.integers(0, 10_000), positive, positive).map(one_group)


@given(wild_groups, st.floats(0, 1))
def test_the_two_shares_multiply_to_reliable_recovery(one, below_improved):
    improved, reached = one.shares(below_improved)
    assert 0 <= improved <= 1
    assert 0 <= reached <= 1 + 1e-12
    rate = one.recovered / (one.finished - one.below)
    assert improved * reached == pytest.approx(rate)


@given(wild_groups, wild_groups)
def test_the_split_holds_its_own_corners(one, other):
    rate = {g: g.recovered / (g.finished - g.below) for g in (one, other)}
    better, worse = sorted((one, other), key=lambda g: -rate[g])
    if rate[better] - rate[worse] < 1e-6:
        return
    split = threshold_share(better, worse)
    assert split.widest_low - 1e-6 <= split.same_low <= split.share <= split.same_high
    assert split.same_high <= split.widest_high + 1e-6


def test_a_gap_that_is_all_improvement_and_one_that_is_all_threshold():
    base = Group(finished=100, below=0, improved=60, recovered=30)
    more_improve = Group(finished=100, below=0, improved=80, recovered=40)
    more_reach = Group(finished=100, below=0, improved=60, recovered=45)
    assert threshold_share(more_improve, base).share == pytest.approx(0)
    assert threshold_share(more_reach, base).share == pytest.approx(100)
    with pytest.raises(LedgerError, match="no gap"):
        threshold_share(base, base)


def test_impossible_finishers_are_refused():
    with pytest.raises(LedgerError, match="one group of finishers"):
        Group(finished=100, below=10, improved=50, recovered=60)


@FEW
@given(group, group, group, group)
def test_the_change_at_fixed_mix_and_the_shift_add_up_to_the_whole_change(a0, b0, a1, b1):
    rows = [
        *finishers("a", *a0, year=2021),
        *finishers("b", *b0, year=2021),
        *finishers("a", *a1),
        *finishers("b", *b1),
    ]
    rates = group_rates(group_counts(breakdowns(*rows), "gender"), ["recovery_rate"])
    mix = at_fixed_mix(rates, "2021-22", "2024-25")
    before, after = ((x[2] + y[2]) / (x[0] + y[0]) for x, y in ((a0, b0), (a1, b1)))
    assert mix.total == pytest.approx(100 * (after - before), abs=1e-9)
    assert len(mix.obs) == 12
    with pytest.raises(LedgerError, match="same groups"):
        at_fixed_mix(
            rates[rates["group"].eq("a") | rates["period"].eq("2021-22")], "2021-22", "2024-25"
        )
