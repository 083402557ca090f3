"""Cost per outcome by simulation over declared inputs, with and without what would have come anyway.

A *simulation interval* holds the central share of the draws. It says how far the answer moves when the
stated inputs move as stated; it is no confidence interval, and an input left out widens nothing.

Probabilistic sensitivity analysis as in Briggs, Claxton and Sculpher (2006, chapter 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.columns import number, refuse_level
from iapt_ledger.methods.costs.cost_simulation_inputs import Array, Uncertain
from iapt_ledger.methods.costs.cost_simulation_normal import NormalIncremental
from iapt_ledger.methods.costs.cost_simulation_plane import THRESHOLDS, Incremental, incremental
from iapt_ledger.methods.costs.cost_simulation_result import (
    ROLES,
    CostPerOutcome,
    Swing,
    each_of,
    estimate_of,
    totals_of,
)

__all__ = [
    "THRESHOLDS",
    "CostPerOutcome",
    "Incremental",
    "NormalIncremental",
    "Swing",
    "Uncertain",
    "cost_per_outcome",
    "incremental",
]
DRAWS = 10_000
FEWEST = 200  # draws under which the ends of a 95% interval are a handful of values


def cost_per_outcome(
    unit_cost: Uncertain,
    activity: Uncertain,
    success: Uncertain,
    *,
    people: Uncertain | None = None,
    price: Uncertain | None = None,
    without: Uncertain | None = None,
    outcome: str = "outcome",
    draws: int = DRAWS,
    seed: int = 1,
    level: float = 0.95,
) -> CostPerOutcome:
    """Simulate money over outcomes: unit cost x price x activity, over success x people.

    Args:
        unit_cost: pounds for one unit of activity, in its own prices.
        activity: units that the cost is of, such as finished courses or attended sessions.
        success: share of `people` with the outcome.
        people: those who can have the outcome; the units of activity unless given, draw by draw.
        price: factor to the prices of one year; 1 unless given.
        without: attribution, the share of `people` who would have had the outcome without the service. It is
            subtracted from `success` in every draw, independently of it.
        outcome: its name, for the words. draws: at least 200. seed: of the random numbers. level: of the interval.

    Raises:
        MethodError: an input is a plain number, without spread and source; a draw lies outside what its input can be
            (a share beyond 0 to 1, a negative cost, no activity), the points leave no outcome, or there are too
            few draws.
    """
    _check(draws, level)
    given = {
        "unit_cost": unit_cost,
        "activity": activity,
        "success": success,
        "people": people,
        "price": price,
        "without": without,
    }
    inputs = {role: one for role, one in given.items() if one is not None}
    _refuse_undeclared(inputs)
    draws = int(draws)
    sample = {r: one.drawn(draws, seed, ROLES.index(r)) for r, one in inputs.items()}
    points = {r: np.array([one.point]) for r, one in inputs.items()}
    for role, one in inputs.items():
        _refuse(role, one, np.append(sample[role], points[role]))
    totals, at_points = totals_of(sample), totals_of(points)
    if at_points["outcomes"][0] <= 0:
        raise MethodError(
            "The points leave no outcome to cost",
            where=f"input {success.name!r}",
            expected="a success rate above nought",
            found=success.point,
        )
    return _result(inputs, totals, at_points, outcome, draws, seed, level)


def _result(
    inputs: Mapping[str, Uncertain],
    totals: Mapping[str, Array],
    points: Mapping[str, Array],
    outcome: str,
    draws: int,
    seed: int,
    level: float,
) -> CostPerOutcome:
    bill, value = totals["bill"], float(points["bill"][0])
    gross = estimate_of(
        f"Cost per {outcome}",
        value / float(points["outcomes"][0]),
        each_of(bill, totals["outcomes"]),
        level,
        "GBP",
    )
    net, none_left = None, 0.0
    if "net_outcomes" in totals:
        left, none_left = totals["net_outcomes"], float(np.mean(totals["net_outcomes"] <= 0))
        at_point = float(each_of(points["bill"], points["net_outcomes"])[0])
        net = estimate_of(f"Cost per net {outcome}", at_point, each_of(bill, left), level, "GBP")
    return CostPerOutcome(
        gross,
        net,
        none_left,
        estimate_of("Total cost", value, bill, level, "GBP"),
        estimate_of("Outcomes", float(points["outcomes"][0]), totals["outcomes"], level),
        MappingProxyType(dict(inputs)),
        level,
        draws,
        seed,
        MappingProxyType(dict(totals)),
    )


def _refuse_undeclared(inputs: Mapping[str, object]) -> None:
    for role, one in inputs.items():
        if not isinstance(one, Uncertain):
            raise MethodError(
                "An input of a simulation is declared with its spread and its source",
                where=f"argument {role}",
                expected="an Uncertain",
                found=repr(one),
                fix="say Uncertain.fixed(name, number, source) for one that is taken to be known",
            )


def _check(draws: int, level: float) -> None:
    whole = number("draws", draws, "Draws are counted")
    if not whole >= FEWEST or whole != int(whole):
        raise MethodError(
            "Too few draws for an interval",
            where="argument draws",
            expected=f"a whole number, {FEWEST} or more",
            found=draws,
        )
    refuse_level(level)


_BOUNDS = {"success": (0.0, 1.0), "without": (0.0, 1.0), "unit_cost": (0.0, np.inf)}


def _refuse(role: str, one: Uncertain, values: Array) -> None:
    low, high = _BOUNDS.get(role, (0.0, np.inf))
    bad = ~np.isfinite(values) | (values < low) | (values > high)
    if role in ("activity", "people", "price"):
        bad |= values <= 0
    if bad.any():
        share = role in ("success", "without")
        raise MethodError(
            "An input takes a value that it cannot have",
            where=f"argument {role}, input {one.name!r}, draw {int(np.flatnonzero(bad)[0]) + 1}",
            expected="a share from 0 to 1" if share else "a number above nought",
            found=float(values[bad][0]),
            fix="use a spread that stays there: beta for a share, gamma for a cost",
        )
