"""Time columns of interrupted series: labels to whole steps and back, with every gap refused by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.errors import closest
from iapt_ledger.methods.base import MethodError

Array = npt.NDArray[np.float64]
KINDS = (
    "equally spaced numbers, pandas Periods, dates that each begin a month, or text such as "
    "2014-15 (financial years), 2014, 2014Q3 or 2014-03"
)
_FINANCIAL = re.compile(r"(\d{4})[-/](\d{2})")
_YEAR = re.compile(r"\d{4}")
_QUARTER_OR_MONTH = re.compile(r"\d{4}(-?Q[1-4]|-(0[1-9]|1[0-2]))")


@dataclass(frozen=True)
class Calendar:
    """How the labels of one time column become numbers and back: a kind, and the frequency of Periods."""

    kind: Literal["number", "month", "year", "financial year", "period"]
    freq: str = ""

    def read(self, label: Any) -> float | None:
        """The number of a label, one apart for neighbouring periods; None where it is of another kind."""
        if self.kind == "period":
            return _period(label, self.freq)
        return _READERS[self.kind](label)

    def write(self, ordinal: float) -> str:
        """The label of a number, as it is printed."""
        if self.kind == "period":
            return str(pd.Period(ordinal=round(ordinal), freq=self.freq))
        if self.kind == "month":
            return f"{int(ordinal) // 12}-{int(ordinal) % 12 + 1:02d}"
        if self.kind == "financial year":
            return f"{int(ordinal)}-{(int(ordinal) + 1) % 100:02d}"
        return f"{ordinal:g}" if abs(ordinal) < 1e5 else f"{ordinal:.10g}"


@dataclass(frozen=True, eq=False)
class Periods:
    """A checked time column: `labels` as given, and `ordinals` a constant `step` apart."""

    labels: tuple[Any, ...]
    ordinals: Array
    step: float
    calendar: Calendar

    def position(self, label: object, name: str) -> int:
        """Where a label stands, counted from nought.

        Raises:
            MethodError: no period has this label.
        """
        ordinal = self.calendar.read(label)
        if ordinal is not None:
            near = np.flatnonzero(np.abs(self.ordinals - ordinal) < 1e-6 * self.step)
            if near.size:
                return int(near[0])
        written = [self.calendar.write(o) for o in self.ordinals]
        raise MethodError(
            f"There is no such period as {name} names",
            where=f"argument {name}",
            expected=f"a value of the time column, from {written[0]} to {written[-1]}",
            found=label,
            nearest=closest(label, written),
        )

    def written(self, position: int) -> str:
        """The label at a position as it is printed."""
        return self.calendar.write(float(self.ordinals[position]))


def read_periods(values: pd.Series, where: Callable[[int], str]) -> Periods:
    """A time column as periods of one constant step.

    Args:
        values: the column; `where` names the place of its nth value, counted from nought, in an error.

    Raises:
        MethodError: a value cannot be read, stands out of order or twice, or a period is missing.
    """
    calendar = _calendar(values)
    labels = tuple(values)
    ordinals = np.empty(len(labels))
    for n, label in enumerate(labels):
        read = None if calendar is None else calendar.read(label)
        if read is None or not np.isfinite(read):
            raise MethodError(
                "A period cannot be read",
                where=where(n),
                expected=KINDS,
                found=label,
                fix="give the time column one of these kinds throughout, such as data[time].dt.to_period('M')",
            )
        ordinals[n] = read
    assert calendar is not None or not labels
    step = _step(ordinals, labels, calendar, where)
    return Periods(labels, ordinals, step, calendar or Calendar("number"))


def ordinals_of_text(labels: Sequence[str]) -> Array | None:
    """Texts such as 2014-15 or 2014-03 as numbers, one apart for neighbours; None where they are of no known kind."""
    calendar = _of_text(labels[:2])
    if calendar is None:
        return None
    read = [calendar.read(label) for label in labels]
    return None if None in read else np.array(read, dtype=float)


def _step(
    ordinals: Array, labels: Sequence[Any], calendar: Calendar | None, where: Callable[[int], str]
) -> float:
    """The constant distance between periods; refuses disorder, repeats and gaps."""
    gaps = np.diff(ordinals)
    if not gaps.size:
        return 1.0
    assert calendar is not None
    back = np.flatnonzero(gaps <= 0)
    if back.size:
        n = int(back[0]) + 1
        twice = ordinals[n] in ordinals[:n]
        raise MethodError(
            "A period stands twice" if twice else "Periods are out of order",
            where=where(n),
            expected="one row a period, the earliest first",
            found=calendar.write(ordinals[n]),
            fix="add up or choose the rows of a period" if twice else "sort the rows by time",
        )
    step = float(gaps.min())
    wide = np.flatnonzero(np.abs(gaps - step) > 1e-6 * step)
    if wide.size:
        n = int(wide[0])
        raise MethodError(
            "A period is missing",
            where=f"{where(n + 1)}, after {calendar.write(ordinals[n])}",
            expected=calendar.write(ordinals[n] + step),
            found=calendar.write(ordinals[n + 1]),
            fix="add the missing period, or keep the longest stretch without a gap",
        )
    return step


def _calendar(values: pd.Series) -> Calendar | None:
    """The calendar that the first values of a column speak of."""
    if isinstance(values.dtype, pd.PeriodDtype):
        return Calendar("period", str(values.dtype).removeprefix("period[").removesuffix("]"))
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return Calendar("month")
    if pd.api.types.is_bool_dtype(values.dtype):
        return None
    if pd.api.types.is_numeric_dtype(values.dtype):
        return Calendar("number")
    firsts = [value for value in values.iloc[:2] if value is not None]
    if firsts and all(isinstance(value, pd.Period) for value in firsts):
        return Calendar("period", firsts[0].freqstr)
    if firsts and all(isinstance(value, date) for value in firsts):
        return Calendar("month")
    if firsts and all(isinstance(value, str) for value in firsts):
        return _of_text(firsts)
    return None


def _of_text(firsts: Sequence[str]) -> Calendar | None:
    """Financial years, years, quarters or months: 2003-04 is April only where 2003-05 follows it."""
    if all(_financial_year(value) is not None for value in firsts):
        return Calendar("financial year")
    if all(_YEAR.fullmatch(value) for value in firsts):
        return Calendar("year")
    if all(_QUARTER_OR_MONTH.fullmatch(value) for value in firsts):
        return Calendar("period", pd.Period(firsts[0]).freqstr)
    return None


def _number(value: Any) -> float | None:
    """A number, or text that is one: a break named "2008" is that of the column of whole numbers."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return None
    return float(value)


def _financial_year(value: Any) -> float | None:
    found = _FINANCIAL.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[2]) != (int(found[1]) + 1) % 100:
        return None
    return float(found[1])


def _year(value: Any) -> float | None:
    return float(value) if _YEAR.fullmatch(str(value)) else None


def _month(value: Any) -> float | None:
    """A date that begins a month, as months since the year nought."""
    if not isinstance(value, str | date | np.datetime64):
        return None
    try:
        stamp = pd.Timestamp(value)
    except ValueError:
        return None
    if not isinstance(stamp, pd.Timestamp) or stamp.day != 1 or stamp != stamp.normalize():
        return None
    return float(stamp.year * 12 + stamp.month - 1)


def _period(value: Any, freq: str) -> float | None:
    """A pandas Period of a frequency, text that is one, or the date on which one begins."""
    if isinstance(value, date) and value is not pd.NaT:
        period = pd.Period(value, freq=freq)
        value = period if period.start_time == pd.Timestamp(value) else None
    if isinstance(value, str):
        try:
            value = pd.Period(value, freq=freq)
        except ValueError:
            return None
    if not isinstance(value, pd.Period) or value.freqstr != freq:
        return None
    return float(value.ordinal)


_READERS: dict[str, Callable[[Any], float | None]] = {
    "number": _number,
    "month": _month,
    "year": _year,
    "financial year": _financial_year,
}
