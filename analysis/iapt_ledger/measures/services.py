"""Services beside each other: recovery of each by year, who lies outside a funnel, and what their ranks are worth.

A service is a provider of the annual report. Its counts are rounded to the nearest five, and counts under five
are hidden. Where services are compared, years that are declared to be unlike any other service, or to hold old
referrals closed at once, are left out (data/corrections.yaml).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import financial_year
from iapt_ledger.methods.intervals import proportion_interval
from iapt_ledger.methods.units.between_units import DRAWS, BetweenUnits, between_unit_variance
from iapt_ledger.methods.units.funnels import Funnel, funnel

LEAST = 50  # courses begun at caseness: under this a count rounded to five moves a rate by several points
ROUNDED_BY = 2  # a whole count rounded to the nearest five is at most two away
HIDDEN_MOST = 4  # a hidden count is nought to four
FEWER_DRAWS = 1000  # enough for the summary of a year's ranks
COUNTS: Mapping[str, str] = {
    "referrals_received": "received",
    "finished_course": "finished",
    "not_at_caseness_start": "not_cases",
    "moved_to_recovery": "recovered",
    "reliable_improvement": "improved",
}
SIZES = ((LEAST, 500), (500, 2000), (2000, 5000), (5000, np.inf))


def service_years(organisations: pd.DataFrame, org_type: str = "Provider") -> pd.DataFrame:
    """Each provider's counts of each year, and the recovery rate they give.

    The base is the publisher's: finished courses less those not at caseness at the start. Where that count is
    hidden (under five) it is taken as nought.

    Args:
        organisations: tidy `iapt_organisations_annual`, corrected.
        org_type: "Provider", or another kind of organisation of that table, such as "ICB".

    Returns:
        measure "service_recovery", period, code, name, received, finished, not_cases, recovered, improved, base,
        hidden (not_cases is), value, low, high (per cent, Wilson), unit, odd (why the year is not compared,
        else empty), obs. Services whose finished or recovered courses are hidden are left out.

    Raises:
        LedgerError: a service recovers more than its base, beyond rounding.
    """
    rows = organisations[organisations["org_type"].eq(org_type)]
    rows = rows[rows["measure"].isin(COUNTS)].assign(
        period=rows["period_start"].map(financial_year), count=rows["measure"].map(COUNTS)
    )
    keys = ["period", "org_code", "org_name"]
    wide = rows.pivot_table(index=keys, columns="count", values="value", dropna=False)
    wide = wide.reindex(columns=list(COUNTS.values()))
    about = rows.groupby(keys).agg(obs=("obs_id", tuple), odd=("qualifier", "max"))
    held = wide.join(about).dropna(subset=["finished", "recovered"]).reset_index()
    held = held.rename(columns={"org_code": "code", "org_name": "name"})
    base = held["finished"] - held["not_cases"].fillna(0)
    _refuse_impossible(held.assign(base=base))
    share = proportion_interval(held["recovered"], base).percent
    return held.assign(
        measure="service_recovery",
        base=base,
        hidden=held["not_cases"].isna(),
        value=share.value,
        low=share.low,
        high=share.high,
        unit="percent",
    )


def _refuse_impossible(held: pd.DataFrame) -> None:
    too_many = held[held["recovered"] > held["base"] + 2 * ROUNDED_BY]
    for row in too_many.head(1).to_dict("records"):
        raise LedgerError(
            "A service recovers more than it could",
            where=f"iapt_organisations_annual, {row['code']}, {row['period']}",
            expected=f"at most {row['base']:g}",
            found=f"{row['recovered']:g}",
            fix="declare it in data/corrections.yaml",
        )


def compared(years: pd.DataFrame, period: str = "", least: float = LEAST) -> pd.DataFrame:
    """Service-years that can be compared: large enough, and nothing declared against them."""
    kept = years[years["base"].ge(least) & years["odd"].eq("")]
    return kept[kept["period"].eq(period)] if period else kept


def funnel_of(services: pd.DataFrame) -> Funnel:
    """The funnel of one year's services against their pooled recovery rate."""
    return funnel(services["recovered"], services["base"], names=services["code"])


def spread_of(services: pd.DataFrame, draws: int = DRAWS) -> BetweenUnits:
    """The spread of one year's services, and what their rates and ranks are worth."""
    return between_unit_variance(
        services["recovered"], services["base"], names=services["code"], draws=draws
    )


def outside_whatever_the_rounding(services: pd.DataFrame, level: float) -> pd.Series:
    """1, 0 or -1 for each service: beyond the exact limits of a level however its counts were rounded.

    The recovered may be two more or fewer, the base four more or fewer (two counts make it), or up to six fewer
    where those not at caseness are hidden.
    """
    target = float(services["recovered"].sum() / services["base"].sum())
    x, n, tail = services["recovered"], services["base"], (1 - level) / 2
    fewer = np.where(services["hidden"], ROUNDED_BY + HIDDEN_MOST, 2 * ROUNDED_BY)
    more = np.where(services["hidden"], ROUNDED_BY, 2 * ROUNDED_BY)
    least = np.clip(x - ROUNDED_BY, 0, None)
    most = np.minimum(x + ROUNDED_BY, n - fewer)
    above = stats.binom.sf(least - 1, n + more, target) < tail
    below = stats.binom.cdf(most, n - fewer, target) < tail
    return pd.Series(above.astype(int) - below.astype(int), index=services.index)


def by_year(years: pd.DataFrame) -> pd.DataFrame:
    """Each year's funnel and spread in one row.

    Returns:
        period, services, pooled (per cent), phi, then for each level 95 and 99.8: outside, expected, adjusted (how
        many services), spread, spread_low, spread_high (percentage points), chance (per cent of the variance of
        rates), rank_reliability, rank_width (median width of the rank ranges), obs.
    """
    rows = []
    for period, services in compared(years).groupby("period"):
        drawn, spread = funnel_of(services), spread_of(services, FEWER_DRAWS)
        widths = spread.ranks["rank_high"] - spread.ranks["rank_low"]
        points = spread.spread.times(100)
        rows.append(
            {
                "period": period,
                "services": len(services),
                "pooled": 100 * drawn.target,
                "phi": drawn.phi,
                **_counted(drawn),
                "spread": points.value,
                "spread_low": points.low,
                "spread_high": points.high,
                "chance": 100 * spread.chance_share.value,
                "rank_reliability": spread.rank_reliability,
                "rank_width": float(widths.median()),
                "obs": all_obs(services),
            }
        )
    return pd.DataFrame(rows)


def _counted(drawn: Funnel) -> dict[str, float]:
    counts: dict[str, float] = {}
    for level, name in ((0.95, "95"), (0.998, "99_8")):
        counts[f"outside_{name}"] = len(drawn.outside(level))
        counts[f"expected_{name}"] = drawn.expected_outside(level)
        counts[f"adjusted_{name}"] = len(drawn.outside(level, adjusted=True))
    return counts


def by_size(services: pd.DataFrame) -> pd.DataFrame:
    """The spread of one year's services by how many courses they count.

    Returns:
        from_base, to_base, services, mean (per cent, each service counting once), spread, spread_low,
        spread_high (percentage points), above, below (services outside the exact 99.8% limits), obs.
    """
    drawn = funnel_of(services).units.set_index("name")["outside_99_8"]
    rows = []
    for low, high in SIZES:
        some = services[services["base"].ge(low) & services["base"].lt(high)]
        spread, sides = spread_of(some), drawn.loc[list(some["code"])]
        points = spread.spread.times(100)
        rows.append(
            {
                "from_base": low,
                "to_base": high,
                "services": len(some),
                "mean": 100 * spread.mean.value,
                "spread": points.value,
                "spread_low": points.low,
                "spread_high": points.high,
                "above": int(sides.eq(1).sum()),
                "below": int(sides.eq(-1).sum()),
                "obs": all_obs(some),
            }
        )
    return pd.DataFrame(rows)


def persistence(years: pd.DataFrame, first: str, second: str) -> pd.Series:
    """How a service's rate in one year goes with its rate in another, over services compared in both.

    Returns:
        measure "rates_of_two_years", period, value (correlation), low, high (95%, Fisher), unit, services,
        top, still_top (services in the upper quarter of the first year, and of those how many in the second), obs.
    """
    one, other = (compared(years, period).set_index("code") for period in (first, second))
    both = one.join(other[["value", "obs"]].add_suffix("_later"), how="inner")
    value, low, high = correlation(both["value"], both["value_later"])
    top = both["value"].rank(ascending=False) <= len(both) / 4
    later = both["value_later"].rank(ascending=False) <= len(both) / 4
    return pd.Series(
        {
            "measure": "rates_of_two_years",
            "period": second,
            "value": value,
            "low": low,
            "high": high,
            "unit": "correlation",
            "services": len(both),
            "top": int(top.sum()),
            "still_top": int((top & later).sum()),
            "obs": (*all_obs(both), *(i for ids in both["obs_later"] for i in ids)),
        }
    )


def correlation(x: pd.Series, y: pd.Series) -> tuple[float, float, float]:
    """Pearson's correlation with its 95% interval by Fisher's transformation."""
    found = stats.pearsonr(x.to_numpy(dtype=float), y.to_numpy(dtype=float))
    limits = found.confidence_interval(0.95)
    return float(found.statistic), float(limits.low), float(limits.high)


def all_obs(rows: pd.DataFrame) -> tuple[str, ...]:
    """The observations behind several rows."""
    return tuple(one for ids in rows["obs"] for one in ids)
