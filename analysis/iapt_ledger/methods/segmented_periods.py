"""Time columns of interrupted series: labels to whole steps and back, with every gap refused by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

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
    """How the labels of one time column become numbers (`read`, None where it cannot) and back (`write`)."""

    read: Callable[[Any], float | None]
    write: Callable[[float], str]


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
    return Periods(labels, ordinals, step, calendar or _NUMBERS)


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
        return _of_periods(values.dtype.freq)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _MONTHS
    if pd.api.types.is_bool_dtype(values.dtype):
        return None
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _NUMBERS
    firsts = [value for value in values.iloc[:2] if value is not None]
    if firsts and all(isinstance(value, pd.Period) for value in firsts):
        return _of_periods(firsts[0].freq)
    if firsts and all(isinstance(value, date) for value in firsts):
        return _MONTHS
    if firsts and all(isinstance(value, str) for value in firsts):
        return _of_text(firsts)
    return None


def _of_text(firsts: Sequence[str]) -> Calendar | None:
    """Financial years, years, quarters or months: 2003-04 is April only where 2003-05 follows it."""
    if all(_financial_year(value) is not None for value in firsts):
        return Calendar(_financial_year, lambda o: f"{int(o)}-{(int(o) + 1) % 100:02d}")
    if all(_YEAR.fullmatch(value) for value in firsts):
        return Calendar(_year, lambda o: f"{int(o)}")
    if all(_QUARTER_OR_MONTH.fullmatch(value) for value in firsts):
        return _of_periods(pd.Period(firsts[0]).freq)
    return None


def _number(value: Any) -> float | None:
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
    try:
        stamp = pd.Timestamp(value) if isinstance(value, str | date | np.datetime64) else pd.NaT
    except ValueError:
        return None
    if stamp is pd.NaT or stamp.day != 1 or stamp != stamp.normalize():
        return None
    return float(stamp.year * 12 + stamp.month - 1)


def _of_periods(freq: Any) -> Calendar:
    def read(value: Any) -> float | None:
        if isinstance(value, str):
            try:
                value = pd.Period(value, freq=freq)
            except ValueError:
                return None
        if not isinstance(value, pd.Period) or value.freq != freq:
            return None
        return float(value.ordinal)

    return Calendar(read, lambda o: str(pd.Period(ordinal=round(o), freq=freq)))


_NUMBERS = Calendar(_number, lambda o: f"{o:g}" if abs(o) < 1e5 else f"{o:.10g}")
_MONTHS = Calendar(_month, lambda o: f"{int(o) // 12}-{int(o) % 12 + 1:02d}")
