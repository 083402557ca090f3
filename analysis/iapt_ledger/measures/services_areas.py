"""How recovery in an area goes with its deprivation: a hint of what a funnel does not adjust for."""

from __future__ import annotations

import pandas as pd

from iapt_ledger.measures.evidence import areas_only
from iapt_ledger.measures.frames import financial_year
from iapt_ledger.measures.services import all_obs, correlation
from iapt_ledger.methods.intervals import proportion_interval

CASES = ("finished_course", "not_at_caseness_start", "moved_to_recovery")
RANK = "mean_imd_rank"  # of the area's neighbourhoods, 1 the most deprived in England


def areas_by_deprivation(
    organisations: pd.DataFrame, deprivation: pd.DataFrame, period: str
) -> pd.DataFrame:
    """Recovery of clinical commissioning groups in a year beside the deprivation of their neighbourhoods.

    Args:
        organisations: tidy `iapt_organisations_annual`, corrected; deprivation: tidy
            `deprivation_population_ccg_2021`.

    Returns:
        measure "area_recovery", period, code, value, low, high (per cent, Wilson), unit, base, imd_rank, obs.
        Areas that hold old referrals closed at once are left out.
    """
    rows = areas_only(organisations)
    rows = rows[rows["org_type"].eq("CCG") & rows["period_start"].map(financial_year).eq(period)]
    rows = rows[rows["measure"].isin(CASES) & rows["qualifier"].eq("")]
    wide = rows.pivot_table(index="org_code", columns="measure", values="value").dropna()
    ids = rows.groupby("org_code")["obs_id"].agg(tuple)
    ranks = deprivation[deprivation["measure"].eq(RANK)].set_index("geography_code")
    both = wide.join(ids).join(ranks[["value", "obs_id"]].add_suffix("_rank"), how="inner")
    base = both["finished_course"] - both["not_at_caseness_start"]
    share = proportion_interval(both["moved_to_recovery"], base).percent
    return pd.DataFrame(
        {
            "measure": "area_recovery",
            "period": period,
            "code": both.index,
            "value": share.value,
            "low": share.low,
            "high": share.high,
            "unit": "percent",
            "base": base.to_numpy(),
            "imd_rank": both["value_rank"].to_numpy(),
            "obs": [
                (*own, rank) for own, rank in zip(both["obs_id"], both["obs_id_rank"], strict=True)
            ],
        }
    ).reset_index(drop=True)


def with_deprivation(areas: pd.DataFrame) -> pd.Series:
    """Correlation of recovery with the mean rank of deprivation: above nought where poorer areas recover less.

    Returns:
        measure, period, value, low, high (95%, Fisher), unit, explained (per cent of the variance), areas, obs.
    """
    value, low, high = correlation(areas["imd_rank"], areas["value"])
    return pd.Series(
        {
            "measure": "recovery_with_deprivation",
            "period": areas["period"].iloc[0],
            "value": value,
            "low": low,
            "high": high,
            "unit": "correlation",
            "explained": 100 * value**2,
            "areas": len(areas),
            "obs": all_obs(areas),
        }
    )
