"""Text from data that a spreadsheet would take for a formula, made to be read as text.

A spreadsheet runs a cell of a CSV file that begins with =, +, - or @, also behind blanks, and then what a stranger
wrote in a publication would run on the reader's machine. Such text gets an apostrophe in front, which spreadsheets
know as the mark of text. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import re

import pyarrow as pa
import pyarrow.compute as pc

_STARTS = re.compile(
    r"^[\s\x00]*[=+\-@＝＋－＠]"
)  # the last four: the wide letters of East Asian text
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
MARK = "'"


def harmless(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula."""
    return MARK + text if _STARTS.match(text) and not _NUMBER.fullmatch(text) else text


def harmless_csv(content: bytes) -> bytes:
    """A CSV file with every cell harmless; the very same bytes where all of them are."""
    rows = list(csv.reader(io.StringIO(content.decode("utf8"), newline="")))
    made = [[harmless(cell) for cell in row] for row in rows]
    if made == rows:
        return content
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(made)
    return out.getvalue().encode("utf8")


def harmless_table(table: pa.Table) -> pa.Table:
    """An Arrow table with every text column harmless."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            table = table.set_column(place, field.name, _harmless_column(table.column(place)))
    return table


def _harmless_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of few different texts is looked at once a text."""
    texts = pc.unique(column)
    made = pa.array([None if one is None else harmless(one) for one in texts.to_pylist()])
    if made.equals(texts.cast(made.type)):
        return column
    return pa.chunked_array([pc.take(made, pc.index_in(column, value_set=texts))])
