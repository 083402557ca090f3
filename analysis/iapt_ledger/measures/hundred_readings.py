"""What is read off every way to reckon recoveries for 100,000 pounds: what moves them, and what quoted figures become.

The figures that a document quotes are no inputs of the combinations; what follows from one of them by one assumption
is arithmetic on a claim, kept apart, and never evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from iapt_ledger.measures.hundred_multiverse import (
    ANYWAY,
    COST,
    HIGHEST,
    IMPROVEMENT,
    LATE,
    LOWEST,
    NOTHING,
    POUNDS,
    PUBLISHED,
    RECOVERY,
    UNKNOWN,
    WHAT,
    WHEN,
    Counts,
)
from iapt_ledger.methods.synthesis.multiverses_result import Multiverse

ITSELF = "iapt"
"""The programme's name among the quoted figures; the others are of services that are set beside it."""


def values_of(found: Multiverse) -> pd.Series:
    """The outcomes of every allowed combination, in the order of `found.members`."""
    return found.table["value"].iloc[found.members["row"]].reset_index(drop=True)


def like_with_like(found: Multiverse) -> pd.Series:
    """Per cent of all variation that is left when every choice but one is held: how much that one choice moves.

    Only combinations that are alike in all else are compared, so a choice gains nothing from the company that a
    constraint keeps it in. Choices that matter together are counted under each, so the shares may add up to more than
    a hundred. On a full grid without such interplay they are the usual shares of the variance.

    Returns:
        By dimension, the strongest first; nought throughout where nothing varies.
    """
    values, members = values_of(found), found.members.drop(columns="row")
    total = float(((values - values.mean()) ** 2).sum())
    shares = {}
    for dimension in found.options:
        rest = members.drop(columns=dimension)
        alike = values.groupby([rest[name] for name in rest]) if rest.shape[1] else None
        means = values.mean() if alike is None else alike.transform("mean")
        within = float(((values - means) ** 2).sum())
        shares[dimension] = 100 * within / total if total > 0 else 0.0
    return pd.Series(shares).sort_values(ascending=False, kind="stable")


def spread_by_option(found: Multiverse, obs: Sequence[str]) -> pd.DataFrame:
    """How the outcomes for 100,000 pounds spread with each option, over all combinations of the others.

    Returns:
        dimension and option in the order of `like_with_like` and of the declaration, share (see there), ways, low,
        q25, value (the middle), q75, high, obs.
    """
    values = values_of(found)
    rows = [
        {
            "dimension": dimension,
            "option": option,
            "share": share,
            **_quantiles(values[found.members[dimension].eq(option)]),
            "obs": tuple(obs),
        }
        for dimension, share in like_with_like(found).items()
        for option in found.options[str(dimension)]
    ]
    return pd.DataFrame(rows)


def _quantiles(values: pd.Series) -> dict[str, float]:
    names = {"low": 0.0, "q25": 0.25, "value": 0.5, "q75": 0.75, "high": 1.0}
    return {"ways": len(values), **{n: float(values.quantile(q)) for n, q in names.items()}}


def one_at_a_time(found: Multiverse) -> pd.DataFrame:
    """What each choice does by itself: all else as in the base, the combination of the first options.

    A choice that the first cost leaves no room for is read at the first cost that does.

    Returns:
        A row an option that is held: dimension, option, value, low and high (what the cost leaves open), and cost
        (at which it is read).
    """
    parts = []
    for dimension in found.options:
        for cost in found.options[COST]:
            alone = _alone(found, dimension, cost)
            if len(alone) > 1 or dimension == COST:
                parts.append(alone.assign(dimension=dimension, cost=cost))
                break
    every = pd.concat(parts, ignore_index=True)
    return every[["dimension", "option", "value", "low", "high", "cost"]]


def _alone(found: Multiverse, dimension: str, cost: str) -> pd.DataFrame:
    """The options of a dimension, all else as in the base but for the cost, in the order of the declaration."""
    first = {name: labels[0] for name, labels in found.options.items()} | {COST: cost}
    same = np.ones(len(found.members), dtype=bool)
    for name, label in first.items():
        if name != dimension:
            same &= found.members[name].eq(label).to_numpy()
    held = found.members[same]
    rows = found.table.iloc[held["row"]][["value", "low", "high"]].reset_index(drop=True)
    return rows.assign(option=held[dimension].to_numpy())


def of_the_time(found: Multiverse) -> pd.DataFrame:
    """The combinations that count recoveries on activity of the time, in pounds that are not of today."""
    table = found.table
    return table[
        table[WHAT].eq("recovery") & table[WHEN].eq("of the time") & table[POUNDS].ne(LATE)
    ]


def as_counted(ways: pd.DataFrame) -> pd.DataFrame:
    """Of these combinations those that count recoveries as the programme publishes them, with nothing taken off."""
    return ways[ways[UNKNOWN].eq(PUBLISHED) & ways[ANYWAY].eq(NOTHING)]


def quoted_otherwise(
    quoted: Mapping[str, float],
    scored: float,
    counts: Counts,
    benchmarks: Mapping[str, float],
    older: float,
    costs: tuple[float, float],
) -> pd.DataFrame:
    """What quoted figures become under one assumption at a time: arithmetic on a claim, never evidence.

    Args:
        quoted: "iapt" and the services set beside it, to the figure that a document quotes.
        scored: share of their patients whom those services scored, if what two leaders of the programme write is
            right; the programme's rate counts those without a second score as not recovered already.
        counts: of the programme; its rate of recovery is taken to be that of all three services.
        benchmarks: "as the lowest benchmark" and "as the highest" to the share that remits without the therapy.
        older: what a pound of the programme's years was in the years before it, where the other services' pounds are of
            those years.
        costs: recoveries of the programme at the dearest and at the cheapest cost of the time, in place of its figure.

    Returns:
        A row an assumption: reading, a column a service, survives (which of the others still buy more than the
        programme; see `surviving`).
    """
    rows = []
    for reading, (programme, other) in _factors(scored, counts, benchmarks, older).items():
        become = {n: v * (programme if n == ITSELF else other) for n, v in quoted.items()}
        rows.append({"reading": reading, **become, "survives": surviving(become)})
    for reading, instead in zip(("dearest", "cheapest"), costs, strict=True):
        become = {**quoted, ITSELF: instead}
        rows.append({"reading": reading, **become, "survives": surviving(become)})
    return pd.DataFrame(rows)


def _factors(
    scored: float, counts: Counts, benchmarks: Mapping[str, float], older: float
) -> dict[str, tuple[float, float]]:
    """Assumption to what it does to the programme's figure, and to the others'."""
    rate = counts.reached[RECOVERY] / counts.base
    net = {name: max(0.0, 1 - share / rate) for name, share in benchmarks.items()}
    return {
        "as quoted": (1.0, 1.0),
        "improvement": (counts.reached[IMPROVEMENT] / counts.reached[RECOVERY], 1.0),
        "finishers money": (counts.entered / counts.finished, 1.0),
        "scored alone": (counts.base / (counts.base - counts.unscored), 1.0),
        "unscored": (1.0, scored),
        "lowest": (net[LOWEST], net[LOWEST]),
        "highest": (net[HIGHEST], net[HIGHEST]),
        "older pounds": (1.0, older),
    }


def surviving(figures: Mapping[str, float]) -> str:
    """Which services still buy more than the programme: "all", "none", or their names."""
    others = [name for name in figures if name != ITSELF]
    above = [name for name in others if figures[name] > figures[ITSELF]]
    if len(above) == len(others):
        return "all"
    return ", ".join(above) or "none"


def unknown_needed(counts: Counts, bought: float, target: float) -> float:
    """Per cent of those without a known outcome who must have recovered for a figure to reach another.

    Args:
        counts: of the year; bought: recoveries for 100,000 pounds as counted, none of the unknown among them.
        target: the figure to reach. More than a hundred means that it cannot be reached.
    """
    left = counts.left * counts.base / counts.finished
    return 100 * counts.reached[RECOVERY] * (target / bought - 1) / (counts.unscored + left)


def every_way(found: Multiverse) -> pd.DataFrame:
    """Every allowed combination with what it gives, for readers who make the choices themselves.

    Returns:
        A column for each choice, `way` (combinations that amount to the same have one number), and outcomes for
        100,000 pounds: value, low and high, what the price year of the cost leaves open.
    """
    given = found.table.iloc[found.members["row"]][["value", "low", "high"]]
    choices = found.members.drop(columns="row")
    return choices.assign(way=found.members["row"], **given.reset_index(drop=True))
