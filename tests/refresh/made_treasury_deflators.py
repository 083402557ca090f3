"""Releases of the Treasury's deflators in their published layout."""

from __future__ import annotations

from typing import Any

import pandas as pd

from iapt_ledger.edition.store import find_edition
from iapt_ledger.sources.base import Held

HELD = Held(find_edition("2026-11-22"))
CONTEXT = "context"
NAME = "GDP_Deflators_Qtrly_National_Accounts_December_2023_update.csv"
GROWTH = "per cent change on previous year"
Cells = list[list[Any]]


def held(source: str) -> pd.DataFrame:
    rows = HELD.table(CONTEXT)
    return rows[rows["source_id"].eq(source)].reset_index(drop=True)


def sheet(
    source: str = "hmt_defl_2023_12", base: str = "2022-23", updated: str = "22 December 2023"
) -> Cells:
    """A release with the figures of the edition, laid out as that of December 2023 was published."""
    rows: Cells = [
        ["", "GDP DEFLATORS AT MARKET PRICES, AND MONEY GDP"],
        [],
        ["", f"Outturn data are as at the Quarterly National Accounts from ONS - last updated {updated}."],
        ["", "Financial year", "", "", "", "", "", "Calendar year"],
        ["", "", "GDP deflator at market prices ", "", "Money GDP (3), (4)"],
        ["", "Financial year", f"{base} = 100", GROWTH, "Cash £ million\nSeasonally Adjusted", "", "",
         "Calendar year", f"{base[:4]} = 100", GROWTH],
        ["", "1989-90", "44.253", "8.07", "629,559", "", "", "1989", "44.228", "8.03"],
    ]  # fmt: skip
    for row in held(source).itertuples():
        year = int(str(row.period_start)[:4])
        if year < 1990:
            continue
        outturn = row.status == "published"
        name = f"{year}-{(year + 1) % 100:02d}"
        index = str(row.value) if outturn else "-"
        growth = "2.00" if outturn else str(row.value)
        calendar = "100" if year == int(base[:4]) else f"{40 + year - 1990}.5"
        note = "" if outturn else " (1), (2)"
        rows.append(["", name + note, index, growth, "1,000", "", "",
                     f"{year}{note}", calendar if outturn else "-", "1.50"])  # fmt: skip
    rows += [
        ["", "Sources and footnotes:"],
        ["", "(1)", "For years 2023-24 this shows changes only."],
    ]
    return rows


def as_csv(rows: Cells) -> bytes:
    padded = [[*row, *[""] * (10 - len(row))] for row in rows]
    return pd.DataFrame(padded).to_csv(index=False, header=False).encode("utf-8-sig")
