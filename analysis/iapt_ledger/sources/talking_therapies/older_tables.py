"""Reading the tables of annual reports before 2017-18: cells as (breakdown, category, measure, text)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from iapt_ledger.errors import closest
from iapt_ledger.sources.base import ContentError
from iapt_ledger.sources.reading.archives import members, read_member
from iapt_ledger.sources.reading.headers import plain
from iapt_ledger.sources.reading.text import read_csv
from iapt_ledger.sources.reading.workbooks import Workbook
from iapt_ledger.sources.talking_therapies import older

Cell = tuple[str, str, str, str, str]
"""Breakdown (empty for England as a whole), category, measure, text of the cell, and where it stood."""


def workbook_cells(book: Workbook, year: str) -> list[Cell]:
    """Cells of one of the workbooks.

    Raises:
        ContentError: a sheet or England's row is not where it is described to be.
    """
    layout = older.WORKBOOKS[year]
    received = _england(book, layout.received)
    sheet = _sheet(book, layout.outcomes)
    outcomes = _england(book, sheet)
    cells = [
        ("", "", "referrals_received", _at(received, (3,)), layout.received),
        ("", "", "finished_course", _at(received, (5,)), layout.received),
        *(("", "", m, _at(outcomes, places), sheet) for m, places in layout.places.items()),
    ]
    if "not_at_caseness_start" not in layout.places:
        cells.append(("", "", "not_at_caseness_start", _less(received[4:5], outcomes[3:4]), sheet))
    for breakdown, name in layout.groups.items():
        cells += _group_cells(book, breakdown, name)
    if layout.ages:
        cells += _age_cells(book, layout.ages)
    if layout.people:
        cells += _people_cells(book, *layout.people)
    return cells


def _sheet(book: Workbook, part: str) -> str:
    fitting = [n for n in book.sheets if part.lower() in n.lower()]
    if len(fitting) != 1:
        raise ContentError(
            "the workbook has not the one sheet that is looked for",
            where=book.where,
            expected=f"one whose name has {part}",
            found=fitting or "none",
            choices=book.sheets,
            nearest=closest(part, book.sheets),
        )
    return fitting[0]


def _england(book: Workbook, sheet: str) -> list[str]:
    """The first row whose first cell says England total."""
    return book.rows(sheet)[_start(book, sheet)]


def _start(book: Workbook, sheet: str) -> int:
    rows = book.rows(sheet)
    for number, row in enumerate(rows):
        if row and older.without_footnote(row[0]) == older.ENGLAND:
            return number
    raise ContentError(
        "no row of England is found",
        where=f"{book.where}, {sheet}",
        expected=f"a row whose first cell is {older.ENGLAND!r}",
    )


def _at(row: Sequence[str], places: Iterable[int]) -> str:
    """The cell in a place, or the sum of the cells in several; empty where there is none."""
    texts = [row[place - 1] if place <= len(row) else "" for place in places]
    if len(texts) == 1:
        return texts[0]
    try:
        return f"{sum(float(text) for text in texts):g}" if all(texts) else ""
    except ValueError:
        return "; ".join(texts)


def _less(whole: Sequence[str], part: Sequence[str]) -> str:
    try:
        return f"{float(whole[0]) - float(part[0]):.0f}"
    except (IndexError, ValueError):
        return ""


def _group_cells(book: Workbook, breakdown: str, sheet: str) -> list[Cell]:
    """England's block of a sheet of groups: until the first row with the code of a commissioner."""
    cells = []
    for number, row in enumerate(book.rows(sheet)[_start(book, sheet) :]):
        if number and len(row) > 1 and row[1]:
            break
        if len(row) > 3 and row[3]:
            name = older.category(breakdown, row[3])
            cells += [
                (breakdown, name, m, _at(row, p), sheet) for m, p in older.GROUP_PLACES.items()
            ]
    return cells


def _age_cells(book: Workbook, sheet: str) -> list[Cell]:
    """Five rows of England by age: all in columns 5 and 7, males in 8 and 10, females in 11 and 13."""
    start = _start(book, sheet)
    rows = {
        older.without_footnote(r[3]): r for r in book.rows(sheet)[start : start + 5] if len(r) > 3
    }
    cells = []
    for measure, offset in (("referrals_received", 0), ("finished_course", 2)):
        for age, row in rows.items():
            cells.append(("age_band", age, measure, _at(row, (5 + offset,)), sheet))
        for sex, first in (("Male", 8), ("Female", 11)):
            parts = [_at(row, (first + offset,)) for row in rows.values()]
            cells.append(("gender", sex, measure, _sum(parts), sheet))
    return cells


def _sum(texts: Sequence[str]) -> str:
    try:
        return f"{sum(float(text) for text in texts if text):.0f}"
    except ValueError:
        return "; ".join(texts)


def _people_cells(book: Workbook, sheet: str, male: int, female: int) -> list[Cell]:
    """People by ethnic group (column 4), and of all groups by age and sex."""
    cells: list[Cell] = []
    group = ""
    for row in book.rows(sheet):
        one, two, three = (older.without_footnote(c) for c in [*row, "", "", ""][:3])
        total = _at(row, (4,))
        if one == older.ALL_GROUPS:
            cells += _by_age_and_sex(row, male, female, sheet)
        elif two and not total:
            group = two
        elif two and not one:
            cells.append(("ethnic_group", f"{two} | {two}", "people_referred", total, sheet))
        elif three and total and not one:
            name = older.people_category(group, three)
            cells.append(("ethnic_group", name, "people_referred", total, sheet))
    return cells


def _by_age_and_sex(row: Sequence[str], male: int, female: int, sheet: str) -> list[Cell]:
    sexes = {
        sex: [_at(row, (first + i,)) for i in range(len(older.AGES))]
        for sex, first in (("Male", male), ("Female", female))
    }
    out = [("gender", sex, "people_referred", _sum(parts), sheet) for sex, parts in sexes.items()]
    for i, age in enumerate(older.AGES):
        both = _sum([parts[i] for parts in sexes.values()])
        out.append(("age_band", age, "people_referred", both, sheet))
    return out


def pack_cells(data: bytes, where: str) -> list[Cell]:
    """Cells of one of the packs of CSV files.

    Raises:
        ContentError: a table, a column or England's row is not there, or England's totals stand in several rows.
    """
    one, seven = (_only(_table(data, name, where), name) for name in ("table-1a", "table-7a"))
    cells = [("", "", "referrals_received", _named(one, older.RECEIVED, "table-1a")[0], "Table 1a")]
    for measure, names in older.PACK_NAMES.items():
        cells.append(("", "", measure, _named(seven, names, "table-7a")[0], "Table 7a"))
    for breakdown, name in older.PACK_TABLES.items():
        table = _table(data, name, where)
        labels = [older.category(breakdown, c) for c in table.iloc[:, 2]]
        for measure, names in older.PACK_NAMES.items():
            texts = _named(table, names, name)
            cells += [(breakdown, c, measure, t, name) for c, t in zip(labels, texts, strict=True)]
    return cells + _pack_ages(_table(data, "table-8a", where))


def _only(table: pd.DataFrame, where: str) -> pd.DataFrame:
    if len(table) > 1:
        found = f"{len(table)} rows of England"
        raise ContentError("a total stands more than once", where=where, found=found)
    return table


def _pack_ages(table: pd.DataFrame) -> list[Cell]:
    ages = [c for c in table.columns if "age" in plain(c)]
    if len(ages) != 1:
        raise ContentError("no one column of ages", where="table-8a", found=ages or "none")
    cells = []
    for sex, measures in older.BY_SEX.items():
        for measure, names in measures.items():
            texts = _named(table, names, "table-8a")
            if sex == "All":
                pairs = zip(table[ages[0]], texts, strict=True)
                cells += [
                    ("age_band", older.without_footnote(a), measure, t, "table-8a")
                    for a, t in pairs
                ]
            else:
                cells.append(("gender", sex, measure, _sum(texts), "table-8a"))
    return cells


def _table(data: bytes, name: str, where: str) -> pd.DataFrame:
    """England's rows of one table of a pack."""
    listed = members(data, where)
    pattern = (
        f"*{name}.csv"
        if any(m.name.lower().endswith(f"{name}.csv") for m in listed)
        else f"*{name}[!0-9a-z]*.csv"
    )
    inside, content = read_member(data, pattern, where)
    frame = read_csv(content, inside)
    england = frame[frame.iloc[:, 0].eq("England")]
    if england.empty:
        raise ContentError(
            "no row of England is found", where=inside, expected="England in the first column"
        )
    return england


def _named(table: pd.DataFrame, names: Sequence[str], where: str) -> list[str]:
    """Cells of the one column that has one of these names."""
    wanted: Mapping[str, str] = {plain(name): name for name in names}
    fitting = [c for c in table.columns if plain(c) in wanted]
    if len(fitting) != 1:
        raise ContentError(
            "a column is not there" if not fitting else "two columns for one thing",
            where=where,
            expected=" or ".join(names),
            found=fitting or "none",
            nearest=closest(names[0], table.columns),
        )
    return table[fitting[0]].tolist()
