"""OHID Fingertips: England's figures of the few indicators that the edition has a place for.

The publisher's own client turns the check of certificates off, so it is not used: the interface is asked through ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from iapt_ledger.acceptance.contents import bounds, periods
from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.sources.base import (
    MEGABYTE,
    ContentError,
    Feed,
    Get,
    Held,
    Parsed,
    RawFile,
    Request,
)
from iapt_ledger.sources.context.series import CONTEXT, context_rows
from iapt_ledger.sources.reading.discovery import bring
from iapt_ledger.sources.reading.frames import ENGLAND
from iapt_ledger.sources.reading.headers import matched
from iapt_ledger.sources.reading.ownership import of_publications
from iapt_ledger.sources.reading.periods import year_bounds
from iapt_ledger.sources.reading.text import header_of, read_csv

NAME = "fingertips"
API = "https://fingertips.phe.org.uk/api"
AVAILABLE = f"{API}/available_data"
LAYOUT = "data of one indicator by area, 26 or 27 columns"
AREA_TYPES = (202, 201, 102, 101, 15)
"""Kinds of areas to ask with, as England comes with each; the first that an indicator has is taken."""

PARENT = 15


@dataclass(frozen=True)
class Indicator:
    """One indicator of the edition.

    Attributes:
        words: that its name must hold, so that an id that changes its meaning is seen.
        most: greatest value that is believed.
    """

    measure: str
    unit: str
    source: str
    words: str
    most: float


INDICATORS: Mapping[str, Indicator] = {
    "848": Indicator(
        "Depression: QOF recorded prevalence, 18 and over",
        "percent",
        "qof_dep",
        "depression",
        40,
    ),
    "21001": Indicator(
        "Emergency hospital admissions for intentional self-harm, age-standardised",
        "per 100,000",
        "selfharm_ft",
        "self-harm",
        2000,
    ),
    "90813": Indicator(
        "Hospital admissions for self-harm, ages 10-24, age-standardised",
        "per 100,000",
        "selfharm_ft",
        "self-harm",
        3000,
    ),
    "91096": Indicator(
        "Excess under-75 mortality in adults with serious mental illness",
        "indirectly standardised ratio",
        "selfharm_ft",
        "serious mental illness",
        2000,
    ),
}
COLUMNS = {
    "Indicator ID": "id",
    "Indicator Name": "name",
    "Parent Code": "",
    "Parent Name": "",
    "Area Code": "area",
    "Area Name": "",
    "Area Type": "",
    "Sex": "sex",
    "Age": "age",
    "Category Type": "category",
    "Category": "",
    "Time period": "period",
    "Value": "value",
    "Lower CI 95.0 limit": "",
    "Upper CI 95.0 limit": "",
    "Lower CI 99.8 limit": "",
    "Upper CI 99.8 limit": "",
    "Count": "",
    "Denominator": "",
    "Value note": "",
    "Recent Trend": "",
    "Time period Sortable": "",
    "New data": "",
    "Compared to goal": "",
    "Time period range": "",
}
_COMPARED = re.compile(r"Compared to .{1,60} value or percentiles")
_YEAR = re.compile(r"\d{4}/\d{2}")
_NUMBER = re.compile(r"(?:-?\d{1,9}(?:\.\d+)?)?")
_TENTH = Decimal("0.1")


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """Each indicator that the service says it has; one that it no longer has is told."""
    known = _available(get)
    failed = [
        f"indicator {number} ({one.measure}) is no longer there"
        for number, one in INDICATORS.items()
        if number not in known
    ]
    yield from bring(get, [_request(n, known[n]) for n in INDICATORS if n in known], failed)


def _available(get: Get) -> dict[str, int]:
    """Indicator to the kind of area that it is asked with.

    Raises:
        ContentError: the list is of another shape.
        FetchError: it cannot be brought.
    """
    request = Request(AVAILABLE, "Fingertips, list of indicators", "json", most=200 * MEGABYTE)
    try:
        listed = json.loads(get(request).read())
        pairs = [(str(one["IndicatorId"]), int(one["AreaTypeId"])) for one in listed]
    except (ValueError, TypeError, KeyError) as error:
        raise ContentError(
            "the list of indicators is of another shape",
            where=AVAILABLE,
            expected="pairs of IndicatorId and AreaTypeId",
            found=type(error).__name__,
        ) from None
    kinds: dict[str, set[int]] = {}
    for number, kind in pairs:
        kinds.setdefault(number, set()).add(kind)
    return {n: next((k for k in AREA_TYPES if k in had), max(had)) for n, had in kinds.items()}


def _request(number: str, kind: int) -> Request:
    query = f"indicator_ids={number}&child_area_type_id={kind}&parent_area_type_id={PARENT}"
    return Request(
        url=f"{API}/all_data/csv/by_indicator_id?{query}",
        what=f"Fingertips, indicator {number}",
        content="csv",
        least=200,
        most=300 * MEGABYTE,
    )


def recognise(raw: RawFile) -> str | None:
    """The layout, by the names of its columns."""
    try:
        with raw.path.open("rb") as file:
            names = header_of(file.readline(65_536), raw.name)
    except LedgerError:
        return None
    return LAYOUT if {"Indicator ID", "Area Code", "Time period"} <= set(names) else None


def parse(raw: RawFile) -> Parsed:
    """England's figure of each year, all persons, no category.

    Raises:
        ContentError: it is no table, or holds nothing of England.
        Faults: unknown columns, indicators, names, periods or cells, or a year twice.
    """
    frame = read_csv(raw.read(), raw.name)
    plain = [c for c in frame.columns if not _COMPARED.fullmatch(c)]
    needed = [our for our in COLUMNS.values() if our]
    frame = frame.rename(columns=matched(plain, COLUMNS, needed, raw.name, LAYOUT))
    england = frame[frame["area"].eq(ENGLAND["geography_code"])]
    taken = england[england["sex"].eq("Persons") & england["category"].eq("")]
    if taken.empty:
        raise ContentError("nothing of England, all persons", where=raw.name)
    if faults := [*_faults(taken)]:
        raise Faults(f"{raw.name} is not known", faults)
    rows = [_row(*cells) for cells in taken[["id", "period", "value"]].itertuples(index=False)]
    table = context_rows(rows, {**ENGLAND, "period_type": "financial_year"})
    return Parsed(
        feed=NAME,
        layout=LAYOUT,
        tables={CONTEXT: table},
        refused=_left(len(frame) - len(england), len(england) - len(taken)),
        checks=(
            periods([], taken["period"].str.replace("/", "-"), what="file"),
            *(
                bounds(
                    taken.loc[taken["id"].eq(n), ["period", "value"]].itertuples(index=False),
                    0,
                    INDICATORS[n].most,
                    what=INDICATORS[n].measure,
                )
                for n in taken["id"].unique()
            ),
        ),
    )


def _left(others: int, parts: int) -> dict[str, int]:
    left = {
        "rows of other areas than England": others,
        "rows of England by sex or category": parts,
    }
    return {why: n for why, n in left.items() if n}


def _faults(rows: pd.DataFrame) -> Iterator[LedgerError]:
    """All in England's rows that is not known."""
    for number, name in rows[["id", "name"]].drop_duplicates().itertuples(index=False):
        known = INDICATORS.get(number)
        if known is None:
            near = closest(number, INDICATORS)
            found = f"{number}, {name!r}"
            yield LedgerError(
                "an unknown indicator", found=found, choices=list(INDICATORS), nearest=near
            )
        elif known.words not in name.lower():
            yield LedgerError(
                f"indicator {number} has a name that it did not have",
                expected=known.words,
                found=name,
            )
    for period in rows.loc[~rows["period"].str.fullmatch(_YEAR).astype(bool), "period"].unique():
        yield LedgerError("no financial year", expected="such as 2014/15", found=repr(period))
    for row in rows[rows.duplicated(["id", "period"])].itertuples():
        found = f"{row.id}, {row.period}, {row.age}"
        yield LedgerError("a year stands twice", found=found)
    for row in rows[~rows["value"].str.fullmatch(_NUMBER).astype(bool)].itertuples():
        yield LedgerError(
            "a cell is no number", where=f"{row.id}, {row.period}", found=repr(row.value)
        )


def _row(number: str, period: str, value: str) -> dict[str, str]:
    one = INDICATORS[number]
    first, last = year_bounds(period.replace("/", "-"))
    tenth = Decimal(value).quantize(_TENTH, ROUND_HALF_UP) if value else ""
    return {
        "period_start": str(first),
        "period_end": str(last),
        "measure": one.measure,
        "value": str(tenth),
        "unit": one.unit,
        "rounding": "rounded" if one.source == "qof_dep" else "",
        "status": "published" if value else "missing",
        "source_id": one.source,
        "locator": f"indicator {number}, England, {period}",
        "note": "Rounded by us to 1 decimal.",
    }


FEED = Feed(
    name=NAME,
    title="Fingertips, public health indicators of England",
    publisher="Office for Health Improvement and Disparities",
    cadence="annual, each indicator in its own month",
    extends={
        CONTEXT: "Recorded depression (QOF), admissions for self-harm, excess mortality in serious mental illness."
    },
    layouts=(LAYOUT,),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=of_publications(one.source for one in INDICATORS.values()),
)
