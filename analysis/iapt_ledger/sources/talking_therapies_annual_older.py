"""Annual reports on the use of IAPT services, 2012-13 to 2016-17: workbooks, then packs of CSV files.

None of these files was seen: they are read as described, and what is read is held against its own rates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.sources.base import (
    MEGABYTE,
    Check,
    ContentError,
    Feed,
    Get,
    Held,
    Parsed,
    RawFile,
    Request,
)
from iapt_ledger.sources.reading import archives, frames, kinds, markers, periods
from iapt_ledger.sources.reading.addresses import series
from iapt_ledger.sources.reading.discovery import bring
from iapt_ledger.sources.reading.workbooks import Workbook
from iapt_ledger.sources.talking_therapies import older
from iapt_ledger.sources.talking_therapies.annual import FIRST_YEAR
from iapt_ledger.sources.talking_therapies.annual_rows import (
    BREAKDOWNS,
    NATIONAL,
    report_years,
    source_id,
)
from iapt_ledger.sources.talking_therapies.older_checks import bounds_check, rates_check
from iapt_ledger.sources.talking_therapies.older_tables import pack_cells, workbook_cells

NAME = "talking_therapies_annual_older"
CELLS = {"*": "suppressed", "NULL": "not_applicable", "": "missing"}
_UNDERCOUNT = (
    "first annual report: only referrals received in 2012/13 are counted;"
    " undercount acknowledged by publisher"
)
_DECILES = (
    "published label: 01 = least deprived, 10 = most deprived (opposite of the usual IMD decile)"
)
_COMPLETE = "derived: (improved + deteriorated + no reliable change) / finished course, i.e. share with paired scores"
_UNPAIRED = (
    "; equals 100 because the 2015-16 file put finishers without paired scores into no_reliable_change"
    " - do not use"
)
_DENOMINATOR = (
    "derived: finished_course minus not_at_caseness_start = the denominator defined for the recovery rate"
    " (2014/15 value 421744 is also printed in the HSCIC press notice of 24 Nov 2015)"
)
_PEOPLE = "counts people, not referrals (the ethnic details sum to the published people referred)"


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """Every year's file; those that were fetched before are taken from where they are kept."""
    yield from bring(get, [_request(a.period, a.url) for a in series(NAME).files])


def _request(year: str, url: str) -> Request:
    return Request(
        url=url,
        what=f"Talking therapies, annual report, {year}",
        content="zip" if year in older.PACKS else "xlsx",
        least=2_000,
        most=100 * MEGABYTE,
        members=("*table-1a*.csv", "*table-7a*.csv") if year in older.PACKS else (),
        fresh=False,
    )


def recognise(raw: RawFile) -> str | None:
    """The layout, by the year that the name tells and by what the file has of its sheets or tables."""
    year = periods.year_in_name(raw.name)
    data = raw.read()
    try:
        if year in older.WORKBOOKS and kinds.kind(data) == "workbook":
            Workbook(data, raw.name).find(older.WORKBOOKS[year].received)
            return f"workbook of {year} (as described, not seen)"
        if year in older.PACKS and kinds.kind(data) == "zip":
            names = [m.name.lower() for m in archives.members(data, raw.name)]
            if any("table-1a" in n for n in names) and any("table-7a" in n for n in names):
                return f"pack of csv of {year} (as described, not seen)"
    except LedgerError:
        return None
    return None


def parse(raw: RawFile) -> Parsed:
    """England as a whole and its groups.

    Raises:
        ContentError: a sheet, table, column or England's row is not where it is described to be.
        Faults: unknown categories or markers, or a row twice.
    """
    layout = recognise(raw)
    if layout is None:
        raise ContentError(
            "the file is laid out as none of these reports is described to be",
            where=raw.name,
            expected="the year in its name, and the sheets or tables of that year",
            choices=older.layout_names(),
            nearest=closest(raw.name, older.layout_names(), likeness=0.1)[:1],
        )
    year = periods.year_in_name(raw.name)
    data = raw.read()
    packed = year in older.PACKS
    found = pack_cells(data, raw.name) if packed else workbook_cells(Workbook(data, raw.name), year)
    cells = pd.DataFrame(found, columns=["breakdown", "category", "measure", "text", "place"])
    _refuse(cells, raw.name)
    national = cells[cells["breakdown"].eq("")]
    groups = cells[cells["breakdown"].ne("")]
    absent = int(markers.statuses(cells["text"], CELLS).eq("not_applicable").sum())
    return Parsed(
        feed=NAME,
        layout=layout,
        tables={
            NATIONAL: pd.concat(
                [_national(national, year), _derived(national, year)], ignore_index=True
            ),
            BREAKDOWNS: _groups(groups, year),
        },
        suppressed={
            str(m): int(n)
            for m, n in cells[cells["text"].eq("*")]["measure"].value_counts().items()
        },
        refused={"cells that do not apply (NULL)": absent} if absent else {},
        checks=(
            Check("periods", True, f"{raw.name} is of {year} by its name."),
            bounds_check(cells),
            rates_check(cells),
        ),
    )


def _refuse(cells: pd.DataFrame, where: str) -> None:
    faults: list[LedgerError | str] = list(
        markers.unknown_cells(cells["text"], "the values", CELLS)
    )
    known = older.known_categories()
    pairs = cells.loc[cells["breakdown"].ne(""), ["breakdown", "category"]].drop_duplicates()
    for breakdown, label in pairs.itertuples(index=False):
        if (breakdown, label) not in known:
            near = closest(label, [c for b, c in known if b == breakdown])
            faults.append(
                LedgerError(f"an unknown category of {breakdown}", found=repr(label), nearest=near)
            )
    again = cells[cells.duplicated(["breakdown", "category", "measure"])]
    faults += [
        f"a cell comes twice: {r.breakdown}, {r.category}, {r.measure}" for r in again.itertuples()
    ]
    empty = cells[cells["breakdown"].eq("") & cells["text"].eq("")]
    faults += [f"no cell of England for {m}" for m in empty["measure"]]
    if faults:
        raise Faults(f"{where} holds what is not known or not sound", faults)


def _same(year: str) -> Mapping[str, str]:
    first, last = periods.year_bounds(year)
    return {
        **frames.ENGLAND,
        "period_start": str(first),
        "period_end": str(last),
        "period_type": "financial_year",
        "source_id": source_id(year),
        "series": "data set, received-in-year undercount" if year == "2012-13" else "annual report",
        "full_period": "yes",
    }


def _long(cells: pd.DataFrame, year: str) -> pd.DataFrame:
    status = markers.statuses(cells["text"], CELLS)
    rate = cells["measure"].str.endswith("_pct")
    people = cells["measure"].eq("people_referred")
    rows = cells.assign(
        status=status,
        value=cells["text"].where(status.eq("published"), ""),
        unit=rate.map({True: "percent", False: "referrals"}).mask(people, "people"),
        rounding=rate.map({True: "1 decimal place", False: "not rounded"}),
    )
    return rows[rows["status"].ne("not_applicable")]


def _national(cells: pd.DataFrame, year: str) -> pd.DataFrame:
    rows = _long(cells, year)
    note = _UNDERCOUNT if year == "2012-13" else ""
    rows = rows.assign(note=note, locator=rows["place"] + ", England total row")
    if year == "2012-13":
        outcome = rows["measure"].ne("referrals_received")
        rows["rounding"] = outcome.map({True: "nearest 10", False: "not rounded"})
        rows["note"] = outcome.map({True: f"{note}; rounded to nearest 10", False: note})
    return frames.stored(NATIONAL, rows, _same(year))


def _groups(cells: pd.DataFrame, year: str) -> pd.DataFrame:
    rows = _long(cells, year)
    known = [
        older.known_categories()[b, c]
        for b, c in zip(rows["breakdown"], rows["category"], strict=True)
    ]
    people = rows["measure"].eq("people_referred")
    note = rows["breakdown"].eq("deprivation_decile_imd").map({True: _DECILES, False: ""})
    if year == "2012-13":
        rows["rounding"] = rows["rounding"].mask(people, "rounded")
    start = "2012-13: referrals received only; rounded; " if year == "2012-13" else ""
    rows = rows.assign(
        level=[k.level for k in known],
        imd_decile_1_most_deprived=[k.decile for k in known],
        locator=rows["place"] + ", England",
        note=note.mask(people, start + _PEOPLE),
    )
    return frames.stored(BREAKDOWNS, rows, _same(year))


def _derived(national: pd.DataFrame, year: str) -> pd.DataFrame:
    total = markers.numbers(national.set_index("measure")["text"])
    changed = total[["reliable_improvement", "reliable_deterioration", "no_reliable_change"]].sum()
    complete = _COMPLETE + (_UNPAIRED if year == "2015-16" else "")
    share = f"{100 * changed / total['finished_course']:.2f}"
    rows = [("change_categories_completeness_pct", share, "percent", complete)]
    if year != "2012-13":
        base = f"{total['finished_course'] - total['not_at_caseness_start']:.0f}"
        rows.append(("recovery_denominator", base, "referrals", _DENOMINATOR))
    table = pd.DataFrame(rows, columns=["measure", "value", "unit", "note"])
    return frames.stored(
        NATIONAL, table.assign(status="derived", locator="derived", rounding=""), _same(year)
    )


def owns(table: str, rows: pd.DataFrame) -> pd.Series:
    """Rows of the reports before 2017-18."""
    years = report_years(rows)
    return years.lt(FIRST_YEAR).astype(bool) & years.notna()


FEED = Feed(
    name=NAME,
    title="Annual reports on the use of IAPT services, 2012-13 to 2016-17",
    publisher="NHS Digital and the Health and Social Care Information Centre",
    cadence="no longer; one report a year",
    extends={
        NATIONAL: "England's totals of 2012-13 to 2016-17.",
        BREAKDOWNS: "England by age, sex, ethnicity and, later, other groups.",
    },
    layouts=tuple(older.layout_names()),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=owns,
)
