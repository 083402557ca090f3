"""ONS suicides registered in England and Wales: numbers from the dataset by area, rates from the reference tables.

Both layouts are those which public code reads; no such file was seen. Rates are taken from the workbook alone and
numbers from the dataset alone, so that no figure comes twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from iapt_ledger.acceptance.contents import bounds, periods
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
from iapt_ledger.sources.context.ons_versions import PLAIN_NUMBER, newest_version
from iapt_ledger.sources.context.series import CONTEXT, context_rows, ons_publication
from iapt_ledger.sources.context.suicide_rates import has_rates, rates
from iapt_ledger.sources.reading.discovery import bring
from iapt_ledger.sources.reading.frames import ENGLAND
from iapt_ledger.sources.reading.headers import matched, plain
from iapt_ledger.sources.reading.kinds import kind
from iapt_ledger.sources.reading.links import links
from iapt_ledger.sources.reading.text import header_of, read_csv
from iapt_ledger.sources.reading.workbooks import Workbook

NAME = "ons_suicides"
DATASET = "suicides-in-the-uk"
TABLES = (
    "/peoplepopulationandcommunity/birthsdeathsandmarriages/deaths/datasets/"
    "suicidesintheunitedkingdomreferencetables"
)
SITE = "https://www.ons.gov.uk"
PAGE = f"{SITE}{TABLES}"
NUMBERS, RATES = (
    "numbers by year and area, 5 columns",
    "workbook with a sheet of rates for each country",
)
HELD_RELEASE = "ons_suicide_2023"
"""The publication of this release in the registry, which holds some of the figures from its bulletin."""

FIRST = 1990
"""The context table begins here."""

AREAS = {
    "England and Wales": {
        **ENGLAND,
        "geography_code": "K04000001",
        "geography": "England and Wales",
    },
    "England": dict(ENGLAND),
    "Wales": {**ENGLAND, "geography_code": "W92000004", "geography": "Wales"},
}
CODES = {place["geography_code"]: name for name, place in AREAS.items()}
MEASURES = {NUMBERS: "Suicides registered", RATES: "Suicide rate, age-standardised, registrations"}
UNITS = {NUMBERS: "people", RATES: "per 100,000"}
LIMITS = {
    NUMBERS: {"England and Wales": (2500, 12_000), "England": (2400, 11_000), "Wales": (100, 800)},
    RATES: dict.fromkeys(AREAS, (4, 30)),
}
COLUMNS = {
    "v4_0": "value",
    "calendar-years": "year",
    "Time": "",
    "administrative-geography": "area",
    "Geography": "",
}
_FILE = re.compile(re.escape(f"{SITE}/file?uri={TABLES}") + r"/[\w-]{1,60}/[\w.-]{1,100}\.xlsx")


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """The newest version of the dataset, and the newest workbook that the page of the tables links to."""
    wanted, failed = [], []
    for find in (_dataset, _workbook):
        try:
            wanted.append(find(get))
        except (FetchError, ContentError) as error:
            failed.append(str(error))
    yield from bring(get, wanted, failed)


def _dataset(get: Get) -> Request:
    return newest_version(get, DATASET, "Suicides registered by area")


def _workbook(get: Get) -> Request:
    """The first workbook on the page: the newest edition stands above those before it.

    Raises:
        ContentError: there is none.
        FetchError: the page cannot be brought.
    """
    page = get(Request(PAGE, "Suicides: page of the tables", "html", most=20 * MEGABYTE))
    for url in links(page.read(), PAGE):
        if _FILE.fullmatch(url.replace("%2F", "/").replace("%2f", "/")):
            return Request(url, "Suicides: workbook of the tables", "xlsx", most=50 * MEGABYTE)
    raise ContentError(
        "the page of the tables links to no workbook of them",
        where=PAGE,
        expected=f"a link {SITE}/file?uri={TABLES}/<edition>/<name>.xlsx",
    )


def recognise(raw: RawFile) -> str | None:
    """The layout, by the names of the columns or of the sheets."""
    try:
        data = raw.read()
        if kind(data) == "workbook":
            return RATES if has_rates(Workbook(data, raw.name)) else None
        names = {plain(name) for name in header_of(data[:65_536].split(b"\n")[0], raw.name)}
    except LedgerError:
        return None
    told = {plain("v4_0"), plain("calendar-years"), plain("administrative-geography")}
    return NUMBERS if len(told & names) >= 2 and len(names) <= len(COLUMNS) + 1 else None


def parse(raw: RawFile) -> Parsed:
    """Numbers, or rates, of England and Wales and of each of the two, by year of registration from 1990 on.

    Raises:
        ContentError: it is neither, or holds nothing of the two countries.
        Faults: unknown columns, areas, years or cells, or a year twice.
    """
    left: dict[str, int] = {}
    if kind(raw.read()) == "workbook":
        layout, taken = RATES, rates(Workbook(raw.read(), raw.name))
    else:
        layout, (taken, left) = NUMBERS, _numbers(raw)
    if faults := [*_faults(taken)]:
        raise Faults(f"{raw.name} is not known", faults)
    if taken.empty:
        raise ContentError("nothing of England or Wales", where=raw.name)
    early = taken["year"].astype(int).lt(FIRST)
    left |= {f"figures before {FIRST}, which the table does not hold": int(early.sum())}
    taken = taken[~early]
    last = max(taken["year"], default="")
    if not last:
        raise ContentError(f"no year from {FIRST} on", where=raw.name)
    cells = zip(taken["area"], taken["year"], taken["value"], strict=True)
    rows = [_row(area, year, value, layout, last) for area, year, value in cells]
    return Parsed(
        feed=NAME,
        layout=layout,
        tables={CONTEXT: context_rows(rows, {"period_type": "calendar_year"})},
        refused={why: n for why, n in left.items() if n},
        checks=tuple(_checks(taken, layout)),
        publications=() if _source(last) == HELD_RELEASE else (_publication(last),),
    )


def _numbers(raw: RawFile) -> tuple[pd.DataFrame, dict[str, int]]:
    frame = read_csv(raw.read(), raw.name)
    needed = [our for our in COLUMNS.values() if our]
    names = matched(list(frame.columns), COLUMNS, needed, raw.name, NUMBERS)
    frame = frame.rename(columns=names)
    ours = frame[frame["area"].isin(CODES)]
    taken = ours.assign(area=ours["area"].map(CODES))[["area", "year", "value"]]
    return taken, {"numbers of smaller areas": len(frame) - len(ours)}


def _faults(taken: pd.DataFrame) -> Iterator[LedgerError]:
    for row in taken.itertuples():
        if not re.fullmatch(r"\d{4}", str(row.year)):
            yield LedgerError("no year", where=str(row.area), found=repr(row.year))
        if not re.fullmatch(PLAIN_NUMBER, str(row.value)):
            place = f"{row.area}, {row.year}"
            yield LedgerError("a cell is no number", where=place, found=repr(row.value))
    for row in taken[taken.duplicated(["area", "year"])].itertuples():
        yield LedgerError("a year stands twice", found=f"{row.area}, {row.year}")


def _checks(taken: pd.DataFrame, layout: str) -> Iterator[Check]:
    years = taken["year"].astype(int)
    every = [str(year) for year in range(min(years), max(years) + 1)]
    for area, (low, high) in LIMITS[layout].items():
        mine = taken[taken["area"].eq(area)]
        what = f"{MEASURES[layout]}, {area}"
        yield periods(every, mine["year"], what=f"series {what!r}")
        cells = mine[["year", "value"]].itertuples(index=False, name=None)
        yield bounds(cells, low, high, what=what, whole=layout == NUMBERS)


def _row(area: str, year: str, value: str, layout: str, last: str) -> dict[str, str]:
    return {
        **AREAS[area],
        "period_start": f"{year}-01-01",
        "period_end": f"{year}-12-31",
        "measure": MEASURES[layout],
        "value": value,
        "unit": UNITS[layout],
        "source_id": _source(last),
        "locator": f"{area}, {year}",
    }


def _source(last: str) -> str:
    return HELD_RELEASE if last == HELD_RELEASE[-4:] else f"ons_suicides_{last}"


def _publication(last: str) -> Mapping[str, str]:
    return ons_publication(
        _source(last), f"Suicides in England and Wales: {last} registrations", PAGE
    )


def owns(table: str, rows: pd.DataFrame) -> pd.Series:
    """Its two measures for the countries; rates of regions are another publication's."""
    sources = rows["source_id"].str.fullmatch(r"ons_suicides?_\d{4}").astype(bool)
    places = rows["geography"].isin(AREAS)
    return sources & places & rows["measure"].isin(MEASURES.values())


FEED = Feed(
    name=NAME,
    title="Suicides registered in England and Wales",
    publisher="Office for National Statistics",
    cadence="annual, eight months or more after the year",
    extends={
        CONTEXT: "Numbers from 2001 and rates from 1990 for each year, in place of the few that bulletins print."
    },
    layouts=(NUMBERS, RATES),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=owns,
)
