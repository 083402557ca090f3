"""Rates and gaps by group against what the publishers printed, on the edition as it is pinned."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.measures import gaps, therapy_types
from iapt_ledger.measures.all_attended import of_all_attended
from iapt_ledger.measures.gaps import DECILES, LEAST_DEPRIVED, MOST_DEPRIVED, NOT_STATED

Frames = dict[str, pd.DataFrame]
PRINTED = {  # our rate: the publisher's own, printed to one decimal
    "recovery_rate": "recovery_rate_pct",
    "reliable_improvement_rate": "reliable_improvement_pct",
    "reliable_recovery_rate": "reliable_recovery_pct",
    "reliable_deterioration_rate": "reliable_deterioration_pct",
}
BY_GROUP = ("age_band", DECILES, "ethnic_group", "gender", "presenting_complaint")


@pytest.fixture(scope="module")
def breakdowns(frames: Frames) -> pd.DataFrame:
    return frames["iapt_breakdowns"]


@pytest.fixture(scope="module")
def national(frames: Frames) -> pd.DataFrame:
    frame = frames["iapt_national_annual"]
    return frame[frame["series"].eq("annual report")]


@pytest.mark.parametrize("breakdown", BY_GROUP)
def test_every_rate_is_the_printed_one(breakdowns, breakdown):
    rates = gaps.group_rates(gaps.group_counts(breakdowns, breakdown), list(PRINTED))
    rows = breakdowns[breakdowns["breakdown"].eq(breakdown) & breakdowns["level"].eq("detail")]
    year = rows["period_start"].dt.year.astype(str)
    printed = rows.assign(
        period=year + "-" + rows["period_end"].dt.strftime("%y"),
        measure=rows["measure"].map({theirs: ours for ours, theirs in PRINTED.items()}),
        group=gaps._group_names(rows, breakdown),
    ).dropna(subset="measure")
    both = rates.merge(printed, on=["measure", "period", "group"], suffixes=("", "_printed"))
    assert len(both) > 100
    apart = (both["value"] - both["value_printed"]).abs()
    assert apart.max() <= 0.0501, both.loc[apart.idxmax()]


def test_recovery_in_the_extreme_deciles_is_not_the_reliable_recovery_of_one_article(breakdowns):
    """A web article gives 52.4 and 40.5 per cent as recovery of 2024-25: those are reliable recovery."""
    rates = gaps.group_rates(gaps.group_counts(breakdowns, DECILES))
    latest = rates[rates["period"].eq("2024-25")].set_index(["measure", "group"])["value"].round(1)
    assert latest["recovery_rate", LEAST_DEPRIVED] == 56.2
    assert latest["recovery_rate", MOST_DEPRIVED] == 42.8
    assert latest["reliable_recovery_rate", LEAST_DEPRIVED] == 52.4
    assert latest["reliable_recovery_rate", MOST_DEPRIVED] == 40.5


def test_the_publishers_summary_of_minorities_is_the_sum_of_our_details(breakdowns):
    details = gaps.group_counts(breakdowns, "ethnic_group")
    names = {
        group: "White British" if group == "White | British" else "BME"
        for group in details["group"].unique()
        if group != NOT_STATED
    }
    ours = gaps.merge_groups(details, {**names, NOT_STATED: NOT_STATED})
    theirs = gaps.group_counts(breakdowns, "ethnic_group_bme_summary")
    both = theirs.merge(ours, on=["period", "group"], suffixes=("", "_ours"))
    assert len(both) == len(theirs) == 15
    for measure in ("referrals_received", "finished_course", "moved_to_recovery"):
        # suppressed cells of small groups are all that may be missing
        assert (both[measure] - both[f"{measure}_ours"]).abs().max() <= 5


@pytest.mark.parametrize(
    ("breakdown", "first", "least"),
    [
        (DECILES, 2015, 0.999),
        ("gender", 2017, 0.999),
        ("age_band", 2014, 0.99),
        # not stated is missing to 2016-17, and the publisher says so by leaving the row out
        ("ethnic_group", 2017, 0.999),
        ("ethnic_group", 2014, 0.87),
    ],
)
def test_details_cover_the_national_total(breakdowns, national, breakdown, first, least):
    counts = gaps.group_counts(breakdowns, breakdown)
    held = national[national["measure"].eq("finished_course")]
    total = dict(zip(held["period_start"].dt.year, held["value"], strict=True))
    for period, value in counts.groupby("period")["finished_course"].sum().items():
        if int(period[:4]) >= first:
            assert least <= value / total[int(period[:4])] <= 1.0005, period


def test_the_gap_in_recovery_narrowed_and_the_gap_by_referral_did_not(breakdowns):
    rates = gaps.group_rates(gaps.group_counts(breakdowns, DECILES))
    gap = gaps.gaps(rates, of=LEAST_DEPRIVED, against=MOST_DEPRIVED)
    slopes = {measure: gaps.yearly_trend(rows, DECILES) for measure, rows in gap.groupby("measure")}
    assert slopes["recovery_rate_gap"].high < 0
    assert slopes["reliable_improvement_rate_gap"].high < 0
    assert slopes["recovery_per_referral_gap"].low < 0 < slopes["recovery_per_referral_gap"].high


def test_effect_sizes_are_the_fall_over_the_spread_at_the_start(breakdowns):
    """The publisher's formula, found from the published means: not a pooled or a controlled effect."""
    counts = gaps.group_counts(breakdowns, "therapy_type", levels=("overlapping",))
    counts = counts[counts["courses_of_therapy"].ge(100)]
    for scale in ("phq9", "gad7"):
        fall = counts[f"{scale}_mean_start"] - counts[f"{scale}_mean_end"]
        apart = (fall / counts[f"{scale}_sd_start"] - counts[f"{scale}_effect_size"]).abs()
        pooled = np.hypot(counts[f"{scale}_sd_start"], counts[f"{scale}_sd_end"]) / np.sqrt(2)
        assert apart.max() < 0.075  # means and spreads are printed to one decimal
        assert (fall / pooled - counts[f"{scale}_effect_size"]).abs().max() > 0.1


def test_therapy_rates_are_the_printed_ones(breakdowns):
    for condition, breakdown in therapy_types.OUTCOMES.items():
        rates = therapy_types.outcomes(breakdowns, condition)
        printed = gaps.group_counts(
            breakdowns.assign(unit=breakdowns["unit"].replace("percent", "as printed")),
            breakdown,
            levels=("overlapping",),
        )
        both = rates[rates["measure"].eq("recovery_rate")].merge(
            printed, left_on=["period", "therapy"], right_on=["period", "group"]
        )
        assert len(both) > 90
        assert (both["value"] - both["therapy_recovery_pct"]).abs().max() <= 0.0501


def test_therapy_types_overlap_as_the_dictionary_says(breakdowns, national):
    found = therapy_types.overlap(breakdowns, national)["value"]
    assert len(found) == 6
    assert found.between(1.05, 1.4).all()


def test_of_all_attended_appointments_about_half_are_cbt_based(frames: Frames, breakdowns):
    share = therapy_types.shares(breakdowns)
    grouped = therapy_types.by_family(share, dict.fromkeys(therapy_types.CBT_BASED, "CBT-based"))
    cbt = grouped[grouped["family"].eq("CBT-based")]
    found = of_all_attended(cbt, frames["iapt_national_monthly"])
    now = found[found["period"].eq("2024-25")].set_index("measure")
    assert now.loc["cbt_based", "value"] == pytest.approx(48.7, abs=0.1)
    assert now.loc["without_type", "value"] == pytest.approx(100 * (1 - 4_111_212 / 6_199_752))
    assert cbt.set_index("period").loc["2024-25", "value"] == pytest.approx(73.5, abs=0.05)
