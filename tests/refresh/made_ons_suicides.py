"""Files of suicides in their published layouts, made of what the edition holds."""

from __future__ import annotations

from functools import cache

import pandas as pd

from iapt_ledger.edition.store import find_edition
from iapt_ledger.sources.base import Held
from iapt_ledger.sources.context.suicide_rates import SHEETS
from iapt_ledger.sources.ons_suicides import (
    DATASET,
    FEED,
    MEASURES,
    NUMBERS,
    RATES,
    TABLES,
)

from .made_files import as_csv, workbook

Rows = list[list[str]]
HELD = Held(find_edition("2026-11-22"))
CONTEXT = "context"
CODES = {
    "K04000001": "England and Wales",
    "E92000001": "England",
    "W92000004": "Wales",
    "E06000001": "Hartlepool",
}
SEXES = ("Persons", "Males", "Females")


def held(layout: str = "") -> pd.DataFrame:
    rows = HELD.table(CONTEXT)
    rows = rows[FEED.owned(CONTEXT, rows)]
    return rows[rows["measure"].eq(MEASURES[layout])] if layout else rows


@cache
def known(layout: str) -> dict[tuple[str, str], str]:
    """The edition's figures by area and year."""
    return {(r.geography, str(r.period_start)[:4]): str(r.value) for r in held(layout).itertuples()}


def numbers() -> Rows:
    rows = [["v4_0", "calendar-years", "Time", "administrative-geography", "Geography"]]
    made_up = {"England and Wales": "5105", "England": "4800", "Wales": "305", "Hartlepool": "9"}
    for code, area in CODES.items():
        for year in map(str, range(2001, 2024)):
            value = known(NUMBERS).get((area, year), made_up[area])
            rows.append([value, year, year, code, area])
    return rows


def rates(first: int = 1981) -> dict[str, list[list[object]]]:
    header: list[object] = [
        "Area of usual residence \r\n[note 2]",
        "Year of death registration \r\n[note 3]",
    ]
    for sex in SEXES:
        header += [f"{sex} \r\nNumber of deaths", f"{sex} \r\nRate per 100,000 \r\n[note 4]"]
        header += [f"{sex} \r\nLower 95% confidence limit", f"{sex} \r\nUpper 95% confidence limit"]
    sheets: dict[str, list[list[object]]] = {"Cover_sheet": [["Suicides in England and Wales"]]}
    for sheet, area in SHEETS.items():
        rows: list[list[object]] = [[f"Worksheet {sheet}"], ["One table"], ["Source: ONS"], header]
        for year in range(2023, first - 1, -1):
            rate = float(known(RATES).get((area, str(year)), "9.9"))
            rows.append([area, year, *([1000, rate, 9.1, 12.3] * 3)])
        sheets[sheet] = rows
    return sheets


def files() -> dict[str, bytes]:
    return {NUMBERS: as_csv(numbers()), RATES: workbook(rates())}


PAGE = f"{TABLES}"
BOOK = f"/file?uri={TABLES}/current/mainaccessible.xlsx"
VERSION = f"https://api.beta.ons.gov.uk/v1/datasets/{DATASET}/editions/2023/versions/1"
