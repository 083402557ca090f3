"""The file of populations in its published layout, made of what the edition holds."""

from __future__ import annotations

import pandas as pd

from iapt_ledger.edition.store import find_edition
from iapt_ledger.sources.base import Held

HELD = Held(find_edition("2026-11-22"))
CONTEXT = "context"
CODES = ["SCPOP", "GBPOP", "ENPOP", "UKPOP", "EWPOP", "NIPOP", "WAPOP"]
NAMES = {
    "SCPOP": "Scotland",
    "GBPOP": "Great Britain",
    "ENPOP": "England",
    "UKPOP": "United Kingdom",
    "EWPOP": "England and Wales",
    "NIPOP": "Northern Ireland",
    "WAPOP": "Wales",
}


def old_rows() -> pd.DataFrame:
    rows = HELD.table(CONTEXT)
    return rows[rows["source_id"].eq("ons_mye2024_series")].reset_index(drop=True)


def figures(last: int = 2024) -> dict[int, dict[str, int]]:
    """The edition's figures of each year by code, with the sums that the file has besides."""
    out: dict[int, dict[str, int]] = {}
    codes = {name: code for code, name in NAMES.items()}
    for row in old_rows().itertuples():
        out.setdefault(int(str(row.period_start)[:4]), {})[codes[str(row.geography)]] = int(
            str(row.value)
        )
    if last == 2025:
        out[2025] = {code: value + 100 for code, value in out[2024].items()}
    for year in out.values():
        year["EWPOP"] = year["ENPOP"] + year["WAPOP"]
        year["GBPOP"] = year["EWPOP"] + year["SCPOP"]
        year["UKPOP"] = year["GBPOP"] + year["NIPOP"]
    return out


def lines(last: int = 2024) -> list[str]:
    head = [f"{NAMES[c]} population mid-year estimate" for c in CODES]
    label = [["Title", *head], ["CDID", *CODES], ["PreUnit", *[""] * 7], ["Unit", *["Persons"] * 7]]
    label += [["Release Date", *["26-09-2025"] * 7], ["Next release", *["September 2026"] * 7]]
    label += [["Important Notes", *[""] * 7]]
    early = [[str(1971), *["1"] * 7]]
    data = [[str(y), *[str(v[c]) for c in CODES]] for y, v in sorted(figures(last).items())]
    return [",".join(f'"{cell}"' for cell in row) for row in [*label, *early, *data]]
