"""OpenPrescribing: antidepressants of general practices, England and each region, the last five years by month.

A second way: the site may meet a program with a page for browsers, which is refused. Cost is actual cost, after the
discount, and is never set beside net ingredient cost.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

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
from iapt_ledger.sources.prescribing.answers import columns_are, number, rows_of_list
from iapt_ledger.sources.prescribing.sums import MONTHLY, REGIONS
from iapt_ledger.sources.reading import frames, periods
from iapt_ledger.sources.reading.discovery import bring
from iapt_ledger.sources.reading.kinds import kind

NAME = "openprescribing"
SOURCE, EXPORT = "EN_OP_API", "SUB_OP_REGION_2016_20"
API = "https://openprescribing.net/api/1.0"
CODE = "0403"
BY_REGION = "prescribing_region_monthly"
SERIES = "OpenPrescribing practice prescribing (actual cost)"
ENGLAND, REGIONAL, EXPORTED = "answer, England", "answer, regions", "export of the site, regions"
COLUMNS = {
    ENGLAND: ("items", "quantity", "actual_cost", "date"),
    REGIONAL: ("items", "quantity", "actual_cost", "date", "row_id", "row_name"),
    EXPORTED: ("date", "id", "name", "y_items", "y_actual_cost", "x_items", "x_actual_cost"),
}
PER_ITEM = (0.2, 60.0)
_SHOWN = 10
PUBLICATION: Mapping[str, object] = {
    "id": SOURCE,
    "title": "OpenPrescribing: items and actual cost of BNF section 4.3, general practices in England",
    "publisher": "Bennett Institute, University of Oxford, from NHS Business Services Authority",
    "published": "not seen",
    "licence": "Open Government Licence v3.0",
    "address": "https://openprescribing.net/api/",
    "how_read": "third-party data",
    "cadence": "monthly",
    "note": "The last five years only. Licence of the underlying figures. Must not be spliced with other series.",
}


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """England and its regions, all months that the site gives."""
    asked: tuple[tuple[str, dict[str, str]], ...] = (
        ("spending", {}),
        ("spending_by_org", {"org_type": "regional_team"}),
    )
    requests = [
        Request(
            url=f"{API}/{action}/?{urlencode({**more, 'code': CODE, 'format': 'json'})}",
            what=f"OpenPrescribing, {layout.split(', ')[1]}",
            content="json",
            most=20 * MEGABYTE,
        )
        for (action, more), layout in zip(asked, (ENGLAND, REGIONAL), strict=True)
    ]
    yield from bring(get, requests)


def recognise(raw: RawFile) -> str | None:
    """The layout: an answer for England or for regions, or a file that the site exports."""
    try:
        found = set(_rows(raw)[0])
    except LedgerError:
        return None
    return next((name for name, columns in COLUMNS.items() if set(columns) == found), None)


def _rows(raw: RawFile) -> list[dict[str, str]]:
    if kind(raw.read()[:4096]) == "json":
        return rows_of_list(raw)
    rows = frames.one_table(raw).to_dict("records")
    if not rows:
        raise ContentError("the file has no rows", where=raw.name)
    return [{str(k): str(v) for k, v in row.items()} for row in rows]


def parse(raw: RawFile) -> Parsed:
    """Items and actual cost by month.

    Raises:
        ContentError: the file cannot be read, or does not say that it is of antidepressants.
        Faults: unknown columns, regions, dates or markers, a row twice, or a region that is not there.
    """
    rows = _rows(raw)
    layout = next((n for n, c in COLUMNS.items() if set(c) == set(rows[0])), "")
    if not layout:
        near = max(COLUMNS, key=lambda n: len(set(COLUMNS[n]) & set(rows[0])))
        columns_are(rows, COLUMNS[near], f"{raw.name} (nearest layout: {near})")
    if layout == EXPORTED and "antidepressant" not in raw.name.lower():
        raise ContentError(
            "an export names its medicines in the name of the file only",
            where=raw.name,
            expected="a name with the word antidepressant",
        )
    frame = _read(rows, layout, raw.name)
    if layout == ENGLAND:
        tables = {MONTHLY: _national(frame)}
    else:
        same = {"series": SERIES, "bnf_section": "Antidepressant drugs", "status": "published"}
        source = EXPORT if layout == EXPORTED else SOURCE
        tables = {BY_REGION: frames.stored(BY_REGION, frame, {**same, "source_id": source})}
    return Parsed(NAME, layout, tables, checks=_checks(frame), publications=(PUBLICATION,))


def _read(rows: Sequence[Mapping[str, str]], layout: str, where: str) -> pd.DataFrame:
    """Month, region, items and cost of every row."""
    items, cost, name = {
        ENGLAND: ("items", "actual_cost", ""),
        REGIONAL: ("items", "actual_cost", "row_name"),
        EXPORTED: ("y_items", "y_actual_cost", "name"),
    }[layout]
    faults: list[LedgerError] = []
    out = []
    for row in rows:
        region = row[name].upper().removesuffix(" COMMISSIONING REGION") if name else "ENGLAND"
        if name and region not in REGIONS:
            near = closest(region, REGIONS)
            faults.append(
                LedgerError(
                    "an unknown region", found=repr(row[name]), choices=REGIONS, nearest=near
                )
            )
        for column in (items, cost):
            value = number(row[column])
            whole = column == cost or value is None or value == value.to_integral_value()
            if value is None or value < 0 or not whole:
                at = f"{row['date']}, {region}"
                faults.append(
                    LedgerError(f"{column} cannot be that", where=at, found=repr(row[column]))
                )
        out.append((_month(row["date"], where, faults), region.title(), row[items], row[cost]))
    frame = pd.DataFrame(out, columns=["month", "region", "items", "cost_gbp"], dtype=str)
    faults += _doubles_and_gaps(frame, bool(name))
    if faults:
        raise Faults(f"{where} cannot be taken", faults[:_SHOWN])
    return frame.sort_values(["month", "region"], ignore_index=True)


def _month(text: str, where: str, faults: list[LedgerError]) -> str:
    try:
        day = periods.day(text, where)
        if day.day == 1:
            return f"{day:%Y-%m}"
    except ContentError:
        pass
    faults.append(LedgerError("a date is no first of a month", found=repr(text)))
    return ""


def _doubles_and_gaps(frame: pd.DataFrame, regional: bool) -> list[LedgerError]:
    pairs = Counter(zip(frame["month"], frame["region"], strict=True))
    faults = [
        LedgerError("a row comes twice", found=", ".join(pair))
        for pair, n in pairs.items()
        if n > 1
    ]
    there: dict[str, set[str]] = defaultdict(set)
    for month, region in pairs:
        there[month].add(region.upper())
    for month, found in there.items():
        if regional and (gone := sorted(set(REGIONS) - found)):
            faults.append(LedgerError("a region is not there", where=month, expected=gone))
    return faults


def _national(frame: pd.DataFrame) -> pd.DataFrame:
    """England by month as the edition stores it."""
    parts = []
    for measure, column, unit, basis in (
        ("items", "items", "items", ""),
        ("actual_cost_gbp", "cost_gbp", "GBP", "cash"),
    ):
        one = pd.DataFrame({"value": frame[column], "month": frame["month"]})
        parts.append(one.assign(measure=measure, unit=unit, price_basis=basis))
    rows = pd.concat(parts, ignore_index=True)
    bounds = {m: periods.month_bounds(m) for m in set(rows["month"])}
    rows["period_start"] = [str(bounds[m][0]) for m in rows["month"]]
    rows["period_end"] = [str(bounds[m][1]) for m in rows["month"]]
    same = {
        **frames.ENGLAND,
        "period_type": "month",
        "rounding": "",
        "source_id": SOURCE,
        "locator": f"spending, code {CODE}",
        "note": "general practices in England; actual cost (after discount), not NIC",
        "series": "OpenPrescribing",
        "bnf_scope": "BNF 4.3",
    }
    return frames.stored(MONTHLY, rows, same)


def _checks(frame: pd.DataFrame) -> tuple[Check, ...]:
    months = sorted(set(frame["month"]))
    every = [str(m) for m in pd.period_range(months[0], months[-1], freq="M")]
    gone = sorted(set(every) - set(months))
    told = f"It holds {len(months)} months from {months[0]} to {months[-1]}"
    low, high = PER_ITEM
    cost = pd.to_numeric(frame["cost_gbp"]) / pd.to_numeric(frame["items"]).replace(0, float("nan"))
    odd = frame[~cost.between(low, high)]
    said = f"Cost per item must be GBP {low} to {high}"
    if len(odd):
        said += f"; it is not in {len(odd)} rows, first in {odd.iloc[0]['month']}, {odd.iloc[0]['region']}"
    return (
        Check(
            "periods", not gone, f"{told}; it lacks {', '.join(gone[:5])}." if gone else f"{told}."
        ),
        Check("bounds", odd.empty, f"{said}."),
    )


def owns(table: str, rows: pd.DataFrame) -> pd.Series:
    """Regions of the series, and England by BNF section; sums of code lists come from elsewhere."""
    if table == BY_REGION:
        return rows["series"].eq(SERIES)
    return rows["series"].eq("OpenPrescribing") & rows["source_id"].eq(SOURCE)


FEED = Feed(
    name=NAME,
    title="OpenPrescribing, antidepressants of general practices",
    publisher="Bennett Institute, University of Oxford",
    cadence="monthly, about three months after the month; the last five years only",
    extends={
        MONTHLY: "England's antidepressants (section 4.3) by month, series OpenPrescribing, at actual cost.",
        BY_REGION: "Antidepressants of each region by month, at actual cost.",
    },
    layouts=(ENGLAND, REGIONAL, EXPORTED),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=owns,
)
