"""What can be done with a yearly series: label its periods, divide, deflate, measure its growth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.money import Deflator


class Growth(NamedTuple):
    """A growth figure, in per cent unless said, with a range and the observations it was made from."""

    value: float
    low: float
    high: float
    obs: tuple[str, ...]


def period_label(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """ "2015" for a calendar year, "2015-16" for a financial year, "2015-06" for anything else."""
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year:
        return f"{start.year}"
    if (start.month, start.day, end.month, end.day) == (4, 1, 3, 31):
        return f"{start.year}-{end.year % 100:02d}"
    return f"{start:%Y-%m}"


def periods(rows: pd.DataFrame) -> Iterable[tuple[pd.Timestamp, pd.Timestamp]]:
    """Start and end of each tidy row."""
    return zip(rows["period_start"], rows["period_end"], strict=True)


def last_digit(value: float) -> float:
    """The power of ten at which a whole number's last non-zero digit stands: 79,400,000 gives 100,000.

    For a published round figure that is the step it was rounded to, or a wider one.
    """
    whole = round(abs(value))
    if whole == 0 or whole != abs(value):
        return 1.0
    step = 1
    while whole % (step * 10) == 0:
        step *= 10
    return float(step)


def ratio(top: pd.DataFrame, bottom: pd.DataFrame, measure: str, unit: str) -> pd.DataFrame:
    """One measure frame over another, for the periods that both hold, with the bounds of rounding.

    Args:
        top, bottom: frames of `yearly`, of one series, or both of whatever series is compared.
        measure, unit: of the result, such as "items_per_patient", "items per patient".
    """
    both = top.merge(bottom, on=["period", "start", "end"], suffixes=("", "_b"))
    return both.assign(
        measure=measure,
        unit=unit,
        low=_filled(both, "low") / _filled(both, "high", "_b"),
        high=_filled(both, "high") / _filled(both, "low", "_b"),
        value=both["value"] / both["value_b"],
        obs=both["obs"] + both["obs_b"],
    )[list(top.columns)]


def _filled(frame: pd.DataFrame, bound: str, suffix: str = "") -> pd.Series:
    return frame[bound + suffix].fillna(frame["value" + suffix])


def in_prices(money: pd.DataFrame, prices: Deflator, year: str) -> pd.DataFrame:
    """Yearly amounts in the prices of one year, with the index among their observations.

    Args:
        money: a measure frame in GBP; its `period` is a year of the deflator's kind.
        prices: a deflator of the same kind of year (calendar for calendar-year money).
        year: the price year, such as "2024".

    Raises:
        LedgerError: the unit is not GBP, or no outturn is held for a year.
    """
    if set(money["unit"]) != {"GBP"}:
        raise LedgerError(
            "Only money is deflated", where="in_prices", found=sorted(set(money["unit"]))
        )
    factor = pd.Series([prices.factor(p, year) for p in money["period"]], index=money.index)
    return money.assign(
        **{c: money[c] * factor for c in ("value", "low", "high")},
        obs=[
            ids + prices.obs(p, year) for ids, p in zip(money["obs"], money["period"], strict=True)
        ],
        price_base=prices.price_base(year),
    )


def growth(series: pd.DataFrame, first: int, last: int, *, shift: int = 2) -> Growth:
    """Compound average growth a year, in per cent, between two calendar years of one series.

    (last / first) ** (1 / years) - 1. A full count has no sampling error; the range shows how much
    the choice of years matters: every span that starts up to `shift` years later and ends up to
    `shift` years earlier.

    Args:
        series: a measure frame with start, period_type, value, obs.

    Raises:
        LedgerError: a year of the span is missing, a value is not above nought, or the span is too
            short to move its ends.
    """
    if last - first <= 2 * shift:
        raise LedgerError(
            "The span is too short to move its ends",
            where="series.growth",
            expected=f"more than {2 * shift} years",
            found=f"{first} to {last}",
        )
    span = _years(series, range(first, last + 1))
    values = span["value"]
    starts, ends = range(first, first + shift + 1), range(last - shift, last + 1)
    rates = [_average(values[a], values[b], b - a) for a, b in product(starts, ends)]
    value = _average(values[first], values[last], last - first)
    return Growth(value, min(rates), max(rates), _joined(span["obs"]))


def _average(first: float, last: float, years: int) -> float:
    return float(100 * ((last / first) ** (1 / years) - 1))


def growth_a_year(series: pd.DataFrame, first: str, last: str) -> Growth:
    """Compound growth a year, in per cent, between two periods; the range is what rounding allows.

    Raises:
        LedgerError: a period is not held once, or the two are not of one kind of year.
    """
    old, new, years, obs = _two_ends(series, first, last)
    pairs = ((old[0], new[0]), (old[2], new[1]), (old[1], new[2]))
    value, low, high = (_average(a, b, years) for a, b in pairs)
    return Growth(value, low, high, obs)


def gain_a_year(series: pd.DataFrame, first: str, last: str) -> Growth:
    """Average gain a year between two periods, in the unit of the series; otherwise as growth_a_year."""
    old, new, years, obs = _two_ends(series, first, last)
    pairs = ((old[0], new[0]), (old[2], new[1]), (old[1], new[2]))
    value, low, high = ((b - a) / years for a, b in pairs)
    return Growth(value, low, high, obs)


Bounds = tuple[float, float, float]  # value, low, high


def _two_ends(
    series: pd.DataFrame, first: str, last: str
) -> tuple[Bounds, Bounds, int, tuple[str, ...]]:
    ends = [_at(series, period, "series.growth_a_year") for period in (first, last)]
    rows = series.set_index("period").loc[[first, last]]
    if len(set(rows["period_type"])) != 1:
        found = rows["period_type"].to_dict()
        raise LedgerError("Growth needs one kind of year", where="growth_a_year", found=found)
    years = int(rows["start"].dt.year.diff().iloc[-1])
    old, new = ((e["value"], _or(e, "low"), _or(e, "high")) for e, _ in ends)
    return old, new, years, _joined(obs for _, obs in ends)


def change_on_year(series: pd.DataFrame) -> pd.DataFrame:
    """Change on the year before in per cent; a year whose predecessor is missing has no row."""
    calendar = series[series["period_type"].eq("calendar_year")]
    calendar = calendar.assign(year=calendar["start"].dt.year)
    before = calendar.assign(year=calendar["year"] + 1)[["year", "value", "obs"]]
    both = calendar.merge(before, on="year", suffixes=("", "_before"))
    return both.assign(
        measure=both["measure"] + "_change_on_year",
        value=100 * (both["value"] / both["value_before"] - 1),
        low=np.nan,
        high=np.nan,
        unit="percent",
        obs=both["obs"] + both["obs_before"],
    )[list(series.columns)]


def share_of_growth(
    total: pd.DataFrame,
    factor: pd.DataFrame,
    first: str,
    last: str,
    *,
    where: str = "share_of_growth",
) -> Growth:
    """The share, in per cent, of a total's growth between two periods that one factor accounts for.

    With total = factor x rest, the share is ln(factor ratio) / ln(total ratio). The range is what
    the rounding of the four figures (their low and high) allows.

    Raises:
        LedgerError: a period is missing, or the total did not grow whatever the rounding.
    """
    ends = [_at(frame, period, where) for frame in (total, factor) for period in (first, last)]
    bounds = [(e[0]["value"], _or(e[0], "low"), _or(e[0], "high")) for e in ends]
    if bounds[1][1] <= bounds[0][2]:
        raise LedgerError(
            "The total did not grow beyond its rounding", where=where, found=bounds[:2]
        )
    shares = [100 * np.log(d / c) / np.log(b / a) for a, b, c, d in product(*bounds)]
    obs = _joined(e[1] for e in ends)
    return Growth(float(shares[0]), float(min(shares)), float(max(shares)), obs)


def _at(frame: pd.DataFrame, period: str, where: str) -> tuple[dict[str, float], tuple[str, ...]]:
    row = frame[frame["period"].eq(period)]
    if len(row) != 1:
        raise LedgerError("A period is not held once", where=where, expected=period, found=len(row))
    return {c: float(row[c].iloc[0]) for c in ("value", "low", "high")}, tuple(row["obs"].iloc[0])


def _or(row: dict[str, float], bound: str) -> float:
    return row["value"] if np.isnan(row[bound]) else row[bound]


def _joined(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for ids in groups for one in ids))


def _years(series: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    calendar = series[series["period_type"].eq("calendar_year")]
    span = calendar.set_index(calendar["start"].dt.year)
    if missing := [y for y in years if y not in span.index]:
        raise LedgerError("A year of the span is not held", where="series.growth", found=missing)
    span = span.loc[list(years)]
    if not span["value"].gt(0).all():
        raise LedgerError(
            "Growth needs values above nought", where="series.growth", found=span["value"].min()
        )
    return span
