"""What makes two stored rows the same observation, and in which period each lies."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

import pandas as pd

from iapt_ledger.edition.tables import Table

_ABOUT = "value low high status rounding qualifier second_hand source_id locator note unit_scale"
SAID_ABOUT = frozenset(_ABOUT.split())
"""Columns that say something about an observation; all others say which one it is."""

CODES = {
    "iapt_providers": ("org_code",),
    "category_spellings": ("breakdown", "category_as_published"),
}
"""Lists of codes: what names an entry."""

_SEPARATOR = "\x1f"
_NAMES = ("org_name", "ccg_name", "is_area")
_FINANCIAL_YEAR = ("04-01", "03-31")


def key_columns(table: Table) -> tuple[str, ...]:
    """The columns that together name one row of a table.

    The name of an organisation goes with its code, and publishers spell it now one way, now another: the code counts.
    """
    if table.name in CODES:
        return CODES[table.name]
    judged = {column.reliability for column in table.measures.values()}
    others = {*SAID_ABOUT, *table.measures, *judged}
    if table.shape == "wide":
        others |= {name for name in _NAMES if name in table.columns}
    return tuple(column for column in table.columns if column not in others)


def value_columns(table: Table) -> tuple[str, ...]:
    """The columns that hold what was observed: those of numbers, and the status of a row that has one number."""
    if table.shape == "wide":
        return tuple(table.measures)
    if table.shape == "long":
        return ("value", "low", "high", "status")
    return tuple(c for c in table.columns if c not in key_columns(table) and c != "source_id")


def keys_of(table: Table, rows: pd.DataFrame) -> list[str]:
    """The key of each row as one text."""
    columns = [rows[column].astype(str) for column in key_columns(table)]
    return [_SEPARATOR.join(parts) for parts in zip(*columns, strict=True)] if len(rows) else []


def periods_of(table: Table, rows: pd.DataFrame) -> list[str]:
    """The period of each row as people write it: "2025-06", "2024-25"; empty for tables without dates."""
    if table.shape == "long":
        pairs = zip(rows["period_start"], rows["period_end"], strict=True)
        return [period_label(start, end) for start, end in pairs]
    if table.shape == "wide" and table.period:
        return [str(period) for period in rows[table.period]]
    return [""] * len(rows)


@cache
def period_label(start: str, end: str) -> str:
    """A period between two ISO dates as people write it.

    >>> period_label("2024-04-01", "2025-03-31"), period_label("2025-06-01", "2025-06-30")
    ('2024-25', '2025-06')
    """
    if (start[5:], end[5:]) == _FINANCIAL_YEAR and int(end[:4]) == int(start[:4]) + 1:
        return f"{start[:4]}-{end[2:4]}"
    if (start[5:], end[5:]) == ("01-01", "12-31") and start[:4] == end[:4]:
        return start[:4]
    if start in ("", end):
        return end
    if start[8:] == "01" and _ends_month(end):
        return start[:7] if start[:7] == end[:7] else f"{start[:7]} to {end[:7]}"
    return f"{start} to {end}"


def _ends_month(day: str) -> bool:
    return (date.fromisoformat(day) + timedelta(days=1)).day == 1


def spoken(table: Table, row: pd.Series | Mapping[Hashable, Any]) -> str:
    """What an observation is in words: its key without dates, measure and what is empty or the same for all."""
    left_out = {"period_start", "period_end", "period_type", "geography_type", "measure"}
    left_out |= {table.period, "geography_code"}
    parts = [str(row[c]) for c in key_columns(table) if c not in left_out]
    return ", ".join(part for part in parts if part)


def in_order(periods: Iterable[str]) -> list[str]:
    """Periods once each, in order of time."""
    return sorted({period for period in periods if period})
