"""Therapy types: which denominator, what adds up, what overlaps, and what is refused."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.therapy_types import (
    ALL,
    CBT,
    COUNSELLING,
    GUIDED,
    by_family,
    concentration,
    outcomes,
    overlap,
    shares,
)


def table(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Tidy breakdowns of 2024-25 from (breakdown, category, measure, value)."""
    frame = pd.DataFrame(rows, columns=["breakdown", "category", "measure", "value"])
    return frame.assign(
        unit="courses or referrals",
        level="overlapping",
        period_start=pd.Timestamp("2024-04-01"),
        obs_id=[f"iapt_breakdowns:{i}" for i in range(1, len(frame) + 1)],
        imd_decile=pd.Series([None] * len(frame), dtype="Int8"),
    )


def appointments(**by_type: float) -> pd.DataFrame:
    names = {
        "cbt": CBT,
        "guided": GUIDED[0],
        "counselling": COUNSELLING,
        "total": ALL,
        "yoga": "Yoga",
    }
    return table(
        *(("therapy_type_appointments", names[k], "position_1", v) for k, v in by_type.items())
    )


def test_recovery_rests_on_courses_not_on_referrals():
    counts = {
        "finished_course": 500,
        "courses_of_therapy": 100,
        "not_at_caseness_start": 20,
        "therapy_recovery": 40,
        "therapy_reliable_improvement": 60,
        "therapy_reliable_deterioration": 5,
        "phq9_mean_start": 15,
        "phq9_effect_size": 0.9,
        "gad7_mean_start": 13,
        "gad7_effect_size": 0.8,
    }
    frame = outcomes(table(*(("therapy_type", CBT, m, v) for m, v in counts.items())))
    values = frame.set_index("measure")["value"]
    assert values["recovery_rate"] == 50.0
    assert values["reliable_improvement_rate"] == 60.0
    assert values["phq9_effect_size"] == 0.9
    assert frame.set_index("measure").loc["phq9_effect_size", ["low", "high"]].isna().all()


def test_types_that_do_not_add_up_to_the_published_total_are_refused():
    with pytest.raises(LedgerError, match="do not add up"):
        shares(appointments(cbt=50, guided=30, total=90))


def test_shares_families_and_a_stated_grouping():
    share = shares(appointments(cbt=50, guided=20, counselling=20, yoga=10, total=100))
    assert share.set_index("therapy").loc["Yoga", "family"] == "Other types"
    grouped = by_family(share, {"CBT": "CBT-based", "Guided self-help": "CBT-based"})
    row = grouped.set_index("family").loc["CBT-based"]
    assert (row["value"], len(row["obs"])) == (pytest.approx(70), 2)


def test_an_unknown_count_or_condition_names_the_choices():
    with pytest.raises(LedgerError, match="appointments, courses"):
        shares(appointments(cbt=1, total=1), "people")
    with pytest.raises(LedgerError, match="depression"):
        outcomes(appointments(cbt=1, total=1), "psychosis")


def test_overlap_counts_a_referral_once_for_each_type():
    national = pd.DataFrame(
        {
            "measure": ["finished_course", "finished_course"],
            "series": ["annual report", "sum of monthly files"],
            "period_start": pd.Timestamp("2024-04-01"),
            "value": [100.0, 999.0],
            "obs_id": ["iapt_national_annual:1", "iapt_national_annual:2"],
        }
    )
    types = table(
        ("therapy_type", CBT, "finished_course", 70),
        ("therapy_type", COUNSELLING, "finished_course", 60),
    )
    found = overlap(types, national).iloc[0]
    assert found["value"] == pytest.approx(1.3)
    assert found["obs"][-1] == "iapt_national_annual:1"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 1_000_000), min_size=3, max_size=3))
def test_effective_number_lies_between_one_and_the_number_of_types(sizes):
    share = shares(appointments(cbt=sizes[0], guided=sizes[1], yoga=sizes[2], total=sum(sizes)))
    values = concentration(share).set_index("measure")["value"]
    assert share["value"].sum() == pytest.approx(100)
    assert 1 <= values["effective_number"] <= 3 + 1e-9
    assert values["largest_2_share"] == pytest.approx(100 * sum(sorted(sizes)[1:]) / sum(sizes))


def test_equal_types_count_in_full():
    share = shares(appointments(cbt=5, guided=5, counselling=5, yoga=5, total=20))
    row = concentration(share).set_index("measure").loc["effective_number"]
    assert row["value"] == pytest.approx(4)
