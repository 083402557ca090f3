"""ONS mid-year population: every year of every country of the United Kingdom, in one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from iapt_ledger.acceptance.contents import bounds, periods, totals
from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.sources.base import MEGABYTE, Check, Feed, Get, Held, Parsed, RawFile, Request
from iapt_ledger.sources.context.series import (
    CONTEXT,
    UK,
    context_rows,
    gaps,
    not_numbers,
    ons_publication,
    released,
)
from iapt_ledger.sources.reading.ownership import of_publications_like
from iapt_ledger.sources.reading.text import header_of, read_csv

NAME = "ons_population"
URL = (
    "https://www.ons.gov.uk/file?uri=/peoplepopulationandcommunity/populationandmigration/populationestimates/"
    "datasets/populationestimatestimeseriesdataset/current/pop.csv"
)
LAYOUT = "series with their codes in the second row"
COUNTRIES = {
    "ENPOP": ("E92000001", "England"),
    "WAPOP": ("W92000004", "Wales"),
    "SCPOP": ("S92000003", "Scotland"),
    "NIPOP": ("N92000002", "Northern Ireland"),
    "UKPOP": ("K02000001", "UK"),
}
BRITAIN, GREAT_BRITAIN = ("ENPOP", "WAPOP", "SCPOP"), ("K03000001", "Great Britain")
CHECKED = {"GBPOP", "EWPOP"}
LABELS = ("CDID", "PreUnit", "Unit", "Release Date", "Next release", "Important Notes")
FIRST = 1990
"""The context table begins here."""

_SIZES = {"": 1, "persons": 1, "people": 1, "number": 1, "000s": 1000, "thousands": 1000}


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """The one file; the host says whether it changed."""
    yield get(
        Request(URL, "Mid-year population", "csv", least=1_000, most=5 * MEGABYTE, fresh=True)
    )


def recognise(raw: RawFile) -> str | None:
    """The layout, by its labels and codes."""
    try:
        names = header_of(raw.read(), raw.name)
    except LedgerError:
        return None
    known = names[0] == "Title" and sum("population mid-year" in n for n in names) >= 2
    return LAYOUT if known else None


def parse(raw: RawFile) -> Parsed:
    """Population of each country by year, from 1990 on.

    Raises:
        ContentError: it is no text, or rows are not as long as the first.
        Faults: unknown series, units, labels or cells, years missing or twice.
    """
    frame = read_csv(raw.read(), raw.name)
    first = str(frame.columns[0])
    labelled = frame[~frame[first].str.fullmatch(r"\d{4}").astype(bool)].set_index(first)
    every = frame[frame[first].str.fullmatch(r"\d{4}").astype(bool)].set_index(first)
    data = every[every.index.astype(int) >= FIRST]
    codes = _codes(labelled, data, raw.name)
    data = data.rename(columns=codes)
    size, release = _size(labelled, raw.name), int(max(data.index))
    early = len(every) - len(data)
    left = {f"years before {FIRST}, which the table does not hold": early} if early else {}
    data = data.astype(float) * size
    day = _day(labelled, raw.name)
    return Parsed(
        feed=NAME,
        layout=LAYOUT,
        tables={CONTEXT: _rows(data.astype(int), release)},
        refused=left,
        checks=_checks(data, day),
        publications=() if release == 2024 else (_publication(release, day),),
    )


def _codes(labelled: pd.DataFrame, data: pd.DataFrame, where: str) -> dict[str, str]:
    """Code of each column.

    Raises:
        Faults: all that is not known in the file.
    """
    faults: list[LedgerError] = [
        LedgerError(
            "an unknown label", found=repr(name), choices=LABELS, nearest=closest(name, LABELS)
        )
        for name in labelled.index
        if name not in LABELS
    ]
    if list(labelled.index).count("CDID") != 1 or data.empty:
        lacks = LedgerError("no row of codes (CDID), or no years", found=list(labelled.index)[:8])
        raise Faults(f"{where} is not known", [*faults, lacks])
    codes = {str(name): str(labelled.loc["CDID", name]) for name in labelled.columns}
    faults += [*_series_faults(list(codes.values())), *_year_faults(data, codes)]
    if faults:
        raise Faults(f"{where} is not known", faults)
    return codes


def _series_faults(codes: list[str]) -> Iterator[LedgerError]:
    known = {*COUNTRIES, *CHECKED}
    for code in sorted(set(codes) - known):
        yield LedgerError("an unknown series", found=repr(code), nearest=closest(code, known))
    if gone := sorted(known - set(codes)):
        yield LedgerError("series are not there", expected=", ".join(gone))
    if len(set(codes)) < len(codes):
        yield LedgerError("a series stands twice", found=codes)


def _year_faults(data: pd.DataFrame, codes: Mapping[str, str]) -> Iterator[LedgerError]:
    for year in data.index[data.index.duplicated()]:
        yield LedgerError("a year stands twice", found=year)
    for year in gaps(int(str(y)) for y in data.index):
        yield LedgerError("a year is missing", found=year)
    for name, code in codes.items():
        cells = zip(data.index, data[name], strict=True)
        yield from not_numbers({f"{year}, {code}": str(cell) for year, cell in cells})


def _size(labelled: pd.DataFrame, where: str) -> int:
    """People that one stands for.

    Raises:
        Faults: a unit is not known, or columns have several.
    """
    units = {
        str(cell).strip().lower()
        for label in ("PreUnit", "Unit")
        if label in labelled.index
        for cell in labelled.loc[[label]].to_numpy().ravel()
    }
    unknown = sorted(units - set(_SIZES))
    sizes = {_SIZES[u] for u in units & set(_SIZES)} - {1} or {1}
    if unknown or len(sizes) > 1:
        fault = LedgerError(
            "an unknown unit", found=unknown or sorted(units), choices=[*_SIZES][1:]
        )
        raise Faults(f"{where} is not known", [fault])
    return sizes.pop()


def _day(labelled: pd.DataFrame, where: str) -> str:
    """The latest day of release that the columns tell; empty where they tell none."""
    if "Release Date" not in labelled.index:
        return ""
    cells = labelled.loc[["Release Date"]].to_numpy().ravel()
    return max((released(str(c), where) for c in cells if c), default="")


def _rows(data: pd.DataFrame, release: int) -> pd.DataFrame:
    """Rows of countries, and of Great Britain as their sum."""
    rounded = bool((data % 100 == 0).all().all())
    series = f"One consistent series (mid-{release} release); do not mix with other vintages."
    if release == 2024:
        series = (
            "Rounded to 100. One consistent series (mid-2024 release, rebased to the 2021 and 2022 censuses); "
            "do not mix with mid-2019 or mid-2021 vintages."
        )
    rows = []
    for year, values in data.iterrows():
        each = {c: (*COUNTRIES[c], int(values[c]), "published", series) for c in COUNTRIES}
        britain = sum(int(values[c]) for c in BRITAIN)
        note = "Derived: England + Wales + Scotland." + " Rounded components." * rounded
        each["GBPOP"] = (*GREAT_BRITAIN, britain, "derived", note)
        rows += [_row(str(year), *cells) for cells in each.values()]
    same: Mapping[str, str] = {
        **UK,
        "period_type": "snapshot",
        "measure": f"Mid-year population, all ages (series of the mid-{release} release)",
        "unit": "people",
        "rounding": "nearest 100" if rounded else "",
        "source_id": f"ons_mye{release}_series",
    }
    return context_rows(rows, same)


def _row(year: str, code: str, name: str, value: int, status: str, note: str) -> dict[str, str]:
    return {
        "period_start": f"{year}-06-30",
        "period_end": f"{year}-06-30",
        "geography_code": code,
        "geography": name,
        "value": str(value),
        "status": status,
        "locator": f"pop.csv, row {year}",
        "note": note,
    }


def _due(day: str) -> list[str]:
    """The year that a release of this day must reach: it never was as late as two years after the last mid-year.

    A file that lost its last year would else pass for the release before it.

    >>> _due("2025-09-26"), _due("2024-03-26"), _due("")
    (['2024'], ['2022'], [])
    """
    return [str(int(day[:4]) - (1 if day[5:] > "06-30" else 2))] if day else []


def _checks(data: pd.DataFrame, day: str) -> tuple[Check, ...]:
    limits = {
        "ENPOP": (45e6, 80e6),
        "SCPOP": (4.5e6, 8e6),
        "WAPOP": (2.5e6, 5e6),
        "NIPOP": (1.3e6, 3e6),
    }
    places = [
        bounds(list(data[c].items()), low, high, what=f"People of {COUNTRIES[c][1]}", whole=True)
        for c, (low, high) in limits.items()
    ]
    sums = {
        "UKPOP": data[["ENPOP", "SCPOP", "WAPOP", "NIPOP"]].sum(axis=1),
        "GBPOP": data[list(BRITAIN)].sum(axis=1),
        "EWPOP": data[["ENPOP", "WAPOP"]].sum(axis=1),
    }
    adding = [
        totals(
            {str(y): float(v) for y, v in data[code].items()},
            {str(y): float(v) for y, v in parts.items()},
            tolerance=0.00002,
            what=f"{code} against the sum of its countries",
            because="each is rounded to hundreds",
        )
        for code, parts in sums.items()
    ]
    return (periods(_due(day), map(str, data.index), what="file"), *places, *adding)


def _publication(release: int, day: str) -> Mapping[str, str]:
    title = f"Mid-year population estimates by UK country, to mid-{release} (time series)"
    return ons_publication(f"ons_mye{release}_series", title, URL, day)


FEED = Feed(
    name=NAME,
    title="Mid-year population of the countries of the United Kingdom",
    publisher="Office for National Statistics",
    cadence="annual, more than a year after the day",
    extends={
        CONTEXT: "Population of each country in one series; each release stands under its own name beside older ones."
    },
    layouts=(LAYOUT,),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=of_publications_like(r"ons_mye\d{4}_series"),
    vintages=True,
)
