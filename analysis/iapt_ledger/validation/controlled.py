"""A controlled interrupted time series that others published, and what our method makes of the same data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from iapt_ledger.methods.time_series.controlled import (
    ControlledInterruptedTimeSeries,
    controlled_interrupted_time_series,
)
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

METHOD = "controlled_interrupted_time_series"
ACROSS_STATES = (
    "The published run lets the Newey-West lag join the last year of one state to the first of the next; "
    "ours stays within a state. Joined in that way ours gives the published 0.136."
)


def states() -> pd.DataFrame:
    """The states one below the other in order of name, as the publication has them."""
    wide = read("cigarettes_39_states.csv")
    return wide.melt("year", var_name="state", value_name="packs").sort_values(
        ["state", "year"], ignore_index=True
    )


def proposition_99() -> ControlledInterruptedTimeSeries:
    """California beside 38 pooled states, one lag."""
    return controlled_interrupted_time_series(
        states(),
        "packs",
        "year",
        group="state",
        treated="California",
        start=1989,
        hac_lags=1,
        own_levels=False,
    )


def _proposition_99() -> Sequence[Check]:
    found = proposition_99()
    slope, others = found.difference_in_slope, found.comparison
    assert slope is not None and others.slope_change is not None
    level_in_1970 = found.model.combination({"level": 1.0})[0]
    rows = (
        ("difference in change of level", -2.806417, 6, found.value),
        ("its p-value, Newey-West", 0.631, 3, found.p_value or np.nan),
        ("change of level of California", -20.0581, 4, found.treated.level_change.value),
        ("change of level of the other states", -17.25168, 5, others.level_change.value),
        ("level of the other states in 1970", 135.4995, 4, level_in_1970),
        ("trend of the other states before", -0.5477701, 7, others.trend.value),
        (
            "trend of the other states after",
            -1.051279,
            6,
            others.trend.value + others.slope_change.value,
        ),
    )
    where = "help file, multiple-group examples"
    case = "California's Proposition 99 beside 38 states"
    checks = [Check(METHOD, case, q, p, d, o, "linden2025power", where) for q, p, d, o in rows]
    return [
        *checks,
        Check(
            METHOD,
            case,
            "p-value of the difference in change of slope, Newey-West",
            0.136,
            3,
            slope.p_value or np.nan,
            "linden2025power",
            where,
            slack=0.5,
            why=ACROSS_STATES,
        ),
    ]


CASES: tuple[Case, ...] = (Case("Proposition 99 beside 38 states", METHOD, _proposition_99),)
