"""The tidy tables and the results as files that any program reads."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from iapt_ledger.build.offered.harmless import harmless, harmless_table
from iapt_ledger.build.offered.steady import zip_bytes

LARGE = 1_000_000
"""Bytes of a CSV file from which on it is offered packed."""

RESULT_COLUMNS = (
    "id",
    "value",
    "low",
    "high",
    "unit",
    "interval",
    "price_base",
    "text",
    "range_text",
    "status",
    "made",
    "function",
    "notebook",
    "sources",
    "observations",
)


def table_files(parquet: Path) -> dict[str, bytes]:
    """A tidy table as Parquet, unchanged, and as CSV, packed where it is large; by file name."""
    text = csv_of(pq.read_table(parquet))
    name = f"{parquet.stem}.csv"
    packed = {f"{name}.zip": zip_bytes({name: text})} if len(text) > LARGE else {name: text}
    return {**packed, parquet.name: parquet.read_bytes()}


def csv_of(table: pa.Table) -> bytes:
    """An Arrow table as CSV: text quoted, numbers bare, days as YYYY-MM-DD, what is missing empty."""
    out = io.BytesIO()
    days = [
        field.with_type(pa.date32()) if pa.types.is_timestamp(field.type) else field
        for field in table.schema
    ]
    pa_csv.write_csv(harmless_table(table.cast(pa.schema(days))), out)
    return out.getvalue()


def results_csv(results: Iterable[Mapping[str, Any]]) -> bytes:
    """The results as CSV, a row a result; lists are parted by blanks."""
    rows = [[_cell(result.get(name)) for name in RESULT_COLUMNS] for result in results]
    return written([list(RESULT_COLUMNS), *rows])


def written(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows as CSV with every text harmless."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(
        [harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return out.getvalue().encode("utf8")


def read_records(results: Path) -> list[dict[str, Any]]:
    """The records of results.json."""
    return json.loads(results.read_text(encoding="utf8"))["results"]


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return " ".join(value) if isinstance(value, list | tuple) else value
