"""What a recovery cost, as ranges of arithmetic: published unit costs times activity, announced money over outcomes.

These are average costs: money over outcomes, with no comparison group. "Recovered" is not "recovered because
of". The incremental costs of studies with a comparison group are another quantity and never stand among them.
Each amount is in the prices of one stated year; low and high span the price years that a source leaves open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import fsum  # the same last digit on every Python
from types import MappingProxyType

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.evidence import detail_only
from iapt_ledger.measures.frames import financial_year, pick
from iapt_ledger.measures.money import Deflator
from iapt_ledger.measures.pathway import pathway_counts
from iapt_ledger.measures.unit_costs import ATTENDED, FINISHED, UNIT_COSTS, UnitCost, unit_cost
from iapt_ledger.methods.intervals import Interval

OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "moved_to_recovery": "Recovery",
        "reliable_recovery": "Reliable recovery",
        "reliable_improvement": "Reliable improvement",
    }
)
COSTED = (
    "referrals_received",
    "entered_treatment",
    FINISHED,
    "recovery_denominator",
    "reliable_improvement",
    "moved_to_recovery",
    "reliable_recovery",
)
"""What a year's money can be divided by, from the widest count to the narrowest."""

MIX = "course_mix"
PATHWAYS = {
    "Received only low intensity therapy": ("course_low", "course_low"),
    "Received only high intensity therapy": ("course_high", "course_high"),
    # Nearly all who had both were stepped up; had all been stepped down, the lower cost would hold.
    "Received both high and low intensity therapy": ("course_up", "course_down"),
}
"""Published pathway of a finisher: the unit cost that belongs to it, and the lower one it could be."""


def activity(annual: pd.DataFrame, monthly: pd.DataFrame) -> pd.DataFrame:
    """Yearly counts that money is spread over: comparable full years, and attended appointments.

    Args:
        annual: tidy iapt_national_annual; monthly: tidy iapt_national_monthly, for appointments, which are
            summed where all twelve months are held.

    Returns:
        measure, period, value, unit, obs.
    """
    return activity_of(pathway_counts(annual), monthly)


def activity_of(pathway: pd.DataFrame, monthly: pd.DataFrame) -> pd.DataFrame:
    """The same from `pathway.pathway_counts`, where a chapter holds them already."""
    counts = pathway
    kept = counts[counts["complete"] & counts["comparable"] & counts["measure"].isin(COSTED)]
    rows = monthly[monthly["measure"].eq(ATTENDED)]
    rows = rows.assign(period=rows["period_start"].map(financial_year))
    sums = [
        (ATTENDED, year, group["value"].sum(), "appointments", tuple(group["obs_id"]))
        for year, group in rows.groupby("period")
        if group["period_start"].nunique() == len(group) == 12
    ]
    columns = ["measure", "period", "value", "unit", "obs"]
    return pd.concat([kept[columns], pd.DataFrame(sums, columns=columns)], ignore_index=True)


def costed_whole(pathway: pd.DataFrame, breakdowns: pd.DataFrame, mixes: Iterable[str]) -> set[str]:
    """Years that can be costed in every way: by pathway, by session, and with those who left after one treatment.

    Args:
        pathway: from `pathway.pathway_counts`; breakdowns: tidy table; mixes: years of `session_mix.session_mixes`.
    """
    left = pathway["measure"].eq("ended_one_treatment_only") & pathway["complete"]
    kinds = breakdowns[
        breakdowns["breakdown"].eq("stepped_care_pathway") & breakdowns["measure"].eq(FINISHED)
    ]
    stepped = set(kinds["period_start"].map(financial_year))
    return stepped & set(mixes) & set(pathway.loc[left, "period"])


def pathway_amounts(
    breakdowns: pd.DataFrame, unit_costs: pd.DataFrame, period: str
) -> tuple[Interval[float], tuple[str, ...]]:
    """Cost of a completed course at the national mix of pathways, in the study's own pounds.

    Finishers whose pathway is not stated are taken to have the mix of the others. Low takes every referral with
    both intensities as stepped down.

    Raises:
        LedgerError: a pathway is not published for the period.
    """
    shares, obs = _pathway_shares(breakdowns, period)
    costs = {c: [unit_cost(unit_costs, k) for k in PATHWAYS[c]] for c in shares}
    value, low = (fsum(s * costs[c][end].amount for c, s in shares.items()) for end in (0, 1))
    used = {o for pair in costs.values() for c in pair for o in c.obs}
    return Interval(value, low, value), (*obs, *sorted(used))


def mix_cost(
    breakdowns: pd.DataFrame, unit_costs: pd.DataFrame, period: str, year: str, prices: Deflator
) -> tuple[Interval[float], tuple[str, ...]]:
    """The same in the prices of one year, low and high over the price years that the study leaves open.

    Raises:
        LedgerError: a pathway is not published for the period.
    """
    own, obs = pathway_amounts(breakdowns, unit_costs, period)
    years = unit_cost(unit_costs, "course").prices
    value, low = (years.in_prices_of(amount, year, prices) for amount in (own.value, own.low))
    return Interval(value.value, low.low, value.high), obs


def _pathway_shares(
    breakdowns: pd.DataFrame, period: str
) -> tuple[dict[str, float], tuple[str, ...]]:
    detail = detail_only(breakdowns)
    rows = detail[
        detail["breakdown"].eq("stepped_care_pathway")
        & detail["measure"].eq(FINISHED)
        & detail["category"].isin(PATHWAYS)
    ]
    rows = rows[rows["period_start"].map(financial_year).eq(period)]
    if sorted(rows["category"]) != sorted(PATHWAYS):
        raise LedgerError(
            "The mix of pathways is not published for this year",
            where=f"iapt_breakdowns, {period}",
            expected=sorted(PATHWAYS),
            found=sorted(rows["category"]),
        )
    shares = rows["value"] / rows["value"].sum()
    return dict(zip(rows["category"], shares, strict=True)), tuple(rows["obs_id"])


def bottom_up(
    counts: pd.DataFrame,
    costs: Iterable[UnitCost],
    year: str,
    prices: Deflator,
    outcomes: Sequence[str] = COSTED,
) -> pd.DataFrame:
    """Published unit cost times the activity it is a cost of, over each outcome, for every year held.

    The unit cost is taken to keep its real value from its own year on: no later one is published, so a
    change over the years here is a change in outcomes per unit of activity, not in what care cost.

    Args:
        counts: from `activity`; costs: unit costs; year: price year; outcomes: measures to divide by.

    Returns:
        A measure frame in GBP, measure "cost_per_<outcome>", with method, label, outcome, total (GBP).
    """
    parts = []
    for cost in costs:
        each, obs = cost.in_prices_of(year, prices), (*cost.obs, *_price_obs(cost, year, prices))
        volumes = counts[counts["measure"].eq(cost.activity)]
        for period in volumes["period"]:
            parts.append(
                _spread(counts, cost.activity, period, each, obs, outcomes).assign(
                    method=cost.key, label=cost.label
                )
            )
    return pd.concat(parts, ignore_index=True)


def bottom_up_mix(
    counts: pd.DataFrame,
    breakdowns: pd.DataFrame,
    unit_costs: pd.DataFrame,
    year: str,
    prices: Deflator,
    outcomes: Sequence[str] = COSTED,
) -> pd.DataFrame:
    """As `bottom_up`, with the cost of a course at each year's own mix of pathways (from 2017-18)."""
    rows = breakdowns[breakdowns["breakdown"].eq("stepped_care_pathway")]
    parts = []
    for period in sorted(set(rows["period_start"].map(financial_year))):
        each, obs = mix_cost(breakdowns, unit_costs, period, year, prices)
        parts.append(_spread(counts, FINISHED, period, each, obs, outcomes))
    return pd.concat(parts, ignore_index=True).assign(
        method=MIX, label="Completed course, national mix"
    )


def net_of_benchmark(
    counts: pd.DataFrame, total: Interval[float], benchmarks: pd.DataFrame, period: str
) -> pd.DataFrame:
    """Cost per recovery beyond what a benchmark of remission without the therapy would have given anyway.

    A named sensitivity, one row a benchmark, never one subtraction: other people, other yardsticks, other times.

    Args:
        counts: from `activity`; total: GBP of the year; benchmarks: from `benchmarks.natural_recovery`.

    Returns:
        A measure frame in GBP with the benchmark's study, group, months, rate (percent) and `net`
        (recoveries left); value is NaN where the benchmark leaves none.
    """
    recovered, base = (
        pick(counts, m, period) for m in ("moved_to_recovery", "recovery_denominator")
    )
    rows = []
    for row in benchmarks[benchmarks["definition"].eq("remission")].to_dict("records"):
        net = recovered["value"] - row["value"] / 100 * base["value"]
        each = total.times(1 / net) if net > 0 else Interval(*[float("nan")] * 3)
        rows.append(
            {
                "measure": "cost_per_net_recovery",
                "period": period,
                **each.columns(),
                "unit": "GBP",
                "study": row["study"],
                "group": row["group"],
                "months": row["period"],
                "months_high": row["months_high"],
                "rate": row["value"],
                "net": net,
                "obs": (*recovered["obs"], *base["obs"], *row["obs"]),
            }
        )
    return pd.DataFrame(rows).sort_values("rate", ignore_index=True)


def costs_of_all(unit_costs: pd.DataFrame, *keys: str) -> list[UnitCost]:
    """Declared unit costs, all of them or those named."""
    return [unit_cost(unit_costs, key) for key in keys or UNIT_COSTS]


def _spread(
    counts: pd.DataFrame,
    volume: str,
    period: str,
    each: Interval[float],
    obs: tuple[str, ...],
    outcomes: Sequence[str],
) -> pd.DataFrame:
    """Total of one year (cost of one times the volume) over each outcome that the year holds."""
    done = pick(counts, volume, period)
    held = counts[counts["period"].eq(period) & counts["measure"].isin(outcomes)]
    ratio = done["value"] / held["value"]
    return pd.DataFrame(
        {
            "measure": "cost_per_" + held["measure"],
            "outcome": held["measure"],
            "period": period,
            "value": each.value * ratio,
            "low": each.low * ratio,
            "high": each.high * ratio,
            "unit": "GBP",
            "total": each.value * done["value"],
            "count": held["value"],
            "obs": [tuple(dict.fromkeys((*obs, *done["obs"], *ids))) for ids in held["obs"]],
        }
    )


def _price_obs(cost: UnitCost, year: str, prices: Deflator) -> tuple[str, ...]:
    own = cost.prices
    return tuple(dict.fromkeys(prices.obs(own.used, own.first, own.last, year)))
