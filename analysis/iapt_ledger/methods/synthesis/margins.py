"""Claims of no effect: what an interval supports, contradicts or leaves open, given a margin.

"Not significant" is not "no effect". A claim that nothing worth speaking of changed needs a margin, the smallest
effect that would matter, named beforehand with its reason. It is then supported only if the whole interval lies
inside the margin, contradicted only if the whole interval lies beyond it, and otherwise undecided.

Two conventions are met. Two one-sided tests, each at 5 per cent, amount to a 90 per cent interval inside the
margin (Schuirmann 1987; Lakens 2017). This project asks for a 95 per cent interval, tests at 2.5 per cent,
unless told otherwise: a claim of no effect is held to the same interval as a claim of an effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

from iapt_ledger.methods.base import Estimate, MethodError, printed
from iapt_ledger.methods.columns import number, refuse_level

SUPPORTED, CONTRADICTED, UNDECIDED = "supported", "contradicted", "undecided"
SCALES = ("difference", "ratio")
SKEW = 0.02  # of half a width: how far an estimate may lie from the middle of its limits, and still give its error
WHAT = "No equivalence can be judged"


class HasInterval(Protocol):
    """An estimate with its interval, such as `Estimate` and the results that delegate to one."""

    @property
    def value(self) -> float:
        """Point."""

    @property
    def low(self) -> float:
        """Lower limit."""

    @property
    def high(self) -> float:
        """Upper limit."""

    @property
    def level(self) -> float:
        """Level of the limits, a share."""


@dataclass(frozen=True)
class Equivalence:
    """A judged claim of no effect.

    Attributes:
        verdict: supported, contradicted or undecided.
        value, low, high, level: the estimate with the interval that was judged.
        p_value: the greater of two one-sided p-values, against an effect at or beyond the margin; None where
            no standard error can be recovered. Below half of what the level leaves, the claim is supported.
        margin: lower and upper end, on the scale of the estimate.
        statistics: distance of the estimate from each end in standard errors, (lower, upper).
        standard_error: on the scale of the test: of the logarithm for ratios; NaN where it cannot be recovered.
        scale: difference or ratio; name, unit: of the estimate.
    """

    verdict: str
    value: float
    low: float
    high: float
    level: float
    p_value: float | None
    margin: tuple[float, float]
    statistics: tuple[float, float]
    standard_error: float
    scale: str
    name: str
    unit: str

    def summary(self) -> str:
        """The verdict first, then what it rests on."""
        ends, limits = (
            " to ".join(printed(x, self.unit) for x in pair)
            for pair in (self.margin, (self.low, self.high))
        )
        text = (
            f"No {self.name[:1].lower()}{self.name[1:]} beyond the margin: {self.verdict}. Estimate "
            f"{printed(self.value, self.unit)} ({self.level:.0%} interval {limits}), margin {ends}"
        )
        if self.p_value is not None:
            p = self.p_value
            text += f", two one-sided tests p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}"
        return text + "."


def equivalence(
    estimate: HasInterval | Sequence[float],
    margin: float | Sequence[float],
    *,
    level: float = 0.95,
    scale: str | None = None,
    df: float | None = None,
) -> Equivalence:
    """Judge the claim that an effect is nothing, or too small to matter.

    Args:
        estimate: point, limits and their level, or three numbers (value, low, high) whose limits are of `level`; on the
            ratio scale the ratio itself, as `Estimate.ratio` gives it.
        margin: half-width m for the margin -m to m, or 1/m to m for ratios; or both ends, which must lie on
            either side of no effect. In the unit of the estimate, named before the data were seen.
        level: of the interval that is judged; 0.90 for the usual two one-sided tests at 5 per cent. Limits of
            another level are widened or narrowed by their standard error.
        scale: "difference" (no effect is 0) or "ratio" (no effect is 1); what the estimate says of itself unless given,
            and a difference where it says nothing.
        df: degrees of freedom of the t distribution behind the limits; normal without.

    Returns:
        The verdict. An end of the interval on an end of the margin leaves the claim undecided.

    Raises:
        MethodError: limits are missing or turned round, the margin is none, the level is no share, or limits
            that are not symmetric would have to be moved to another level.
    """
    estimate = _with_limits(estimate, level)
    scale = scale or ("ratio" if getattr(estimate, "scale", "") == "ratio" else "difference")
    _check(estimate, level, scale, df)
    ends = _margin(margin, scale)
    to = np.log if scale == "ratio" else np.asarray
    back = np.exp if scale == "ratio" else np.asarray
    point, low, high, lower, upper = (
        float(to(x)) for x in (estimate.value, estimate.low, estimate.high, *ends)
    )
    error = _error(point, low, high, _quantile(0.5 + estimate.level / 2, df))
    if abs(estimate.level - level) > 1e-12 and low < high:
        half = _half_width(estimate.level, level, error, df)
        low, high = point - half, point + half
    distances = ((point - lower) / error, (point - upper) / error)
    p_value = None if np.isnan(error) else max(_below(-distances[0], df), _below(distances[1], df))
    return Equivalence(
        _verdict(low, high, lower, upper),
        estimate.value,
        float(back(low)),
        float(back(high)),
        level,
        p_value,
        ends,
        distances,
        error,
        scale,
        str(getattr(estimate, "name", "effect")),
        str(getattr(estimate, "unit", "")),
    )


def _half_width(given: float, level: float, error: float, df: float | None) -> float:
    """Of the interval at another level than the limits were given at; only symmetric limits have an error."""
    if np.isnan(error):
        raise MethodError(
            WHAT, where="argument level", found=f"{given:.0%} limits that are not symmetric",
            expected=f"limits of {level:.0%}", fix=f"ask the method for an interval of level {level}",
        )  # fmt: skip
    return _quantile(0.5 + level / 2, df) * error


def _quantile(share: float, df: float | None) -> float:
    return float(special.ndtri(share) if df is None else special.stdtrit(df, share))


def _below(distance: float, df: float | None) -> float:
    return float(special.ndtr(distance) if df is None else special.stdtr(df, distance))


def _verdict(low: float, high: float, lower: float, upper: float) -> str:
    if lower < low and high < upper:
        return SUPPORTED
    return CONTRADICTED if high < lower or low > upper else UNDECIDED


def _error(point: float, low: float, high: float, quantile: float) -> float:
    """The standard error behind symmetric limits, else NaN."""
    half = (high - low) / 2
    symmetric = half > 0 and abs(point - (low + high) / 2) <= SKEW * half
    return half / quantile if symmetric else float("nan")


def _margin(margin: float | Sequence[float], scale: str) -> tuple[float, float]:
    nothing = 1.0 if scale == "ratio" else 0.0
    if np.ndim(margin) == 1:
        ends = tuple(number("margin", x, WHAT) for x in margin)  # type: ignore[union-attr]
    else:
        m = number("margin", margin, WHAT, expected="a number, or both ends")
        ends = (1 / m if m > 0 else np.nan, m) if scale == "ratio" else (-m, m)
    if len(ends) != 2 or not np.isfinite(ends).all() or not ends[0] < nothing < ends[1] or (
        scale == "ratio" and ends[0] <= 0
    ):  # fmt: skip
        raise MethodError(
            WHAT, where="argument margin", expected=f"an end on either side of {nothing:g}, no effect",
            found=margin, fix="name the smallest effect that would matter, in the unit of the estimate",
        )  # fmt: skip
    return ends[0], ends[1]


def _with_limits(estimate: HasInterval | Sequence[float], level: float) -> HasInterval:
    """The estimate, or three numbers as one."""
    refuse_level(level)
    if isinstance(estimate, tuple | list | np.ndarray) and len(estimate) == 3:
        value, low, high = (number("estimate", x, WHAT) for x in estimate)
        return Estimate("Effect", value, low, high, level)
    if all(hasattr(estimate, part) for part in ("value", "low", "high", "level")):
        for part in ("value", "low", "high"):
            number(f"estimate.{part}", getattr(estimate, part), WHAT)
        return estimate  # type: ignore[return-value]
    raise MethodError(
        WHAT, where="argument estimate", expected="an estimate with its interval, or (value, low, high)",
        found=repr(estimate), fix="a point without an interval supports no claim of no effect",
    )  # fmt: skip


def _check(estimate: HasInterval, level: float, scale: str, df: float | None) -> None:
    if scale not in SCALES:
        raise MethodError(WHAT, where="argument scale", found=repr(scale), choices=SCALES)
    refuse_level(estimate.level, "estimate.level")
    if df is not None and not df > 0:
        raise MethodError(WHAT, where="argument df", expected="a number above 0", found=df)
    numbers = (estimate.low, estimate.value, estimate.high)
    if not np.isfinite(numbers).all() or list(numbers) != sorted(numbers):
        raise MethodError(
            WHAT, where="argument estimate", expected="finite limits with the point between them",
            found=numbers, fix="a point without an interval supports no claim of no effect",
        )  # fmt: skip
    if scale == "ratio" and estimate.low <= 0:
        raise MethodError(
            WHAT, where="argument estimate", expected="ratios above 0", found=estimate.low,
            fix="give the ratio itself (Estimate.ratio), or judge the logarithm as a difference",
        )  # fmt: skip
