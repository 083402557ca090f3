"""What the second derivation of the chapter on services counts with: the pinned files, row by row."""

from __future__ import annotations

from functools import cache

import pandas as pd
from plain_arithmetic import EDITION, ROOT

LATEST = "2024-25"
DECLARED = {
    *((("DA1", y)) for y in ("2021-22", "2022-23", "2023-24", "2024-25")),
    *((("DA4", y)) for y in ("2017-18", "2018-19", "2019-20")),
    ("RVN", "2021-22"),
    ("RVNCG", "2021-22"),
}


def number(cell: object) -> float | None:
    """A stored cell; hidden counts are stars."""
    try:
        return float(cell)  # type: ignore[arg-type]
    except ValueError:
        return None


@cache
def stored(name: str) -> list[dict[str, object]]:
    path = ROOT / "data" / "editions" / EDITION / "observations" / f"{name}.parquet"
    return pd.read_parquet(path).to_dict("records")


@cache
def plain_services(year: str) -> dict[str, tuple[float, float]]:
    """Recovered and begun at caseness of each compared service."""
    found = {}
    for row in stored("iapt_organisations_annual"):
        if row["org_type"] != "Provider" or row["financial_year"] != year:
            continue
        recovered, finished = number(row["moved_to_recovery"]), number(row["finished_course"])
        if recovered is None or finished is None or (row["org_code"], year) in DECLARED:
            continue
        base = finished - (number(row["not_at_caseness_start"]) or 0.0)
        if base >= 50:
            found[str(row["org_code"])] = (recovered, base)
    return found
