"""Services with very high rates, and counts that no service can have: found by rule, then declared.

The rules stand here, the declarations in data/corrections.yaml; a test holds the one against the other.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from iapt_ledger.measures.frames import financial_year
from iapt_ledger.measures.services import compared

NEARLY_ALL = 0.9  # of those who finish: England has a half recovered and two thirds improved
ENOUGH = 100  # finished courses in a year under which a share says little
ENOUGH_IN_A_MONTH = 90
FAR = 25  # points away from a service's own median: five standard errors of a hundred courses
FAR_WHEN_CLOSING = 20  # points below it, in a month with half as many finished courses again
CLOSING = 1.5


def over_rate(years: pd.DataFrame, rate: float) -> pd.DataFrame:
    """Compared service-years whose recovery rate is above a rate (per cent), the largest first."""
    rows = compared(years)
    found = rows[rows["value"].round(6).gt(rate)]
    return found.sort_values(["base", "period"], ascending=[False, True], ignore_index=True)


def over_by_chance(services: pd.DataFrame, rate: float) -> float:
    """How many of one year's services would print more than a rate if all had the same true one, their pooled rate."""
    pooled = services["recovered"].sum() / services["base"].sum()
    at_most = np.floor(services["base"] * rate / 100 + 1e-9)
    return float(stats.binom.sf(at_most, services["base"], pooled).sum())


def odd_service_years(years: pd.DataFrame) -> pd.DataFrame:
    """Service-years in which nearly all who finished recovered, or nearly all improved.

    Args:
        years: from `services.service_years`.

    Returns:
        The same columns, with `kind` ("recovered" or "improved") and `share` (per cent of finished courses).
    """
    shares = {
        "recovered": years["recovered"] / years["base"],
        "improved": years["improved"] / years["finished"],
    }
    kinds = [
        years.assign(kind=kind, share=100 * share)[
            share.ge(NEARLY_ALL) & years["finished"].ge(ENOUGH)
        ]
        for kind, share in shares.items()
    ]
    found = pd.concat(kinds).drop_duplicates(["period", "code"])
    return found.sort_values(["code", "period"], ignore_index=True)


def odd_months(monthly: pd.DataFrame) -> pd.DataFrame:
    """Months in which the recovery rate of a service or area is far from its own other months.

    Either 25 points or more from its median, or 20 or more below it in a month with half as many finished
    courses again as usual: then old referrals have evidently been closed.

    Args:
        monthly: tidy `iapt_providers_monthly` or `iapt_ccg_provider_monthly_2019_20`, corrected or not.

    Returns:
        measure "odd_month", period ("2024-04"), year, code, geography_type, value (the rate, per cent), low, high
        (none), unit, usual (the median rate), finished, usually_finished, closing (bool), odd (what is declared), obs.
    """
    rows = monthly[monthly["measure"].isin(["recovery_rate_pct", "finished_course"])]
    rows = rows[rows["value"].notna() & rows["org_code"].ne("")]
    keys = ["geography_type", "org_code", "period_start"]
    wide = rows.pivot_table(index=keys, columns="measure", values="value").dropna()
    about = rows.groupby(keys).agg(obs=("obs_id", tuple), odd=("qualifier", "max"))
    wide = wide.join(about).reset_index()
    own = wide.groupby(["geography_type", "org_code"])
    usual = own["recovery_rate_pct"].transform("median")
    often = own["finished_course"].transform("median")
    away, finished = wide["recovery_rate_pct"] - usual, wide["finished_course"]
    closing = away.le(-FAR_WHEN_CLOSING) & finished.ge(CLOSING * often)
    odd = (away.abs().ge(FAR) | closing) & finished.ge(ENOUGH_IN_A_MONTH)
    table = pd.DataFrame(
        {
            "measure": "odd_month",
            "period": wide["period_start"].dt.strftime("%Y-%m"),
            "year": wide["period_start"].map(financial_year),
            "code": wide["org_code"],
            "geography_type": wide["geography_type"],
            "value": wide["recovery_rate_pct"],
            "low": np.nan,
            "high": np.nan,
            "unit": "percent",
            "usual": usual,
            "finished": finished,
            "usually_finished": often,
            "closing": closing,
            "odd": wide["odd"],
            "obs": wide["obs"],
        }
    )
    return table[odd].sort_values(["period", "code"], ignore_index=True)


def in_runs(found: pd.DataFrame) -> pd.DataFrame:
    """Odd years or months of one service, consecutive ones in one row.

    Args:
        found: from `odd_service_years` or `odd_months`.

    Returns:
        code, first, last (periods), then the least and the most of each number that the rows hold, as
        value_least, value_most and so on, the `kind` or `closing` of the first, obs.
    """
    ordered = found.sort_values(["code", "period"], ignore_index=True)
    step = pd.PeriodIndex(
        ordered["period"].str[: 7 if "closing" in found else 4],
        freq="M" if "closing" in found else "Y",
    ).asi8
    follows = ordered["code"].eq(ordered["code"].shift()) & pd.Series(step).diff().eq(1)
    numbers = ("value", "share", "usual", "finished", "usually_finished")
    rows = []
    for _, run in ordered.groupby((~follows).cumsum()):
        row: dict[str, object] = {
            "code": run["code"].iloc[0],
            "first": run["period"].iloc[0],
            "last": run["period"].iloc[-1],
        }
        for name in (n for n in numbers if n in run):
            row[f"{name}_least"], row[f"{name}_most"] = run[name].min(), run[name].max()
        sign = "closing" if "closing" in run else "kind"
        rows.append(
            {**row, sign: run[sign].iloc[0], "obs": tuple(i for ids in run["obs"] for i in ids)}
        )
    return pd.DataFrame(rows).sort_values(["first", "code"], ignore_index=True)
