"""NHS mental health dashboard: spending on talking therapies, planned and actual, and on all mental health.

No workbook was at hand when this was written. Its layouts are as described by the dashboard's page and by public code
that reads it: told apart by sheets and headings, and refused where these are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

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
from iapt_ledger.sources.mental_health.blocks import (
    Cell,
    Rows,
    area_cells,
    blocks,
    end_of,
    england_cells,
    metadata,
    unknown_headings,
)
from iapt_ledger.sources.mental_health.headings import KNOWN, subject, year
from iapt_ledger.sources.mental_health.rows import AREAS, MONEY, SOURCE, Gathered, gather, owns
from iapt_ledger.sources.reading.discovery import bring, linked_from
from iapt_ledger.sources.reading.kinds import kind
from iapt_ledger.sources.reading.workbooks import Workbook

NAME = "mental_health_dashboard"
PAGES = (
    "https://www.england.nhs.uk/publication/nhs-mental-health-dashboard/",
    "https://www.england.nhs.uk/mental-health/taskforce/imp/mh-dashboard/",
)
NATION, TRENDS = (
    "Dashboard sheet, as described, not seen",
    "sheets of trends, as described, not seen",
)
_FILES = re.compile(r".*(?:mh|mental-?health)\D*dash.*\.xls[xm]")
_QUARTER = re.compile(r"q([1-4])\D{0,3}(?:20)?(\d\d)\D?(?:20)?(\d\d)?")
_SHOWN = 12
_PASSED = ("no money", "other money")


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """Every workbook that the dashboard's pages link to, the oldest first; held bytes are not asked for again."""
    what = "Mental health dashboard"
    found, failed = linked_from(get, PAGES, _FILES, lambda _: False, what, "the workbooks")
    if not found and not failed:
        failed.append(f"the dashboard's pages link to no workbook: {', '.join(PAGES)}")
    names = sorted(found, key=lambda name: (quarter(name), name))
    yield from bring(get, [_request(name, found[name]) for name in names], failed)


def quarter(name: str) -> tuple[int, int]:
    """Year and quarter that the name of a file tells, for its order; zeros where it tells none.

    >>> quarter("nhsmh-dashboard-q4-21-22-v3.2.xlsm"), quarter("mh-dashboard.xlsx")
    ((21, 4), (0, 0))
    """
    found = _QUARTER.search(name.lower())
    return (int(found[2]), int(found[1])) if found else (0, 0)


def _request(name: str, url: str) -> Request:
    return Request(
        url=url,
        what=f"Mental health dashboard, {name}",
        content="xlsx",
        least=1_000,
        most=60 * MEGABYTE,
        most_unpacked=600 * MEGABYTE,
        fresh=False,
    )


def recognise(raw: RawFile) -> str | None:
    """The layouts that the names of its sheets show."""
    try:
        if kind(raw.read()) not in ("workbook", "old workbook"):
            return None
        found = _layouts(Workbook(raw.read(), raw.name))
    except LedgerError:
        return None
    return "; ".join(found) or None


def _layouts(book: Workbook) -> list[str]:
    sheets = [name.strip().lower() for name in book.sheets]
    return [NATION] * ({"dashboard", "metadata"} <= set(sheets)) + [TRENDS] * any(
        name.startswith("trend") and name != "trends" for name in sheets
    )


def parse(raw: RawFile) -> Parsed:
    """Spending of England and of areas, as far as headings name it.

    Raises:
        ContentError: it is no workbook of the dashboard, or no heading names spending.
        Faults: unknown headings, units, areas, years or markers, or a figure twice, all at once.
    """
    book = Workbook(raw.read(), raw.name)
    layouts = _layouts(book)
    if not layouts:
        raise ContentError(
            "no workbook of the dashboard",
            where=raw.name,
            expected="sheets Dashboard and Metadata, or sheets of trends (Trend ...)",
            found=book.sheets[:_SHOWN],
            nearest=closest("Dashboard", book.sheets)
            + closest("Trend MHF (i and ii)", book.sheets),
        )
    read = _read(book)
    if read.faults:
        raise Faults(f"{raw.name} has headings that are not known", read.faults)
    gathered = gather(read.cells, raw.name)
    if not gathered.tables:
        raise _nothing(raw.name, read.seen)
    left = {**dict.fromkeys(read.passed, 1), **gathered.left}
    if not gathered.talking:
        near = closest(KNOWN[0], read.seen, likeness=0.3) or "none of them"
        left[f"spending on talking therapies: no heading names it; nearest: {near}"] = 1
    return _parsed("; ".join(layouts), gathered, left)


def _parsed(layout: str, gathered: Gathered, left: dict[str, int]) -> Parsed:
    return Parsed(
        feed=NAME,
        layout=layout,
        tables=gathered.tables,
        suppressed=gathered.suppressed,
        refused=left,
        checks=gathered.checks,
        publications=(PUBLICATION,) if MONEY in gathered.tables else (),
    )


def _nothing(where: str, seen: list[str]) -> ContentError:
    return ContentError(
        "no heading names spending",
        where=where,
        expected=" or ".join(KNOWN),
        found=seen[:_SHOWN] or "no headings of blocks",
        nearest=closest("Total actual spend on mental health", seen, likeness=0.4),
    )


@dataclass
class _Read:
    """What the sheets of a workbook hold: cells that are taken, all headings seen, faults, and what is passed over."""

    cells: list[Cell] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    faults: list[LedgerError] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)


def _read(book: Workbook) -> _Read:
    sheets = {name.strip(): book.rows(name) for name in book.sheets}
    known = next((metadata(r) for n, r in sheets.items() if n.lower() == "metadata"), {})
    read = _Read()
    for sheet, rows in sheets.items():
        if sheet.lower() != "metadata":
            _read_areas(read, sheet, rows, known)
        if sheet.lower() == "dashboard":
            _read_england(read, sheet, rows)
    return read


def _read_areas(read: _Read, sheet: str, rows: Rows, known: Mapping[str, str]) -> None:
    found = blocks(sheet, rows, known)
    for block in found:
        about = subject(block.title) if block.title else ""
        read.seen.append(block.title or f"a block without a title, {block.place}")
        if about == "":
            read.faults.append(_unknown(block.title, block.place))
        elif about in _PASSED:
            read.passed.append(f"block of areas not taken: {block.title}")
        else:
            read.faults += [_unknown(h, block.place) for h in unknown_headings(block, rows)]
            read.cells += area_cells(block, rows, about, end_of(block, found, rows))
    inside = {(b.row, c) for b in found for c in range(b.first, b.last + 1)}
    for row in sorted({b.row for b in found}):
        read.faults += [
            LedgerError("a year stands outside of every block", where=f"sheet {sheet}", found=cell)
            for column, cell in enumerate(rows[row])
            if year(cell) and (row, column) not in inside
        ]


def _read_england(read: _Read, sheet: str, rows: Rows) -> None:
    cells = list(england_cells(sheet, rows))
    columns = {c.column: c for c in cells}
    read.seen += columns
    for heading, cell in columns.items():
        if cell.about == "":
            read.faults.append(_unknown(heading, cell.place))
        elif cell.about in _PASSED:
            read.passed.append(f"column of England not taken: {heading}")
    read.cells += [c for c in cells if c.about not in ("", *_PASSED)]


def _unknown(found: str, where: str) -> LedgerError:
    return LedgerError(
        "an unknown heading",
        where=where,
        found=repr(found),
        choices=KNOWN,
        nearest=closest(found, KNOWN, likeness=0.4),
    )


PUBLICATION = {
    "id": SOURCE,
    "title": "NHS mental health dashboard, workbooks",
    "publisher": "NHS England",
    "published": "not seen",
    "licence": "Open Government Licence v3.0",
    "address": PAGES[0],
    "how_read": "publisher file",
    "cadence": "quarterly",
    "note": "The licence is assumed: the page does not state one. Locators name the workbook.",
}

FEED = Feed(
    name=NAME,
    title="NHS mental health dashboard, spending",
    publisher="NHS England",
    cadence="quarterly; money in the first and the last quarter's workbook only",
    extends={
        MONEY: "Spending on talking therapies, planned and actual, of England and of areas.",
        AREAS: "Spending on all mental health of each CCG, and its share of the allocation.",
    },
    layouts=(NATION, TRENDS, f"{NATION}; {TRENDS}"),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=owns,
)
