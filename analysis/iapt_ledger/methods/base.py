"""What all methods share: an estimate with its interval, and the error of an input that cannot be used."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from iapt_ledger.errors import LedgerError
from iapt_ledger.numbers import MINUS, PLAIN_UNITS, format_value

Scale = Literal["", "difference", "log", "ratio"]


class MethodError(LedgerError, ValueError):
    """An input that a method cannot use: says column, row and remedy. Never a warning and a number."""


@dataclass(frozen=True)
class Estimate:
    """One estimated quantity.

    Attributes:
        name: what it is, in words that can begin a sentence.
        value, low, high: point and interval, in `unit`; limits are NaN where none can be given.
        level: the confidence level of the interval, a share.
        p_value: two-sided, against no difference; None where it does not apply.
        unit: "" for a plain number, "percent", "percentage points", "GBP" and so on.
        interval: what the limits are, such as "95% Wald interval"; where there are none, why: "no interval: ...".
        scale: what the quantity is: a difference (none is 0), the logarithm of a ratio (none is 0) or a ratio
            (none is 1); "" where the method does not say.
    """

    name: str
    value: float
    low: float
    high: float
    level: float = 0.95
    p_value: float | None = None
    unit: str = ""
    interval: str = ""
    scale: Scale = ""

    @property
    def ratio(self) -> Estimate:
        """The exponential of an estimate on the log scale, with its interval.

        Raises:
            MethodError: the estimate is known to be a ratio already, or no logarithm.
        """
        if self.scale in ("ratio", "difference"):
            raise MethodError(
                "This is already a ratio" if self.scale == "ratio" else "This is no logarithm",
                where=f"estimate {self.name!r}",
                expected="an estimate on the log scale, such as a family of counts gives",
                fix="use its value, low and high as they are",
            )
        with np.errstate(over="ignore"):  # a limit too large for a number is infinite
            low, value, high = (float(np.exp(part)) for part in (self.low, self.value, self.high))
        name = f"{self.name}, as a ratio"
        return replace(self, name=name, value=value, low=low, high=high, scale="ratio")

    def times(self, factor: float, unit: str = "") -> Estimate:
        """The same estimate in another unit; a negative factor turns the limits round."""
        low, high = sorted((self.low * factor, self.high * factor))
        return replace(self, value=self.value * factor, low=low, high=high, unit=unit or self.unit)

    def summary(self) -> str:
        """One line for people: what, point, interval, p-value."""
        text = f"{self.name}: {printed(self.value, self.unit)}"
        if np.isfinite([self.low, self.high]).all():
            kind = self.interval or f"{self.level:.0%} interval"
            text += f" ({kind} {printed(self.low, self.unit)} to {printed(self.high, self.unit)})"
        elif self.interval.startswith("no"):
            text += f" ({self.interval})"
        if self.p_value is not None:
            text += f", p {'< 0.001' if self.p_value < 0.001 else f'= {self.p_value:.3f}'}"
        return text


class Headlined(ABC):
    """A result that is known by one estimate, whose value, interval and p-value are its own."""

    @property
    @abstractmethod
    def headline(self) -> Estimate:
        """The estimate that the result is known by."""

    @property
    def value(self) -> float:
        """The headline estimate."""
        return self.headline.value

    @property
    def low(self) -> float:
        """Its lower limit."""
        return self.headline.low

    @property
    def high(self) -> float:
        """Its upper limit."""
        return self.headline.high

    @property
    def level(self) -> float:
        """Confidence level of all intervals."""
        return self.headline.level

    @property
    def p_value(self) -> float | None:
        """Of the headline estimate, two-sided, against no effect; None where none can be given."""
        return self.headline.p_value


def printed(value: float, unit: str = "") -> str:
    """A number for a summary: house style where the unit has one, else four significant figures."""
    if not np.isfinite(value):
        return "not known"
    if unit in PLAIN_UNITS or unit.startswith("GBP"):
        return format_value(value, unit)
    text = f"{value + 0.0:,.4g}"  # nought has no sign
    if 1e4 <= abs(float(text.replace(",", ""))) < 1e12:  # where g would write powers of ten
        text = f"{float(text):,.0f}"
    return text.replace("-", MINUS) + (f" {unit}" if unit else "")
