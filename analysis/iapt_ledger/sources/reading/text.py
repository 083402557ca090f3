"""Text and tables of text: encodings, and CSV in which no row is mended in silence."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

from iapt_ledger.sources.base import ContentError
from iapt_ledger.sources.reading.kinds import expect

_NOT_PLAIN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ufffe\uffff]")
_SHOWN = 5


def decoded(data: bytes, where: str) -> str:
    """Text of a file in UTF-8 (with or without a mark), UTF-16 with its mark, or Windows-1252.

    Raises:
        ContentError: it is none of these, or holds characters that no table has.
    """
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ContentError(
            "the text is in no encoding that is known",
            where=where,
            expected="UTF-8, UTF-16 with its mark or Windows-1252",
            found=f"byte {data[error.start]:#04x} at {error.start:,}",
        ) from None
    odd = _NOT_PLAIN.search(text)
    if odd:
        raise ContentError(
            "the text holds a character that no table has",
            where=where,
            found=f"U+{ord(odd[0]):04X} at {odd.start():,}",
        )
    return text


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def header_of(data: bytes, where: str) -> list[str]:
    """The first row of a CSV file, blanks around its names removed.

    Raises:
        ContentError: it is no text, or has no first row.
    """
    expect(data, ("text",), where)
    return _first_row(decoded(data, where), where)


def _first_row(text: str, where: str) -> list[str]:
    try:
        row = next(iter(csv.reader(io.StringIO(text, newline=""), strict=True)), [])
    except csv.Error as error:
        raise ContentError("the header cannot be read", where=where, found=error) from None
    names = [name.strip() for name in row]
    if not any(names):
        raise ContentError("the file has no header", where=where)
    return names


def read_csv(data: bytes, where: str) -> pd.DataFrame:
    """A CSV file as a frame of text: cells without blanks around them, nothing read as missing.

    Rows and columns without any content, as spreadsheets leave them at the end, are dropped.

    Raises:
        ContentError: no text, a name twice in the header, a row with more or fewer cells than the header, content in a
            column without a name, or a line break in a cell, by which one stray quotation mark swallows other rows.
    """
    expect(data, ("text",), where)
    text = decoded(data, where)
    if text.count('"') % 2:
        raise ContentError("a quotation mark is not closed", where=where)
    names = _first_row(text, where)
    twice = sorted(name for name, n in Counter(names).items() if n > 1 and name)
    if twice:
        raise ContentError("the header has a name twice", where=where, found=twice)
    frame = _named_columns(_rows(text, names, where), names, where)
    if '"' in text:
        _refuse_line_breaks(frame, where)
    filled = [pc.not_equal(frame.column(i), "") for i in range(frame.num_columns)]
    some = filled[0]
    for column in filled[1:]:
        some = pc.or_(some, column)
    return frame.filter(some).to_pandas()


def _rows(text: str, names: list[str], where: str) -> pa.Table:
    ragged: list[str] = []

    def refuse(row: pacsv.InvalidRow) -> str:
        if len(ragged) < _SHOWN:
            line = "" if row.number is None else f"row {row.number:,} "
            ragged.append(f"{line}has {row.actual_columns} cells")
        return "skip"

    columns = [f"c{i}" for i in range(len(names))]
    try:
        table = pacsv.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            read_options=pacsv.ReadOptions(column_names=columns, skip_rows=0, use_threads=False),
            parse_options=pacsv.ParseOptions(newlines_in_values=True, invalid_row_handler=refuse),
            convert_options=pacsv.ConvertOptions(
                column_types={c: pa.string() for c in columns}, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise ContentError("the table cannot be read", where=where, found=error) from None
    if ragged:
        raise ContentError(
            "rows have more or fewer cells than the header",
            where=where,
            expected=f"{len(names)} cells",
            found=", ".join(ragged),
        )
    trimmed = [pc.utf8_trim_whitespace(table.column(i)) for i in range(len(names))]
    return pa.table(trimmed, names=columns).slice(1)


def _named_columns(table: pa.Table, names: list[str], where: str) -> pa.Table:
    """The columns that have a name; the others must be empty."""
    for i, name in enumerate(names):
        if not name and pc.any(pc.not_equal(table.column(i), "")).as_py():
            raise ContentError(
                "a column without a name holds cells", where=where, found=f"column {i + 1}"
            )
    kept = [i for i, name in enumerate(names) if name]
    return table.select(kept).rename_columns([names[i] for i in kept])


def _refuse_line_breaks(table: pa.Table, where: str) -> None:
    for name in table.column_names:
        broken = pc.match_substring_regex(table.column(name), "[\\n\\r]")
        row = pc.index(broken, True).as_py()
        if row >= 0:
            raise ContentError(
                "a cell holds a line break, as where a quotation mark stands alone and swallows rows",
                where=f"{where}, row {row + 2:,}, column {name}",
                found=repr(table.column(name)[row].as_py()[:60]),
            )
