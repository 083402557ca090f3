"""NHS Talking Therapies, annual reports from 2017-18 on: the main CSV of each year's archive."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.registry import read_sources
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
from iapt_ledger.sources.reading import frames, headers, markers, periods
from iapt_ledger.sources.reading.addresses import series
from iapt_ledger.sources.reading.discovery import bring, file_name, linked_by_period
from iapt_ledger.sources.reading.text import read_csv
from iapt_ledger.sources.talking_therapies import annual as rules
from iapt_ledger.sources.talking_therapies.annual_checks import bounds_check, totals_check
from iapt_ledger.sources.talking_therapies.annual_rows import (
    BREAKDOWNS,
    NATIONAL,
    ORGANISATIONS,
    derived,
    england_rows,
    organisation_rows,
    report_years,
    source_id,
)

NAME = "talking_therapies_annual"
MAIN = "*-main*.csv"
_FILES = re.compile(r"psych-ther-ann-(?!.*(meta|pack)).*\d\d-\d\d.*\.(zip|rar)")


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """Every year's archive; those that were fetched before are taken from where they are kept."""
    table = series(NAME)
    addresses = {year: a.url for year, a in table.known.items()}
    found, failed = linked_by_period(
        get, table.pages, _FILES, periods.year_in_name, set(addresses), NAME, "the newest year"
    )
    addresses |= {year: url for year, url in found.items() if year >= rules.FIRST_YEAR}
    yield from bring(get, [_request(year, addresses[year]) for year in sorted(addresses)], failed)


def _request(year: str, url: str) -> Request:
    return Request(
        url=url,
        what=f"Talking therapies, annual report, {year}",
        content="rar" if file_name(url).lower().endswith(".rar") else "zip",
        least=20_000,
        most=200 * MEGABYTE,
        members=(MAIN,),
        fresh=False,
    )


def recognise(raw: RawFile) -> str | None:
    """The layout: how the main CSV is packed, and how it writes the names of its columns."""
    try:
        packing, found = frames.header(raw, MAIN)
    except LedgerError:
        return None
    keys = {headers.plain(c) for c in list(rules.COLUMNS)[:6]}
    if len({headers.plain(c) for c in found} & keys) < 5 or "DIAGNOSIS" in map(str.upper, found):
        return None
    return f"{packing}, {_style(found)}"


def _style(names: list[str]) -> str:
    plain = {headers.plain(name) for name in names}
    if "countaccessingservices" in plain:
        return "Count_AccessingServices"
    return "Count_FirstTreatment" if any("_" in name for name in names) else "CountFirstTreatment"


def parse(raw: RawFile) -> Parsed:
    """England with its groups, and each organisation's totals.

    Raises:
        ContentError: the file cannot be read, or its name does not tell its year.
        Faults: unknown columns, kinds, categories or markers, or a row twice.
    """
    packing, name, data = frames.unpacked(raw, MAIN)
    frame = read_csv(data, name)
    layout = f"{'csv in a ' + packing if packing else 'csv'}, {_style(list(frame.columns))}"
    year = _year_of(raw, name, list(frame.columns))
    frame = _taken(frame, name, layout)
    rules.refuse_unknown(frame, name, year)
    frame, doubles = rules.without_doubles(frame, name, year)
    frame["level"] = _levels(frame, year)
    england = frame["org_type"].eq("England")
    place = frame["org_type"].map(rules.ORG_TYPES)
    total = frame["kind"].eq("Total")
    frame = frame[england | (total & place)]
    _refuse_markers(frame, name)
    national, groups, cells = england_rows(frame[frame["org_type"].eq("England")], year)
    left = {
        "rows of subsections of ICBs: the edition has no table of these": int((~place).sum()),
        "rows of organisations by group: the edition has their totals only": int(
            (place & ~england & ~total).sum()
        ),
        "rows that come twice, under two names of one code": doubles,
        "England's cells that do not apply (NULL)": cells,
    }
    return Parsed(
        feed=NAME,
        layout=layout,
        tables={
            NATIONAL: pd.concat([national, derived(frame, year)], ignore_index=True),
            BREAKDOWNS: groups,
            ORGANISATIONS: organisation_rows(frame, year),
        },
        suppressed=_suppressed(frame),
        refused={why: n for why, n in left.items() if n},
        checks=_checks(frame, year, name),
        publications=_publications(year, raw),
    )


def _year_of(raw: RawFile, name: str, columns: list[str]) -> str:
    """The year that the names tell; the file itself does not say. How it writes its columns must fit."""
    told = {y for n in (raw.name, name) if (y := periods.year_in_name(n))}
    if len(told) != 1:
        raise ContentError(
            "the year is not told by the name of the file, and its rows do not say it",
            where=name,
            expected="one financial year in the name, such as ...-2022-23-...",
            found=sorted(told) or "none",
        )
    year = told.pop()
    style = _style(columns)
    fits = {
        "CountFirstTreatment": year <= "2019-20",
        "Count_FirstTreatment": year >= "2020-21",
        "Count_AccessingServices": year >= "2022-23",
    }
    if year < rules.FIRST_YEAR or not fits[style]:
        raise ContentError(
            "the columns are not written as in that year", where=name, expected=year, found=style
        )
    return year


def _taken(frame: pd.DataFrame, where: str, layout: str) -> pd.DataFrame:
    known = {**rules.COLUMNS, **dict.fromkeys(rules.NOT_TAKEN, "")}
    ours = dict.fromkeys(c for c in rules.COLUMNS.values() if c not in rules.ONLY_TOTAL)
    named = headers.matched(list(frame.columns), known, ours, where, layout)
    return frame[list(named)].rename(columns=named)


def _levels(frame: pd.DataFrame, year: str) -> pd.Series:
    """The level of England's categories; empty for all other rows."""
    known = rules.known_categories()
    out = [
        rules.category_of(kind, label, year).level
        if kind_of == "England" and (kind, label := rules.label(kind, a, b)) in known
        else ""
        for kind_of, kind, a, b in zip(
            frame["org_type"], frame["kind"], frame["a"], frame["b"], strict=True
        )
    ]
    return pd.Series(out, index=frame.index, dtype=str)


def _refuse_markers(frame: pd.DataFrame, where: str) -> None:
    faults = [
        fault
        for name in (*rules.COUNTS, *rules.RATES, *rules.ONLY_TOTAL)
        if name in frame
        for fault in markers.unknown_cells(frame[name], name, rules.CELLS)
    ]
    totals = frame["org_type"].eq("England") & frame["kind"].eq("Total")
    if totals.sum() != 1:
        faults.append(LedgerError("no one row of England's totals", found=f"{totals.sum()} rows"))
    if faults:
        raise Faults(f"{where} holds what is not known", faults)


def _suppressed(frame: pd.DataFrame) -> dict[str, int]:
    counts = {m: int(frame[m].eq("*").sum()) for m in (*rules.COUNTS, *rules.RATES)}
    return {measure: n for measure, n in counts.items() if n}


def _checks(frame: pd.DataFrame, year: str, name: str) -> tuple[Check, ...]:
    measures = [m for m in (*rules.COUNTS, *rules.RATES, *rules.ONLY_TOTAL) if m in frame]
    return (
        Check(
            "periods",
            True,
            f"{name} is of {year} by its name, and its columns are written as then.",
        ),
        bounds_check(frame[measures], frame["org_type"].eq("England")),
        totals_check(frame),
    )


def _publications(year: str, raw: RawFile) -> tuple[Mapping[str, object], ...]:
    """The entry for the registry of a year that it does not hold."""
    name = source_id(year)
    if name in read_sources():
        return ()
    entry = {
        "id": name,
        "title": f"NHS Talking Therapies, for anxiety and depression, Annual reports, {year} (main CSV)",
        "publisher": "NHS England",
        "published": "not seen",
        "licence": "Open Government Licence v3.0",
        "address": raw.url or "not seen",
        "how_read": "publisher file",
        "cadence": "annual",
        "note": "Rows of organisations: an asterisk is a suppressed value (under 5), counts are rounded"
        " to the nearest 5.",
    }
    return (entry,)


def owns(table: str, rows: pd.DataFrame) -> pd.Series:
    """Rows of the main CSV and what is worked out from it, from 2017-18 on."""
    years = report_years(rows)
    return years.ge(rules.FIRST_YEAR).astype(bool) & years.notna()


FEED = Feed(
    name=NAME,
    title="NHS Talking Therapies annual reports, main CSV",
    publisher="NHS England",
    cadence="annual, from eight months after the end of March",
    extends={
        NATIONAL: "England's totals and waits of each year since 2017-18.",
        BREAKDOWNS: "England by age, sex, ethnicity, deprivation and other groups.",
        ORGANISATIONS: "Totals of every region, system, commissioner and provider.",
    },
    layouts=tuple(
        f"{packing}, {style}"
        for packing in ("csv in a zip", "csv in a rar", "csv")
        for style in ("CountFirstTreatment", "Count_FirstTreatment", "Count_AccessingServices")
    ),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=owns,
)
