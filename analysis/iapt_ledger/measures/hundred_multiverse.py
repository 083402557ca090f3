"""Recoveries for 100,000 pounds under every combination of the choices that the figures held leave open.

The choices: what counts as an outcome, whose cost it is, over whom it is spread, the year of activity, what is assumed
of those whose outcome nobody knows, what would have come anyway, and the year whose pounds are meant. What comes
out counts choices that were declared; it is no probability. The figures that a document quotes are never among the
inputs; what follows from one of them is arithmetic on a claim and is kept apart.
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
NONE, LOWEST, HIGHEST, ALL = (
    "none of them",
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
        UNKNOWN: {one: one for one in (NONE, LOWEST, HIGHEST, ALL)},
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
        unscored: finishers without two scores; left: those who left after one treatment, 0 where not counted.
        reached: outcome to how many had it.
    """

    base: float
    finished: float
    unscored: float
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
        key=lambda labels: tuple(labels.values()),
        name="Outcomes for 100,000 pounds",
    )


def can_be(held: Held, options: Mapping[str, str]) -> bool:
    """Whether a combination makes sense and is held."""
    own = options[COST] in OWN_ACTIVITY
    if own and (options[WHEN] != EARLY or options[UNKNOWN] != NONE):
        return False
    if options[OVER] == "entered" and options[COST] != "treated":
        return False  # the other costs say whom they are of
    if options[WHAT] == IMPROVEMENT and options[ANYWAY] != NOTHING:
        return False  # no benchmark of improvement is held
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
        {**held.benchmarks, NONE: 0.0, ALL: 1.0},
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

    Those without a known outcome are finishers without two scores and, where they are counted, those who left after
    one treatment, who began at caseness as often as finishers. Taken off is a benchmark's share of those at caseness:
    of finishers where nobody else is counted as recovered, otherwise of all.
    """
    whole = counts.finished if outcome == IMPROVEMENT else counts.base
    left = counts.left * whole / counts.finished
    reached = counts.reached[outcome]
    more = shares[unknown] * (counts.unscored + left)
    off = 0.0
    if anyway != NOTHING:
        off = shares[anyway] * (counts.base + (0.0 if unknown == NONE else left))
    return max(0.0, reached + more - off) / reached


def _key(options: Mapping[str, str]) -> tuple[str, str, str, str]:
    cost = options[COST]
    method = f"treated_{options[OVER]}" if cost == "treated" else cost
    activity = "own" if cost in OWN_ACTIVITY else options[WHEN]
    return method, options[WHAT], activity, options[POUNDS]


def _activity(period: str) -> str:
    return period if period in (EARLY, LATE) else "own"


def _counts(pathway: pd.DataFrame, period: str) -> tuple[Counts, tuple[str, ...]]:
    names = (BASE, FINISHED, UNSCORED, *DIMENSIONS[WHAT].values())
    held = [name for name in (*names, LEFT) if _has(pathway, name, period)]
    rows = {name: pick(pathway, name, period) for name in held}
    value = {name: float(row["value"]) for name, row in rows.items()}
    counts = Counts(
        base=value[BASE],
        finished=value[FINISHED],
        unscored=value[UNSCORED],
        left=value.get(LEFT, 0.0),
        reached={one: value[one] for one in DIMENSIONS[WHAT].values() if one in value},
    )
    return counts, tuple(one for row in rows.values() for one in row["obs"])


def _has(pathway: pd.DataFrame, measure: str, period: str) -> bool:
    return bool((pathway["measure"].eq(measure) & pathway["period"].eq(period)).any())


def spread_by_option(found: Multiverse, obs: Sequence[str]) -> pd.DataFrame:
    """How the outcomes for 100,000 pounds spread with each option, over all combinations of the others.

    Returns:
        dimension and option in the order of influence and of the declaration, share (of the variance that lies between
        the options of the dimension, per cent), ways, low, q25, value (the middle), q75, high, obs.
    """
    values = found.table["value"].iloc[found.members["row"]].reset_index(drop=True)
    rows = [
        {
            "dimension": mover["dimension"],
            "option": option,
            "share": 100 * mover["share"],
            **_quantiles(values[found.members[mover["dimension"]].eq(option)]),
            "obs": tuple(obs),
        }
        for mover in found.influence.to_dict("records")
        for option in found.options[mover["dimension"]]
    ]
    return pd.DataFrame(rows)


def _quantiles(values: pd.Series) -> dict[str, float]:
    names = {"low": 0.0, "q25": 0.25, "value": 0.5, "q75": 0.75, "high": 1.0}
    return {"ways": len(values), **{n: float(values.quantile(q)) for n, q in names.items()}}


def of_the_time(found: Multiverse) -> pd.DataFrame:
    """The combinations that count recoveries on activity of the time, in pounds that are not of today."""
    table = found.table
    return table[
        table[WHAT].eq("recovery") & table[WHEN].eq("of the time") & table[POUNDS].ne(LATE)
    ]


def quoted_otherwise(
    quoted: Mapping[str, float],
    scored: float,
    rate: float,
    benchmarks: Mapping[str, float],
    older: float,
) -> pd.DataFrame:
    """What three quoted figures become under one assumption at a time: arithmetic on a claim, never evidence.

    Args:
        quoted: "iapt" and the services set beside it, to the figure that a document quotes.
        scored: share of their patients whom those services scored, if what two leaders of the programme write is
            right; the programme's rate counts those without a second score as not recovered already.
        rate: recovered of those at caseness in the programme, taken to be that of all three services.
        benchmarks: "as the lowest benchmark" and "as the highest" to the share that remits without the therapy.
        older: what a pound of the programme's years was in the years before it, where the other services' pounds are of
            those years.

    Returns:
        A row an assumption: reading, a column a service, first (whether the programme buys most).
    """
    others = [name for name in quoted if name != "iapt"]
    net = {name: 1 - share / rate for name, share in benchmarks.items()}
    factors: dict[str, tuple[float, float]] = {
        "as quoted": (1.0, 1.0),
        "unscored": (1.0, scored),
        "lowest": (net[LOWEST], net[LOWEST]),
        "highest": (net[HIGHEST], net[HIGHEST]),
        "older pounds": (1.0, older),
    }
    rows = []
    for reading, (own, other) in factors.items():
        become = {"iapt": quoted["iapt"] * own} | {n: quoted[n] * other for n in others}
        first = become["iapt"] >= max(become[n] for n in others)
        rows.append({"reading": reading, **become, "first": first})
    return pd.DataFrame(rows)
