"""Declared inputs of a cost simulation: a point, how far it may lie from it, and where both come from.

An input is drawn through its quantile function from one stream of uniform numbers. So the same seed gives
the same draws whatever the kind of spread, and two simulations with one seed share their draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy import stats

from iapt_ledger.methods.base import MethodError, printed
from iapt_ledger.methods.columns import number

Array = npt.NDArray[np.float64]
GRID = 20_001  # points at which a mixture's interval is read


@dataclass(frozen=True)
class Uncertain:
    """One input of a simulation; made by the class methods, each of which names its kind of spread.

    Attributes:
        name: what it is, for the tornado.
        point: the value used when another input is moved.
        source: where the point and the spread come from, one line.
        kind: the spread in words.
        quantile: from shares between 0 and 1 to values.
        rising: whether the quantile function never falls, so that its ends are the interval.
    """

    name: str
    point: float
    source: str
    kind: str
    quantile: Callable[[Array], Array] = field(repr=False, compare=False)
    rising: bool = True

    def __post_init__(self) -> None:
        """Refuse an input without a source, or with a point that is no number."""
        if not self.source.strip():
            raise MethodError(
                "An input of a simulation needs its source",
                where=f"input {self.name!r}",
                expected="where the point and the spread come from",
                fix="name the source, or the judgement, in `source`",
            )
        _finite(self.name, "point", self.point)

    @classmethod
    def fixed(cls, name: str, point: float, source: str) -> Uncertain:
        """A value that is taken to be known."""
        _finite(name, "point", point)
        return cls(name, float(point), source, "fixed", lambda u: np.full_like(u, float(point)))

    @classmethod
    def uniform(
        cls, name: str, low: float, high: float, source: str, *, point: float | None = None
    ) -> Uncertain:
        """Anywhere between two ends, each value as likely; the point is the middle unless given."""
        _ordered(name, low=low, high=high)
        middle = (low + high) / 2 if point is None else point
        _inside(name, middle, low, high)
        kind = f"anywhere from {printed(low)} to {printed(high)}"
        return cls(name, float(middle), source, kind, _of(stats.uniform(low, high - low)))

    @classmethod
    def triangular(cls, name: str, low: float, point: float, high: float, source: str) -> Uncertain:
        """Between two ends, most likely at the point."""
        _ordered(name, low=low, high=high)
        _finite(name, "point", point)
        _inside(name, point, low, high)
        shape = stats.triang((point - low) / (high - low), low, high - low)
        kind = f"triangular from {printed(low)} to {printed(high)}"
        return cls(name, float(point), source, kind, _of(shape))

    @classmethod
    def share(cls, name: str, events: float, n: float, source: str) -> Uncertain:
        """A share of n known from its events: beta with Jeffreys' half added to either count."""
        _finite(name, "events", events)
        _finite(name, "n", n)
        if not 0 <= events <= n or n <= 0:
            raise MethodError(
                "These counts are no share",
                where=f"input {name!r}",
                expected="events from nought to n, n above nought",
                found=f"{events} of {n}",
            )
        kind = f"beta, {events:,.0f} of {n:,.0f}"
        shape = stats.beta(events + 0.5, n - events + 0.5)
        return cls(name, events / n, source, kind, _of(shape))

    @classmethod
    def gamma(cls, name: str, mean: float, sd: float, source: str) -> Uncertain:
        """A cost, never below nought, with this mean and standard deviation."""
        _above_nought(name, mean=mean, sd=sd)
        shape = stats.gamma((mean / sd) ** 2, scale=sd**2 / mean)
        return cls(name, float(mean), source, f"gamma, sd {printed(sd)}", _of(shape))

    @classmethod
    def normal(cls, name: str, mean: float, sd: float, source: str) -> Uncertain:
        """Normal with this mean and standard deviation."""
        _above_nought(name, sd=sd)
        return cls(
            name, float(mean), source, f"normal, sd {printed(sd)}", _of(stats.norm(mean, sd))
        )

    @classmethod
    def one_of(
        cls, name: str, values: Sequence[float], source: str, *, point: float | None = None
    ) -> Uncertain:
        """One of several published values, each as often: a spread of sources, not a probability.

        The point is the middle value (the lower of two) unless given.
        """
        held = np.sort(np.asarray(values, dtype=float))
        if held.size == 0:
            raise MethodError("No value is given", where=f"input {name!r}", expected="at least one")
        for place, value in enumerate(held, start=1):
            _finite(name, f"value {place}", value)
        middle = float(held[(held.size - 1) // 2]) if point is None else float(point)

        def quantile(u: Array) -> Array:
            return held[np.minimum((u * held.size).astype(int), held.size - 1)]

        return cls(name, middle, source, f"one of {held.size} values, each as often", quantile)

    @classmethod
    def any_of(
        cls, name: str, parts: Sequence[Uncertain], source: str, *, point: float | None = None
    ) -> Uncertain:
        """One of several spreads, each as often; the point is the first part's unless given."""
        if not parts:
            raise MethodError("No part is given", where=f"input {name!r}", expected="at least one")
        held = tuple(parts)

        def quantile(u: Array) -> Array:
            scaled = u * len(held)
            which = np.minimum(scaled.astype(int), len(held) - 1)
            found = np.empty_like(u)
            for place, part in enumerate(held):
                chosen = which == place
                found[chosen] = part.quantile(inside_open(scaled[chosen] - place))
            return found

        kind = f"one of {len(held)} ways, each as often"
        middle = held[0].point if point is None else float(point)
        return cls(name, middle, source, kind, quantile, rising=False)

    @classmethod
    def like(
        cls, name: str, distribution: Any, source: str, *, point: float | None = None
    ) -> Uncertain:
        """Any frozen distribution of scipy.stats; the point is its mean unless given."""
        if not hasattr(distribution, "ppf"):
            raise MethodError(
                "This is no distribution",
                where=f"input {name!r}",
                expected="a frozen distribution of scipy.stats, such as stats.lognorm(0.2)",
                found=repr(distribution),
            )
        middle = float(distribution.mean()) if point is None else float(point)
        kind = getattr(getattr(distribution, "dist", None), "name", "distribution")
        return cls(name, middle, source, str(kind), _of(distribution))

    def interval(self, level: float) -> tuple[float, float]:
        """The central `level` of its values; its lowest and highest where it has few."""
        ends = np.array([(1 - level) / 2, (1 + level) / 2])
        if self.rising:
            low, high = self.quantile(ends)
        else:
            values = self.quantile((np.arange(GRID) + 0.5) / GRID)
            low, high = np.quantile(values, ends, method="inverted_cdf")
        return float(low), float(high)

    def drawn(self, draws: int, seed: int, stream: int) -> Array:
        """So many values from a stream of its own: one input more changes no other's draws."""
        uniform = np.random.default_rng([seed, stream]).random(draws)
        return np.asarray(self.quantile(inside_open(uniform)), dtype=float)


def inside_open(shares: Array) -> Array:
    """Shares kept off 0 and 1, where an unbounded spread has no value."""
    return np.clip(shares, 2.0**-54, 1 - 2.0**-53)


def _of(distribution: Any) -> Callable[[Array], Array]:
    return cast(Callable[[Array], Array], distribution.ppf)


def _finite(name: str, what: str, value: float) -> None:
    fault = "An input of a simulation is not a number"
    if not np.isfinite(number(f"{what} of {name!r}", value, fault)):
        raise MethodError(
            fault,
            where=f"input {name!r}, {what}",
            expected="a finite number",
            found=value,
        )


def _ordered(name: str, *, low: float, high: float) -> None:
    _finite(name, "low", low)
    _finite(name, "high", high)
    if low >= high:
        raise MethodError(
            "A range has its ends the wrong way round, or no width",
            where=f"input {name!r}",
            expected="low below high",
            found=f"{low} to {high}",
            fix="swap the ends, or use Uncertain.fixed for a known value",
        )


def _inside(name: str, point: float, low: float, high: float) -> None:
    if not low <= point <= high:
        raise MethodError(
            "A point lies outside its own range",
            where=f"input {name!r}",
            expected=f"from {low} to {high}",
            found=point,
        )


def _above_nought(name: str, **numbers: float) -> None:
    for what, value in numbers.items():
        _finite(name, what, value)
        if value <= 0:
            raise MethodError(
                f"The {what} of this spread must lie above nought",
                where=f"input {name!r}",
                expected="above nought",
                found=value,
            )
