"""Small helpers for measure frames: financial years, one row of a frame, observations joined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from iapt_ledger.errors import LedgerError


def financial_year(start: pd.Timestamp) -> str:
    """The financial year, April to March, in which a date falls: "2024-25"."""
    first = start.year - (start.month < 4)
    return f"{first}-{(first + 1) % 100:02d}"


def next_year(period: str) -> str:
    """The financial year after one: "2024-25" after "2023-24"."""
    return financial_year(pd.Timestamp(int(period[:4]) + 1, 4, 1))


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame one by one, their columns as attributes: `row.value`."""
    yield from frame.itertuples()


def pick(frame: pd.DataFrame, measure: str, period: str, **dimensions: str) -> pd.Series:
    """The one row of a measure frame for a measure, a period and further dimensions.

    Raises:
        LedgerError: there is none, or more than one; the periods that are there are listed.
    """
    chosen = frame[frame["measure"] == measure]
    for name, wanted in dimensions.items():
        chosen = chosen[chosen[name] == wanted]
    rows = chosen[chosen["period"] == period]
    if len(rows) != 1:
        raise LedgerError(
            "One row of a measure was asked for",
            where=" ".join([measure, period, *dimensions.values()]),
            expected=1,
            found=len(rows),
            choices=sorted(chosen["period"].unique()),
        )
    return rows.iloc[0]


def joined_obs(*columns: pd.Series) -> pd.Series:
    """The observations of several columns of tuples, row by row, each once and sorted."""
    joined = [
        tuple(sorted({one for ids in row for one in ids})) for row in zip(*columns, strict=True)
    ]
    return pd.Series(joined, index=columns[0].index, dtype=object)


def added_obs(ids: pd.Series, more: tuple[str, ...]) -> pd.Series:
    """A column of observation tuples with the same observations added to each."""
    return pd.Series([(*one, *more) for one in ids], index=ids.index, dtype=object)
