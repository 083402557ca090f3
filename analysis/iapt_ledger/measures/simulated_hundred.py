"""Recoveries for 100,000 pounds as a simulation, of the time of the quoted reports and on later outcomes.

The draws run over the ways to work the figure out, what each leaves open, and the year whose pounds are meant.
Every way is drawn as often as any other: how often a figure is reached says what the ways allow, and is no
probability. The figures that a document quotes are never among the inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from iapt_ledger.measures.frames import pick
from iapt_ledger.measures.hundred_thousand import HUNDRED_THOUSAND, METHODS
from iapt_ledger.measures.money import Deflator
from iapt_ledger.measures.simulated_cost import SEED, Simulated, Tables, simulate
from iapt_ledger.methods.costs.cost_simulation import Uncertain, cost_per_outcome

POUNDS = ("2010-11", "2011-12", "2012-13", "2013-14")
"""Years whose pounds the 100,000 of the quoted reports may be: from the first prices held to the last report."""
THEN, LATER = "then", "later"


def of_the_time(
    then: pd.DataFrame,
    counts: pd.DataFrame,
    prices: Deflator,
    without: Uncertain,
    without_obs: tuple[str, ...],
    period: str = "2013-14",
) -> Simulated:
    """The ways that rest on activity and money of the time, each as often.

    Args:
        then: combinations that count recoveries, in pounds of 2010-11 (see `hundred_thousand.sets`).
        without: what would have come anyway, a share of those at caseness. The recoveries of every way are
            taken to be of the recovery rate of `period`.
    """
    rows = then[then["price_year"].eq(POUNDS[0])]
    order = {m: i for i, m in enumerate(METHODS)}
    rows = rows.sort_values("method", key=lambda names: names.map(order))
    ways = [_cost(row) for row in rows.to_dict("records")]
    recovered = pick(counts, "moved_to_recovery", period)
    base = pick(counts, "recovery_denominator", period)
    rate = Uncertain.share(
        "Recovery rate", recovered["value"], base["value"], f"national counts of {period}"
    )
    found = cost_per_outcome(
        Uncertain.any_of("Way to work it out", ways, "unit costs and announced money of the time"),
        Uncertain.fixed("One recovery", 1.0, "the unit"),
        rate,
        people=Uncertain.fixed("People for one recovery", 1 / rate.point, rate.source),
        price=Uncertain.one_of(
            "Year of the pounds",
            [prices.factor(POUNDS[0], year) for year in POUNDS],
            "not stated in the quoted reports",
            point=1.0,
        ),
        without=without,
        outcome="recovery",
        seed=SEED,
    )
    obs = [o for ids in rows["obs"] for o in ids]
    obs += [*recovered["obs"], *base["obs"], *prices.obs(*POUNDS), *without_obs]
    return Simulated(found, tuple(dict.fromkeys(obs)))


def on_later_outcomes(
    tables: Tables, period: str, without: Uncertain, without_obs: tuple[str, ...]
) -> Simulated:
    """The study's prices, in the same pounds, on the activity of a later year."""
    return simulate(
        tables, "moved_to_recovery", period, POUNDS, without=without, without_obs=without_obs
    )


def bought(simulated: Mapping[str, Simulated]) -> pd.DataFrame:
    """Recoveries for 100,000 pounds, gross and net: mean of the draws and simulation interval.

    The mean, for the ways lie apart from each other: where three lie under a gap and three over it, the middle draw
    is on the one side or on the other by luck of the seed.

    Returns:
        A measure frame: set (key of `simulated`), measure "gross" or "net", value, low, high, unit, obs.
    """
    rows = []
    for name, one in simulated.items():
        for net in (False, True):
            ends = one.found.for_money(HUNDRED_THOUSAND, net=net)
            outcomes = one.found.sample["net_outcomes" if net else "outcomes"]
            for_the_money = HUNDRED_THOUSAND * np.maximum(outcomes, 0) / one.found.sample["bill"]
            rows.append(
                {
                    "set": name,
                    "measure": "net" if net else "gross",
                    "value": float(for_the_money.mean()),
                    "low": ends.low,
                    "high": ends.high,
                    "unit": "outcomes per £100k",
                    "obs": one.obs,
                }
            )
    return pd.DataFrame(rows)


def needed_for(
    quoted: Mapping[str, float], recovered_per_course: float, course: float
) -> pd.DataFrame:
    """What a quoted number of recoveries for 100,000 pounds would take: arithmetic on a claim, never evidence.

    Args:
        quoted: name to recoveries; recovered_per_course: share; course: pounds.

    Returns:
        name, quoted, per_course (pounds a course may cost at this share of recoveries), recoveries (per cent
        of courses that must recover at this cost; over 100 it cannot be).
    """
    rows: Sequence[dict[str, float | str]] = [
        {
            "name": name,
            "quoted": number,
            "per_course": HUNDRED_THOUSAND / number * recovered_per_course,
            "recoveries": 100 * number * course / HUNDRED_THOUSAND,
        }
        for name, number in quoted.items()
    ]
    return pd.DataFrame(rows)


def _cost(row: Mapping[Any, Any]) -> Uncertain:
    low, point, high = (HUNDRED_THOUSAND / row[end] for end in ("high", "value", "low"))
    name, source = str(row["method"]), "unit costs and announced money of the time"
    if low == high:
        return Uncertain.fixed(name, point, source)
    return Uncertain.uniform(name, low, high, source, point=point)
