"""Bounds on a share where some outcomes are not known: what the known ones prove without an assumption.

With nothing assumed about those missing, the share lies between what it is if none of them had the outcome
and what it is if all had it (Manski 1989; Horowitz and Manski 2000). No number of people narrows that range: only
fewer missing outcomes do. Sampling error comes on top, and is usually the smaller part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from scipy import optimize, special

from iapt_ledger.methods.base import Estimate, MethodError
from iapt_ledger.methods.columns import number, refuse_level
from iapt_ledger.methods.costs.missing_outcomes_result import Gap, MissingOutcomes, Scenario
from iapt_ledger.methods.intervals import difference, proportion_interval

__all__ = [
    "Gap",
    "MissingOutcomes",
    "Scenario",
    "critical_value",
    "identified_interval",
    "missing_outcome_bounds",
]


def missing_outcome_bounds(
    events: float,
    observed: float,
    total: float,
    *,
    benchmark: float | Sequence[float] | None = None,
    comparators: Mapping[str, tuple[float, float, float]] | None = None,
    name: str = "programme",
    level: float = 0.95,
) -> MissingOutcomes:
    """Worst, benchmark, missing-at-random and best share, for a service and its comparators alike.

    Args:
        events: with the outcome, of those observed; observed: whose outcome is known; total: all of them.
        benchmark: rate or rates between 0 and 1 at which the missing may have had the outcome.
        comparators: name to (events, observed, total); they get the same benchmarks.
        name: whose share. level: of all intervals.

    Raises:
        MethodError: counts that are negative, not finite or not nested, no outcome observed, or a benchmark or
            level out of range.
    """
    refuse_level(level)
    rates = _rates(benchmark)
    own = _one(name, events, observed, total, rates, level)
    others = {
        other: _one(other, *_three(other, counts), rates, level)
        for other, counts in (comparators or {}).items()
    }
    gaps = {other: _gap(own, bounds, level) for other, bounds in others.items()}
    return replace(own, gaps=MappingProxyType(gaps), comparators=MappingProxyType(others))


def identified_interval(
    low: float, high: float, n: float, *, level: float = 0.95
) -> tuple[float, float]:
    """An interval that covers the true share with the stated probability wherever it lies in a range.

    Imbens and Manski (2004): the critical value falls from the two-sided to the one-sided one as the range
    widens against its sampling error. The limits are Wilson's at that critical value, so that an end at nought
    or one has an error too and a range of no width gives Wilson's interval.

    Args:
        low, high: ends of the range, shares of n.
    """
    z = critical_value(high - low, max(_error(low, n), _error(high, n)), level)
    return _wilson(low, n, z)[0], _wilson(high, n, z)[1]


def critical_value(width: float, error: float, level: float = 0.95) -> float:
    """Imbens and Manski's critical value for a range of this width, `error` the larger standard error of its ends."""
    one_sided, two_sided = (-float(special.ndtri(tail)) for tail in (1 - level, (1 - level) / 2))
    if error <= 0:
        return one_sided if width > 0 else two_sided
    wide = width / error

    def short(c: float) -> float:
        return float(special.ndtr(c + wide) - special.ndtr(-c) - level)

    if short(one_sided) >= 0:  # so wide a range that the far end adds nothing
        return one_sided
    return float(optimize.brentq(short, one_sided, two_sided + 1e-9, xtol=1e-12))


def _one(
    name: str, events: float, observed: float, total: float, rates: Sequence[float], level: float
) -> MissingOutcomes:
    _refuse(name, events, observed, total)
    missing = total - observed
    worst = _scenario("none of the missing", events, total, level)
    best = _scenario("all of the missing", events + missing, total, level)
    ends = worst.share.value, best.share.value
    return MissingOutcomes(
        name,
        events,
        observed,
        total,
        worst,
        _scenario("as often as those observed", events, observed, level),
        best,
        tuple(_scenario(f"benchmark, {r:.0%}", events + r * missing, total, level) for r in rates),
        identified_interval(*ends, total, level=level),
        MappingProxyType({}),
        MappingProxyType({}),
        level,
    )


def _gap(first: MissingOutcomes, second: MissingOutcomes, level: float) -> Gap:
    name = f"{first.name} less {second.name}"
    l_1, u_1 = first.worst.share.value, first.best.share.value
    l_0, u_0 = second.worst.share.value, second.best.share.value
    errors = (
        np.hypot(_error(l_1, first.total), _error(u_0, second.total)),
        np.hypot(_error(u_1, first.total), _error(l_0, second.total)),
    )
    z = critical_value((u_1 - l_0) - (l_1 - u_0), float(max(errors)), level)
    # Newcombe's square-and-add rule at either end of the range
    down = np.hypot(l_1 - _wilson(l_1, first.total, z)[0], _wilson(u_0, second.total, z)[1] - u_0)
    up = np.hypot(_wilson(u_1, first.total, z)[1] - u_1, l_0 - _wilson(l_0, second.total, z)[0])
    plain = difference(first.events, first.observed, second.events, second.observed, level=level)
    words = f"{level:.0%} Newcombe interval"
    at_random = Estimate(
        f"{name}, missing at random", plain.value, plain.low, plain.high, level, interval=words
    )
    interval = (float(l_1 - u_0 - down), float(u_1 - l_0 + up))
    return Gap(name, l_1 - u_0, u_1 - l_0, at_random, interval)


def _scenario(name: str, events: float, n: float, level: float) -> Scenario:
    value, low, high = proportion_interval(events, n, level=level)
    words = f"{level:.0%} Wilson interval"
    return Scenario(name, events, n, Estimate(name, value, low, high, level, interval=words))


def _wilson(share: float, n: float, z: float) -> tuple[float, float]:
    level = float(1 - 2 * special.ndtr(-z))
    _, low, high = proportion_interval(min(share * n, n), n, level=level)
    return low, high


def _error(share: float, n: float) -> float:
    return float(np.sqrt(max(share * (1 - share), 0.0) / n))


def _three(name: str, counts: Sequence[float]) -> tuple[float, float, float]:
    if np.ndim(counts) != 1 or len(counts) != 3:
        raise MethodError(
            "A comparator has three counts", where=f"argument comparators, {name}",
            expected="(events, observed, total)", found=counts,
        )  # fmt: skip
    return counts[0], counts[1], counts[2]


def _rates(benchmark: float | Sequence[float] | None) -> list[float]:
    rates = [] if benchmark is None else np.ravel(np.asarray(benchmark, dtype=float)).tolist()
    for place, rate in enumerate(rates, start=1):
        if not 0 <= rate <= 1:
            raise MethodError(
                "A benchmark is a share",
                where=f"argument benchmark, place {place}",
                expected="from 0 to 1",
                found=rate,
                fix="divide a percentage by 100",
            )
    return rates


def _refuse(name: str, events: float, observed: float, total: float) -> None:
    counts = {"events": events, "observed": observed, "total": total}
    for what, count in counts.items():
        known = number(f"{what} of {name}", count, "A count is not a count", expected="one number")
        if not (np.isfinite(known) and known >= 0):
            raise MethodError(
                "A count is not a count",
                where=f"{what} of {name}",
                expected="nought or more",
                found=count,
            )
    if not events <= observed <= total:
        raise MethodError(
            "These counts are not nested",
            where=name,
            expected="events <= observed <= total",
            found=f"{events:g}, {observed:g}, {total:g}",
        )
    if observed == 0:
        raise MethodError(
            "No outcome is observed",
            where=f"observed of {name}",
            expected="at least one",
            found=0,
            fix="leave it out: without an outcome the share lies between nought and one",
        )
