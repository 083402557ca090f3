"""Workbooks as rows of text: values only, no formula is ever worked out and no link followed."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from python_calamine import CalamineWorkbook

from iapt_ledger.errors import closest
from iapt_ledger.sources.base import MEGABYTE, ContentError
from iapt_ledger.sources.reading.kinds import expect

MOST_UNPACKED = 1500 * MEGABYTE
MOST_CELLS = 20_000_000
"""Cells from the first to the last one in use of a sheet; a single cell far out would else fill the memory."""

_COLUMN = re.compile(rb'[ \n]r="([A-Z]{1,3})[0-9]')
_ROW = re.compile(rb'<(?:x:)?row[^>]{0,200}? r="([0-9]{1,9})"')
_BROKEN = (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, zlib.error)


class Workbook:
    """A workbook (xlsx, xlsm or xls) in memory.

    Args:
        data: its bytes.
        where: its name, for messages.
        most: bytes that it may unpack to.

    Raises:
        ContentError: it is no workbook, is broken, or unpacks to too much.
    """

    def __init__(self, data: bytes, where: str, most: int = MOST_UNPACKED) -> None:
        self.where = where
        if expect(data, ("workbook", "old workbook"), where) == "workbook":
            _check_size(data, where, most)
        self._book = self._guard(lambda: CalamineWorkbook.from_filelike(io.BytesIO(data)))

    @property
    def sheets(self) -> list[str]:
        """Names of the sheets in order, as written, blanks at their ends included."""
        return list(self._book.sheet_names)

    def rows(self, sheet: str, most: int | None = None) -> list[list[str]]:
        """Rows of a sheet from its first row and column on, cells as text.

        Args:
            sheet: its name; blanks at the ends and capitals do not count.
            most: rows to give at most.

        Raises:
            ContentError: there is no such sheet, or it cannot be read.
        """
        name = self.find(sheet)
        cells = self._guard(
            lambda: self._book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=most)
        )
        return [[cell_text(cell) for cell in row] for row in cells]

    def find(self, sheet: str) -> str:
        """The name of a sheet as the workbook writes it.

        Raises:
            ContentError: there is none or more than one.
        """
        fitting = [n for n in self.sheets if n.strip().lower() == sheet.strip().lower()]
        if len(fitting) != 1:
            raise ContentError(
                "the workbook has not the one sheet that is looked for",
                where=self.where,
                expected=sheet,
                found=fitting or "none",
                choices=self.sheets,
                nearest=closest(sheet, self.sheets),
            )
        return fitting[0]

    def _guard(self, work: Callable[[], Any]) -> Any:
        """What the reader gives; whatever it fails with, even a panic of its own, is a fault of the file."""
        try:
            return work()
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:
            raise ContentError(
                "the workbook cannot be read", where=self.where, found=error
            ) from None


def cell_text(cell: object) -> str:
    """A cell as text: whole numbers without a point, days as ISO dates, an empty cell as empty text.

    >>> cell_text(1200.0), cell_text(0.5), cell_text(dt.date(2020, 2, 1)), cell_text(None)
    ('1200', '0.5', '2020-02-01', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return str(cell.date()) if cell.time() == dt.time() else cell.isoformat(sep=" ")
    return str(cell).strip()


def row_with(rows: Sequence[Sequence[str]], names: Iterable[str], where: str) -> int:
    """Number (from 0) of the first row that holds every one of these words as a cell; capitals do not count.

    Raises:
        ContentError: no row does.
    """
    wanted = {name.lower() for name in names}
    for number, row in enumerate(rows):
        if wanted <= {cell.lower() for cell in row}:
            return number
    raise ContentError("no row of headings is found", where=where, expected=sorted(wanted))


def _check_size(data: bytes, where: str, most: int) -> None:
    """Refuse a workbook that would fill the memory, before it is opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            total = sum(i.file_size for i in archive.infolist())
            if total > most:
                raise _too_large(where, f"at most {most:,} bytes", f"{total:,} bytes")
            sheets = [n for n in archive.namelist() if n.lower().startswith("xl/worksheets/")]
            sizes = {name: _cells(archive.read(name)) for name in sheets if name.endswith(".xml")}
    except _BROKEN as error:
        raise ContentError("the workbook is broken", where=where, found=error) from None
    for name, cells in sizes.items():
        if cells > MOST_CELLS:
            raise _too_large(where, f"at most {MOST_CELLS:,} cells", f"{cells:,} in {name}")


def _too_large(where: str, expected: str, found: str) -> ContentError:
    return ContentError(
        "the workbook unpacks to too much", where=where, expected=expected, found=found
    )


def _cells(sheet: bytes) -> int:
    """Cells of the block from A1 to the last row and column that a sheet names."""
    columns = set(_COLUMN.findall(sheet))
    rows = max((int(n) for n in _ROW.findall(sheet)), default=0)
    return rows * max((_column_number(c) for c in columns), default=0)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
