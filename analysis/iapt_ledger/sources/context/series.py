"""Rows of the context table, releases and their names, and files of series in which labels come before the data."""

from __future__ import annotations

import calendar
import csv
import io
import re
from collections.abc import Iterable, Mapping

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.sources.base import ContentError
from iapt_ledger.sources.reading.frames import ENGLAND, stored
from iapt_ledger.sources.reading.kinds import expect
from iapt_ledger.sources.reading.markers import NUMBER
from iapt_ledger.sources.reading.text import decoded

CONTEXT = "context"
UK: Mapping[str, str] = {**ENGLAND, "geography_code": "K02000001", "geography": "UK"}
MONTHS = list(calendar.month_name)[1:]
_RELEASE = re.compile(r"(?:(\d{1,2})[ -])?(" + "|".join(MONTHS) + r"|\d{2})[ -](\d{4})")


def context_rows(rows: Iterable[Mapping[str, str]], same: Mapping[str, str]) -> pd.DataFrame:
    """Rows in the stored columns of the context table.

    Args:
        rows: one a figure.
        same: columns that say the same in all rows that do not say otherwise.
    """
    frame = pd.DataFrame(list(rows), dtype=str)
    return stored(CONTEXT, frame.fillna(""), {"rounding": "", **same})


def ons_publication(
    name: str, title: str, address: str, published: str = "", cadence: str = "annual"
) -> Mapping[str, str]:
    """An entry for the registry of what the Office for National Statistics published.

    Args:
        name: id.
        title, address: of the publication.
        published: ISO date; empty where the file does not tell it.
        cadence: how often it comes.
    """
    return {
        "id": name,
        "title": title,
        "publisher": "Office for National Statistics",
        "published": published or "not seen",
        "licence": "Open Government Licence v3.0",
        "address": address,
        "how_read": "publisher file",
        "cadence": cadence,
    }


def rows_of_text(data: bytes, where: str) -> list[list[str]]:
    """Rows of a CSV file of any length, as where a table stands below a title and above notes.

    Raises:
        ContentError: it is no text, or a quotation mark is not closed.
    """
    expect(data, ("text",), where)
    text = io.StringIO(decoded(data, where), newline="")
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(text, strict=True)]
    except csv.Error as error:
        raise ContentError("the table cannot be read", where=where, found=error) from None


def released(text: str, where: str) -> str:
    """A day of release written 31-03-2026 or 31 March 2026, as ISO date.

    Raises:
        ContentError: it is written otherwise.
    """
    found = _RELEASE.fullmatch(text.strip())
    month = found[2] if found else ""
    number = MONTHS.index(month) + 1 if month in MONTHS else int(month or 0)
    if not found or not found[1] or not 1 <= number <= 12 or not 1 <= int(found[1]) <= 31:
        raise ContentError(
            "a day of release cannot be read",
            where=where,
            expected="such as 31-03-2026 or 31 March 2026",
            found=repr(text),
        )
    return f"{found[3]}-{number:02d}-{int(found[1]):02d}"


def month_words(day: str) -> str:
    """Month and year of an ISO date or month in words.

    >>> month_words("2026-03-31"), month_words("2023-12")
    ('March 2026', 'December 2023')
    """
    return f"{MONTHS[int(day[5:7]) - 1]} {day[:4]}"


def not_numbers(cells: Mapping[str, str]) -> list[LedgerError]:
    """A fault for each cell that is no number, by where it stands."""
    return [
        LedgerError("a cell is no number", where=place, found=repr(text))
        for place, text in cells.items()
        if not re.fullmatch(NUMBER, text)
    ]


def gaps(years: Iterable[int]) -> list[str]:
    """Years that are missing between the first and the last.

    >>> gaps([2001, 2002, 2004])
    ['2003']
    """
    found = sorted(years)
    return [str(y) for y in range(found[0], found[-1] + 1) if y not in set(found)] if found else []
