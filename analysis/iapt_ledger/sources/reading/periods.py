"""Periods as the health service writes them."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from iapt_ledger.sources.base import ContentError

MONTHS = tuple(calendar.month_abbr[i].lower() for i in range(1, 13))
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00:00(?:\.0+)?)?")
_BRITISH = re.compile(r"(\d{2})/(\d{2})/(\d{4})(?: 00:00(?::00)?)?")
_YEAR = re.compile(r"(\d{4})[-/](\d{2})")
_MONTH_IN_NAME = re.compile(
    r"(?<![a-z])("
    + "|".join(calendar.month_name[i].lower() for i in range(1, 13))
    + "|"
    + "|".join(MONTHS)
    + r"|sept)[-_ ]*(20\d{2}|\d{2})(?!\d)"
)


def day(text: str, where: str) -> dt.date:
    """A date written 2025-06-30 or 30/06/2025 (the day first).

    Raises:
        ContentError: it is written otherwise, or there is no such day.
    """
    iso, british = _ISO.fullmatch(text), _BRITISH.fullmatch(text)
    try:
        if iso:
            return dt.date(int(iso[1]), int(iso[2]), int(iso[3]))
        if british:
            return dt.date(int(british[3]), int(british[2]), int(british[1]))
    except ValueError:
        pass
    raise ContentError(
        "a date cannot be read", where=where, expected="YYYY-MM-DD or DD/MM/YYYY", found=repr(text)
    )


def month(start: str, end: str, where: str) -> str:
    """The month, written 2025-06, of which these are the first and the last day.

    Raises:
        ContentError: they are not the first and last day of one month.
    """
    first, last = day(start, where), day(end, where)
    if (first, last) != month_bounds(f"{first:%Y-%m}"):
        raise ContentError(
            "a period is no whole month",
            where=where,
            expected="the first and the last day of one month",
            found=f"{start} to {end}",
        )
    return f"{first:%Y-%m}"


def month_bounds(name: str) -> tuple[dt.date, dt.date]:
    """First and last day of a month written 2025-06.

    >>> [str(d) for d in month_bounds("2024-02")]
    ['2024-02-01', '2024-02-29']
    """
    year, number = int(name[:4]), int(name[5:7])
    return dt.date(year, number, 1), dt.date(year, number, calendar.monthrange(year, number)[1])


def year_bounds(name: str) -> tuple[dt.date, dt.date]:
    """First and last day of a financial year written 2024-25.

    >>> [str(d) for d in year_bounds("1999-00")]
    ['1999-04-01', '2000-03-31']

    Raises:
        ContentError: it is written otherwise.
    """
    found = _YEAR.fullmatch(name)
    if not found or (int(found[1]) + 1) % 100 != int(found[2]):
        raise ContentError("no financial year", expected="such as 2024-25", found=repr(name))
    first = int(found[1])
    return dt.date(first, 4, 1), dt.date(first + 1, 3, 31)


def month_in_name(name: str) -> str:
    """The month that a file's name tells, written 2025-06; empty where it tells none or more than one.

    >>> month_in_name("iapt_month_Jan_23_activity.csv"), month_in_name("iapt-month-may-2021-final-data.xlsx")
    ('2023-01', '2021-05')
    """
    found = set()
    for word, year in _MONTH_IN_NAME.findall(name.lower().replace("%20", " ")):
        number = MONTHS.index(word[:3]) + 1
        found.add(f"{int(year) % 100 + 2000:04d}-{number:02d}")
    return found.pop() if len(found) == 1 else ""


def year_in_name(name: str) -> str:
    """The financial year that a name of a file or page tells, written 2024-25; empty for none or more than one.

    >>> year_in_name("psych-ther-ann-rep-csv-2017-18-main-csv.csv"), year_in_name("ther-based-outcomes2425-2.zip")
    ('2017-18', '2024-25')
    """
    found = set()
    for first, last in re.findall(r"(?<!\d)(\d{4})-{1,3}(\d{2})(?!\d)", name):
        if (int(first) + 1) % 100 == int(last):
            found.add(f"{first}-{last}")
    for first, last in [] if found else re.findall(r"(?<!\d)(\d{2})(\d{2})(?!\d)", name):
        if (int(first) + 1) % 100 == int(last):
            found.add(f"20{first}-{last}")
    return found.pop() if len(found) == 1 else ""
