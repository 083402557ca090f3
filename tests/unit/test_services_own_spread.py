"""Months near a standard against each service's own spread: no pile-up where services merely stand close together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.services_own_spread import own_spread
from iapt_ledger.methods.thresholds.bunching_kernel import half_up

SERVICES, MONTHS, FINISHED = 60, 40, 200


def printed(seed: int, lifted: float = 0.0) -> pd.DataFrame:
    """Months of services that crowd about 51 per cent; a share of those just under 50 is lifted over it."""
    rng = np.random.default_rng(seed)
    middles = np.where(np.arange(SERVICES) % 3 == 0, rng.normal(51, 8, SERVICES), 51)
    true = rng.normal(middles[:, None], 2, (SERVICES, MONTHS)).clip(5, 95) / 100
    successes = rng.binomial(FINISHED, true)
    rates = half_up(successes, FINISHED)
    under = (rates >= 47) & (rates < 50) & (rng.random(rates.shape) < lifted)
    rates = np.where(under, 50, rates)
    codes = np.repeat([f"S{i}" for i in range(SERVICES)], MONTHS)
    return pd.DataFrame(
        {
            "code": codes,
            "value": rates.ravel().astype(float),
            "finished": float(FINISHED),
            "obs": [(f"t:{i}",) for i in range(rates.size)],
        }
    )


def test_a_peak_of_services_is_no_pile_up():
    holds = [own_spread(printed(seed), 50) for seed in range(6)]
    assert sum(found["low"] < 0 < found["high"] for found in holds) >= 5


def test_months_lifted_over_the_standard_are_found():
    found = own_spread(printed(1, lifted=0.25), 50)
    assert found["low"] > 0
    assert found["above"] > found["expected_above"]
    assert found["below"] < found["expected_below"]


def test_the_order_of_rows_changes_nothing():
    rates = printed(2)
    one, other = own_spread(rates, 50), own_spread(rates.sample(frac=1, random_state=3), 50)
    assert one["value"] == pytest.approx(other["value"], abs=1e-4)


def test_services_with_few_months_and_small_months_are_left_out():
    rates = printed(3)
    short = rates.groupby("code").head(3).assign(code=lambda r: r["code"] + "x")
    small = rates.assign(finished=40.0, code=rates["code"] + "y")
    with_them = own_spread(pd.concat([rates, short, small], ignore_index=True), 50)
    assert with_them["months"] == len(rates)
    assert with_them["services"] == SERVICES


def test_no_service_with_months_enough_is_refused():
    with pytest.raises(LedgerError, match="months"):
        own_spread(printed(4).groupby("code").head(2), 50)
