"""What a recovery cost under every assumption about the people whose outcome is not known.

Two groups have no second score: some who finished a course, and all who left after one treatment. They are
counted as not recovered wherever recoveries are simply counted. The money is the same whatever they did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from iapt_ledger.measures.frames import pick
from iapt_ledger.methods.costs.missing_outcomes import MissingOutcomes, missing_outcome_bounds
from iapt_ledger.methods.intervals import Interval

FINISHED, TREATED = "finished", "treated"
LEFT, ENTERED, DONE = "ended_one_treatment_only", "entered_treatment", "finished_course"


@dataclass(frozen=True)
class Known:
    """Bounds for one group and the observations behind them."""

    found: MissingOutcomes
    obs: tuple[str, ...]


def recovery_bounds(
    pathway: pd.DataFrame, period: str, benchmark: Sequence[float]
) -> dict[str, Known]:
    """Recovery among those who finished and, where those who left early are counted, among all who were treated.

    Both begun at caseness: all finishers without two scores are taken to have begun there, and those who left
    after one treatment as often as finishers did.

    Args:
        pathway: from `pathway.pathway_counts`; benchmark: shares that recover without the therapy.
    """
    names = ("moved_to_recovery", "recovery_denominator", "no_paired_scores", DONE)
    rows = {name: pick(pathway, name, period) for name in names}
    events, base, unscored, done = (float(rows[name]["value"]) for name in names)
    totals = {FINISHED: base}
    left = pathway[pathway["measure"].eq(LEFT) & pathway["period"].eq(period)]
    if len(left):
        rows[LEFT] = pick(pathway, LEFT, period)
        totals[TREATED] = base + float(rows[LEFT]["value"]) * base / done
    obs = tuple(dict.fromkeys(o for row in rows.values() for o in row["obs"]))
    return {
        name: Known(
            missing_outcome_bounds(events, base - unscored, total, benchmark=benchmark, name=name),
            obs,
        )
        for name, total in totals.items()
    }


def with_stand_in(pathway: pd.DataFrame, period: str) -> pd.DataFrame:
    """The counts with those who left after one treatment in a year that does not count them: entered less finished.

    Args:
        pathway: from `pathway.pathway_counts`.
    """
    entered, done = (pick(pathway, name, period) for name in (ENTERED, DONE))
    left = {
        **done,
        "measure": LEFT,
        "value": float(entered["value"]) - float(done["value"]),
        "obs": (*entered["obs"], *done["obs"]),
    }
    return pd.concat([pathway, pd.DataFrame([left])], ignore_index=True)


def cost_by_assumption(
    bounds: dict[str, Known], total: Interval[float], obs: Sequence[str]
) -> pd.DataFrame:
    """One total over the recoveries of each assumption.

    Args:
        bounds: from `recovery_bounds`; total: GBP of the same year; obs: of the total.

    Returns:
        A measure frame in GBP, measure "cost_per_recovery": group, assumption, share and its limits in per cent,
        events, value, low, high, obs. The assumption "as often as those observed" is applied to the whole group.
    """
    rows = []
    for name, one in bounds.items():
        for scenario in one.found.scenarios:
            events = scenario.share.value * one.found.total
            rows.append(
                {
                    "measure": "cost_per_recovery",
                    "group": name,
                    "assumption": scenario.name,
                    "share": 100 * scenario.share.value,
                    "share_low": 100 * scenario.share.low,
                    "share_high": 100 * scenario.share.high,
                    "events": events,
                    **total.times(1 / events).columns(),
                    "unit": "GBP",
                    "obs": tuple(dict.fromkeys([*obs, *one.obs])),
                }
            )
    return pd.DataFrame(rows)


def undecided_from(scored: float) -> tuple[float, float]:
    """For a service that knows this share of its outcomes: the highest its worst case, and the lowest its best
    case can be, whatever rate is found among those known.

    A service whose own bounds lie between the two can be shown neither better nor worse than it.
    """
    return scored, 1 - scored
