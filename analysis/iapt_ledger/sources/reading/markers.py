"""Cells of a publisher: numbers, and what it writes in place of one."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from iapt_ledger.errors import LedgerError, closest

MARKERS: Mapping[str, str] = {
    "*": "suppressed",
    "-": "no_activity",
    "NULL": "not_applicable",
    "": "missing",
}
"""What stands in place of a number, and the status it gives the record. A publisher uses some of them."""

NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?"
_SHOWN = 5


def statuses(
    cells: pd.Series, known: Mapping[str, str] = MARKERS, number: str = "published"
) -> pd.Series:
    """The status of each cell, as text: that of its marker, or `number` for a number; missing where it is neither."""
    found = cells.map(dict(known))
    numeric = cells.str.fullmatch(NUMBER).astype(bool)
    return found.where(~numeric, number)


def unknown_cells(
    cells: pd.Series, where: str, known: Mapping[str, str] = MARKERS
) -> list[LedgerError]:
    """A fault for each text that is neither a number nor a known marker, with how often it stands there."""
    found = statuses(cells, known)
    strange = cells[found.isna()].value_counts()
    faults = [
        LedgerError(
            "a cell is neither a number nor a known marker",
            where=where,
            found=f"{text!r} in {n:,} cell{'s' if n != 1 else ''}",
            choices=[repr(m) for m in known],
            nearest=closest(text, known),
        )
        for text, n in strange.head(_SHOWN).items()
    ]
    if len(strange) > _SHOWN:
        faults.append(LedgerError(f"{len(strange) - _SHOWN} more unknown markers", where=where))
    return faults


def numbers(cells: pd.Series) -> pd.Series:
    """Cells as floats; what is no number is missing."""
    return pd.to_numeric(cells.where(cells.str.fullmatch(NUMBER).astype(bool), None)).astype(float)
