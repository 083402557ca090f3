"""Nomis: claimants of incapacity benefits by ICD-10 chapter, quarter by quarter to 2018; needs no key."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pandas as pd

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
from iapt_ledger.sources.benefits.nomis_lists import (
    BASE,
    BENEFITS,
    Benefit,
    DataSet,
    data_set,
    is_total,
)
from iapt_ledger.sources.benefits.nomis_rows import SAME, TABLE, publication, rows_of
from iapt_ledger.sources.reading import frames, headers
from iapt_ledger.sources.reading.ownership import of_publications

NAME = "nomis"
LAYOUT = "csv of the data service"
SOURCES = frozenset(b.source_id for b in BENEFITS)
CUT_AT = 25_000
"""Rows after which the service ends an answer without a word."""
_MOST_PAGES = 100

COLUMNS = {
    "DATE": "date",
    "DATE_NAME": "",
    "GEOGRAPHY": "",
    "GEOGRAPHY_NAME": "area",
    "GEOGRAPHY_CODE": "code",
    "AGE": "",
    "AGE_NAME": "age",
    "MEASURES": "measure",
    "MEASURES_NAME": "",
    "OBS_VALUE": "value",
    "OBS_STATUS": "",
    "OBS_STATUS_NAME": "state",
    "RECORD_OFFSET": "offset",
    "RECORD_COUNT": "count",
}
_NEEDED = ("date", "area", "code", "measure", "value", "state", "offset", "count")


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """Every data set whole, page by page: the series have ended and come to a few thousand rows."""
    failed = []
    for benefit in BENEFITS:
        try:
            yield from _pages(get, data_set(get, benefit))
        except LedgerError as error:
            failed.append(f"{benefit.benefit}: {error}")
    if failed:
        raise FetchError(" ".join(failed).rstrip("."))


def _pages(get: Get, data: DataSet) -> Iterator[RawFile]:
    """Pages of a data set until as many rows came as the service says there are.

    Raises:
        ContentError: a page is empty, or the number of rows changes on the way.
    """
    got, count = 0, -1
    for page in range(_MOST_PAGES):
        raw = get(_request(data, got, page))
        frame = frames.one_table(raw)
        counts = set(frame["RECORD_COUNT"]) if "RECORD_COUNT" in frame else set()
        if len(counts) != 1 or not next(iter(counts)).isdigit():
            raise ContentError(
                "the service does not say how many rows there are",
                where=raw.name,
                expected="one number in RECORD_COUNT",
                found=", ".join(sorted(counts)[:4]) or "no rows",
            )
        told = int(next(iter(counts)))
        if count not in (-1, told):
            raise ContentError(
                "the number of rows changed on the way", where=raw.name, expected=count, found=told
            )
        got, count = got + len(frame), told
        yield raw
        if got >= count:
            return
    raise ContentError("the pages have no end", where=data.id, found=f"{got:,} of {count:,} rows")


def _request(data: DataSet, offset: int, page: int) -> Request:
    chosen = {name.lower(): codes for name, codes in data.codes.items()}
    columns = [c for c in COLUMNS if not c.startswith("AGE") or "AGE" in data.codes]
    columns += [
        f"{name}{ending}"
        for name in data.codes
        if name not in ("GEOGRAPHY", "MEASURES", "AGE")
        for ending in ("", "_NAME")
    ]
    query = {**chosen, "time": "first,latest", "select": ",".join(columns)}
    if offset:
        query["recordOffset"] = str(offset)
    return Request(
        url=f"{BASE}/dataset/{data.id}.data.csv?{urlencode(query, safe=',')}",
        what=f"Nomis, {data.benefit.benefit}, page {page + 1}",
        content="csv",
        most=100 * MEGABYTE,
    )


def recognise(raw: RawFile) -> str | None:
    """The layout, of any data set by ICD-10 chapter."""
    try:
        _, found = frames.header(raw)
    except LedgerError:
        return None
    needed = {name for name, our in COLUMNS.items() if our in _NEEDED}
    return LAYOUT if needed <= set(found) and _condition(found) else None


def _condition(columns: list[str]) -> str:
    """The column of the names of conditions; empty where there is none."""
    return next((c for c in columns if "ICD" in c and c.endswith("_NAME")), "")


def parse(raw: RawFile) -> Parsed:
    """Claimants by quarter, area, condition and age.

    Raises:
        ContentError: the file is cut, of no benefit that is known, or cannot be read.
        Faults: unknown columns, conditions, areas, ages or states, or a breakdown that is not its total.
    """
    frame = frames.one_table(raw)
    condition = _condition(list(frame.columns))
    if not condition:
        raise ContentError(
            "no column of conditions", where=raw.name, found=", ".join(frame.columns)[:300]
        )
    others = [c for c in frame.columns if c not in COLUMNS and c != condition]
    benefit = _benefit(raw, list(frame.columns))
    _see_others(frame, [c for c in others if c != condition.removesuffix("_NAME")], raw.name)
    known = {**COLUMNS, **dict.fromkeys(others, ""), condition: "condition"}
    named = headers.matched(list(frame.columns), known, (*_NEEDED, "condition"), raw.name, LAYOUT)
    frame = frame.rename(columns=named)
    whole = _whole(frame, raw)
    rows, left = rows_of(frame, raw.name)
    same = {**SAME, "benefit": benefit.benefit, "source_id": benefit.source_id}
    same["locator"] = f"{raw.name.split('.')[0]}, {condition.removesuffix('_NAME')}"
    return Parsed(
        feed=NAME,
        layout=LAYOUT,
        tables={TABLE: frames.stored(TABLE, rows, same)},
        suppressed={"caseload": n} if (n := int(rows["status"].eq("suppressed").sum())) else {},
        refused=left,
        checks=(whole,),
        publications=(publication(benefit),),
    )


def _benefit(raw: RawFile, columns: list[str]) -> Benefit:
    """The benefit, from what was asked for; of a file given by hand from its name or its own columns."""
    asked = raw.request.what if raw.request else ""
    for benefit in BENEFITS:
        if asked.startswith(f"Nomis, {benefit.benefit},"):
            return benefit
        if not asked and benefit.known and raw.name.startswith(f"{benefit.known}."):
            return benefit
    if not asked and any(c.startswith("ESA_") for c in columns):
        return BENEFITS[0]
    if not asked and any(c.startswith(("IB_", "IBSDA", "SDA_")) for c in columns):
        return BENEFITS[1]
    raise ContentError(
        "nothing tells of which benefit the file is",
        where=raw.name,
        expected="a column such as ESA_PHASE, or the name NM_134_1.data.csv",
        found=", ".join(columns)[:300],
    )


def _see_others(frame: pd.DataFrame, columns: list[str], where: str) -> None:
    """Every other breakdown stands at its total and nowhere else."""
    faults = []
    for column in columns:
        name = column if column.endswith("_NAME") else f"{column}_NAME"
        if name not in columns or name.removesuffix("_NAME") not in columns:
            faults.append(
                LedgerError("an unknown column", found=repr(column), choices=list(COLUMNS))
            )
        elif column == name and (parts := sorted({p for p in frame[name] if not is_total(p)})):
            found = ", ".join(parts[:4])
            faults.append(
                LedgerError(f"{column} is broken down", expected="its total alone", found=found)
            )
    if faults:
        raise Faults(f"the columns of {where} are not those known", faults)


def _whole(frame: pd.DataFrame, raw: RawFile) -> Check:
    """Rule "periods": no row is missing between the first and the last, and what is cut off is on another page."""
    try:
        offsets = [int(o) for o in frame["offset"]]
        (count,) = {int(c) for c in frame["count"]}
    except ValueError:
        raise ContentError(
            "the rows are not counted", where=raw.name, expected="RECORD_OFFSET and RECORD_COUNT"
        ) from None
    first = offsets[0] if offsets else 0
    last = first + len(offsets)
    asked = parse_qs(urlsplit(raw.request.url).query) if raw.request else {}
    begins = int(asked.get("recordOffset", ["0"])[0])
    if offsets != list(range(first, last)) or first != begins:
        return Check("periods", False, f"Rows {first:,} to {last:,} are not one after the other.")
    if last < count and (not raw.request or len(offsets) < CUT_AT):
        said = f"The file ends after {len(offsets):,} rows of {count:,}: the service cut it."
        return Check("periods", False, said)
    return Check("periods", True, f"Rows {first + 1:,} to {last:,} of {count:,}, none missing.")


FEED = Feed(
    name=NAME,
    title="Nomis: claimants of incapacity benefits by condition, to 2018",
    publisher="Office for National Statistics, from the Department for Work and Pensions",
    cadence="ended with November 2018; Stat-Xplore has what followed",
    extends={
        TABLE: (
            "ESA and IB/SDA by ICD-10 chapter for England, Wales, Scotland and Great Britain, each quarter to 2018:"
            " without a key, and so beside Stat-Xplore. Replaces nothing."
        )
    },
    layouts=(LAYOUT,),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=of_publications(SOURCES),
)
