"""Make every tidy table of an edition, and write each whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from iapt_ledger.edition.manifest import verify_edition
from iapt_ledger.edition.store import read_stored
from iapt_ledger.edition.tables import TABLES, Table
from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.registry import Registry
from iapt_ledger.tidy.long import tidy_long
from iapt_ledger.tidy.studies import tidy_studies
from iapt_ledger.tidy.wide import tidy_wide

CLAIMS = "claims_under_test"
"""Rows that repeat a claim under test: kept apart, in a table that no measure reads."""

FEW_ROWS = 3
"""Rows that a fault names before it counts the rest."""


def tidy_edition(edition: Path, registry: Registry) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and frame of every tidy table of an edition, the claims under test last.

    Raises:
        Faults: the edition is not what its manifest pins, a record names a source that is not in the
            registry, or a category has no entry in the code list.
        LedgerError: a cell is not what its column may hold.
    """
    verify_edition(edition)
    labels = read_stored("category_spellings", edition)
    spellings = {(b, p): c for b, p, c, _ in labels.itertuples(index=False)}
    claims = []
    for table in TABLES.values():
        stored = with_canonical_sources(table, read_stored(table.name, edition), registry)
        frame = tidy_table(table, stored, spellings)
        if table.shape != "code":
            under_test = frame["status"].eq("claim_under_test")
            claims.append(frame[under_test])
            frame = frame[~under_test].reset_index(drop=True)
        yield table.name, frame
    yield CLAIMS, _claims(claims)


def tidy_table(
    table: Table, stored: pd.DataFrame, spellings: Mapping[tuple[str, str], str]
) -> pd.DataFrame:
    """Tidy form of one stored table, claims under test still in it."""
    try:
        if table.shape == "long":
            _check_spellings(stored, spellings)
            return tidy_long(table, stored, spellings)
        if table.shape == "wide":
            return tidy_wide(table, stored)
        if table.shape == "study":
            return tidy_studies(table, stored)
    except ValueError as error:
        raise LedgerError(
            "a cell cannot be read", where=f"table {table.name}", found=error
        ) from error
    return stored


def write_tidy(frame: pd.DataFrame, path: Path) -> None:
    """Write one tidy table; a reader sees the old file or the new one, never half of either."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), part, compression="zstd")
    part.replace(path)


def with_canonical_sources(table: Table, stored: pd.DataFrame, registry: Registry) -> pd.DataFrame:
    """The stored rows with every source named by the one id that the registry gives it.

    A row may name no source only where a figure was sought and not found.

    Raises:
        Faults: sources that are not in the registry, and figures without a source.
    """
    if "source_id" not in stored:
        return stored
    ids = stored["source_id"]
    faults = [
        LedgerError(
            f"No source {name!r} in data/sources.yaml for {table.file}, {_rows(ids.eq(name))}",
            nearest=closest(name, registry.canonical),
            fix="git checkout -- data/sources.yaml, or add an entry to it",
        )
        for name in ids.unique()
        if name and name not in registry
    ]
    nameless = ids.eq("") & stored["status"].ne("not_found")
    if nameless.any():
        where = f"{table.file}, {_rows(nameless)}"
        fix = "make a new edition in which it does"
        faults.append(LedgerError("A record names no source", where=where, fix=fix))
    if faults:
        raise Faults("Records without a source in the registry", faults)
    return stored.assign(source_id=ids.map({"": "", **registry.canonical}))


def _rows(chosen: pd.Series) -> str:
    """The first few rows where it holds, counted from 1, and how many there are."""
    numbers = [int(n) + 1 for n in chosen.to_numpy().nonzero()[0]]
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    first = ", ".join(str(n) for n in numbers[:FEW_ROWS])
    if len(numbers) <= FEW_ROWS:
        return f"rows {first}"
    return f"rows {first} and {len(numbers) - FEW_ROWS} more ({len(numbers)} in all)"


def _check_spellings(stored: pd.DataFrame, spellings: Mapping[tuple[str, str], str]) -> None:
    if "breakdown" not in stored:
        return
    pairs = set(
        stored[["breakdown", "category"]].drop_duplicates().itertuples(index=False, name=None)
    )
    unknown = [f"{b}: {c!r}" for b, c in pairs - set(spellings)]
    if unknown:
        raise Faults(
            "categories without an entry in category_spellings",
            unknown,
            fix="add them to the code list",
        )


def _claims(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """One frame of all claims under test; a column that a table lacks is empty."""
    frame = pd.concat([p for p in parts if len(p)], ignore_index=True)
    for column in frame.columns:
        if frame[column].dtype == object or isinstance(frame[column].dtype, pd.StringDtype):
            frame[column] = (
                frame[column].astype(object).where(frame[column].notna(), "").astype(str)
            )
    return frame
