"""The one table of a file, whether text or workbook, packed or not; and rows as the edition stores them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from iapt_ledger.edition.tables import table
from iapt_ledger.sources.base import ContentError, RawFile
from iapt_ledger.sources.reading.archives import gunzipped, read_member
from iapt_ledger.sources.reading.kinds import expect, kind
from iapt_ledger.sources.reading.text import header_of, read_csv
from iapt_ledger.sources.reading.workbooks import Workbook

_START = 65_536

ENGLAND: Mapping[str, str] = {
    "geography_type": "country",
    "geography_code": "E92000001",
    "geography": "England",
    "low": "",
    "high": "",
    "unit_scale": "1",
    "price_basis": "",
    "qualifier": "",
    "status": "published",
    "second_hand": "no",
    "note": "",
}
"""What rows for England of a published count or rate say of themselves, unless a feed says otherwise."""


def unpacked(raw: RawFile, inside: str = "*.csv") -> tuple[str, str, bytes]:
    """How a file was packed, the name of what was in it, and its bytes.

    The packing is "", "zip", "rar" or "gzip"; a workbook counts as not packed.

    Raises:
        ContentError: the archive is broken or unsafe, or does not hold one file of that name.
    """
    data = raw.read()
    found = kind(data)
    if found in ("zip", "rar"):
        return found, *read_member(data, inside, raw.name)
    if found == "gzip":
        return found, raw.name.removesuffix(".gz"), gunzipped(data, raw.name)
    return "", raw.name, data


def header(raw: RawFile, inside: str = "*.csv") -> tuple[str, list[str]]:
    """How a file is laid out ("csv", "csv in a zip", "workbook" ...) and its first row of names; for recognising it.

    Raises:
        ContentError: it has no header that can be read.
    """
    start = _beginning(raw.path)
    if kind(start) == "text":
        whole_lines = start.rsplit(b"\n", 1)[0] if b"\n" in start else start
        return "csv", header_of(whole_lines, raw.name)
    packing, name, data = unpacked(raw, inside)
    if expect(data, ("text", "workbook"), name) == "workbook":
        book = Workbook(data, name)
        return "workbook", _names(book.rows(book.sheets[0], most=1), name)[1]
    return f"csv in a {packing}", header_of(data[:_START].rsplit(b"\n", 1)[0], name)


def one_table(raw: RawFile, inside: str = "*.csv") -> pd.DataFrame:
    """The one table of a file as text: its CSV, or the first sheet of its workbook.

    Raises:
        ContentError: as `read_csv` and `Workbook` say.
    """
    _, name, data = unpacked(raw, inside)
    if expect(data, ("text", "workbook"), name) == "text":
        return read_csv(data, name)
    book = Workbook(data, name)
    return sheet_table(book.rows(book.sheets[0]), name)


def sheet_table(rows: Sequence[Sequence[str]], where: str) -> pd.DataFrame:
    """Rows of a sheet under the first row that is not empty, which names the columns; empty rows are dropped.

    Raises:
        ContentError: no name, a name twice, or content in a column without a name.
    """
    number, names = _names(rows, where)
    below = [row for row in rows[number + 1 :] if any(row)]
    frame = pd.DataFrame(below, columns=range(len(rows[number])), dtype=str)
    nameless = [i for i, name in enumerate(names) if not name]
    if below and (frame[nameless] != "").to_numpy().any():
        raise ContentError("a column without a name holds cells", where=where)
    frame = frame.drop(columns=nameless)
    frame.columns = pd.Index([name for name in names if name])
    return frame


def _names(rows: Sequence[Sequence[str]], where: str) -> tuple[int, list[str]]:
    for number, row in enumerate(rows):
        if any(row):
            twice = sorted(n for n, k in Counter(c for c in row if c).items() if k > 1)
            if twice:
                raise ContentError("the header has a name twice", where=where, found=twice)
            return number, list(row)
    raise ContentError("the sheet is empty", where=where)


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_START)


def stored(name: str, rows: pd.DataFrame, same: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Rows in the stored columns of a table of the edition.

    Args:
        name: the table.
        rows: some of its columns.
        same: columns that say the same in every row; `rows` win.
    """
    columns = list(table(name).columns)
    frame = rows.rename_axis(columns=None)
    for column, text in (same or {}).items():
        if column not in frame:
            frame[column] = text
    return frame[columns].astype(str).reset_index(drop=True)
