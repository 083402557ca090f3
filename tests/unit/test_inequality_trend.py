"""Indices over the years: which tenths are read, what is refused, and what splits exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import inequality_trend as trend
from iapt_ledger.measures.gaps import NOT_STATED

TENTHS = np.arange(1, 11)


def rates(values, base=1000.0, period="2024-25") -> pd.DataFrame:
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(
        {
            "measure": "recovery_rate",
            "period": period,
            "group": [str(i) for i in TENTHS],
            "value": values,
            "low": values - 1,
            "high": values + 1,
            "unit": "percent",
            "events": values * base / 100,
            "base": base,
            "obs": [(f"iapt_breakdowns:{i}",) for i in TENTHS],
        }
    )


def counts(improved, recovered, received=100.0, period="2024-25") -> pd.DataFrame:
    names = ("finished_course", "not_at_caseness_start", "reliable_improvement")
    return pd.DataFrame(
        {
            "period": period,
            "group": [str(i) for i in TENTHS],
            "finished_course": 1000.0,
            "not_at_caseness_start": 0.0,
            "reliable_improvement": 1000.0 * np.asarray(improved),
            "reliable_recovery": 1000.0 * np.asarray(recovered),
            "referrals_received": received,
            "obs": [
                {
                    m: f"iapt_breakdowns:{i}{k}"
                    for k, m in enumerate((*names, "reliable_recovery", "referrals_received"))
                }
                for i in TENTHS
            ],
        }
    )


def test_a_straight_gradient_is_read_off_and_the_unknown_left_out():
    unknown = rates(np.full(10, 99.0)).iloc[:1].assign(group=NOT_STATED)
    found = trend.slope_indices(pd.concat([rates(30 + 2 * TENTHS), unknown]))
    by = found.set_index("measure")
    assert by.loc["recovery_rate_slope", "value"] == pytest.approx(20)
    assert by.loc["recovery_rate_slope", "equal_tenths"] == pytest.approx(20)
    assert by.loc["recovery_rate_slope", "r_squared"] == pytest.approx(1)
    assert by.loc["recovery_rate_ends", "value"] == pytest.approx(51 / 31)
    assert len(by.loc["recovery_rate_slope", "obs"]) == 10


def test_a_year_without_all_ten_tenths_is_refused():
    with pytest.raises(LedgerError, match="recovery_rate, 2024-25"):
        trend.slope_indices(rates(30 + 2 * TENTHS).iloc[1:])


def test_those_who_did_not_recover_are_the_rest():
    found = trend.failures(rates(30 + 2 * TENTHS), "recovery_rate", "not_recovered_rate")
    assert list(found["value"]) == pytest.approx(list(70 - 2.0 * TENTHS))
    assert (found["low"] <= found["high"]).all()
    assert list(found["events"]) == pytest.approx(list(10 * (70.0 - 2 * TENTHS)))
    slope = trend.slope_indices(found).set_index("measure")
    assert slope.loc["not_recovered_rate_slope", "value"] == pytest.approx(-20)


def test_referrals_are_read_from_the_most_to_the_least_deprived():
    found = trend.referral_index(counts([0.6] * 10, [0.4] * 10, received=2000.0 - 100 * TENTHS))
    assert found["value"].iloc[0] == pytest.approx(1950 / 950)


@pytest.mark.parametrize(
    ("improved", "recovered", "part"),
    [
        (0.5 + 0.03 * TENTHS, 0.5 * (0.5 + 0.03 * TENTHS), 0),  # all in improving
        (np.full(10, 0.8), 0.3 + 0.03 * TENTHS, 100),  # all at the line
    ],
)
def test_a_gradient_of_one_part_is_given_to_it(improved, recovered, part):
    found = trend.part_at_the_line(counts(improved, recovered)).iloc[0]
    assert found["value"] == pytest.approx(part, abs=1e-9)


def test_what_was_lost_is_split_as_what_is_left():
    steep = counts(0.5 + 0.03 * TENTHS, 0.5 * (0.5 + 0.03 * TENTHS), period="2015-16")
    flat = counts(0.7 + 0.01 * TENTHS, 0.5 * (0.7 + 0.01 * TENTHS))
    both = pd.concat([steep, flat], ignore_index=True)
    assert trend.narrowing_at_the_line(both, "2015-16", "2024-25")["value"] == pytest.approx(
        0, abs=1e-9
    )
    with pytest.raises(LedgerError, match="did not fall"):
        trend.narrowing_at_the_line(both, "2024-25", "2015-16")
