"""The workbook of monthly key measures from February 2019 to February 2020: England, commissioners and providers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.sources.base import (
    MEGABYTE,
    Check,
    ContentError,
    Feed,
    FetchError,
    Get,
    Held,
    Parsed,
    RawFile,
    Request,
)
from iapt_ledger.sources.reading import frames, headers, kinds, markers, periods
from iapt_ledger.sources.reading.addresses import series
from iapt_ledger.sources.reading.discovery import linked_files
from iapt_ledger.sources.reading.ownership import of_publications
from iapt_ledger.sources.reading.workbooks import Workbook, row_with

NAME = "talking_therapies_time_series"
SOURCE = "SUB_IAPT_TS_2019_20"
NATIONAL, WIDE = "iapt_national_monthly", "iapt_ccg_provider_monthly_2019_20"
SHEET = "Table 1"
LAYOUT = "workbook, sheet Table 1 under its title"
_FILES = re.compile(r".*time[ _-]*series.*\.xlsx")
FIRST, LAST, MONTHS = "2019-02", "2020-02", 13

COLUMNS: Mapping[str, str] = {
    "CCG Code": "ccg",
    "CCG Name": "ccg_name",
    "Provider Code": "provider",
    "Provider Name": "provider_name",
    "Group Type": "group",
    "Month / Year": "month",
    "Referrals Received": "referrals_received",
    "First Treatment": "entered_treatment",
    "Ended Referrals": "ended_referrals",
    "Finished a Course of Treatment": "finished_course",
    "First Treatment within 6 weeks Finished a Course of Treatment": "waited_under_6_weeks_pct",
    "First Treatment within 18 weeks Finished a Course of Treatment": "waited_under_18_weeks_pct",
    "Recovery rate": "recovery_rate_pct",
    "Improvement rate": "improvement_rate_pct",
    "Reliable Recovery rate": "reliable_recovery_rate_pct",
}
GROUPS = {"England": True, "CCG": True, "Provider": True, "CCG/Provider": False}
NO_CODE = "Invalid commissioner code"
"""What the publisher names the one commissioner whose code is empty."""
CELLS = {"*": "suppressed", "-": "no_activity"}
NATIONAL_NAMES = {
    "improvement_rate_pct": "reliable_improvement_pct",
    "reliable_recovery_rate_pct": "reliable_recovery_pct",
}
"""Measures that the tables of the edition name differently."""

SUMMED = ("referrals_received", "entered_treatment", "ended_referrals", "finished_course")


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """The one workbook, where the edition does not hold England's months of it; its address is read from its page."""
    if held.table(NATIONAL)["source_id"].eq(SOURCE).any():
        return
    (page,) = series(NAME).pages
    found = linked_files(get, page, _FILES, lambda path: False, NAME)
    if len(found) != 1:
        raise FetchError(
            "the page does not link to one workbook", where=page, found=sorted(found) or "none"
        )
    request = Request(
        url=next(iter(found.values())),
        what="Talking therapies, time series of February 2019 to February 2020",
        content="xlsx",
        least=100_000,
        most=50 * MEGABYTE,
        most_unpacked=500 * MEGABYTE,
        fresh=False,
    )
    yield get(request)


def recognise(raw: RawFile) -> str | None:
    """The layout, where the workbook has the sheet and the columns of this one."""
    data = raw.read()
    if kinds.kind(data) != "workbook":
        return None
    try:
        book = Workbook(data, raw.name)
        row_with(book.rows(SHEET, most=30), ["Group Type", "CCG Code", "Month / Year"], raw.name)
    except LedgerError:
        return None
    return LAYOUT


def parse(raw: RawFile) -> Parsed:
    """England's months for the national table, and the months of every commissioner and provider.

    Raises:
        ContentError: it is no such workbook, or a month is written in no known way.
        Faults: unknown columns, groups or markers, or a row twice.
    """
    frame = _frame(raw)
    measures = list(TABLES[WIDE].measures)
    frame["month"] = frame["month"].map(_month(frame["month"], raw.name))
    _refuse(frame, measures, raw.name)
    taken = frame[frame["group"].map(GROUPS)]
    england = taken[taken["group"].eq("England")]
    areas = taken[taken["group"].ne("England")]
    nameless = areas["group"].eq("CCG") & areas["ccg"].eq("")
    hidden = {m: int(taken[m].eq("*").sum()) for m in measures}
    return Parsed(
        feed=NAME,
        layout=LAYOUT,
        tables={NATIONAL: _national(england, measures), WIDE: _wide(areas)},
        suppressed={m: n for m, n in hidden.items() if n},
        refused={
            "rows of a commissioner with a provider: the edition has no table of these": len(frame)
            - len(taken),
            "cells of areas without activity (-), kept as such": int(
                (areas[measures] == "-").to_numpy().sum()
            ),
            "rows of commissioners whose code is empty, kept under that code": int(nameless.sum()),
        },
        checks=(_period_check(taken), _bounds_check(taken, measures), _totals_check(taken)),
    )


def _frame(raw: RawFile) -> pd.DataFrame:
    rows = Workbook(raw.read(), raw.name).rows(SHEET)
    start = row_with(rows, ["Group Type", "CCG Code", "Month / Year"], raw.name)
    frame = frames.sheet_table(rows[start:], raw.name)
    named = headers.matched(list(frame.columns), COLUMNS, COLUMNS.values(), raw.name, LAYOUT)
    return frame[list(named)].rename(columns=named)


def _month(cells: pd.Series, where: str) -> dict[str, str]:
    """Each text of the column of months to the month, written 2019-02: all are the first day of one."""
    out = {}
    for text in cells.unique():
        day = periods.day(text, where)
        if day.day != 1:
            raise ContentError("a month is not written as its first day", where=where, found=text)
        out[text] = f"{day:%Y-%m}"
    return out


def _refuse(frame: pd.DataFrame, measures: list[str], where: str) -> None:
    faults: list[LedgerError | str] = []
    for name in sorted(set(frame["group"]) - set(GROUPS)):
        faults.append(LedgerError("an unknown Group Type", found=repr(name), choices=list(GROUPS)))
    for name in measures:
        faults += markers.unknown_cells(frame[name], name, CELLS)
    keys = ["month", "group", "ccg", "ccg_name", "provider"]
    again = frame[frame.duplicated(keys)]
    faults += [f"a row comes twice: {', '.join(row)}" for row in again[keys].head(5).to_numpy()]
    part = (frame["ccg"].eq("all") != frame["group"].isin(["England", "Provider"])) | (
        frame["provider"].eq("all") != frame["group"].isin(["England", "CCG"])
    )
    for row in frame[part].head(5).itertuples():
        faults.append(
            f"a row of {row.group} is of commissioner {row.ccg!r} and provider {row.provider!r}"
        )
    empty = frame["provider"].eq("") | (frame["ccg"].eq("") & frame["ccg_name"].ne(NO_CODE))
    for row in frame[empty].head(5).itertuples():
        faults.append(f"a row has no code: {row.group}, {row.ccg_name}, {row.provider_name}")
    if faults:
        raise Faults(f"{where} holds what is not known or not sound", faults)


def _national(england: pd.DataFrame, measures: list[str]) -> pd.DataFrame:
    """England's months as rows of the national table."""
    rows = england.melt(["month"], measures, "measure", "value")
    status = markers.statuses(rows["value"], CELLS)
    percent = rows["measure"].str.endswith("_pct")
    bounds = {m: periods.month_bounds(m) for m in rows["month"].unique()}
    rows = rows.assign(
        measure=rows["measure"].replace(NATIONAL_NAMES),
        value=rows["value"].where(status.eq("published"), ""),
        status=status,
        period_start=rows["month"].map(lambda m: str(bounds[m][0])),
        period_end=rows["month"].map(lambda m: str(bounds[m][1])),
        unit=percent.map({True: "percent", False: "referrals"}),
        rounding=percent.map({True: "1 decimal place", False: "not rounded"}),
    )
    same = {
        **frames.ENGLAND,
        "period_type": "month",
        "source_id": SOURCE,
        "locator": "Table 1, England / all providers",
    }
    return frames.stored(NATIONAL, rows, same)


def _wide(areas: pd.DataFrame) -> pd.DataFrame:
    """Months of commissioners and providers; the publisher's markers stay in the cells."""
    provider = areas["group"].eq("Provider")
    rows = areas.assign(
        org_type=areas["group"],
        org_code=areas["provider"].where(provider, areas["ccg"]),
        org_name=areas["provider_name"].where(provider, areas["ccg_name"]),
    )
    return frames.stored(WIDE, rows, {"status": "published", "source_id": SOURCE})


def _period_check(frame: pd.DataFrame) -> Check:
    """Thirteen months, and every organisation in each of them."""
    months = sorted(frame["month"].unique())
    rows = frame.groupby(["group", "ccg", "ccg_name", "provider"]).size()
    whole = months[:1] == [FIRST] and months[-1:] == [LAST] and len(months) == MONTHS
    short = int((rows != MONTHS).sum())
    return Check(
        "periods",
        whole and short == 0,
        f"The months run from {months[0]} to {months[-1]}; {short} organisations lack some of them.",
    )


def _bounds_check(frame: pd.DataFrame, measures: list[str]) -> Check:
    """Counts are whole, not negative, and below England multiples of 5; per cents lie between 0 and 100."""
    step = frame["group"].eq("England").map({True: 1, False: 5})
    wrong = []
    for name in measures:
        value = markers.numbers(frame[name])
        bad = value < 0
        bad |= value > 100 if name.endswith("_pct") else value.notna() & (value % step).ne(0)
        wrong += [f"{name} {text}" for text in frame.loc[bad, name]]
    if wrong:
        return Check(
            "bounds",
            False,
            f"{len(wrong)} values are out of bounds, such as {', '.join(wrong[:3])}.",
        )
    return Check("bounds", True, f"All values of {len(frame):,} rows are within bounds.")


def _totals_check(frame: pd.DataFrame) -> Check:
    """England's counts against the sums of commissioners and of providers, as far as rounding lets them differ."""
    worst = 0.0
    for month, rows in frame.groupby("month"):
        for name in SUMMED:
            value = markers.numbers(rows[name])
            whole = float(value[rows["group"].eq("England")].sum())
            for parts in ("CCG", "Provider"):
                part = value[rows["group"].eq(parts)]
                hidden = rows.loc[rows["group"].eq(parts), name].eq("*").sum()
                apart = abs(float(part.sum()) - whole)
                worst = max(worst, apart)
                if apart > 2.5 * part.notna().sum() + 5 * hidden:
                    sentence = f"England's {name} in {month} is {whole:,.0f}; rows of {parts} sum to {part.sum():,.0f}."
                    return Check("totals", False, sentence)
    return Check(
        "totals", True, f"England's counts lie within {worst:,.0f} of the sums of their parts."
    )


FEED = Feed(
    name=NAME,
    title="IAPT time series for key measures, February 2019 to February 2020",
    publisher="NHS Digital",
    cadence="once, on 14 May 2020",
    extends={
        NATIONAL: "England's nine measures of thirteen months, most of which the edition had from no source.",
        WIDE: "Nine measures of every clinical commissioning group and provider.",
    },
    layouts=(LAYOUT,),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=of_publications([SOURCE]),
)
