"""How long those who were treated had waited, how many still wait, and how many sessions a course takes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iapt_ledger.measures.frames import financial_year
from iapt_ledger.measures.pathway import BASES
from iapt_ledger.methods.intervals import proportion_interval

WAITS = {
    "waited_under_6_weeks": ("first treatment", "under 6 weeks"),
    "waited_under_18_weeks": ("first treatment", "under 18 weeks"),
    "waited_28_days_or_less": ("first treatment", "up to 28 days"),
    "waited_29_to_56_days": ("first treatment", "29 to 56 days"),
    "waited_57_to_90_days": ("first treatment", "57 to 90 days"),
    "waited_over_90_days": ("first treatment", "over 90 days"),
    "waited_first_to_second_treatment_under_6_weeks": ("second treatment", "under 6 weeks"),
    "waited_first_to_second_treatment_under_18_weeks": ("second treatment", "under 18 weeks"),
    "waited_first_to_second_treatment_28_days_or_less": ("second treatment", "up to 28 days"),
    "waited_first_to_second_treatment_29_to_56_days": ("second treatment", "29 to 56 days"),
    "waited_first_to_second_treatment_57_to_90_days": ("second treatment", "57 to 90 days"),
    "waited_first_to_second_treatment_over_90_days": ("second treatment", "over 90 days"),
}
BANDS = ("up to 28 days", "29 to 56 days", "57 to 90 days", "over 90 days")


def waits(annual: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Waits of those who finished a course, as a share of all finishers, with 95% Wilson intervals.

    Of a year that the annual report and the months both give, the report's wait counts.
    Measured at the end: nobody is in it who is still waiting, left before treatment, or left after one
    treatment. "Second treatment" is the time between the first and the second treatment appointment.

    Returns:
        measure, to ("first treatment", "second treatment"), band, period, value (per cent), low, high,
        unit, events, n, basis, obs.
    """
    found = annual[annual["measure"].isin(WAITS)]
    ranks = {name: rank for rank, name in enumerate(BASES)}
    rows = found.assign(
        period=found["period_start"].map(financial_year), rank=found["series"].map(ranks)
    )
    rows = rows.sort_values("rank", kind="stable").drop_duplicates(["measure", "period"])
    finished = counts[counts["measure"] == "finished_course"].rename(
        columns={"value": "n", "obs": "n_obs"}
    )
    both = rows.merge(finished[["period", "n", "n_obs", "basis"]], on="period")
    value, low, high = proportion_interval(both["value"], both["n"]).percent
    frame = pd.DataFrame(
        {
            "measure": both["measure"],
            "to": [WAITS[m][0] for m in both["measure"]],
            "band": [WAITS[m][1] for m in both["measure"]],
            "period": both["period"],
            "value": value,
            "low": low,
            "high": high,
            "unit": "percent",
            "events": both["value"],
            "n": both["n"],
            "basis": both["basis"],
            "obs": [(one, *more) for one, more in zip(both["obs_id"], both["n_obs"], strict=True)],
        }
    )
    return frame.sort_values(["measure", "period"], ignore_index=True)


def waiting(monthly: pd.DataFrame) -> pd.DataFrame:
    """Referrals still waiting for a first treatment at each month's end, and those over 18 weeks among them.

    Returns:
        measure "waiting_over_18_weeks", period ("2025-03"), value (per cent of those waiting), low, high (95%
        Wilson), unit, events, n (all who wait), obs.
    """
    stem = "waiting_for_treatment"
    found = monthly[
        monthly["measure"].isin([f"{stem}_month_end", f"{stem}_over_18_weeks_month_end"])
    ]
    wide = found.pivot_table(
        index="period_start", columns="measure", values=["value", "obs_id"], aggfunc="first"
    ).dropna()
    long, whole = (
        wide["value"][f"{stem}_{name}month_end"].astype(float) for name in ("over_18_weeks_", "")
    )
    value, low, high = proportion_interval(long, whole).percent
    return pd.DataFrame(
        {
            "measure": "waiting_over_18_weeks",
            "period": pd.DatetimeIndex(wide.index).strftime("%Y-%m"),
            "value": value,
            "low": low,
            "high": high,
            "unit": "percent",
            "events": long.to_numpy(),
            "n": whole.to_numpy(),
            "obs": list(wide["obs_id"].itertuples(index=False, name=None)),
        }
    )


def sessions(annual: pd.DataFrame) -> pd.DataFrame:
    """Mean treatment appointments of finished courses by year: as printed where printed, else of the months.

    Returns:
        measure "mean_sessions", period, value, low, high, unit, basis, obs.
    """
    rows = annual[annual["measure"] == "mean_sessions"].assign(
        period=lambda f: f["period_start"].map(financial_year),
        rank=lambda f: (f["status"] != "published").astype(int),
    )
    best = rows.sort_values(["period", "rank"]).drop_duplicates("period")
    return pd.DataFrame(
        {
            "measure": "mean_sessions",
            "period": best["period"],
            "value": best["value"],
            "low": np.nan,
            "high": np.nan,
            "unit": "sessions",
            "basis": np.where(best["rank"] == 0, "annual report", "sum of months"),
            "obs": [(one,) for one in best["obs_id"]],
        }
    ).reset_index(drop=True)
