"""The workbook of the Mental Health Dashboard in its published layout."""

from __future__ import annotations

import csv
import io
from typing import Any

from .made_files import real, workbook

FILE = "nhsmh-dashboard-q4-21-22-v3.2.xlsm"
YEARS = ["2017/18", "2018/19", "2019/20", "2020/21", "2021/22"]
META = [
    ["Code", "Indicator name"],
    ["Meeting commitment to increase mental health funding", None],
    ["MHF (i)", "CCG spend on mental health as a % of CCG base allocations"],
    ["MHF (ii)", "Total CCG spend on mental health"],
    ["CYP (v)", "CCG spend on children's mental health"],
]
HEADS = ["Organisation code", "Organisation name", "Period type", *YEARS]
ENGLAND = [
    ["NHS mental health dashboard"],
    [None],
    [None, "Meeting commitment to increase mental health funding", None,
     "CCG spend on MH (£m)", "Specialised commissioning spend (£m)", None,
     "CCG spend on MH as a % of CCG base allocations"],
    [None, "Total actual spend - 2016/17", None, 9723, 1879, None, 0.134],
    [None, "Total actual spend - 2018/19 ^", None, 10000.5, 1900, None, 0.139],
    [None, "Improving Access to Psychological Therapies (IAPT) spend", None, "England (£m)"],
    [None, "Total planned spend - 2021/22", None, 700.25],
    [None, "Total actual spend - 2020/21 ^", None, 650],
]  # fmt: skip
TALKING = [
    ["NHS Talking Therapies spend (£000s), actual"],
    ["Organisation code", "Organisation name", "Period type", "Ledger Code (Reporting)", "2020/21", "2021/22"],
    ["QHM", "NHS NORTH EAST AND NORTH CUMBRIA INTEGRATED CARE BOARD", "Annual", "X1", 650000, 500000],
    ["00Q", "NHS BLACKBURN WITH DARWEN CCG", "Annual", "X2", "*", 2500],
    ["Note: figures are as returned."],
]  # fmt: skip
Rows = list[list[Any]]


def trends() -> Rows:
    """The sheet "Trend MHF (i and ii)" with the real figures: shares and sums side by side."""
    text = real("nhse_mh_spend/ccg_total_mh_spend_2017_22.csv").read_text(encoding="utf-8")
    areas: dict[tuple[str, str], dict[str, tuple[float | None, float | None]]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        pair = (number(row["mh_spend_gbp"]), number(row["mh_spend_share_of_allocation"]))
        areas.setdefault((row["org_code"], row["org_name"]), {})[row["financial_year"]] = pair
    rows: Rows = [["MHF (i) and (ii)"], [], [*HEADS, None, *HEADS]]
    for (code, name), years in areas.items():
        shares = [years[y][1] for y in YEARS]
        sums = [years[y][0] for y in YEARS]
        rows.append([code, name, "Annual", *shares, None, code, name, "Annual", *sums])
    return rows


def number(text: str) -> float | None:
    return float(text) if text else None


def book(**changes: Rows) -> bytes:
    """A workbook of all sheets; a sheet may be given otherwise."""
    sheets = {"Dashboard": ENGLAND, "Metadata": META, "Trend_IAPT": TALKING, **changes}
    named = {n.replace("Trend_IAPT", "Trend IAPT (iv)"): r for n, r in sheets.items() if r}
    return workbook(named)
