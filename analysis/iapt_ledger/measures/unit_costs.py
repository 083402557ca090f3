"""Published unit costs: what each was measured on, which activity it may be multiplied by, which prices it is in.

A cost per completed course is multiplied by completed courses, a cost per session by attended
appointments, and never one by the other. Where a paper does not state its price year, the years that
it can be are named here, with the reason, and every amount made from it carries them as low and high.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.money import Deflator
from iapt_ledger.methods.intervals import Interval

FINISHED = "finished_course"
ENTERED = "entered_treatment"
ATTENDED = "appointments_attended"


@dataclass(frozen=True)
class PriceYears:
    """The financial years whose prices an amount may be in: the one used, and the earliest and latest.

    Attributes:
        stated: whether the source states a price year.
        why: the reason for the choice, one sentence.
    """

    used: str
    first: str
    last: str
    stated: bool
    why: str

    def in_prices_of(self, amount: float, year: str, prices: Deflator) -> Interval[float]:
        """The amount in the prices of `year`; low and high are over the years it may be in."""
        at = [prices.deflate(amount, own, year) for own in (self.used, self.first, self.last)]
        return Interval(at[0], min(at), max(at))


PRICE_YEARS: Mapping[str, PriceYears] = MappingProxyType(
    {
        "radhakrishnan_2013": PriceYears(
            "2010-11",
            "2008-09",
            "2011-12",
            False,
            "The abstract states no price year; the paper was submitted in November 2011, so the last full"
            " financial year before is used, with the years from the programme's start to the submission.",
        ),
        "mukuria_2013": PriceYears(
            "2008-09",
            "2007-08",
            "2012-13",
            False,
            "The abstract states no price year; the study ran from 2007 to 2009 and was published in 2013.",
        ),
        "lse_2006": PriceYears(
            "2006-07",
            "2005-06",
            "2006-07",
            True,
            "Stated as 2006: either financial year that the calendar year touches.",
        ),
        "lse_2014": PriceYears(
            "2014-15",
            "2013-14",
            "2014-15",
            True,
            "Stated as 2014: either financial year that the calendar year touches.",
        ),
    }
)
"""Price years by source."""


@dataclass(frozen=True)
class UnitCost:
    """One published cost of one thing.

    Attributes:
        key: short name.
        label: for charts and tables.
        amount: pounds in its own prices.
        activity: the counted activity that it is a cost of.
        prices: the price years it may be in.
        planned: a figure of a plan, not of a service that ran.
        obs: observations.
    """

    key: str
    label: str
    amount: float
    activity: str
    prices: PriceYears
    planned: bool
    obs: tuple[str, ...]

    def in_prices_of(self, year: str, prices: Deflator) -> Interval[float]:
        """The unit cost in the prices of a financial year, with the range of its possible price years."""
        return self.prices.in_prices_of(self.amount, year, prices)


# key: (source, measure as in the table, label, activity, planned)
_DECLARED = {
    "course": (
        "radhakrishnan_2013",
        "cost per completed course, all",
        "Completed course, all",
        FINISHED,
        False,
    ),
    "course_low": (
        "radhakrishnan_2013",
        "cost per completed course, low intensity",
        "Completed course, low intensity",
        FINISHED,
        False,
    ),
    "course_high": (
        "radhakrishnan_2013",
        "cost per completed course, high intensity",
        "Completed course, high intensity",
        FINISHED,
        False,
    ),
    "course_down": (
        "radhakrishnan_2013",
        "cost per completed course, stepped down",
        "Completed course, stepped down",
        FINISHED,
        False,
    ),
    "course_up": (
        "radhakrishnan_2013",
        "cost per completed course, stepped up",
        "Completed course, stepped up",
        FINISHED,
        False,
    ),
    "session_low": (
        "radhakrishnan_2013",
        "cost per session, low intensity",
        "Session, low intensity",
        ATTENDED,
        False,
    ),
    "session_high": (
        "radhakrishnan_2013",
        "cost per session, high intensity",
        "Session, high intensity",
        ATTENDED,
        False,
    ),
    # "Average cost of treatment" does not say whether treated means entered or finished: both readings are kept.
    "treated_finished": (
        "lse_2014",
        "average cost of treatment, IAPT",
        "Treatment, read as a finished course",
        FINISHED,
        False,
    ),
    "treated_entered": (
        "lse_2014",
        "average cost of treatment, IAPT",
        "Treatment, read as each person who entered",
        ENTERED,
        False,
    ),
    "planned": (
        "lse_2006",
        "cost per course of therapy",
        "Course as planned in 2006",
        FINISHED,
        True,
    ),
}
UNIT_COSTS = tuple(_DECLARED)


def unit_cost(unit_costs: pd.DataFrame, key: str) -> UnitCost:
    """One declared unit cost from the tidy table of unit costs.

    Raises:
        LedgerError: the key is not declared, or the table does not hold exactly one such row.
    """
    if key not in _DECLARED:
        raise LedgerError("No such unit cost", found=key, choices=list(_DECLARED))
    source, measure, label, activity, planned = _DECLARED[key]
    row = published_cost(unit_costs, source, measure)
    return UnitCost(
        key,
        label,
        float(row["value"]),
        activity,
        PRICE_YEARS[source],
        planned,
        (row["obs_id"],),
    )


def published_cost(unit_costs: pd.DataFrame, source: str, measure: str) -> pd.Series:
    """The one row of a source and measure.

    Raises:
        LedgerError: there is none, or more than one.
    """
    rows = unit_costs[unit_costs["source_id"].eq(source) & unit_costs["measure"].eq(measure)]
    if len(rows) != 1:
        raise LedgerError(
            "A published unit cost is not held exactly once",
            where=f"unit_costs, {source}, {measure}",
            expected="one row",
            found=f"{len(rows)} rows",
            choices=sorted(unit_costs.loc[unit_costs["source_id"].eq(source), "measure"]),
        )
    return rows.iloc[0]


def sessions_per_course(unit_costs: pd.DataFrame, intensity: str) -> tuple[float, tuple[str, ...]]:
    """Sessions that a published course cost holds: cost per course over cost per session ("low" or "high")."""
    course = unit_cost(unit_costs, f"course_{intensity}")
    session = unit_cost(unit_costs, f"session_{intensity}")
    return course.amount / session.amount, (*course.obs, *session.obs)
