"""What an interrupted series is fitted from: settings and columns, checked before any number is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.errors import closest
from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.columns import refuse_level
from iapt_ledger.methods.time_series.segmented_periods import Periods, read_periods

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
FAMILIES = ("gaussian", "poisson", "quasipoisson", "negative_binomial")
QUANTILES = ("auto", "t", "normal")
BEFORE = 3  # periods before the break that a level and a trend need, and one to judge them by


@dataclass(frozen=True)
class Settings:
    """The choices of one model, checked: see `interrupted_time_series` for each."""

    offset: str | None = None
    family: str = "gaussian"
    slope_change: bool = True
    harmonics: int = 0
    period: int = 12
    covariates: tuple[str, ...] = ()
    hac_lags: int | None = None
    level: float = 0.95
    quantiles: Literal["auto", "t", "normal"] = "auto"

    def __post_init__(self) -> None:
        _choice("family", self.family, FAMILIES)
        _choice("quantiles", self.quantiles, QUANTILES)
        refuse_level(self.level)
        if not _whole(self.harmonics) or self.harmonics < 0:
            _refuse_setting("harmonics", "a whole number of pairs, nought or more", self.harmonics)
        if self.harmonics and (not _whole(self.period) or self.period <= 2 * self.harmonics):
            _refuse_setting("period", "more than two periods a harmonic", self.period)
        if self.hac_lags is not None and (not _whole(self.hac_lags) or self.hac_lags < 0):
            _refuse_setting(
                "hac_lags", "None, or a whole number of lags, nought or more", self.hac_lags
            )
        if self.offset is not None and self.family == "gaussian":
            raise MethodError(
                "An offset is the log of an exposure and has no meaning on the plain scale of the gaussian family",
                where="argument offset",
                found=self.offset,
                fix=f"divide the outcome by {self.offset} and drop the offset, or choose a family of counts",
            )

    @property
    def log_link(self) -> bool:
        """Whether changes are on the log scale, so that `.ratio` of an estimate has a meaning."""
        return self.family != "gaussian"

    @property
    def uses_t(self) -> bool:
        """t quantiles wherever a variance is estimated with the mean, as R's `summary` of the same model."""
        if self.quantiles == "auto":
            return self.family in ("gaussian", "quasipoisson")
        return self.quantiles == "t"


@dataclass(frozen=True, eq=False)
class Series:
    """One series in order of time: outcome, log exposure (nought without one), covariates (periods x columns)."""

    name: str
    periods: Periods
    y: Array
    log_exposure: Array
    covariates: Array

    def __len__(self) -> int:
        return len(self.y)


def read_series(
    data: pd.DataFrame,
    outcome: str,
    time: str,
    settings: Settings,
    rows: Rows | None = None,
    name: str = "",
) -> Series:
    """One series out of a frame, or out of some of its rows (positions), with every column checked.

    Raises:
        MethodError: a column is missing or holds what the family cannot use; periods are unsorted,
            repeated or missing.
    """
    rows = np.arange(len(data)) if rows is None else rows
    if not len(rows):
        raise MethodError("There is no row to fit a series to", where="data", found="0 rows")
    times = column(data, time).iloc[rows]
    periods = read_periods(times, lambda n: place(data, time, rows[n]))
    y = numbers(data, outcome, rows)
    _refuse_outcome(data, outcome, rows, y, settings, name)
    exposure = np.ones(len(rows))
    if settings.offset is not None:
        exposure = numbers(data, settings.offset, rows)
        _refuse_where(
            data, settings.offset, rows, exposure, exposure <= 0, "an exposure above nought"
        )
    covariates = [numbers(data, c, rows) for c in settings.covariates]
    for c, values in zip(settings.covariates, covariates, strict=True):
        if len(values) > 1 and np.ptp(values) == 0:
            raise MethodError(
                "A covariate does not vary",
                where=f"column {c}",
                found=f"{values[0]:g} throughout",
                fix=f"drop {c} from covariates",
            )
    stacked = np.column_stack(covariates) if covariates else np.empty((len(rows), 0))
    return Series(name or outcome, periods, y, np.log(exposure), stacked)


def column(data: pd.DataFrame, name: str) -> pd.Series:
    """A column of a frame.

    Raises:
        MethodError: `data` is no frame, or the column is missing or stands twice.
    """
    if not isinstance(data, pd.DataFrame):
        raise MethodError(
            "The data are not a table", expected="a pandas DataFrame", found=type(data).__name__
        )
    found = [c for c in data.columns if c == name]
    if len(found) != 1:
        raise MethodError(
            "A column stands twice" if found else "A column is missing",
            where=f"column {name}",
            nearest=None if found else closest(name, data.columns),
            fix="data.reset_index() makes a column of the index"
            if name in data.index.names
            else "",
        )
    return data[name]


def place(data: pd.DataFrame, name: str, row: int) -> str:
    """A cell in words: column, row from 1, and the index label where rows have labels of their own."""
    labelled = "" if isinstance(data.index, pd.RangeIndex) else f" (index {data.index[row]})"
    return f"column {name}, row {row + 1}{labelled}"


def numbers(data: pd.DataFrame, name: str, rows: Rows) -> Array:
    """Some rows of a column as finite floats.

    Raises:
        MethodError: the column is missing, or a value is no number.
    """
    values = column(data, name)
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        read = values.to_numpy(dtype=float, na_value=np.nan)[rows]
    else:
        read = np.asarray(pd.to_numeric(values.iloc[rows], errors="coerce"), dtype=float)
    _refuse_where(data, name, rows, read, ~np.isfinite(read), "a number")
    return read


def refuse_break(series: Series, start: int, settings: Settings) -> None:
    """Refuse a break at a position that leaves too few periods on a side, or a side without events."""
    n, after = len(series), len(series) - start
    least = BEFORE if settings.slope_change else BEFORE - 1
    at = series.periods.written(start)
    for side, count, need in (("before", start, BEFORE), ("from", after, least)):
        if count < need:
            raise MethodError(
                f"There are too few periods {side} the break of {series.name}",
                where=f"{side} {at}",
                expected=f"at least {need}",
                found=count,
                fix="choose a break further from the ends, or leave out slope_change",
            )
    if settings.harmonics and n < settings.period:
        raise MethodError(
            "A season cannot be told from less than one turn of it",
            where=f"series {series.name}",
            expected=f"at least {settings.period} periods",
            found=n,
            fix="set harmonics=0",
        )
    if settings.hac_lags is not None and settings.hac_lags >= n // 2:
        _refuse_setting("hac_lags", f"fewer than half of the {n} periods", settings.hac_lags)
    if settings.log_link:
        for side, part in (("before", series.y[:start]), ("from", series.y[start:])):
            if not part.sum() > 0:
                raise MethodError(
                    f"There is no event {side} the break of {series.name}, so the ratio has no estimate",
                    where=f"{side} {at}",
                    expected="at least one event on each side",
                    found="0",
                    fix="use the gaussian family, or longer periods",
                )


def _refuse_outcome(
    data: pd.DataFrame, outcome: str, rows: Rows, y: Array, settings: Settings, name: str
) -> None:
    if settings.log_link:
        _refuse_where(data, outcome, rows, y, y < 0, "counts of nought or more")
    if settings.family in ("poisson", "negative_binomial"):
        whole = np.isclose(y, np.round(y), rtol=0, atol=1e-9)
        _refuse_where(
            data,
            outcome,
            rows,
            y,
            ~whole,
            "whole counts, not thousands or rates (or the family quasipoisson, which bears any unit)",
        )
    if len(y) > 1 and np.ptp(y) == 0:
        raise MethodError(
            "The outcome does not vary, so there is nothing to explain",
            where=f"column {outcome}" + (f", series {name}" if name else ""),
            found=f"{y[0]:g} in every period",
        )


def _refuse_where(
    data: pd.DataFrame,
    name: str,
    rows: Rows,
    read: Array,
    bad: npt.NDArray[np.bool_],
    expected: str,
) -> None:
    if bad.any():
        row = int(rows[int(np.flatnonzero(bad)[0])])
        raise MethodError(
            "A value cannot be used",
            where=place(data, name, row),
            expected=expected,
            found=data[name].iloc[row],
            fix="correct the value, or keep a stretch of periods without it",
        )


def _choice(name: str, value: object, choices: Sequence[str]) -> None:
    if value not in choices:
        raise MethodError(
            f"There is no such {name}",
            where=f"argument {name}",
            found=value,
            choices=choices,
            nearest=closest(value, choices),
        )


def _refuse_setting(name: str, expected: str, found: object) -> NoReturn:
    raise MethodError(
        "A setting cannot be used", where=f"argument {name}", expected=expected, found=found
    )


def _whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
