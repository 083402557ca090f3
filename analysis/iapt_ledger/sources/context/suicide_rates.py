"""The workbook of ONS reference tables on suicides: the sheets of England and Wales together and of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pandas as pd

from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.sources.base import ContentError
from iapt_ledger.sources.reading.workbooks import Workbook

SHEETS = {"Table_1": "England and Wales", "Table_2": "England", "Table_3": "Wales"}
AREA, YEAR, RATE = (
    "Area of usual residence",
    "Year of death registration",
    "Persons Rate per 100,000",
)
_NOTE = re.compile(r"\s*\[notes? [0-9, and]{1,30}\]|\s+")
_OTHER = re.compile(
    r"(?:Persons|Males|Females) (?:Number of deaths|Rate per 100,000|(?:Lower|Upper) .{1,60})|Area code",
    re.IGNORECASE,
)


def has_rates(book: Workbook) -> bool:
    """Whether a workbook has a sheet of rates by country.

    Raises:
        ContentError: a sheet of that name has no row of headings.
    """
    found = [name for sheet in SHEETS if sheet in book.sheets for name in _header(book, sheet)[1]]
    return bool({YEAR, RATE} & set(found))


def rates(book: Workbook) -> pd.DataFrame:
    """Rates of all persons as text, from the three sheets; columns area, year and value.

    Raises:
        ContentError: a sheet or its header is not there.
        Faults: unknown columns.
    """
    parts = []
    for sheet, area in SHEETS.items():
        number, names = _header(book, sheet)
        if faults := [*_header_faults(names)]:
            raise Faults(f"sheet {sheet} of {book.where} is not known", faults)
        places = [names.index(name) for name in (AREA, YEAR, RATE)]
        below = [row for row in book.rows(sheet)[number + 1 :] if any(row)]
        cells = [[row[place] for place in places] for row in below]
        part = pd.DataFrame(cells, columns=["area", "year", "value"], dtype=str)
        if strange := sorted(set(part["area"]) - {area}):
            raise ContentError(
                "a sheet holds other areas than its own",
                where=f"{book.where}, sheet {sheet}",
                expected=area,
                found=strange[:5],
            )
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _header(book: Workbook, sheet: str) -> tuple[int, list[str]]:
    """Number and names of the row that names the columns; notes and line breaks are left out of the names.

    Raises:
        ContentError: there is none in the first rows.
    """
    for number, row in enumerate(book.rows(sheet, most=12)):
        names = [" ".join(_NOTE.sub(" ", cell).split()) for cell in row]
        if len({AREA, YEAR, RATE} & set(names)) >= 2:
            return number, names
    raise ContentError(
        "no row of headings is found",
        where=f"{book.where}, sheet {sheet}",
        expected=[AREA, YEAR, RATE],
    )


def _header_faults(names: Sequence[str]) -> Iterator[LedgerError]:
    wanted = (AREA, YEAR, RATE)
    for name in names:
        if name and name not in wanted and not _OTHER.fullmatch(name):
            near = closest(name, wanted)
            yield LedgerError("an unknown column", found=repr(name), nearest=near)
    for name in wanted:
        if names.count(name) != 1:
            found = f"{names.count(name)} of that name"
            yield LedgerError("a column is not there once", expected=name, found=found)
