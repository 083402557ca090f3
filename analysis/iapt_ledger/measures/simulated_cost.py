"""The cost of a recovery as a simulation over declared inputs, gross and net of what might have come anyway.

One study costed services as they ran, in five trusts about 2010. Its prices can be multiplied in three ways: a
course, a course of each pathway, a session of each intensity. The three disagree, the study's price year is
not stated, and nobody knows who would have recovered anyway: those are the inputs. The average cost of
treatment that two proponents gave in 2014 is simulated apart, never mixed with the study.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import pick
from iapt_ledger.measures.money import Deflator
from iapt_ledger.measures.recovery_cost import pathway_amounts
from iapt_ledger.measures.session_mix import SessionMix
from iapt_ledger.measures.unit_costs import ENTERED, FINISHED, PriceYears, unit_cost
from iapt_ledger.methods.costs.cost_simulation import CostPerOutcome, Uncertain, cost_per_outcome

SEED = 20_261_122
STUDY, PROPONENTS = "study", "proponents"
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        FINISHED: FINISHED,
        "reliable_improvement": FINISHED,
        "moved_to_recovery": "recovery_denominator",
        "reliable_recovery": "recovery_denominator",
    }
)
"""Outcome: whom its rate is over."""


@dataclass(frozen=True)
class Tables:
    """What the simulation reads.

    Attributes:
        counts: from `recovery_cost.activity`; mixes: from `session_mix.session_mixes`, by year.
        unit_costs, breakdowns: tidy tables; prices: the deflator.
    """

    counts: pd.DataFrame
    mixes: Mapping[str, SessionMix]
    unit_costs: pd.DataFrame
    breakdowns: pd.DataFrame
    prices: Deflator


@dataclass(frozen=True)
class Simulated:
    """A simulation and the observations behind its inputs."""

    found: CostPerOutcome
    obs: tuple[str, ...]


def simulate(
    tables: Tables,
    outcome: str,
    period: str,
    price_years: Sequence[str],
    *,
    basis: str = STUDY,
    without: Uncertain | None = None,
    without_obs: tuple[str, ...] = (),
) -> Simulated:
    """Cost per outcome of one year's activity, in the prices of one year or of any of several.

    Args:
        outcome: a key of `OUTCOMES`; price_years: the first is the point; basis: "study" or "proponents".
        without: what would have come anyway, as a share of those whom the outcome's rate is over.

    Raises:
        LedgerError: no such outcome or basis, or the year is not held.
    """
    for what, found, choices in (
        ("outcome", outcome, OUTCOMES),
        ("basis", basis, (STUDY, PROPONENTS)),
    ):
        if found not in choices:
            raise LedgerError(f"No such {what}", found=found, choices=list(choices))
    ways = study_ways if basis == STUDY else proponents_ways
    course, years, obs = ways(tables, period)
    done = pick(tables.counts, FINISHED, period)
    base = pick(tables.counts, OUTCOMES[outcome], period)
    reached = pick(tables.counts, outcome, period)
    source = f"national counts of {period}"
    simulated = cost_per_outcome(
        course,
        Uncertain.fixed("Finished courses", done["value"], source),
        Uncertain.share("Rate of the outcome", reached["value"], base["value"], source),
        people=Uncertain.fixed("Those whom the rate is over", base["value"], source),
        price=price_level(years, price_years, tables.prices),
        without=without,
        outcome=outcome,
        seed=SEED,
    )
    used = [*obs, *done["obs"], *base["obs"], *reached["obs"], *without_obs]
    used += tables.prices.obs(years.used, years.first, years.last, *price_years)
    return Simulated(simulated, tuple(dict.fromkeys(used)))


def study_ways(tables: Tables, period: str) -> tuple[Uncertain, PriceYears, tuple[str, ...]]:
    """The cost of a finished course in the study's own pounds, in each of the three ways to reach it."""
    course = unit_cost(tables.unit_costs, "course")
    sessions = [unit_cost(tables.unit_costs, f"session_{kind}") for kind in ("low", "high")]
    paths, path_obs = pathway_amounts(tables.breakdowns, tables.unit_costs, period)
    mix = tables.mixes[period]
    done = pick(tables.counts, FINISHED, period)["value"]
    bill = mix.bill(sessions[0].amount, sessions[1].amount).times(1 / done)
    source = "five trusts about 2010, and the national record of what was done"
    parts = [
        Uncertain.triangular("by pathway", paths.low, paths.value, paths.high, source),
        Uncertain.fixed("by course", course.amount, source),
        Uncertain.triangular("by session", bill.low, bill.value, bill.high, source),
    ]
    obs = (*course.obs, *path_obs, *mix.obs, *(o for one in sessions for o in one.obs))
    return Uncertain.any_of("How a course is costed", parts, source), course.prices, obs


def proponents_ways(tables: Tables, period: str) -> tuple[Uncertain, PriceYears, tuple[str, ...]]:
    """The average cost of treatment of 2014 for a finished course: as it stands, or over all who entered."""
    treated = unit_cost(tables.unit_costs, "treated_finished")
    entered = pick(tables.counts, ENTERED, period)
    done = pick(tables.counts, FINISHED, period)["value"]
    amounts = [treated.amount, treated.amount * entered["value"] / done]
    source = "press notice of 2014 by two proponents"
    ways = Uncertain.one_of("Who was treated", amounts, source)
    return ways, treated.prices, (*treated.obs, *entered["obs"])


def price_level(years: PriceYears, price_years: Sequence[str], prices: Deflator) -> Uncertain:
    """From the prices of any year that a source leaves open to those of any year asked for, each pair as likely."""
    held = [y for y in prices.years if years.first <= y <= years.last]
    factors = [prices.factor(y, to) for y in held for to in price_years]
    point = prices.factor(years.used, price_years[0])
    words = "stated as a calendar year" if years.stated else "not stated"
    source = f"price year {words}; {held[0]} to {held[-1]} by the GDP deflator"
    return Uncertain.one_of("Price year of the source", factors, source, point=point)


def anyway(benchmarks: pd.DataFrame, *, months: float) -> tuple[Uncertain, tuple[str, ...]]:
    """Remission without the therapy within so many months, each published value as often.

    Args:
        benchmarks: from `benchmarks.natural_recovery`.

    Raises:
        LedgerError: none is published for so short a time.
    """
    rows = benchmarks[
        benchmarks["definition"].eq("remission") & benchmarks["months_high"].le(months)
    ]
    if rows.empty:
        raise LedgerError("No remission is published for so short a time", found=months)
    source = f"published remission without the therapy within {months:g} months"
    spread = Uncertain.one_of("Recovery anyway", list(rows["value"] / 100), source)
    return spread, tuple(sorted(o for ids in rows["obs"] for o in ids))


def by_benchmark(
    tables: Tables, benchmarks: pd.DataFrame, period: str, price_year: str
) -> pd.DataFrame:
    """The net cost of a recovery against each published remission, one at a time.

    A benchmark with a published interval is spread over it; one without is taken as it stands.

    Returns:
        A measure frame in GBP, measure "cost_per_net_recovery": study, group, months, rate, value (median of
        the draws), low, high, none_left (per cent of draws), obs; lowest rate first.
    """
    rows = []
    for row in benchmarks[benchmarks["definition"].eq("remission")].to_dict("records"):
        one = _one_benchmark(row)
        made = simulate(
            tables,
            "moved_to_recovery",
            period,
            (price_year,),
            without=one,
            without_obs=row["obs"],
        )
        net = made.found.net
        assert net is not None
        rows.append(
            {
                "measure": "cost_per_net_recovery",
                "period": period,
                "study": row["study"],
                "group": row["group"],
                "months": row["period"],
                "rate": row["value"],
                "value": made.found.net_median,
                "low": net.low,
                "high": net.high,
                "unit": "GBP",
                "none_left": 100 * made.found.none_left,
                "obs": made.obs,
            }
        )
    return pd.DataFrame(rows).sort_values("rate", ignore_index=True)


def swings(simulated: Simulated, *, net: bool) -> pd.DataFrame:
    """The tornado as a frame: input, from, to, low, high, value (all others at their points), obs."""
    found = simulated.found
    own = found.net if net else found.gross
    assert own is not None
    return pd.DataFrame(
        [
            {
                "measure": "net" if net else "gross",
                "input": one.name,
                "from": one.inputs[0],
                "to": one.inputs[1],
                "source": one.source,
                "value": own.value,
                "low": one.low,
                "high": one.high,
                "obs": simulated.obs,
            }
            for one in (found.net_tornado if net else found.tornado)
        ]
    )


def _one_benchmark(row: Mapping[Any, Any]) -> Uncertain:
    value, low, high = (row[name] / 100 for name in ("value", "low", "high"))
    source = f"{row['study']}, {row['group']}"
    if pd.isna(low) or pd.isna(high):
        return Uncertain.fixed("Recovery anyway", value, source)
    return Uncertain.triangular("Recovery anyway", low, value, high, source)
