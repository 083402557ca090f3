"""Simple intervals for counts: shares, rates, differences and ratios of shares.

England's counts are complete: nothing was sampled. An interval here speaks of the process behind
the counts (how far a share could have moved had the same service run again), not of sampling error,
and not of what was left unmeasured, which is nearly always larger.

Every function takes numbers or arrays (lists, NumPy arrays, Series) and returns an `Interval` of
plain floats or of arrays of the common shape. A missing count (NaN) gives a missing interval; an
impossible one is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.columns import refuse_level, refuse_shuffled

Array = npt.NDArray[np.float64]
Many = Sequence[float] | Array | pd.Series
Numbers = float | Many
T = TypeVar("T")
WHAT = "An interval cannot be made from these counts"
EXACT_BELOW = 10  # events under which Byar's approximation gives way to the exact Poisson limits


@dataclass(frozen=True)
class Interval(Generic[T]):
    """An estimate with its limits, `low <= value <= high`: floats, or arrays of one shape.

    It unpacks and counts as value, low, high.
    """

    value: T
    low: T
    high: T
    level: float = 0.95

    def __iter__(self) -> Iterator[T]:
        return iter((self.value, self.low, self.high))

    def __getitem__(self, place: int | slice) -> T | tuple[T, ...]:
        return (self.value, self.low, self.high)[place]

    def __len__(self) -> int:
        return 3

    def columns(self) -> dict[str, T]:
        """Value, low and high by name, for a row or the columns of a table."""
        return {"value": self.value, "low": self.low, "high": self.high}

    def times(self, factor: float) -> Interval[T]:
        """The same interval in another unit, such as 100 for per cent; a negative factor turns the limits round."""
        value, low, high = (part * factor for part in self)  # type: ignore[operator]
        low, high = (low, high) if factor >= 0 else (high, low)
        return Interval(value, low, high, self.level)  # type: ignore[arg-type]

    def summary(self, digits: int = 3) -> str:
        """Value and limits, one line for each estimate."""
        return "\n".join(
            f"{value:.{digits}g} ({self.level:.0%} interval {low:.{digits}g} to {high:.{digits}g})"
            for value, low, high in zip(*(np.ravel(np.asarray(part)) for part in self), strict=True)
        )

    @property
    def percent(self) -> Interval[T]:
        """A share as per cent, a difference of shares as percentage points."""
        return self.times(100.0)


@overload
def proportion_interval(events: float, n: float, *, level: float = ...) -> Interval[float]: ...
@overload
def proportion_interval(events: Many, n: Numbers, *, level: float = ...) -> Interval[Array]: ...
@overload
def proportion_interval(events: float, n: Many, *, level: float = ...) -> Interval[Array]: ...
def proportion_interval(events: Numbers, n: Numbers, *, level: float = 0.95) -> Interval:
    """A share of n with its Wilson score interval (Wilson 1927; `statsmodels.proportion_confint`).

    Args:
        events: how many of `n`; n: how many in all; both counts, above nought for `n`.

    Returns:
        Shares between 0 and 1.

    Raises:
        MethodError: a count is negative or infinite, n is nought, or events exceed n.
    """
    refuse_level(level)
    x, size = _arrays(events=events, n=n)
    _refuse_shares(x, size)
    low, high = (
        np.asarray(end, dtype=float)
        for end in proportion_confint(x, size, alpha=1 - level, method="wilson")
    )
    value = x / size
    return _interval(value, np.clip(low, 0.0, value), np.clip(high, value, 1.0), level)


@overload
def rate_interval(events: float, exposure: float, *, level: float = ...) -> Interval[float]: ...
@overload
def rate_interval(events: Many, exposure: Numbers, *, level: float = ...) -> Interval[Array]: ...
@overload
def rate_interval(events: float, exposure: Many, *, level: float = ...) -> Interval[Array]: ...
def rate_interval(events: Numbers, exposure: Numbers, *, level: float = 0.95) -> Interval:
    """Events per unit of exposure with Byar's limits (Breslow and Day 1987).

    Below ten events the exact Poisson limits stand instead, as is usual in public health.

    Args:
        events: counts; exposure: population, person-years or the like, above nought.

    Returns:
        Rates per one unit of exposure; multiply with `.times(100_000)`.

    Raises:
        MethodError: a count is negative or infinite, or an exposure is not above nought.
    """
    refuse_level(level)
    x, base = _arrays(events=events, exposure=exposure)
    _refuse("events", x, x < 0, "counts of nought or more")
    _refuse("exposure", base, base <= 0, "exposures above nought")
    low, high = _poisson_limits(x, level)
    return _interval(x / base, low / base, high / base, level)


@overload
def difference(
    events: float, n: float, events_0: float, n_0: float, *, level: float = ...
) -> Interval[float]: ...
@overload
def difference(
    events: Many, n: Numbers, events_0: Numbers, n_0: Numbers, *, level: float = ...
) -> Interval[Array]: ...
def difference(
    events: Numbers, n: Numbers, events_0: Numbers, n_0: Numbers, *, level: float = 0.95
) -> Interval:
    """First share less second share, separate groups: Newcombe's interval (1998, method 10).

    Returns:
        Differences between -1 and 1.

    Raises:
        MethodError: as `proportion_interval`.
    """
    refuse_level(level)
    x, size, x_0, size_0 = _arrays(events=events, n=n, events_0=events_0, n_0=n_0)
    first, second = (
        proportion_interval(x, size, level=level),
        proportion_interval(x_0, size_0, level=level),
    )
    gap = first.value - second.value
    low = gap - np.hypot(first.value - first.low, second.high - second.value)
    high = gap + np.hypot(first.high - first.value, second.value - second.low)
    return _interval(gap, low, high, level)


@overload
def ratio(
    events: float, n: float, events_0: float, n_0: float, *, level: float = ...
) -> Interval[float]: ...
@overload
def ratio(
    events: Many, n: Numbers, events_0: Numbers, n_0: Numbers, *, level: float = ...
) -> Interval[Array]: ...
def ratio(
    events: Numbers, n: Numbers, events_0: Numbers, n_0: Numbers, *, level: float = 0.95
) -> Interval:
    """First share over second share, two separate groups, with the log interval of Katz (1978).

    Returns:
        Ratios above 0.

    Raises:
        MethodError: as `proportion_interval`, and where a group has no event: no such interval exists then.
    """
    refuse_level(level)
    x, size, x_0, size_0 = _arrays(events=events, n=n, events_0=events_0, n_0=n_0)
    _refuse_shares(x, size)
    _refuse_shares(x_0, size_0)
    _refuse("events", np.fmin(x, x_0), (x == 0) | (x_0 == 0), "at least one event in each group")
    value = (x / size) / (x_0 / size_0)
    spread = _z(level) * np.sqrt(1 / x - 1 / size + 1 / x_0 - 1 / size_0)
    return _interval(value, value * np.exp(-spread), value * np.exp(spread), level)


def _poisson_limits(x: Array, level: float) -> tuple[Array, Array]:
    z, tail = _z(level), (1 - level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        byar_low = x * (1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3
    byar_high = (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * np.sqrt(x + 1))) ** 3
    exact_low = np.where(x == 0, 0.0, stats.chi2.ppf(tail, 2 * x) / 2)
    exact_high = stats.chi2.ppf(1 - tail, 2 * (x + 1)) / 2
    few = x < EXACT_BELOW
    return np.where(few, exact_low, byar_low), np.where(few, exact_high, byar_high)


def _z(level: float) -> float:
    return float(stats.norm.ppf(0.5 + level / 2))


def _arrays(**numbers: Numbers) -> list[Array]:
    """The numbers as floats of one shape; a missing one is NaN."""
    refuse_shuffled(numbers, WHAT)
    read = []
    for name, given in numbers.items():
        try:
            read.append(np.asarray(np.nan if given is pd.NA else given, dtype=float))
        except (TypeError, ValueError):
            found = repr(given)[:60]
            raise MethodError(
                WHAT, where=f"argument {name}", expected="numbers", found=found
            ) from None
    try:
        return [np.asarray(a, dtype=float) for a in np.broadcast_arrays(*read)]
    except ValueError:
        sizes = ", ".join(f"{name} {a.size}" for name, a in zip(numbers, read, strict=True))
        raise MethodError(
            WHAT,
            where=f"arguments {' and '.join(numbers)}",
            expected="as many of each",
            found=sizes,
        ) from None


def _refuse_shares(x: Array, size: Array) -> None:
    _refuse("n", size, size <= 0, "denominators above nought")
    _refuse("events", x, (x < 0) | (x > size), "counts between nought and n")


def _refuse(name: str, values: Array, bad: npt.NDArray[np.bool_], expected: str) -> None:
    wrong = np.asarray(bad | np.isinf(values))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise MethodError(
            WHAT,
            where=f"argument {name}, place {place + 1}",
            expected=expected,
            found=np.ravel(values)[place],
        )


def _interval(value: Array, low: Array, high: Array, level: float) -> Interval:
    if np.ndim(value) == 0:
        return Interval(float(value), float(low), float(high), level)
    return Interval(value, low, high, level)
