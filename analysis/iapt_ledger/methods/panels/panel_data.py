"""What `panel_effect` takes in, checked: a long table of units and periods as arrays of units by periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.errors import closest
from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.time_series.segmented_periods import ordinals_of_text

Array = npt.NDArray[np.float64]
WHAT = "The panel cannot be used"
SHOWN = 3  # missing cells named before "and others"
FEWEST_PERIODS = 2


@dataclass(frozen=True)
class Cells:
    """A balanced panel.

    Attributes:
        units, times: labels in sorted order, G and T of them.
        columns: arrays of G x T, by name of the column.
    """

    units: tuple[object, ...]
    times: tuple[object, ...]
    columns: dict[str, Array]

    @property
    def shape(self) -> tuple[int, int]:
        """Units and periods."""
        return len(self.units), len(self.times)


def read_panel(
    panel: pd.DataFrame, unit: str, time: str, columns: Sequence[str], weights: str | None = None
) -> Cells:
    """A long table as arrays of units x periods, in sorted order whatever the order of its rows.

    Raises:
        MethodError: a column is missing, named twice or not of numbers; a value is missing or infinite; a weight
            is not above nought; a unit has a period twice or lacks one; fewer than two units or periods.
    """
    wanted = [*columns, *([weights] if weights else [])]
    _refuse_columns(panel, [unit, time, *columns], [weights] if weights else [])
    _refuse_gaps(panel, [unit, time])
    units, times = (_labels(panel[column], column) for column in (unit, time))
    _refuse_few(units, unit, 2, "two units or more")
    _refuse_few(times, time, FEWEST_PERIODS, "two periods or more")
    order = _cells(panel, unit, time, units, times)
    arrays = {}
    for column in wanted:
        values = _numbers(panel, column)
        arrays[column] = values[order].reshape(len(units), len(times))
    if weights and (arrays[weights] <= 0).any():
        bad = int(np.flatnonzero(panel[weights].to_numpy(dtype=float) <= 0)[0])
        raise MethodError(
            WHAT, where=f"column {weights}, row {bad + 1}", expected="a weight above nought",
            found=panel[weights].iloc[bad], fix="drop the unit, or weight by something it has",
        )  # fmt: skip
    return Cells(tuple(units), tuple(times), arrays)


def refuse_uneven(times: Sequence[object], column: str, why: str) -> None:
    """Refuse periods that are not evenly spaced, where their spacing can be told.

    Raises:
        MethodError: a period is skipped by every unit, which trends, leads and lags would count as none.
    """
    steps = _steps(times)
    if steps is None:
        return
    even = np.isclose(steps, np.median(steps))
    if even.all():
        return
    place = int(np.flatnonzero(~even)[0])
    raise MethodError(
        f"Periods are not evenly spaced, and {why}",
        where=f"column {column}",
        expected="the same step between all periods",
        found=f"another step between {plain(times[place])} and {plain(times[place + 1])}",
        fix="give every period, or only the stretch without a gap",
    )


def plain(label: object) -> str:
    """A unit or period for a message: a date without its midnight."""
    return f"{label:%Y-%m-%d}" if isinstance(label, pd.Timestamp) else str(label)


def _refuse_columns(panel: pd.DataFrame, columns: Sequence[str], weights: Sequence[str]) -> None:
    if not isinstance(panel, pd.DataFrame):
        raise MethodError(
            WHAT, expected="a DataFrame with one row a unit and period", found=type(panel).__name__
        )
    for column in (*columns, *weights):
        if column not in panel.columns:
            raise MethodError(
                "The panel lacks a column", where=f"column {column}",
                found=f"columns {', '.join(map(str, panel.columns))}",
                nearest=closest(column, panel.columns),
                fix="panel.reset_index() makes a column of the index" if column in panel.index.names else "",
            )  # fmt: skip
    twice = sorted({c for c in columns if columns.count(c) > 1})
    if twice:
        raise MethodError(
            "A column is named for two parts of the model", where=f"column {twice[0]}",
            expected="each column once among unit, time, outcome, exposure and controls",
        )  # fmt: skip


def _refuse_gaps(panel: pd.DataFrame, columns: Sequence[str]) -> None:
    for column in columns:
        missing = panel[column].isna().to_numpy()
        if missing.any():
            raise MethodError(
                WHAT, where=f"column {column}, row {int(missing.argmax()) + 1}",
                expected="a value", found="none", fix="drop the row or fill the value",
            )  # fmt: skip


def _labels(values: pd.Series, column: str) -> list[object]:
    try:
        return sorted(values.unique())
    except TypeError as error:
        raise MethodError(
            WHAT, where=f"column {column}", expected="labels of one kind, which can be sorted",
            found=", ".join(sorted({type(v).__name__ for v in values})),
        ) from error  # fmt: skip


def _refuse_few(labels: Sequence[object], column: str, fewest: int, expected: str) -> None:
    if len(labels) < fewest:
        raise MethodError(
            "A panel effect cannot be told from this panel", where=f"column {column}",
            expected=expected, found=len(labels), fix="use an interrupted time series for one unit",
        )  # fmt: skip


def _cells(
    panel: pd.DataFrame, unit: str, time: str, units: list[object], times: list[object]
) -> npt.NDArray[np.intp]:
    """The row of each cell, unit by unit."""
    u = pd.Index(units).get_indexer(pd.Index(panel[unit]))
    t = pd.Index(times).get_indexer(pd.Index(panel[time]))
    place = u * len(times) + t
    counts = np.bincount(place, minlength=len(units) * len(times))
    if (counts > 1).any():
        row = int(np.flatnonzero(pd.Series(place).duplicated().to_numpy())[0])
        raise MethodError(
            "A unit has the same period twice", where=f"columns {unit} and {time}, row {row + 1}",
            found=f"{plain(panel[unit].iloc[row])} in {plain(panel[time].iloc[row])} again",
            fix="add the rows up or drop one",
        )  # fmt: skip
    holes = np.flatnonzero(counts == 0)
    if len(holes):
        named = [
            f"{plain(units[h // len(times)])} in {plain(times[h % len(times)])}" for h in holes
        ]
        more = f" and {len(holes) - SHOWN} more" if len(holes) > SHOWN else ""
        raise MethodError(
            "The panel is not balanced", where=f"columns {unit} and {time}",
            expected="every unit in every period", found=f"no row for {', '.join(named[:SHOWN])}{more}",
            fix="add the missing rows, or leave out the unit or the period",
        )  # fmt: skip
    return np.argsort(place, kind="stable")


def _numbers(panel: pd.DataFrame, column: str) -> Array:
    if not pd.api.types.is_numeric_dtype(panel[column]):
        raise MethodError(
            WHAT, where=f"column {column}", expected="numbers", found=str(panel[column].dtype)
        )
    values = panel[column].to_numpy(dtype=float, na_value=np.nan)
    bad = ~np.isfinite(values)
    if bad.any():
        row = int(bad.argmax())
        raise MethodError(
            WHAT, where=f"column {column}, row {row + 1}", expected="a finite number",
            found="none" if np.isnan(values[row]) else values[row],
            fix="leave out the unit or the period, or fill the value",
        )  # fmt: skip
    return values


def _steps(times: Sequence[object]) -> Array | None:
    """Distances between periods: in days, or in months where all fall on one day of the month."""
    first = times[0]
    if all(isinstance(label, str) for label in times):
        ordinals = ordinals_of_text(times)  # type: ignore[arg-type]
        return None if ordinals is None else np.diff(ordinals)
    if isinstance(first, date):
        dates = pd.DatetimeIndex(times)  # type: ignore[arg-type]
        if len(set(dates.day)) == 1:
            return np.diff((dates.year * 12 + dates.month).to_numpy(dtype=float))
        if dates.is_month_end.all():
            return np.diff((dates.year * 12 + dates.month).to_numpy(dtype=float))
        return np.diff(dates.to_numpy().astype("datetime64[D]").astype(float))
    if isinstance(first, pd.Period):
        return np.diff(pd.PeriodIndex(times).astype("int64").to_numpy(dtype=float))  # type: ignore[arg-type]
    if isinstance(first, (int, float, np.integer, np.floating)):
        return np.diff(np.asarray(times, dtype=float))
    return None
