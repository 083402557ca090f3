"""Answers of Fingertips as it gives them, made of what the edition holds."""

from __future__ import annotations

import csv
import io

import pandas as pd

from iapt_ledger.edition.store import find_edition
from iapt_ledger.sources.base import Held
from iapt_ledger.sources.fingertips import INDICATORS

from .made_files import real

HELD = Held(find_edition("2026-11-22"))
CONTEXT = "context"
_WRITTEN = """
Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,Category Type,Category,
Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,Lower CI 99.8 limit,Upper CI 99.8 limit,Count,Denominator,
Value note,Recent Trend,Compared to England value or percentiles,Compared to Region value or percentiles,
Time period Sortable,New data,Compared to goal
"""
HEADER = [name.strip() for name in _WRITTEN.split(",")]
NAMES = {
    "848": "Depression: QOF prevalence (18+ yrs)",
    "21001": "Emergency Hospital Admissions for Intentional Self-Harm",
    "90813": "Hospital admissions as a result of self-harm (10-24 years)",
    "91096": "Excess under 75 mortality rate in adults with serious mental illness",
}


def held(number: str) -> pd.DataFrame:
    rows = HELD.table(CONTEXT)
    return rows[rows["measure"].eq(INDICATORS[number].measure)].reset_index(drop=True)


def row(number: str, period: str, value: str, area: str = "E92000001", **other: str) -> list[str]:
    name = "England" if area == "E92000001" else "Elsewhere"
    cells = {
        "Indicator ID": number,
        "Indicator Name": NAMES.get(number, "?"),
        "Area Code": area,
        "Area Name": name,
        "Sex": "Persons",
        "Age": "All ages",
        "Time period": period,
        "Value": value,
        **other,
    }
    return [cells.get(column, "") for column in HEADER]


def answer(number: str = "848") -> list[list[str]]:
    """England by year with the edition's figures and more digits, by sex too, and the real rows of CCGs of 2014-15."""
    rows = [HEADER]
    for one in held(number).itertuples():
        year = int(str(one.period_start)[:4])
        period = f"{year}/{(year + 1) % 100:02d}"
        rows.append(row(number, period, f"{one.value}04"))
        rows.append(row(number, period, "1.5", Sex="Male"))
        rows.append(
            row(number, period, "2.5", **{"Category Type": "Deprivation", "Category": "Most"})
        )
    if number == "848":
        text = real("fingertips_ccg/qof_depression_prevalence_2014_15.csv").read_text("utf-8-sig")
        for area in csv.DictReader(io.StringIO(text)):
            rows.append(row(number, "2014/15", area["Value"], area["Area Code"]))
    return rows
