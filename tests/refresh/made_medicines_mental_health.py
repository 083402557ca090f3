"""Workbooks of Medicines Used in Mental Health in their published layouts, made of what the edition holds."""

from __future__ import annotations

from iapt_ledger.edition.store import find_edition
from iapt_ledger.sources.base import Held
from iapt_ledger.sources.prescribing.sums import MONTHLY

HELD = Held(find_edition("2026-11-22"))
HOST = "www.nhsbsa.nhs.uk"
SERIES = "/statistical-collections/medicines-used-mental-health-england"
Sheet = list[list[object]]
TAIL = [
    "BNF Section Name",
    "BNF Section Code",
    "Identified Patient Flag",
    "Total Identified Patients",
    "Total Items",
    "Total Net Ingredient Cost (GBP)",
]
YEARS = {
    "2020/2021": (79_412_345, 7_871_234),
    "2021/2022": (83_380_001, 8_319_999),
    "2022/2023": (86_012_003, 8_602_001),
    "2023/2024": (89_300_000, 8_750_000),
    "2024/2025": (92_611_111, 8_888_888),
}


def rows(when: list[object], items: int, patients: int) -> Sheet:
    """The two rows of a period."""
    name = ["Antidepressant drugs", "0403"]
    unknown = items // 100
    return [
        [*when, *name, "Y", patients, items - unknown, 2.5 * (items - unknown)],
        [*when, *name, "N", 0, unknown, 2.5 * unknown],
    ]


def sheet(title: str, head: list[str], below: Sheet) -> Sheet:
    note = "1. Field definitions can be found on the 'Metadata' tab."
    return [[title], [note], [None], [*head, *TAIL], *below]


def yearly() -> dict[str, Sheet]:
    total = [row for year, figures in YEARS.items() for row in rows([year], *figures)]
    return {
        "Metadata": [["Field"]],
        "Patient_Identification": [["x"]],
        "National_Total": sheet("Yearly totals", ["Financial Year"], total),
    }


def held_months() -> dict[str, int]:
    """Real monthly items of the edition, January to September 2024."""
    table = HELD.table(MONTHLY)
    mine = table["series"].eq("EPD") & table["measure"].eq("items")
    mine &= table["period_start"].between("2024-01-01", "2024-09-30")
    return {r["period_start"][:7]: int(r["value"]) for r in table[mine].to_dict("records")}


def quarterly() -> dict[str, Sheet]:
    months = held_months()
    totals: dict[tuple[str, str], int] = {}
    below: Sheet = []
    for month, items in months.items():
        number = int(month[5:])
        year = "2023/2024" if number < 4 else "2024/2025"
        quarter = f"{year} Q{(number - 4) // 3 % 4 + 1}"
        totals[year, quarter] = totals.get((year, quarter), 0) + items
        below += rows([year, quarter, month.replace("-", "")], items, 5_000_000)
    total = [row for when, items in totals.items() for row in rows(list(when), items, 6_900_001)]
    head = ["Financial Year", "Financial Quarter"]
    return {
        "Patient_Identification": [["x"]],
        "National_Total": sheet("Quarterly totals", head, total),
        "Monthly_Section": sheet("Monthly totals", [*head, "Year Month"], below),
    }
