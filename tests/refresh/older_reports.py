"""Annual reports before 2017-18 made in the layouts that are described, with the figures of the first edition."""

from __future__ import annotations

import csv
import io

import pandas as pd

from iapt_ledger.edition.store import find_edition
from iapt_ledger.sources.base import Held
from iapt_ledger.sources.talking_therapies import older
from iapt_ledger.sources.talking_therapies_annual_older import BREAKDOWNS, NATIONAL

from .made_files import workbook, zipped

HELD = Held(find_edition("2026-11-22"))
NAMES = {
    "2012-13": "psyc-ther-ann-rep-ref-tab-2012-13.xlsx",
    "2013-14": "psych-ther-ann-rep-tab-2013-14.xlsx",
    "2014-15": "psych-ther-ann-rep-tab-2014-15.xlsx",
    "2015-16": "psych-ther-ann-rep-csv-pack-2015-16.zip",
    "2016-17": "psych-ther-ann-rep-csv-pack-2016-17_v3.0.zip",
}
Row = list[object]
Sheets = dict[str, list[Row]]


def edition(name: str, year: str) -> pd.DataFrame:
    rows = HELD.table(name)
    return rows[rows["source_id"].eq(f"IAPT_AR_{year.replace('-', '_')}")]


def total(year: str) -> dict[str, float]:
    rows = edition(NATIONAL, year)
    return dict(zip(rows["measure"], rows["value"].astype(float), strict=True))


def group(year: str, breakdown: str) -> dict[str, dict[str, float]]:
    rows = edition(BREAKDOWNS, year)
    rows = rows[rows["breakdown"].eq(breakdown)]
    return {
        c: dict(zip(g["measure"], g["value"].astype(float), strict=True))
        for c, g in rows.groupby("category", sort=False)
    }


def placed(places: dict[int, object]) -> Row:
    return [places.get(i) for i in range(1, max(places) + 1)]


def outcomes(year: str) -> Row:
    figures = total(year)
    row: dict[int, object] = {1: older.ENGLAND}
    for measure, places in older.WORKBOOKS[year].places.items():
        if len(places) == 2:
            row |= {places[0]: figures[measure] - 50, places[1]: 50}
        else:
            row[places[0]] = figures[measure]
    return placed(row)


def people(year: str) -> list[Row]:
    """The sheet of people: groups under headings in 2012-13, headings with figures of their own in 2013-14."""
    _, male, female = older.WORKBOOKS[year].people or ("", 0, 0)
    ages, sexes = group(year, "age_band"), group(year, "gender")
    men = sexes["Male"]["people_referred"]
    row: dict[int, object] = {1: older.ALL_GROUPS, 4: 1}
    for i, age in enumerate(older.AGES):
        both = ages[age]["people_referred"]
        share = both if i < len(older.AGES) - 1 else 0
        part = min(share, men)
        men -= part
        if i == len(older.AGES) - 1:
            part = min(men, both)
        row |= {male + i: part, female + i: both - part}
    out: list[Row] = [["Table: people referred"], [], placed(row)]
    heading = ""
    for category, cell in group(year, "ethnic_group").items():
        figure = cell["people_referred"]
        first, _, detail = category.partition(" | ")
        if first == detail:
            out.append([None, f"{first} (2)", None, figure])
        elif detail:
            if heading != first:
                out.append([None, first])
                heading = first
            out.append([None, None, f"{detail} (3)", figure])
        else:
            out.insert(3, [None, None, first, figure])
    return out


def group_sheet(year: str, breakdown: str) -> list[Row]:
    out: list[Row] = [["Title"], []]
    for i, (category, figures) in enumerate(group(year, breakdown).items()):
        label = "None" if category.startswith("None (") else category.replace(" | ", " - ")
        row: dict[int, object] = {1: older.ENGLAND if i == 0 else None, 4: f"{label} (1)"}
        out.append(placed(row | {p[0]: figures[m] for m, p in older.GROUP_PLACES.items()}))
    return [*out, ["x", "00C", "NHS DARLINGTON CCG", "Other", 5]]


def age_sheet(year: str) -> list[Row]:
    ages, sexes = group(year, "age_band"), group(year, "gender")
    out: list[Row] = []
    for i, age in enumerate(older.AGES):
        row: dict[int, object] = {1: older.ENGLAND if i == 0 else None, 4: age, 13: 0}
        for measure, at in (("referrals_received", 5), ("finished_course", 7)):
            row[at] = ages[age][measure]
            row[at + 3] = sexes["Male"][measure] if i == 0 else 0
            row[at + 6] = sexes["Female"][measure] if i == 0 else 0
        out.append(placed(row))
    return out


def sheets(year: str) -> Sheets:
    layout, figures = older.WORKBOOKS[year], total(year)
    received: Row = [
        older.ENGLAND,
        None,
        figures["referrals_received"],
        1,
        figures["finished_course"],
    ]
    name = "Table 10a_b" if year == "2013-14" else layout.outcomes
    out: Sheets = {layout.received: [["Title"], received], name: [["Title"], outcomes(year)]}
    out |= {sheet: group_sheet(year, b) for b, sheet in layout.groups.items()}
    if layout.ages:
        out[layout.ages] = age_sheet(year)
    if layout.people:
        out[layout.people[0]] = people(year)
    return out


def table(head: list[str], rows: list[list[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(
        [head, *rows, ["00C", "NHS DARLINGTON CCG", *("*" * (len(head) - 2))]]
    )
    return out.getvalue().encode()


def style(year: str, measure: str, where: str) -> str:
    """The publisher's name of a measure: capitals with a prefix in one year, words in the other, slips kept."""
    names = older.PACK_NAMES[measure]
    if year == "2015-16":
        return next(n for n in names if n.isupper() and n.startswith("ALL") == (where != "7a"))
    words = [n for n in names if not n.isupper()]
    if measure == "at_caseness_start":
        return "StartedCaseness"
    if measure == "not_at_caseness_start":
        return "StartedNoCaseness" if where == "12b" else "StartedNotCaseness"
    if where == "14" and "Relibable" in words[-1]:
        return words[-1]
    fitting = [n for n in words if n.startswith("All") == (where in ("9b", "10b"))]
    return fitting[-1] if where != "14" else next(n for n in fitting if "Relibable" not in n)


def pack(year: str) -> dict[str, bytes]:
    old = year == "2015-16"
    figures = total(year)
    measures = list(older.PACK_NAMES)
    head = ["IC_CCG", "CCG_NAME"] if old else ["CCG", "CCGName"]
    received = "RECEIVED" if old else "ReferralsReceived"
    out = {
        "1a": table([*head, received], [["England", "", figures["referrals_received"]]]),
        "7a": table(
            ["CCG_CODE", "N", *(style(year, m, "7a") for m in measures)],
            [["England", "", *(figures[m] for m in measures)]],
        ),
    }
    for breakdown, name in older.PACK_TABLES.items():
        where = name.removeprefix("table-")
        rows = [
            [
                "England",
                "",
                "None" if c.startswith("None (") else c.replace(" | ", " - "),
                *(f[m] for m in measures),
            ]
            for c, f in group(year, breakdown).items()
        ]
        out[where] = table(
            [*head, breakdown.upper(), *(style(year, m, where) for m in measures)], rows
        )
    ages, sexes = group(year, "age_band"), group(year, "gender")
    words = (("REC", "ReferralsReceived"), ("FIN", "FinishedCourseTreatment"))
    sexes_of = [(sex, *pair) for sex in ("All", "Male", "Female") for pair in words]
    columns = [f"{s.upper()}_{short}" if old else f"{s}{name}" for s, short, name in sexes_of]
    rows = []
    for i, age in enumerate(older.AGES):
        row: list[object] = ["England", "", age]
        for sex in ("All", "Male", "Female"):
            for m in ("referrals_received", "finished_course"):
                row.append(ages[age][m] if sex == "All" else sexes[sex][m] if i == 0 else 0)
        rows.append(row)
    out["8a"] = table([*head, "AGE_GROUP" if old else "AgeGroup", *columns], rows)
    return {f"pack/psych-ther-ann-{year}-table-{k}.csv": v for k, v in out.items()}


def made(year: str) -> bytes:
    return zipped(pack(year)) if year in older.PACKS else workbook(sheets(year))
