"""Long tables: one stored row is one observation already; it gets types, an id and base units."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from iapt_ledger.edition.tables import Table
from iapt_ledger.tidy.units import with_base_units

CORE = (
    "obs_id",
    "table",
    "period_start",
    "period_end",
    "period_type",
    "geography_type",
    "geography_code",
    "geography",
    "measure",
    "value",
    "low",
    "high",
    "unit",
    "price_basis",
    "rounding",
    "qualifier",
    "status",
    "second_hand",
    "source_id",
    "locator",
    "note",
)
"""Columns of every tidy table of observations, in this order, before its own dimensions."""


def tidy_long(
    table: Table, stored: pd.DataFrame, spellings: Mapping[tuple[str, str], str]
) -> pd.DataFrame:
    """Tidy form of a long table.

    Args:
        table: its declaration.
        stored: text, columns as declared.
        spellings: harmonised category by breakdown and published label; only read for tables with categories.

    Returns:
        One row for each stored row: the core columns, unit_detail, then the table's dimensions.
    """
    frame = with_base_units(stored.rename(columns=dict(table.rename)))
    frame.insert(0, "obs_id", [f"{table.name}:{i}" for i in range(1, len(frame) + 1)])
    frame.insert(1, "table", table.name)
    frame = typed(frame, table)
    dimensions = [table.rename.get(d, d) for d in table.dimensions]
    if "category_as_published" in frame:
        pairs = zip(frame["breakdown"], frame["category_as_published"], strict=True)
        frame["category"] = [spellings[pair] for pair in pairs]
        dimensions.insert(dimensions.index("category_as_published"), "category")
    return frame[[*CORE, "unit_detail", *dimensions]]


def typed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Dates, booleans and whole numbers for the columns that hold them."""
    for column in ("period_start", "period_end"):
        frame[column] = pd.to_datetime(
            frame[column].where(frame[column].ne(""), None), format="%Y-%m-%d"
        )
    for column in ("second_hand", *table.yes_no):
        frame[column] = frame[column].eq("yes")
    if "imd_decile" in frame:
        frame["imd_decile"] = pd.to_numeric(
            frame["imd_decile"].where(frame["imd_decile"].ne(""), None)
        ).astype("Int8")
    return frame
