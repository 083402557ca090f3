"""Benchmarks keep their definitions apart, bounds enclose, and the error model agrees with a simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.benchmarks import (
    error_alone_recovery,
    natural_recovery,
    one_session_bounds,
    remission_range,
    start_scores,
    unpaired_bounds,
)


def evidence(**values: float) -> pd.DataFrame:
    rows = [
        {
            "study": "A",
            "measure": m,
            "value": v,
            "low": np.nan,
            "high": np.nan,
            "obs_id": f"claims_evidence:{i}",
        }
        for i, (m, v) in enumerate(values.items(), 1)
    ]
    return pd.DataFrame(rows)


STUDIES = evidence(
    **{
        "remission without treatment within 3 months": 23,
        "remission without treatment within 12 months": 53,
        "remission, waiting list, 2 (+/-1) months": 11,
        "remission, care as usual, 6 to 12 months": 17,
        "response, pill placebo, 2 (+/-1) months": 29,
        "pre-post effect size, anxiety": 0.88,
        "relapse within 12 months of treatment end": 53,
    }
)


def counts(**values: float) -> pd.DataFrame:
    rows = [
        {
            "measure": m,
            "period": "2023-24",
            "value": float(v),
            "comparable": True,
            "complete": True,
            "obs": (f"iapt_national_annual:{i}",),
        }
        for i, (m, v) in enumerate(values.items(), 1)
    ]
    return pd.DataFrame(rows)


def test_benchmarks_are_read_with_group_definition_and_time():
    got = natural_recovery(STUDIES).set_index("obs")
    assert len(got) == 5
    first = got.loc[[("claims_evidence:3",)]].iloc[0]
    assert (first["definition"], first["group"], first["months_low"], first["months_high"]) == (
        "remission",
        "waiting list",
        1,
        3,
    )
    assert got.loc[[("claims_evidence:1",)]].iloc[0]["group"] == "no treatment"


def test_the_range_holds_remission_only_within_the_time_asked_for():
    assert remission_range(natural_recovery(STUDIES))[:2] == (11, 23)
    low, high, obs = remission_range(natural_recovery(STUDIES), months=12)
    assert (low, high) == (11, 53)
    assert "claims_evidence:5" not in obs  # a response is no remission


def test_no_benchmark_is_an_error_not_an_empty_range():
    with pytest.raises(LedgerError):
        natural_recovery(evidence(**{"pre-post effect size, anxiety": 0.88}))
    with pytest.raises(LedgerError):
        remission_range(natural_recovery(STUDIES), months=1)


def test_leavers_after_one_session_are_added_to_the_denominator():
    c = counts(
        ended_one_treatment_only=400,
        finished_course=500,
        recovery_denominator=450,
        moved_to_recovery=225,
    )
    got = one_session_bounds(c, (10, 30)).set_index("scenario")["value"]
    # 400 leavers, nine in ten at caseness: 360 join 450.
    assert got["none recovers"] == pytest.approx(100 * 225 / 810)
    assert got["as the lowest benchmark"] == pytest.approx(100 * (225 + 36) / 810)
    assert got["as often as finishers"] == pytest.approx(50)
    assert got["all recover"] == pytest.approx(100 * 585 / 810)
    assert got["plain"] == 50


@settings(max_examples=20, deadline=None)  # each example makes whole frames
@given(
    finished=st.integers(10, 10**6),
    share_cases=st.floats(0.1, 1),
    share_recovered=st.floats(0, 1),
    left=st.integers(0, 10**6),
    missing=st.floats(0, 0.09),
)
def test_bounds_enclose_and_unpaired_cannot_lower_the_published_rate(
    finished, share_cases, share_recovered, left, missing
):
    cases = max(int(finished * share_cases), 1)
    unpaired = int(cases * missing)
    recovered = int((cases - unpaired) * share_recovered)
    c = counts(
        ended_one_treatment_only=left,
        finished_course=finished,
        recovery_denominator=cases,
        moved_to_recovery=recovered,
        no_paired_scores=unpaired,
    )
    one = one_session_bounds(c, (11, 32)).set_index("scenario")["value"]
    assert (
        one["none recovers"]
        <= one["as the lowest benchmark"]
        <= one["as the highest benchmark"]
        <= one["all recover"]
    )
    assert one["none recovers"] <= one["as often as finishers"] <= one["all recover"]
    two = unpaired_bounds(c).set_index("scenario")["value"]
    assert two["none recovers"] == pytest.approx(one["plain"])
    assert two["none recovers"] - 1e-9 <= two["as often as the scored"] <= two["all recover"] + 1e-9


def test_error_alone_agrees_with_a_simulation():
    rng = np.random.default_rng(7)
    n, reliability, correlation = 400_000, 0.8, 0.7
    means, deviations = np.array([13.8, 12.7]), np.array([6.0, 5.1])
    true = rng.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], n)
    first, second = (
        means
        + deviations
        * (np.sqrt(reliability) * true + np.sqrt(1 - reliability) * rng.normal(size=(n, 2)))
        for _ in range(2)
    )
    cutoffs = np.array([9.5, 7.5])
    case, below = ~(first < cutoffs).all(axis=1), (second < cutoffs).all(axis=1)
    got = error_alone_recovery(means, deviations, reliability=reliability, correlation=correlation)
    assert got == pytest.approx((case.mean(), (case & below).sum() / case.sum()), abs=0.003)


def test_a_perfect_scale_moves_nobody_and_a_worse_one_moves_more():
    args = ((13.8, 12.7), (6.0, 5.1))
    moved = [
        error_alone_recovery(*args, reliability=r, correlation=0.7)[1]
        for r in (0.999, 0.9, 0.8, 0.7)
    ]
    assert moved == sorted(moved)
    assert moved[0] < 0.005


def test_assumptions_out_of_range_are_refused():
    with pytest.raises(LedgerError, match="reliability"):
        error_alone_recovery((13, 12), (6, 5), reliability=1.2, correlation=0.7)


def test_start_scores_are_pooled_with_courses_as_weights():
    rows = []
    for category, courses, below, mean, sd in [
        ("A", 300, 30, 10.0, 4.0),
        ("B", 100, 20, 14.0, 4.0),
    ]:
        for measure, value in {
            "courses_of_therapy": courses,
            "not_at_caseness_start": below,
            "phq9_mean_start": mean,
            "phq9_sd_start": sd,
            "gad7_mean_start": mean,
            "gad7_sd_start": sd,
        }.items():
            rows.append(
                {
                    "breakdown": "therapy_type",
                    "period_start": pd.Timestamp(2023, 4, 1),
                    "category": category,
                    "measure": measure,
                    "value": value,
                    "obs_id": f"iapt_breakdowns:{len(rows) + 1}",
                }
            )
    got = start_scores(pd.DataFrame(rows), "2023-04-01").set_index("measure").loc["phq9"]
    assert got["value"] == 11
    assert got["sd"] == pytest.approx((16 + 0.75 * 1 + 0.25 * 9) ** 0.5)
    assert got["case_share"] == pytest.approx(87.5)
    assert len(got["obs"]) == 8
