"""The file of the quarterly deflator in its published layout."""

from __future__ import annotations

from iapt_ledger.sources.ons_deflator import TITLE

NAME = "series-301126.csv"


def quarter(year: int, number: int) -> float:
    """A made-up index that rises by a tenth a quarter."""
    return round(30 + 0.1 * (4 * (year - 1985) + number), 1)


def lines(last: int = 2026) -> list[str]:
    """The whole series to the first quarter of a year."""
    rows = [("Title", TITLE), ("CDID", "YBGB"), ("Source dataset ID", "UKEA"), ("PreUnit", "")]
    rows += [("Unit", "Index, base year = 100"), ("Release date", "31-03-2026")]
    rows += [("Next release", "30 June 2026"), ("Important notes", "")]
    rows += [(str(y), str(quarter(y, 2))) for y in range(1985, last)]
    quarters = [(y, q) for y in range(1985, last + 1) for q in (1, 2, 3, 4)][:-3]
    rows += [(f"{y} Q{q}", str(quarter(y, q))) for y, q in quarters]
    return [f'"{a}","{b}"' for a, b in rows]
