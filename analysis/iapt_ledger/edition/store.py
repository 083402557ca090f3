"""Read and write the stored tables of an edition; a table is read only when its bytes match the manifest."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from iapt_ledger.edition.manifest import check_bytes, read_manifest
from iapt_ledger.edition.tables import Table, table
from iapt_ledger.errors import LedgerError
from iapt_ledger.paths import EDITIONS

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def find_edition(name: str = "latest", editions: Path = EDITIONS) -> Path:
    """Folder of an edition; "latest" is the last by name.

    Raises:
        LedgerError: there is no such edition; the message lists those there are.
    """
    found = sorted(p.name for p in editions.glob("*") if p.is_dir() and _DATE.fullmatch(p.name))
    if name == "latest" and found:
        return editions / found[-1]
    if name not in found:
        raise LedgerError(
            "no such edition",
            where="data/editions",
            expected="latest or a date written YYYY-MM-DD",
            found=name,
            choices=["latest", *found],
            fix="edit `edition` in analysis/config.yaml",
        )
    return editions / name


def read_stored(name: str, edition: Path) -> pd.DataFrame:
    """A stored table as text, its bytes checked first; without rows where the edition is older than the table.

    Raises:
        LedgerError: the table is not declared, not pinned, missing or changed.
    """
    declared = table(name)
    if not declared.held_by(edition.name):
        return pd.DataFrame(columns=list(declared.columns), dtype=str)
    pins = read_manifest(edition)
    where = f"data/editions/{edition.name}/{declared.file}"
    if declared.file not in pins:
        raise LedgerError("the table is not in the manifest", where=where, choices=sorted(pins))
    try:
        data = (edition / declared.file).read_bytes()
    except FileNotFoundError:
        raise LedgerError(
            "a stored file is missing", where=where, fix=f"git checkout -- {where}"
        ) from None
    check_bytes(data, pins[declared.file], edition)
    frame = decode(data, declared)
    if tuple(frame.columns) != declared.columns:
        raise LedgerError(
            "stored columns differ from the declaration",
            where=where,
            expected=list(declared.columns),
            found=list(frame.columns),
        )
    return frame


def decode(data: bytes, declared: Table) -> pd.DataFrame:
    """The bytes of a stored file as a frame of text; an empty cell is empty text."""
    if declared.format == "parquet":
        return pq.read_table(pa.BufferReader(data)).to_pandas()
    return pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False, encoding="utf-8")


def encode(frame: pd.DataFrame, declared: Table) -> bytes:
    """The bytes of a stored file; the same frame gives the same bytes.

    Raises:
        LedgerError: a cell of a text file holds a carriage return, which no reader of CSV gives back safely.
    """
    if declared.format == "csv":
        returns = frame.map(lambda cell: "\r" in cell)
        if returns.to_numpy().any():
            rows = sorted(int(i) + 1 for i in returns.index[returns.any(axis=1)])
            raise LedgerError(
                "a cell holds a carriage return", where=declared.file, found=f"rows {rows[:5]}"
            )
        return frame.to_csv(index=False, lineterminator="\n").encode("utf-8")
    columns = [pa.array(frame[c].astype(str), type=pa.string()) for c in frame.columns]
    out = io.BytesIO()
    pq.write_table(
        pa.table(columns, names=list(frame.columns)),
        out,
        compression="zstd",
        compression_level=19,
        version="2.6",
    )
    return out.getvalue()


def write_stored(frame: pd.DataFrame, edition: Path, declared: Table) -> None:
    """Write one table into a new edition."""
    path = edition / declared.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(frame, declared))
