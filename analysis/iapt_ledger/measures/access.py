"""How many were reached, against what was planned.

The planned level is 15 per cent of the people with a common mental health problem. Its base is the
planning estimate of 2014-15, 6.11 million aged 16 to 74, held fixed over all years: the publisher's own
yearly bases differ by up to 2 per cent, which would move a rate without any change in access.

Readings of the target are shown side by side here. Which of them decides a claim is fixed in the ledger.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import added_obs, financial_year, pick

PLANNED_SHARE = 15.0  # per cent of the base, to be reached by the year that ended in March 2015
PLANNED_YEAR = "2014-15"
BASE_MEASURE = "Estimated people with any common mental disorder, 16-74 (IAPT planning base)"
LIFT_YEARS = (
    "2015-16",
    "2016-17",
    "2017-18",
    "2018-19",
)  # full monthly years after the target year
MONTHLY_SOURCE = (
    "FINGERTIPS_90592"  # the only monthly series of those who entered that spans 2013 to 2019
)


def planning_base(context: pd.DataFrame) -> tuple[float, tuple[str, ...]]:
    """People with a common mental disorder on which the target was planned, and the observation.

    Raises:
        LedgerError: the base is not in `context` exactly once.
    """
    rows = context[context["measure"] == BASE_MEASURE]
    if len(rows) != 1:
        raise LedgerError("The planning base", where="context", expected="one row", found=len(rows))
    return float(rows["value"].iloc[0]), (rows["obs_id"].iloc[0],)


def access_rates(counts: pd.DataFrame, base: float, base_obs: tuple[str, ...]) -> pd.DataFrame:
    """Entrants of each full year per hundred of the fixed planning base.

    Counts are of people in the earlier collection and of referrals from 2012-13 on: one person may be
    referred, and enter, twice in a year, so the later shares are upper bounds of the share of people.

    Returns:
        measure "access_share", period, value (per cent), low, high, unit, entrants, entrants_unit, basis,
        comparable, obs.
    """
    entrants = counts[(counts["measure"] == "entered_treatment") & counts["complete"]]
    return pd.DataFrame(
        {
            "measure": "access_share",
            "period": entrants["period"],
            "value": 100 * entrants["value"] / base,
            "low": np.nan,
            "high": np.nan,
            "unit": "percent",
            "entrants": entrants["value"],
            "entrants_unit": entrants["unit"],
            "basis": entrants["basis"],
            "comparable": entrants["comparable"],
            "obs": added_obs(entrants["obs"], base_obs),
        }
    ).reset_index(drop=True)


def monthly_entrants(monthly: pd.DataFrame) -> pd.DataFrame:
    """The monthly series of those entering treatment, April 2013 to September 2019, from one source."""
    rows = monthly[
        (monthly["measure"] == "entered_treatment") & (monthly["source_id"] == MONTHLY_SOURCE)
    ]
    return rows.sort_values("period_start", ignore_index=True)


def last_quarter(entrants: pd.DataFrame) -> pd.DataFrame:
    """January to March of each full monthly year, and how it stands against that year.

    Args:
        entrants: from `monthly_entrants`.

    Returns:
        measure "last_quarter_annualised", period, value (four times the quarter), low, high, unit, lift
        (value over the sum of the year's months: winter is busier, and the programme grew), obs.
    """
    years = entrants.assign(period=entrants["period_start"].map(financial_year))
    rows = []
    for period, year in years.groupby("period"):
        quarter = year[year["period_start"].dt.month <= 3]
        if len(year) == 12:
            annualised = 4 * float(quarter["value"].sum())
            rows.append(
                {
                    "measure": "last_quarter_annualised",
                    "period": period,
                    "value": annualised,
                    "low": np.nan,
                    "high": np.nan,
                    "unit": "referrals",
                    "lift": annualised / float(year["value"].sum()),
                    "obs": tuple(quarter["obs_id"]),
                    "year_obs": tuple(year["obs_id"]),
                }
            )
    return pd.DataFrame(rows)


def target_readings(
    counts: pd.DataFrame,
    quarters: pd.DataFrame,
    per_person: pd.DataFrame,
    base: float,
    base_obs: tuple[str, ...],
) -> pd.DataFrame:
    """The planned level for March 2015 under each reading of "people treated a year".

    Args:
        counts: from `pathway_counts`; quarters: from `last_quarter`; per_person: from
        `referrals_per_person`; base, base_obs: from `planning_base`.

    Returns:
        measure (the reading), period, value, low, high (over the winters' lifts; of people, if nobody comes
        twice), unit, share (value per hundred of the base), obs.
    """
    entered = pick(counts, "entered_treatment", PLANNED_YEAR)
    finished = pick(counts, "finished_course", PLANNED_YEAR)
    following = pick(counts, "entered_treatment", "2015-16")
    quarter = pick(quarters, "last_quarter_annualised", PLANNED_YEAR)
    ratio = pick(per_person, "referrals_per_person", PLANNED_YEAR)
    later = pick(per_person, "referrals_per_person", "2015-16")
    lifts = quarters[quarters["period"].isin(LIFT_YEARS)]
    lift_obs = tuple(one for ids in lifts["year_obs"] for one in ids)
    plain, high_lift, low_lift = quarter["value"], lifts["lift"].max(), lifts["lift"].min()
    rows = [
        _reading("entered_year", PLANNED_YEAR, entered["value"], "referrals", entered["obs"]),
        _reading("entered_run_rate", "2015-01 to 2015-03", plain, "referrals", quarter["obs"]),
        _reading(
            "entered_run_rate_less_lift",
            "2015-01 to 2015-03",
            plain / lifts["lift"].mean(),
            "referrals",
            (*quarter["obs"], *lift_obs),
            (plain / high_lift, plain / low_lift),
        ),
        _people("people_entered_year", PLANNED_YEAR, entered, ratio),
        _people("people_entered_run_rate", "2015-01 to 2015-03", quarter, ratio),
        _people("people_entered_following_year", "2015-16", following, later),
        _reading("finished_year", PLANNED_YEAR, finished["value"], "referrals", finished["obs"]),
        _reading(
            "entered_following_year", "2015-16", following["value"], "referrals", following["obs"]
        ),
    ]
    frame = pd.DataFrame(rows)
    return frame.assign(share=100 * frame["value"] / base, obs=added_obs(frame["obs"], base_obs))


def _people(name: str, period: str, count: pd.Series, ratio: pd.Series) -> dict[str, object]:
    """A count of referrals as persons, if entrants repeat as often as all who are referred; at most all are persons."""
    obs, persons = (*count["obs"], *ratio["obs"]), count["value"] / ratio["value"]
    return _reading(name, period, persons, "people", obs, (persons, count["value"]))


def _reading(
    name: str,
    period: str,
    value: float,
    unit: str,
    obs: tuple[str, ...],
    span: tuple[float, float] = (np.nan, np.nan),
) -> dict[str, object]:
    low, high = span
    return {
        "measure": name,
        "period": period,
        "value": float(value),
        "low": low,
        "high": high,
        "unit": unit,
        "obs": tuple(obs),
    }
