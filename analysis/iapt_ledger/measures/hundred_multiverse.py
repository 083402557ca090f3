"""Recoveries for 100,000 pounds under every combination of the choices that the figures held leave open.

The choices: what counts as an outcome, whose cost it is, over whom it is spread, the year of activity, what is assumed
of those whose outcome nobody knows, what would have come anyway, and the year whose pounds are meant. What comes
out counts choices that were declared; it is no probability. The figures that a document quotes are never among the
inputs. What is read off the combinations is in `iapt_ledger.measures.hundred_readings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from iapt_ledger.measures.frames import pick
from iapt_ledger.measures.missing_cost import LEFT
from iapt_ledger.methods.intervals import Interval
from iapt_ledger.methods.synthesis.multiverses import multiverse
from iapt_ledger.methods.synthesis.multiverses_result import Multiverse

EARLY, LATE = "2013-14", "2024-25"
RECOVERY, IMPROVEMENT = "moved_to_recovery", "reliable_improvement"
BASE, UNSCORED, FINISHED = "recovery_denominator", "no_paired_scores", "finished_course"
ENTERED = "entered_treatment"
PUBLISHED, NONE, LOWEST, HIGHEST, ALL = (
    "none, finishers alone",
    "none, of all treated",
    "as the lowest benchmark",
    "as the highest",
    "all of them",
)
NOTHING = "nothing taken off"

WHAT, COST, OVER, WHEN = "what counts", "whose cost", "spread over", "activity"
UNKNOWN, ANYWAY, POUNDS = "outcomes unknown", "would have come anyway", "pounds of"

DIMENSIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        WHAT: {
            "recovery": RECOVERY,
            "reliable recovery": "reliable_recovery",
            "reliable improvement": IMPROVEMENT,
        },
        COST: {
            "study, by course": "course",
            "study, by recovery": "published",
            "study, by pathway": "course_mix",
            "study, by session": "session_mix",
            "two proponents": "treated",
            "announced, one sum": "cumulative",
            "announced, level a year": "levels",
        },
        OVER: {"those who finished": "finished", "all who entered": "entered"},
        WHEN: {"of the time": EARLY, "2024-25": LATE},
        UNKNOWN: {one: one for one in (PUBLISHED, NONE, LOWEST, HIGHEST, ALL)},
        ANYWAY: {NOTHING: NOTHING, "the lowest benchmark": LOWEST, "the highest": HIGHEST},
        POUNDS: {year: year for year in ("2010-11", EARLY, LATE)},
    }
)
"""Dimension to label to option; the first of each make up the base. Recovery takes a study's own or announced money."""

OWN_ACTIVITY = ("published", "cumulative", "levels")
"""Costs that come with recoveries of their own: no other outcome, year or unknown outcome is held for them."""


@dataclass(frozen=True)
class Counts:
    """People behind the outcomes of one year.

    Attributes:
        base: those who finished and began at caseness; finished: all who finished.
        unscored: finishers without two scores; entered: all who entered treatment in the year.
        left: those who left after one treatment; where they are not counted, entered less finished stands for them.
            (In 2019-20, the first year that counts both, that is a seventh more than those who left.)
        reached: outcome to how many had it.
    """

    base: float
    finished: float
    unscored: float
    entered: float
    left: float
    reached: Mapping[str, float]


@dataclass(frozen=True)
class Held:
    """What every combination is worked out from.

    Attributes:
        bought: (method, outcome, year of activity, year of the pounds) to outcomes for 100,000 pounds, as counted.
        counts: by year of activity.
        benchmarks: "as the lowest benchmark" and "as the highest" to the share that remits without the therapy.
        obs: observations.
    """

    bought: Mapping[tuple[str, str, str, str], Interval[float]]
    counts: Mapping[str, Counts]
    benchmarks: Mapping[str, float]
    obs: tuple[str, ...]


def held_from(
    combined: pd.DataFrame, pathway: pd.DataFrame, benchmarks: tuple[float, float, Sequence[str]]
) -> Held:
    """What is held, from the chapters' measures.

    Args:
        combined: from `hundred_thousand.combinations`, in pounds of the three years.
        pathway: from `pathway.pathway_counts`.
        benchmarks: from `benchmarks.remission_range`, per cent.
    """
    lowest, highest, benchmark_obs = benchmarks
    counts: dict[str, Counts] = {}
    used: list[str] = []
    for period in (EARLY, LATE):
        counts[period], obs = _counts(pathway, period)
        used += obs
    bought = {
        (r["method"], r["outcome"], _activity(r["period"]), r["price_year"]): Interval(
            r["value"], r["low"], r["high"]
        )
        for r in combined.to_dict("records")
    }
    behind = [*(o for ids in combined["obs"] for o in ids), *used, *benchmark_obs]
    shares = {LOWEST: lowest / 100, HIGHEST: highest / 100}
    return Held(bought, counts, shares, tuple(dict.fromkeys(behind)))


def all_ways(held: Held) -> Multiverse:
    """Every combination that the figures held allow, each counted once."""
    return multiverse(
        outcomes_for,
        DIMENSIONS,
        data=held,
        constraint=lambda labels: can_be(
            held, {dimension: DIMENSIONS[dimension][label] for dimension, label in labels.items()}
        ),
        key=_amounts_to,
        name="Outcomes for 100,000 pounds",
    )


def _amounts_to(labels: Mapping[str, str]) -> tuple[str, ...]:
    """What two combinations share to be one: whose outcomes are none matters only where something is taken off."""
    same = labels[UNKNOWN] == NONE and labels[ANYWAY] == NOTHING
    return tuple((dict(labels) | ({UNKNOWN: PUBLISHED} if same else {})).values())


def can_be(held: Held, options: Mapping[str, str]) -> bool:
    """Whether a combination makes sense and is held."""
    own = options[COST] in OWN_ACTIVITY
    if own and (options[WHEN] != EARLY or options[UNKNOWN] != PUBLISHED):
        return False
    if options[OVER] == "entered" and options[COST] != "treated":
        return False  # the other costs say whom they are of
    by_benchmark = options[ANYWAY] != NOTHING or options[UNKNOWN] in (LOWEST, HIGHEST)
    if by_benchmark and options[WHAT] != RECOVERY:
        return False  # the benchmarks are of remission, which is set beside recovery alone
    return _key(options) in held.bought


def outcomes_for(held: Held, **options: str) -> dict[str, float]:
    """Outcomes for 100,000 pounds under one combination; none below nought.

    Returns:
        value, low and high: the range is what the cost leaves open, such as the price year of its source.
    """
    bought = held.bought[_key(options)]
    factor = left_of_it(
        held.counts[options[WHEN]],
        options[WHAT],
        {**held.benchmarks, PUBLISHED: 0.0, NONE: 0.0, ALL: 1.0},
        options[UNKNOWN],
        options[ANYWAY],
    )
    return {
        "value": bought.value * factor,
        "low": bought.low * factor,
        "high": bought.high * factor,
    }


def left_of_it(
    counts: Counts, outcome: str, shares: Mapping[str, float], unknown: str, anyway: str
) -> float:
    """The outcomes of one combination over those that are counted.

    Those without a known outcome are finishers without two scores, all taken to have begun at caseness, and those who
    left after one treatment, who began there as often as finishers. Taken off is a benchmark's share of everyone at
    caseness whose outcome is spoken of: of finishers alone, as the published rate has it, or of all who were treated.
    So an assumption by which more recover never leaves fewer.
    """
    whole = counts.finished if outcome == IMPROVEMENT else counts.base
    left = counts.left * whole / counts.finished
    reached = counts.reached[outcome]
    more = shares[unknown] * (counts.unscored + left)
    off = 0.0
    if anyway != NOTHING:
        off = shares[anyway] * (counts.base + (0.0 if unknown == PUBLISHED else left))
    return max(0.0, reached + more - off) / reached


def _key(options: Mapping[str, str]) -> tuple[str, str, str, str]:
    cost = options[COST]
    method = f"treated_{options[OVER]}" if cost == "treated" else cost
    activity = "own" if cost in OWN_ACTIVITY else options[WHEN]
    return method, options[WHAT], activity, options[POUNDS]


def _activity(period: str) -> str:
    return period if period in (EARLY, LATE) else "own"


def _counts(pathway: pd.DataFrame, period: str) -> tuple[Counts, tuple[str, ...]]:
    names = (BASE, FINISHED, UNSCORED, ENTERED, *DIMENSIONS[WHAT].values())
    held = [name for name in (*names, LEFT) if _has(pathway, name, period)]
    rows = {name: pick(pathway, name, period) for name in held}
    value = {name: float(row["value"]) for name, row in rows.items()}
    counts = Counts(
        base=value[BASE],
        finished=value[FINISHED],
        unscored=value[UNSCORED],
        entered=value[ENTERED],
        left=value.get(LEFT, value[ENTERED] - value[FINISHED]),
        reached={one: value[one] for one in DIMENSIONS[WHAT].values() if one in value},
    )
    return counts, tuple(one for row in rows.values() for one in row["obs"])


def _has(pathway: pd.DataFrame, measure: str, period: str) -> bool:
    return bool((pathway["measure"].eq(measure) & pathway["period"].eq(period)).any())
