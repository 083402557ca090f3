"""How referrals end, with every count of a year from one collection, and England less an area that closed old ones.

The ended referrals of 2021-22 to 2024-25 are known from monthly files only, while finished courses stand in the
annual reports, which differ from the sum of months by up to half a per cent. A share that mixes the two lets the
endings add up to more than the whole. So in those years the parts are sums of months as well.
"""

from __future__ import annotations

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.evidence import one_unit, with_value
from iapt_ledger.measures.frames import financial_year, pick
from iapt_ledger.measures.pathway import ENDINGS, RECOVERIES
from iapt_ledger.methods.intervals import proportion_interval

MONTHS = "sum of months"
MONTHLY_FILES = "NHSTT_MONTHLY"
PARTS = (*ENDINGS, *RECOVERIES)
CASES = ("finished_course", "not_at_caseness_start", "moved_to_recovery")


def months_of_year(monthly: pd.DataFrame, *measures: str) -> pd.DataFrame:
    """Sums of the twelve monthly files of each financial year; a year with fewer months is left out.

    Returns:
        measure, period, value, unit, obs (one id a month).
    """
    rows = monthly[monthly["measure"].isin(measures) & monthly["source_id"].eq(MONTHLY_FILES)]
    rows = with_value(rows.assign(period=rows["period_start"].map(financial_year)))
    for _, one in rows.groupby("measure"):
        one_unit(one)
    years = rows.groupby(["measure", "period"], as_index=False).agg(
        value=("value", "sum"),
        unit=("unit", "first"),
        obs=("obs_id", tuple),
        months=("period_start", "nunique"),
    )
    return years[years["months"].eq(12)].drop(columns="months").reset_index(drop=True)


def in_one_collection(counts: pd.DataFrame, monthly: pd.DataFrame) -> pd.DataFrame:
    """Ended referrals, their endings and the recoveries, each year from the collection of the ended referrals.

    Args:
        counts: from `pathway_counts`; monthly: tidy `iapt_national_monthly`.

    Returns:
        As `pathway_counts`, of these measures and of the years whose ended referrals are known.
    """
    ended = counts[counts["measure"].eq("ended_referrals")]
    held = counts[counts["measure"].isin(PARTS) & counts["period"].isin(ended["period"])]
    basis = held["period"].map(ended.set_index("period")["basis"])
    of_months = set(ended.loc[ended["basis"].eq(MONTHS), "period"])
    sums = months_of_year(monthly, *PARTS)
    sums = sums[sums["period"].isin(of_months)].assign(
        basis=MONTHS, complete=True, comparable=True, second_hand=False
    )
    theirs = held[held["basis"].eq(basis) & ~held["period"].isin(of_months)]
    return pd.concat([ended, theirs, sums], ignore_index=True).sort_values(
        ["measure", "period"], ignore_index=True
    )


def recovery_without(
    counts: pd.DataFrame, organisations: pd.DataFrame, code: str, period: str
) -> pd.Series:
    """England's recovery rate of a year less one area, per cent, with a Wilson interval.

    The area's counts are rounded to the nearest five, which moves the rate by less than a thousandth.

    Raises:
        LedgerError: the area's three counts are not held for the year.
    """
    rows = organisations[
        organisations["org_code"].eq(code)
        & organisations["measure"].isin(CASES)
        & organisations["period_start"].map(financial_year).eq(period)
    ]
    area = rows.set_index("measure")["value"].dropna()
    if sorted(area.index) != sorted(CASES):
        raise LedgerError(
            "An area's counts are needed",
            where=f"iapt_organisations_annual, {code}, {period}",
            expected=sorted(CASES),
            found=sorted(area.index),
        )
    cases = pick(counts, "recovery_denominator", period)
    recovered = pick(counts, "moved_to_recovery", period)
    base = cases["value"] - (area["finished_course"] - area["not_at_caseness_start"])
    value, low, high = proportion_interval(
        recovered["value"] - area["moved_to_recovery"], base
    ).percent
    return pd.Series(
        {
            "measure": "recovery_rate_without_area",
            "period": period,
            "value": value,
            "low": low,
            "high": high,
            "unit": "percent",
            "obs": (*recovered["obs"], *cases["obs"], *rows["obs_id"]),
        }
    )
