"""What the sums of a month or of a calendar year come to in the edition's tables of England."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from iapt_ledger.sources.base import Check
from iapt_ledger.sources.prescribing import portal, sums
from iapt_ledger.sources.prescribing.answers import columns_are

MONTH, YEAR = "sums of a month", "sums of a year"


@dataclass(frozen=True)
class Figures:
    """England's figures of one answer.

    Attributes:
        tables: rows of the table of England that they go into.
        checks: rules put to the sums.
        read: the sums themselves.
        month: of which they are, written 2024-11; empty where they are of a year.
    """

    tables: dict[str, pd.DataFrame]
    checks: tuple[Check, ...]
    read: Sequence[sums.Sum]
    month: str = ""


def figures(
    rows: Sequence[Mapping[str, str]], layout: str, said: Mapping[str, sums.Said], where: str
) -> Figures:
    """England's figures from the rows of an answer.

    Args:
        rows: of the answer, not none.
        layout: `YEAR`, or any other for a month.
        said: what rows of a `MONTH` and of a `YEAR` say of themselves.
        where: the file, for messages.

    Raises:
        ContentError: the rows are of several months, or not of a whole year.
        Faults: unknown columns, regions or paragraphs, or cells that are no numbers.
    """
    if layout == YEAR:
        columns_are(rows, portal.YEAR_COLUMNS, where)
        year, read = portal.whole_year(rows, where), sums.read_sums(rows, where)
        tables = {sums.ANNUAL: sums.year_rows(read, year, said[YEAR])}
        return Figures(tables, sums.checks(read, layout), read)
    columns_are(rows, portal.MONTH_COLUMNS, where)
    asked, found = portal.months_of(rows, where)
    read = sums.read_sums(rows, where)
    tables = {sums.MONTHLY: sums.month_rows(read, found, said[MONTH])}
    return Figures(tables, sums.checks(read, layout, asked, found), read, found)
