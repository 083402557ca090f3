"""The NHSBSA Open Data Portal: which months there are, and sums of them that the portal itself works out by SQL.

A whole month of prescribing has some 18 million rows, its sums a few thousand. The portal answers with at most 32,000
rows: of more it gives none, but the address of a file. Names of columns changed in March 2025, and one name came to
mean another thing; the layout is read from the columns of each month, never from its date.

The host is opendata.nhsbsa.net. Should it move, the setting `mirrors` leads it to another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from iapt_ledger.acceptance.contents import header
from iapt_ledger.sources.base import MEGABYTE, ContentError, FetchError, Get, RawFile, Request
from iapt_ledger.sources.prescribing.answers import (
    MOST_UNPACKED,
    CutShort,
    address,
    answer,
    number,
    records,
)
from iapt_ledger.sources.prescribing.sums import LARGE, REGIONS, single
from iapt_ledger.sources.reading.discovery import tell
from iapt_ledger.sources.reading.kinds import kind

API = "https://opendata.nhsbsa.net/api/3/action"
SECTION = "0403"
MONTH_COLUMNS = ("resource", "released", "month", "region", "paragraph", "items", "nic", "unread")
YEAR_COLUMNS = ("year", "released", "months", "region", "paragraph", "items", "nic", "unread")
_RELEASED = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]{5,20}")


@dataclass(frozen=True)
class Dataset:
    """One dataset of the portal with a table for each month.

    Attributes:
        id: as the portal names it.
        what: for people.
        table: what the names of its tables begin with, before YYYYMM.
        first: first month that is taken, such as "2021-01".
        region: column of the region.
        layouts: name of each layout to its columns.
        optional: columns that a layout may leave out.
        every_section: whether sums of every section are wanted, or of antidepressants only.
    """

    id: str
    what: str
    table: str
    first: str
    region: str
    layouts: Mapping[str, tuple[str, ...]]
    optional: frozenset[str]
    every_section: bool


@dataclass(frozen=True)
class Table:
    """A month's table: its name, the month, when it was last released, and its column of product codes."""

    name: str
    month: str
    released: str
    code: str = ""


def fetch(get: Get, dataset: Dataset) -> Iterator[RawFile]:
    """Sums of every month and of every whole calendar year; what was asked of the same release is not asked again.

    Raises:
        FetchError: after the last file, if any failed or a month is not listed.
    """
    listed = tables(get, dataset)
    failed = [f"the portal lists no table of {m}" for m in _gaps(sorted(listed))]
    known: dict[str, Table] = {}
    for month in sorted(listed):
        try:
            known[month] = _with_code(get, dataset, listed[month])
            yield _asked(get, _month_request(dataset, known[month]))
        except (FetchError, ContentError) as error:
            failed.append(f"{dataset.what}, {month}: {error}")
    for year in sorted({month[:4] for month in known}):
        months = [known[m] for m in sorted(known) if m.startswith(year)]
        if len(months) == 12:
            try:
                yield _asked(get, _year_request(dataset, year, months))
            except (FetchError, ContentError) as error:
                failed.append(f"{dataset.what}, {year}: {error}")
    tell(failed)


def tables(get: Get, dataset: Dataset) -> dict[str, Table]:
    """Month to its table, in the release that came last.

    Raises:
        ContentError: the portal lists no table of a month.
    """
    request = Request(
        url=address(API, "package_show", id=dataset.id),
        what=f"{dataset.what}: list of months",
        content="json",
        most=20 * MEGABYTE,
    )
    raw = get(request)
    found: dict[str, Table] = {}
    for one in _resources(raw):
        name = str(one.get("bq_table_name") or one.get("name") or "").strip().upper()
        if not re.fullmatch(rf"{dataset.table}\d{{6}}", name):
            continue
        month = month_of(name[-6:], raw.name)
        released = str(one.get("last_modified") or one.get("created") or "")
        if not _RELEASED.fullmatch(released):
            raise ContentError(
                "a table has no time of release", where=raw.name, found=f"{name}: {released!r}"
            )
        if month >= dataset.first and (month not in found or released > found[month].released):
            found[month] = Table(name, month, released)
    if not found:
        raise ContentError(
            "the portal lists no table of a month",
            where=dataset.id,
            expected=f"{dataset.table}YYYYMM",
        )
    return found


def _resources(raw: RawFile) -> list[Mapping[str, object]]:
    listed = answer(raw).get("resources")
    if not isinstance(listed, list):
        raise ContentError("the portal lists no resources", where=raw.name)
    return [one for one in listed if isinstance(one, dict)]


def month_of(text: str, where: str) -> str:
    """A month written 202507, 2025-07 or 2017_09, as 2025-07.

    Raises:
        ContentError: it is written otherwise.
    """
    found = re.fullmatch(r"(20\d\d)[-_]?(0[1-9]|1[0-2])", text)
    if not found:
        raise ContentError(
            "a month cannot be read", where=where, expected="such as 202507", found=repr(text)
        )
    return f"{found[1]}-{found[2]}"


def _gaps(months: list[str]) -> list[str]:
    numbers = [int(m[:4]) * 12 + int(m[5:]) - 1 for m in months]
    missing = sorted(set(range(numbers[0], numbers[-1] + 1)) - set(numbers))
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in missing]


def _with_code(get: Get, dataset: Dataset, table: Table) -> Table:
    """The table with the name of its column of codes, from its own columns."""
    sql = f"SELECT *, '{table.released}' AS released FROM `{table.name}` LIMIT 1"
    rows = records(
        _asked(get, _request(table.name, sql, f"{dataset.what}, {table.month}: columns"))
    )
    columns = [name.upper() for name in rows[0] if name != "released"]
    return replace(table, code=code_column(dataset, columns, table.name))


def code_column(dataset: Dataset, columns: list[str], where: str) -> str:
    """The column of product codes of a month with these columns.

    Raises:
        ContentError: they are of no layout that is known; names the nearest and the difference.
    """
    # Areas below the region changed their name twice and are not used here.
    plain = [re.sub(r"^(STP|AREA_TEAM)_(NAME|CODE)$", r"ICB_\2", name) for name in columns]
    header(plain, dataset.layouts, where=where, optional=dataset.optional)
    return next(c for c in ("BNF_PRESENTATION_CODE", "BNF_CODE") if c in plain)


def _month_request(dataset: Dataset, table: Table) -> Request:
    where = "" if dataset.every_section else f" WHERE {table.code} LIKE '{SECTION}%'"
    sql = (
        f"SELECT '{table.name}' AS resource, '{table.released}' AS released, CAST(YEAR_MONTH AS STRING) AS month, "
        f"{dataset.region} AS region, SUBSTR({table.code}, 1, 6) AS paragraph, "
        "SUM(SAFE_CAST(ITEMS AS FLOAT64)) AS items, SUM(SAFE_CAST(NIC AS FLOAT64)) AS nic, "
        "COUNTIF(SAFE_CAST(ITEMS AS FLOAT64) IS NULL OR SAFE_CAST(NIC AS FLOAT64) IS NULL) AS unread "
        f"FROM `{table.name}`{where} GROUP BY month, region, paragraph ORDER BY region, paragraph"
    )
    return _request(table.name, sql, f"{dataset.what}, {table.month}")


def _year_request(dataset: Dataset, year: str, months: list[Table]) -> Request:
    parts = " UNION ALL ".join(
        f"SELECT '{t.month}' AS month, {dataset.region} AS region, SUBSTR({t.code}, 1, 6) AS paragraph, "
        f"SAFE_CAST(ITEMS AS FLOAT64) AS items, SAFE_CAST(NIC AS FLOAT64) AS nic FROM `{t.name}` "
        f"WHERE {t.code} LIKE '{SECTION}%'"
        for t in months
    )
    released = max(t.released for t in months)
    sql = (
        f"SELECT '{dataset.table}{year}' AS year, '{released}' AS released, COUNT(DISTINCT month) AS months, "
        "region, paragraph, "
        "SUM(items) AS items, SUM(nic) AS nic, COUNTIF(items IS NULL OR nic IS NULL) AS unread "
        f"FROM ({parts}) GROUP BY region, paragraph ORDER BY region, paragraph"
    )
    return _request(months[0].name, sql, f"{dataset.what}, {year}")


def _request(table: str, sql: str, what: str) -> Request:
    return Request(
        url=address(API, "datastore_search_sql", resource_id=table, sql=sql),
        what=what,
        content="json",
        most=50 * MEGABYTE,
        fresh=False,
    )


def _asked(get: Get, request: Request) -> RawFile:
    """The answer, or the file that the portal names where it leaves rows out.

    An answer that is held and is none, or that names a file by a link of its hour, is asked for anew.
    """
    raw = get(request)
    try:
        records(raw)
        return raw
    except ContentError:
        raw = get(replace(request, fresh=True))
    try:
        records(raw)
    except CutShort as cut:
        if not cut.rest:
            raise
        file = Request(
            url=cut.rest,
            what=f"{request.what}: file",
            content="csv.gz",
            most=200 * MEGABYTE,
            most_unpacked=MOST_UNPACKED,
        )
        return get(file)
    return raw


def sums_layout(raw: RawFile, dataset: Dataset) -> str | None:
    """Whether a file holds sums of this dataset, of a month or of a year; None where it does not.

    The first column names the table, or in sums of a year what the names of its tables begin with.
    """
    if kind(raw.read()[:4096]) not in ("json", "gzip"):
        return None
    try:
        rows = records(raw)
    except ContentError:
        return None
    named = rows[0].get("resource", rows[0].get("year", ""))
    if not named.startswith(dataset.table):
        return None
    return "sums of a year" if "year" in rows[0] else "sums of a month"


def months_of(rows: Sequence[Mapping[str, str]], where: str) -> tuple[str, str]:
    """The month of the table that was asked, and the month that its rows tell.

    Raises:
        ContentError: there are several, or one cannot be read.
    """
    table, month = single(rows, "resource", where), single(rows, "month", where)
    found = month_of(month, where)
    return (month_of(table[-6:], where) if table else found), found


def whole_year(rows: Sequence[Mapping[str, str]], where: str) -> str:
    """The year that sums of a year are of.

    Raises:
        ContentError: there are several, or some sums are of fewer than twelve months.
    """
    year = single(rows, "year", where)[-4:]
    sums = [row for row in rows if row["paragraph"] in LARGE and row["region"].upper() in REGIONS]
    months = {row["months"] for row in sums}
    if not re.fullmatch(r"20\d\d", year) or {number(m) for m in months} != {12}:
        raise ContentError(
            "the sums are of no whole year", where=where, found=f"{year}, months {sorted(months)}"
        )
    return year


def single_table(name: str, dataset: Dataset) -> str:
    """The table that a file is of, from its name; empty where it tells none."""
    found = re.search(r"(20\d{4})(?!\d)", name)
    return f"{dataset.table}{found[1]}" if found else ""
