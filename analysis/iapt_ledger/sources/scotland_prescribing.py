"""Prescriptions in the Community, Scotland: antidepressants by financial year, summed by the portal over its months.

The comparator of England. Public Health Scotland has a table for each month since October 2015, under names made at
random; a year counts once all of its twelve months are there. Another resource by health board and half-year tells a
product twice, as prescribed and as dispensed, and is not taken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd

from iapt_ledger.acceptance.contents import header
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
from iapt_ledger.sources.prescribing.answers import address, answer, columns_are, number, records
from iapt_ledger.sources.prescribing.sums import ANNUAL, PARAGRAPHS, SCOPES, single
from iapt_ledger.sources.reading import frames, periods
from iapt_ledger.sources.reading.discovery import tell
from iapt_ledger.sources.reading.kinds import kind
from iapt_ledger.sources.reading.ownership import of_publications

NAME = "scotland_prescribing"
SOURCE = "SC_PHS_PITC"
API = "https://www.opendata.nhs.scot/api/3/action"
DATASET = "prescriptions-in-the-community"
YEAR = "sums of a financial year (as described, not seen)"
COLUMNS = ("year", "released", "month", "code", "items", "cost")
_MONTH = """HBT GPPractice BNFItemCode BNFItemDescription ClassOfPreparationCode NumberOfPaidItems PaidQuantity
GrossIngredientCost PaidDateMonth"""
LAYOUTS = {"month": tuple(_MONTH.split())}
Line = tuple[str, str, Decimal, Decimal]
PER_ITEM = (0.5, 60.0)
EVEN = (0.6, 1.6)
"""Smallest and largest month beside the middle one; a month that came in part lies outside."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RELEASED = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]{5,20}")
PUBLICATION: Mapping[str, object] = {
    "id": SOURCE,
    "title": "Prescriptions in the Community, Scotland, summed to BNF section 4.3 and financial years by the portal",
    "publisher": "Public Health Scotland",
    "published": "not seen",
    "licence": "Open Government Licence v3.0",
    "address": f"https://www.opendata.nhs.scot/dataset/{DATASET}",
    "how_read": "publisher file",
    "cadence": "monthly",
    "note": "A new payment system came in May 2023. Levels are compared with England by their course only.",
}


@dataclass(frozen=True)
class Table:
    """A month's table."""

    id: str
    month: str
    released: str


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """Sums of every financial year whose months are all there.

    Raises:
        FetchError: after the last year, if any failed.
    """
    years: dict[str, list[Table]] = defaultdict(list)
    for table in tables(get):
        first = int(table.month[:4]) - (int(table.month[5:]) < 4)
        years[f"{first}-{(first + 1) % 100:02d}"].append(table)
    failed = []
    for year, months in sorted(years.items()):
        if len(months) != 12:
            continue
        try:
            for table in months:
                _see_columns(get, table)
            yield _asked(get, _year_request(year, months))
        except (FetchError, ContentError) as error:
            failed.append(f"{year}: {error}")
    tell(failed)


def tables(get: Get) -> list[Table]:
    """The table of each month in order, in the release that came last.

    Raises:
        ContentError: the portal lists none, or one without an id or a time of release.
    """
    request = Request(
        url=address(API, "package_show", id=DATASET),
        what="Scotland, prescriptions: list of months",
        content="json",
        most=20 * MEGABYTE,
    )
    raw = get(request)
    found: dict[str, Table] = {}
    listed = answer(raw).get("resources")
    for one in listed if isinstance(listed, list) else []:
        file = re.search(r"pitc(20\d\d)(0[1-9]|1[0-2])\.csv", str(one.get("url", "")).lower())
        if not file:
            continue
        released = str(one.get("last_modified") or one.get("created") or "")
        table = Table(str(one.get("id", "")), f"{file[1]}-{file[2]}", released)
        if not _UUID.fullmatch(table.id) or not _RELEASED.fullmatch(released):
            raise ContentError("a table has no id or time of release", where=raw.name, found=table)
        if table.month not in found or released > found[table.month].released:
            found[table.month] = table
    if not found:
        raise ContentError(
            "the portal lists no table of a month", where=DATASET, expected="pitcYYYYMM.csv"
        )
    return [found[month] for month in sorted(found)]


def _see_columns(get: Get, table: Table) -> None:
    """Refuse a month with columns that are not known: one more can mean that items are told twice."""
    sql = f"SELECT *, '{table.released}' AS released FROM \"{table.id}\" LIMIT 1"
    rows = records(_asked(get, _request(sql, f"{table.month}: columns")))
    named = [re.sub(r"^HBT20\d\d$", "HBT", n) for n in rows[0] if n[0] != "_" and n != "released"]
    header(named, LAYOUTS, where=f"Scotland, {table.month}")


def _year_request(year: str, months: Sequence[Table]) -> Request:
    parts = " UNION ALL ".join(
        f'SELECT \'{t.month}\' AS month, "BNFItemCode" AS code, "NumberOfPaidItems" AS items, '
        f'"GrossIngredientCost" AS cost FROM "{t.id}" WHERE "BNFItemCode" LIKE \'0403%\''
        for t in months
    )
    released = max(t.released for t in months)
    sql = (
        f"SELECT 'Scotland {year}' AS year, '{released}' AS released, month, code, SUM(items) AS items, "
        f"SUM(cost) AS cost FROM ({parts}) AS months GROUP BY month, code ORDER BY month, code"
    )
    return _request(sql, year)


def _request(sql: str, what: str) -> Request:
    return Request(
        url=address(API, "datastore_search_sql", sql=sql),
        what=f"Scotland, prescriptions, {what}",
        content="json",
        most=50 * MEGABYTE,
        fresh=False,
    )


def _asked(get: Get, request: Request) -> RawFile:
    """The answer; one that is held and is none is asked for anew."""
    raw = get(request)
    try:
        records(raw)
    except ContentError:
        raw = get(replace(request, fresh=True))
        records(raw)
    return raw


def recognise(raw: RawFile) -> str | None:
    """The layout, of which there is one."""
    try:
        if kind(raw.read()[:4096]) != "json":
            return None
        return YEAR if records(raw)[0].get("year", "").startswith("Scotland ") else None
    except LedgerError:
        return None


def parse(raw: RawFile) -> Parsed:
    """Scotland's antidepressants of one financial year.

    Raises:
        ContentError: the file cannot be read, or is not of one whole financial year.
        Faults: unknown columns or paragraphs, a row twice, or cells that are no numbers.
    """
    rows = records(raw)
    columns_are(rows, COLUMNS, raw.name)
    year = single(rows, "year", raw.name).removeprefix("Scotland ")
    first, last = periods.year_bounds(year)
    wanted = [str(m) for m in pd.period_range(str(first), str(last), freq="M")]
    if sorted({row["month"] for row in rows}) != wanted:
        raise ContentError("the sums are of no whole year", where=raw.name, expected=year)
    read = _read(rows, raw.name)
    made = []
    for scope, start in SCOPES.items():
        taken = [(i, c) for _, code, i, c in read if code.startswith(start)]
        items, cost = sum(i for i, _ in taken), sum((c for _, c in taken), Decimal())
        made += [
            ("items", str(int(items)), "items", "", scope),
            (
                "gross_ingredient_cost_gbp",
                str(cost.quantize(Decimal("0.01"))),
                "GBP",
                "cash",
                scope,
            ),
        ]
    frame = pd.DataFrame(
        made, columns=["measure", "value", "unit", "price_basis", "bnf_scope"], dtype=str
    )
    same = {
        **frames.ENGLAND,
        "geography_code": "S92000003",
        "geography": "Scotland",
        "period_start": str(first),
        "period_end": str(last),
        "period_type": "financial_year",
        "rounding": "",
        "status": "derived",
        "source_id": SOURCE,
        "locator": "sum of 12 monthly tables",
        "note": "derived sum; dispensed in the community in Scotland",
        "series": "",
        "full_period": "yes",
    }
    tables = {ANNUAL: frames.stored(ANNUAL, frame, same)}
    return Parsed(NAME, YEAR, tables, checks=_checks(read, wanted), publications=(PUBLICATION,))


def _read(rows: Sequence[Mapping[str, str]], where: str) -> list[Line]:
    """Month, code, items and cost of each row."""
    faults: list[LedgerError] = []
    out: list[Line] = []
    seen: set[tuple[str, str]] = set()
    for row in rows:
        key, items, cost = (row["month"], row["code"]), number(row["items"]), number(row["cost"])
        at = ", ".join(key)
        if key in seen:
            faults.append(LedgerError("a row comes twice", found=at))
        seen.add(key)
        if row["code"][:6] not in PARAGRAPHS:
            faults.append(
                LedgerError("an unknown paragraph", found=repr(row["code"]), choices=PARAGRAPHS)
            )
        if items is None or items < 0 or items != items.to_integral_value():
            faults.append(LedgerError("items cannot be that", where=at, found=repr(row["items"])))
        elif cost is None or cost < 0:
            faults.append(LedgerError("a cost cannot be that", where=at, found=repr(row["cost"])))
        else:
            out.append((*key, items, cost))
    if faults:
        raise Faults(f"the sums {where} cannot be taken", faults[:10])
    return out


def _checks(read: Sequence[Line], months: Sequence[str]) -> tuple[Check, ...]:
    sums = {m: sum((i for month, _, i, _ in read if month == m), Decimal()) for m in months}
    middle = sorted(sums.values())[6]
    uneven = [
        m for m, n in sums.items() if not EVEN[0] * float(middle) <= n <= EVEN[1] * float(middle)
    ]
    told = f"A month must have {EVEN[0]} to {EVEN[1]} times the items of the middle one"
    items, cost = sum(sums.values()), sum((c for *_, c in read), Decimal())
    per = float(cost / items) if items else 0.0
    said = f"Cost per item is GBP {per:.2f}; it must be {PER_ITEM[0]} to {PER_ITEM[1]}."
    return (
        Check(
            "totals", not uneven, f"{told}; not so {', '.join(uneven)}." if uneven else f"{told}."
        ),
        Check("bounds", PER_ITEM[0] <= per <= PER_ITEM[1], said),
    )


FEED = Feed(
    name=NAME,
    title="Prescriptions in the Community, Scotland",
    publisher="Public Health Scotland",
    cadence="monthly; a year once its twelve months are out",
    extends={
        ANNUAL: "Scotland's antidepressants (section 4.3 and SSRIs) of each financial year since 2016-17, beside press"
        " reports.",
    },
    layouts=(YEAR,),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=of_publications([SOURCE]),
)
