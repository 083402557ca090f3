"""Benchmarks keep their definitions apart, and bounds enclose."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.benchmarks import (
    natural_recovery,
    one_session_bounds,
    remission_range,
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
