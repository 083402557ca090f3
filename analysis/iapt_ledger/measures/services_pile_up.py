"""Published monthly rates of services and areas, to be looked at near the national standards.

Only rates as printed, in whole per cent: rates made anew from counts rounded to five heap on round numbers by
arithmetic. Months declared to be unlike the others of their service, or to hold old referrals closed at once, are
left out, and so are commissioning hubs, which are no areas.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.evidence import areas_only, with_value
from iapt_ledger.methods.thresholds.bunching import threshold_bunching
from iapt_ledger.methods.thresholds.bunching_result import Bunching

NULLS = (
    7,
    5,
    3,
)  # degrees of freedom; a beta distribution, stiffer than these, misses the rates by far
FIT = 0.01  # a null that misses the rates outside the window this clearly says nothing of those inside
SIMULATIONS = 4999  # with a tenth of them one month more or less made a p-value twice what it was


@dataclass(frozen=True)
class Standard:
    """One standard, looked at in one table.

    Attributes:
        name: in result ids; table, measure, geography_type: the rates; threshold: the standard, per cent.
    """

    name: str
    table: str
    measure: str
    geography_type: str
    threshold: int
    what: str
    who: str


_SERVICES, _AREAS = "iapt_providers_monthly", "iapt_ccg_provider_monthly_2019_20"
_RATES = (
    ("recovery", "recovery_rate_pct", 50, "recovered"),
    ("six_weeks", "waited_under_6_weeks_pct", 75, "seen within six weeks"),
    ("eighteen_weeks", "waited_under_18_weeks_pct", 95, "seen within eighteen weeks"),
)
STANDARDS = tuple(
    Standard(f"{rate}.{who}", table, measure, geography, threshold, what, words)
    for who, table, geography, words in (
        ("services", _SERVICES, "provider", "services, 2021 to 2026"),
        ("areas", _AREAS, "ccg", "areas, 2019-20"),
        ("services_2019", _AREAS, "provider", "services, 2019-20"),
    )
    for rate, measure, threshold, what in _RATES
)
"""Every standard in every table that prints its rate."""
CONTROL = Standard(
    "control.services_2019",
    _AREAS,
    "reliable_recovery_rate_pct",
    "provider",
    50,
    "recovered reliably",
    "services, 2019-20",
)
"""A rate that had no standard then. It goes with recovery, a few points lower, so that it is no clean control: months
of recovery that gather just above fifty lie just below fifty here."""
PEAK = Standard(
    "peak.services_2019",
    _AREAS,
    "improvement_rate_pct",
    "provider",
    66,
    "improved reliably",
    "services, 2019-20",
)
"""Another rate without a standard, looked at near its own peak: two points under the middle month, as fifty lies under
that of recovery in the same table. What shows here a peak makes, and no standard."""


def printed_rates(table: pd.DataFrame, standard: Standard) -> pd.DataFrame:
    """The printed rates of one measure with the finished courses they are of.

    Args:
        table: the tidy table of the standard, corrected.

    Returns:
        measure, period ("2024-04"), code, value (whole per cent), low, high, unit, finished (rounded to five), obs
        (of the rate; the finished courses stand in the same row of the table).

    Raises:
        LedgerError: there are none.
    """
    held = table[table["geography_type"].eq(standard.geography_type) & table["org_code"].ne("")]
    rows = with_value(held if standard.geography_type == "provider" else areas_only(held))
    keys = ["org_code", "period_start"]
    rate, finished = (
        rows[rows["measure"].eq(name)].set_index(keys)
        for name in (standard.measure, "finished_course")
    )
    sizes = finished["value"].rename("finished")
    both = rate[rate["qualifier"].eq("")].join(sizes, how="inner")
    if both.empty:
        raise LedgerError("No printed rate is held", where=standard.table, found=standard.measure)
    both = both.reset_index()
    return pd.DataFrame(
        {
            "measure": standard.measure,
            "period": both["period_start"].dt.strftime("%Y-%m"),
            "code": both["org_code"],
            "value": both["value"],
            "low": float("nan"),
            "high": float("nan"),
            "unit": "percent",
            "finished": both["finished"],
            "obs": [(one,) for one in both["obs_id"]],
        }
    )


def pile_up(rates: pd.DataFrame, standard: Standard) -> Bunching:
    """Ask of one standard's rates whether more of them lie at or just above it than a smooth spread allows."""
    return threshold_bunching(
        rates["value"].to_numpy(),
        standard.threshold,
        denominators=rates["finished"].to_numpy(),
        clusters=rates["code"].to_numpy(),
        flexibilities=NULLS,
        simulations=SIMULATIONS,
        unit="months of services" if standard.geography_type == "provider" else "months of areas",
    )


def shown_null(found: Bunching) -> pd.Series:
    """The null that is shown, a row of `Bunching.by_flexibility`.

    Of those that fit the rates outside the window, the one under which the pile-up surprises least, and is
    smallest where several are as sure; where none fits, the one that misses least.
    """
    fitting = _fitting(found)
    if fitting.empty:
        return found.by_flexibility.sort_values("fit_p_value").iloc[-1]
    order = fitting.assign(size=fitting["excess"].abs()).sort_values(
        ["p_value", "size"], ascending=[False, True]
    )
    return order.drop(columns="size").iloc[0]


def verdict(found: Bunching) -> str:
    """What the test says, of the nulls that fit the rates outside the window.

    "yes" if all of them have an excess above chance, "no" if none has, "depends" if they part, and "no null
    fits" where no smooth spread of those tried describes the rates beside the standard.
    """
    nulls = _fitting(found)
    if nulls.empty:
        return "no null fits"
    sure = nulls["p_value"].lt(0.05) & nulls["excess"].gt(0)
    return "yes" if sure.all() else "depends" if sure.any() else "no"


def _fitting(found: Bunching) -> pd.DataFrame:
    return found.by_flexibility[found.by_flexibility["fit_p_value"].ge(FIT)]
