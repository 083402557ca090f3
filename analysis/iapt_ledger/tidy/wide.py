"""Wide tables: each cell under a measure becomes one observation, with a status of its own."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iapt_ledger.edition.tables import Table
from iapt_ledger.tidy.long import CORE, typed

CELL_STATUS = {"*": "suppressed", "-": "no_activity", "NULL": "not_applicable"}
"""What a publisher writes in place of a number, and the status it gives the cell."""

GEOGRAPHY_TYPES = {
    "CCG": "ccg",
    "Commissioning Region": "commissioning_region",
    "ICB": "icb",
    "NHS region": "nhs_region",
    "Provider": "provider",
    "STP": "stp",
}


def tidy_wide(table: Table, stored: pd.DataFrame) -> pd.DataFrame:
    """Tidy form of a wide table.

    Args:
        table: its declaration, with the measures.
        stored: text, columns as declared.

    Returns:
        One row for each cell under a measure, by row and then by measure: core columns, then dimensions
        (and `reliability` where the table judges its cells).
    """
    measures = list(table.measures)
    cells = pd.Series(stored[measures].to_numpy(dtype=object).ravel())
    rows = np.repeat(np.arange(len(stored)), len(measures))
    frame = _row_columns(table, stored).take(rows).reset_index(drop=True)
    frame["measure"] = np.tile(measures, len(stored))
    ids = [f"{table.name}:{i}:{m}" for i in range(1, len(stored) + 1) for m in measures]
    frame["obs_id"], frame["table"] = ids, table.name
    status = cells.map({**CELL_STATUS, "": table.blank})
    frame["status"] = status.where(status.notna(), frame["status"])
    frame["value"] = pd.to_numeric(cells.where(status.isna(), None)).astype(float)
    frame["low"] = frame["high"] = np.nan
    frame = _column_facts(table, frame, len(stored))
    if any(c.reliability for c in table.measures.values()):
        frame["reliability"] = _reliability(table, stored)
    own = [c for c in frame.columns if c not in CORE]
    return typed(frame, table)[[*CORE, *own]]


def _row_columns(table: Table, stored: pd.DataFrame) -> pd.DataFrame:
    """What all cells of a row share: dates, geography, status, source and the dimensions."""
    used = {*table.measures, table.period, *(c.reliability for c in table.measures.values())}
    places = {c for c in table.geography if c and not c.startswith(("=", "org_"))}
    frame = stored[[c for c in stored.columns if c not in used | places]].copy()
    starts, ends = _periods(table, stored)
    frame["period_start"], frame["period_end"] = starts, ends
    frame["period_type"] = table.period or "other"
    kind, code, name = table.geography
    words = (
        pd.Series(kind[1:], index=stored.index, dtype=str) if kind.startswith("=") else stored[kind]
    )
    frame["geography_type"] = words.map(GEOGRAPHY_TYPES)
    frame["geography_code"] = stored[code] if code else ""
    frame["geography"] = stored[name] if name else ""
    for column in ("qualifier", "locator"):
        frame[column] = ""
    frame["second_hand"] = "no"
    return frame


def _periods(table: Table, stored: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """First and last day of each row as ISO text, empty for tables without a date."""
    if not table.period:
        empty = pd.Series("", index=stored.index, dtype=str)
        return empty, empty
    words = stored[table.period]
    if table.period == "financial_year":
        years = words.str[:4]
        return years + "-04-01", (years.astype(int) + 1).astype(str) + "-03-31"
    ends = {m: str(pd.Period(m, freq="M").end_time.date()) for m in words.unique()}
    return words + "-01", words.map(ends)


def _column_facts(table: Table, frame: pd.DataFrame, rows: int) -> pd.DataFrame:
    """What all cells of a column share: unit, rounding, price basis, note, and dates where the column has its own."""
    columns = list(table.measures.values())
    for fact in ("unit", "rounding", "price_basis", "note"):
        frame[fact] = np.tile([getattr(c, fact) for c in columns], rows)
    if any(c.period for c in columns):
        frame["period_start"] = np.tile([(c.period or ("", ""))[0] for c in columns], rows)
        frame["period_end"] = np.tile([(c.period or ("", ""))[1] for c in columns], rows)
        frame["period_type"] = np.tile(["snapshot" if c.period else "other" for c in columns], rows)
    return frame


def _reliability(table: Table, stored: pd.DataFrame) -> np.ndarray:
    blank = pd.Series("", index=stored.index, dtype=str)
    columns = [stored[c.reliability] if c.reliability else blank for c in table.measures.values()]
    return np.column_stack([c.to_numpy(dtype=object) for c in columns]).ravel()
