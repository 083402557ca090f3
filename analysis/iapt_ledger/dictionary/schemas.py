"""Pandera schemas made from the dictionary: columns, types, closed vocabularies and cells that may not be empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from iapt_ledger.dictionary.faults import Fault, shown
from iapt_ledger.dictionary.model import Column, Table

_IS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (pd.api.types.is_string_dtype, "text"),
    "number": (pd.api.types.is_float_dtype, "numbers (float)"),
    "whole": (pd.api.types.is_integer_dtype, "whole numbers"),
    "date": (pd.api.types.is_datetime64_any_dtype, "dates"),
    "flag": (pd.api.types.is_bool_dtype, "true or false"),
}
"""Type of a column: how a pandas type is told to be it, and what a fault calls it."""
_LISTED = 8


def table_schema(table: Table) -> pa.DataFrameSchema:
    """The schema of one table: exactly its columns, each with its checks."""
    return pa.DataFrameSchema(
        {c.name: pa.Column(nullable=True, checks=list(_checks(c))) for c in table.columns.values()},
        strict=True,
        name=table.name,
    )


def _checks(column: Column) -> Iterator[pa.Check]:
    is_type, words = _IS[column.type]
    yield pa.Check(lambda s: is_type(s.dtype), error=words)
    if not column.empty:
        yield pa.Check(_filled, ignore_na=False, error="a value in every row")
    if column.values is not None:
        yield pa.Check(
            _one_of(frozenset(column.values), column.empty), error=_listed(tuple(column.values))
        )


def _filled(cells: pd.Series) -> pd.Series:
    return (
        cells.notna() & cells.ne("") if pd.api.types.is_string_dtype(cells.dtype) else cells.notna()
    )


def _one_of(values: frozenset[str], empty: bool) -> Callable[[pd.Series], pd.Series]:
    allowed = values | {""} if empty else values
    return lambda cells: cells.isin(allowed)


def _listed(values: tuple[str, ...]) -> str:
    more = f" and {len(values) - _LISTED} more" if len(values) > _LISTED else ""
    return "one of " + ", ".join(repr(v) for v in values[:_LISTED]) + more


def schema_faults(table: Table, frame: pd.DataFrame) -> Iterator[Fault]:
    """Everything in a frame that its schema does not allow."""
    try:
        table_schema(table).validate(frame, lazy=True)
    except SchemaErrors as error:
        for case in error.failure_cases.itertuples(index=False):
            yield _fault(table, frame, case)


def _fault(table: Table, frame: pd.DataFrame, case: object) -> Fault:
    check, cell = str(case.check), case.failure_case  # type: ignore[attr-defined]
    rule = f"tables / {table.name} / columns"
    if check == "column_in_schema":
        return Fault(
            table.file, 0, str(cell), "no such column", "the column, without an entry", rule
        )
    if check == "column_in_dataframe":
        return Fault(table.file, 0, str(cell), "the column", "an entry that no data uses", rule)
    column, index = str(case.column), case.index  # type: ignore[attr-defined]
    if index is None or pd.isna(index):
        return Fault(table.file, 0, column, check, f"{frame[column].dtype}", rule)
    position = int(index)
    obs = str(frame["obs_id"].iloc[position]) if "obs_id" in frame else ""
    return Fault(table.file, position + 1, column, check, shown(cell), rule, obs)
