"""HM Treasury GDP deflators: the index of each financial and calendar year, release by release."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
from iapt_ledger.sources.context.deflators import FIRST, Rows, read_blocks, source_of
from iapt_ledger.sources.context.series import (
    CONTEXT,
    UK,
    context_rows,
    month_words,
    released,
    rows_of_text,
)
from iapt_ledger.sources.reading.discovery import bring, file_name
from iapt_ledger.sources.reading.kinds import expect
from iapt_ledger.sources.reading.links import links
from iapt_ledger.sources.reading.ownership import of_publications_like
from iapt_ledger.sources.reading.periods import month_in_name
from iapt_ledger.sources.reading.workbooks import Workbook

NAME = "treasury_deflators"
COLLECTION = (
    "https://www.gov.uk/government/collections/gdp-deflators-at-market-prices-and-money-gdp"
)
TITLE = "GDP DEFLATORS AT MARKET PRICES"
LAYOUTS = ("csv, years beside each other", "workbook, years beside each other")

_RELEASE_PAGE = re.compile(r".*/government/statistics/gdp-deflators-at-market-prices[a-z0-9-]*")
_FILE = re.compile(r"c?gdp[-_ ]?deflators.*\.(xlsx|csv)", re.I)
_MOST_RELEASES = 4
_UPDATED = re.compile(r"last updated (\d{1,2} [A-Z][a-z]+ \d{4})")


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """Releases that came after the newest one held, the oldest first."""
    newest = max((month for month, _ in _held(held)), default="")
    found: dict[str, str] = {}
    failed: list[str] = []
    try:
        pages = _releases(links(_page(get, COLLECTION), COLLECTION), newest)
        for month, page in pages.items():
            found |= {month: _file(get, page)}
    except (FetchError, ContentError) as error:
        failed.append(f"finding the releases: {error}")
    yield from bring(get, [_request(m, url) for m, url in sorted(found.items())], failed)


def _held(held: Held) -> list[tuple[str, str]]:
    ids = held.table(CONTEXT)["source_id"].drop_duplicates()
    found = ids.str.extract(r"^hmt_defl_(\d{4})_(\d{2})$").dropna()
    return [(f"{year}-{month}", "") for year, month in found.itertuples(index=False)]


def _page(get: Get, url: str) -> bytes:
    what = f"HM Treasury deflators, page {file_name(url)}"
    return get(Request(url, what, "html", most=20 * MEGABYTE)).read()


def _releases(addresses: list[str], newest: str) -> dict[str, str]:
    """Month to page of the newest releases after the one that is held.

    Raises:
        ContentError: the collection lists no release at all.
    """
    named = {month_in_name(u): u for u in addresses if _RELEASE_PAGE.fullmatch(u)}
    named.pop("", None)
    if not named:
        raise ContentError(
            "the collection lists no release",
            where=COLLECTION,
            expected="pages such as gdp-deflators-at-market-prices-and-money-gdp-march-2026-...",
        )
    later = sorted(month for month in named if month > newest)
    return {month: named[month] for month in later[-_MOST_RELEASES:]}


def _file(get: Get, page: str) -> str:
    """Address of the workbook of a release, or of its CSV.

    Raises:
        ContentError: the page links to neither.
    """
    found = [u for u in links(_page(get, page), page) if _FILE.fullmatch(file_name(u))]
    if not found:
        raise ContentError(
            "the page of a release links to no file", where=page, expected="GDP_Deflators_....xlsx"
        )
    return min(found, key=lambda u: (not u.lower().endswith("xlsx"), u))


def _request(month: str, url: str) -> Request:
    workbook = url.lower().endswith("xlsx")
    return Request(
        url=url,
        what=f"HM Treasury deflators, {month_words(month)}",
        content="xlsx" if workbook else "csv",
        least=1_000,
        most=10 * MEGABYTE,
        most_unpacked=100 * MEGABYTE,
        fresh=False,
    )


def recognise(raw: RawFile) -> str | None:
    """The layout: a title, and how it is packed."""
    try:
        layout, rows = _sheet(raw)
    except LedgerError:
        return None
    start = " ".join(cell for row in rows[:8] for cell in row).upper()
    return layout if TITLE in start else None


def _sheet(raw: RawFile) -> tuple[str, Rows]:
    data = raw.read()
    if expect(data, ("text", "workbook"), raw.name) == "text":
        return LAYOUTS[0], rows_of_text(data, raw.name)
    book = Workbook(data, raw.name)
    return LAYOUTS[1], book.rows(book.sheets[0])


def parse(raw: RawFile) -> Parsed:
    """Index of each year from 1990 on as far as it is outturn, and the growth that is forecast.

    Raises:
        ContentError: it is no such file, or has no headings that are known.
        Faults: cells that are no numbers, years missing or twice, a base year that is not 100.
    """
    layout, rows = _sheet(raw)
    month, day = _release(rows, raw.name)
    read = read_blocks(rows, raw.name)
    faults = [fault for one in read for fault in one.faults]
    if faults:
        raise Faults(f"{raw.name} is not sound", faults)
    cells = [row for one in read for row in one.rows(month)]
    index = [(r["period_start"], r["value"]) for r in cells if r["unit"] == "index"]
    growth = [(r["period_start"], r["value"]) for r in cells if r["unit"] == "percent"]
    checks: tuple[Check, ...] = (
        *(periods([], one.index, what=f"block of {one.kind} years") for one in read),
        bounds(index, 20, 200, what="Index numbers"),
        bounds(growth, -5, 30, what="Growth in per cent"),
    )
    left = {
        f"{kind} years before {FIRST}, or forecasts of calendar years": n
        for kind, n in ((one.kind, one.left) for one in read)
        if n
    }
    return Parsed(
        feed=NAME,
        layout=layout,
        tables={CONTEXT: context_rows(cells, {**UK, "unit_scale": "1"})},
        refused=left,
        checks=checks,
        publications=tuple(_publication(month, day, one.kind, raw.url) for one in read),
    )


def _release(rows: Rows, where: str) -> tuple[str, str]:
    """Month of the release and day of its accounts: the file's name tells the month, or else the day does.

    Raises:
        ContentError: neither does.
    """
    text = " ".join(cell for row in rows[:8] for cell in row)
    found = _UPDATED.search(text)
    day = released(found[1], where) if found else ""
    month = month_in_name(where) or day[:7]
    if not month:
        raise ContentError(
            "nothing tells the month of the release",
            where=where,
            expected='"last updated 31 March 2026" above the table, or the month in the name of the file',
            found=text[:200],
        )
    return month, day or month


def _publication(month: str, day: str, kind: str, url: str) -> dict[str, str]:
    words = month_words(month)
    calendar = ", calendar years" if kind == "calendar" else ""
    return {
        "id": source_of(month, kind),
        "title": f"GDP deflators at market prices, and money GDP {words}{calendar}",
        "publisher": "HM Treasury",
        "published": day,
        "licence": "Open Government Licence v3.0",
        "address": url or COLLECTION,
        "how_read": "publisher file",
        "cadence": "quarterly",
    }


_releases_of = of_publications_like(r"hmt_defl_\d{4}_\d{2}(_cal)?")


def owns(table: str, rows: pd.DataFrame) -> pd.Series:
    """Rows of every release, but not an index that an intermediary made of forecasts."""
    chained = rows["measure"].str.contains("index").astype(bool) & rows["status"].ne("published")
    return _releases_of(table, rows) & ~chained


FEED = Feed(
    name=NAME,
    title="GDP deflators at market prices",
    publisher="HM Treasury",
    cadence="quarterly, at the end of the quarter, and with each Budget",
    extends={
        CONTEXT: "The deflator of each financial and calendar year; releases stand beside each other."
    },
    layouts=LAYOUTS,
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=owns,
    vintages=True,
)
