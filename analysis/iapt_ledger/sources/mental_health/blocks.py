"""Blocks of a dashboard workbook: England's on the sheet Dashboard, and areas by year on sheets of trends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from iapt_ledger.sources.mental_health.headings import scale, stage, subject, year
from iapt_ledger.sources.reading.headers import plain

Rows = Sequence[Sequence[str]]

CODE = {"organisationcode", "orgcode", "ccgcode", "icbcode", "areacode"}
NAME = {"organisationname", "orgname", "ccgname", "icbname", "areaname"}
BESIDE = {"periodtype", "ledgercodereporting", "regioncode", "regionname"}
_IN_SHEET_NAME = re.compile(r"([A-Za-z]+)\s*\(([^)]*)\)")
_ABOVE = 3
"""Rows above a heading in which the title of a block is looked for."""


@dataclass(frozen=True)
class Cell:
    """One cell of money or share.

    Attributes:
        about: subject, see headings.
        code, name: of the area; empty for England's block.
        year: "2021-22".
        stage: planned, actual or forecast; empty where nothing says.
        text: as the sheet has it.
        scale: pounds that one stands for; 0 where nothing says.
        place: sheet and where in it.
        heading: all words that were read.
    """

    about: str
    code: str
    name: str
    year: str
    stage: str
    text: str
    scale: int
    place: str
    heading: str

    @property
    def column(self) -> str:
        """The heading of its column."""
        return self.heading.split(" | ")[0]


@dataclass(frozen=True)
class Block:
    """A block of areas by year: where its headings stand, and its title.

    Attributes:
        row, first, last: row of the headings, and its first and last column.
        title: words above it, and what the sheet of metadata calls it.
    """

    sheet: str
    row: int
    first: int
    last: int
    title: str

    @property
    def place(self) -> str:
        """For messages."""
        return f"sheet {self.sheet}, row {self.row + 1}, column {self.first + 1}"


def metadata(rows: Rows) -> dict[str, str]:
    """Code of an indicator to its name, from the sheet Metadata; empty where it has no such columns."""
    for number, row in enumerate(rows):
        names = [plain(cell) for cell in row]
        if "code" in names and "indicatorname" in names:
            code, name = names.index("code"), names.index("indicatorname")
            return {plain(r[code]): r[name] for r in rows[number + 1 :] if r[code] and r[name]}
    return {}


def blocks(sheet: str, rows: Rows, known: Mapping[str, str]) -> list[Block]:
    """Blocks of areas by year on a sheet, each with its title; `known` as `metadata` gives it."""
    found = []
    for number, row in enumerate(rows):
        starts = [c for c, cell in enumerate(row) if plain(cell) in CODE]
        for first, following in pairwise([*starts, len(row)]):
            width = len(list(takewhile(bool, row[first:following])))
            heads = {plain(cell) for cell in row[first : first + width]}
            if heads & NAME:
                title = _above(rows, number, first, first + width)
                found.append(Block(sheet, number, first, first + width - 1, title))
    codes = _codes(sheet)
    names = [known.get(plain(code), "") for code in codes]
    if len(codes) != len(found):
        names = [""] * len(found)
    return [
        Block(b.sheet, b.row, b.first, b.last, " | ".join(filter(None, (b.title, n))))
        for b, n in zip(found, names, strict=True)
    ]


def _above(rows: Rows, number: int, first: int, last: int) -> str:
    """The text nearest above a block, within its columns."""
    for above in range(number - 1, max(-1, number - 1 - _ABOVE), -1):
        said = [cell for cell in rows[above][first:last] if cell]
        if said:
            return " ".join(said)
    return ""


def _codes(sheet: str) -> list[str]:
    """Codes of the indicators that the name of a sheet lists.

    >>> _codes("Trend MHF (i and ii)")
    ['MHF (i)', 'MHF (ii)']
    """
    found = _IN_SHEET_NAME.search(sheet)
    if not found:
        return []
    return [
        f"{found[1]} ({part.strip()})"
        for part in re.split(r",|&|\band\b", found[2])
        if part.strip()
    ]


def unknown_headings(block: Block, rows: Rows) -> list[str]:
    """Headings of a block that are neither a code, a name, a year nor known beside them."""
    heads = rows[block.row][block.first : block.last + 1]
    known = CODE | NAME | BESIDE
    return [head for head in heads if plain(head) not in known and not year(head)]


def area_cells(block: Block, rows: Rows, about: str, end: int) -> Iterator[Cell]:
    """Cells of a block of areas; rows that hold but one text are notes.

    Args:
        block: where it is.
        rows: of its sheet.
        about: its subject.
        end: first row below that is not the block's.
    """
    heads = rows[block.row][block.first : block.last + 1]
    places = {plain(head): i for i, head in enumerate(heads)}
    code_at, name_at = (next(places[n] for n in names if n in places) for names in (CODE, NAME))
    period_at = places.get("periodtype", -1)
    for number in range(block.row + 1, end):
        row = list(rows[number][block.first : block.last + 1])
        if sum(map(bool, row)) < 2:
            continue
        period = row[period_at] if period_at >= 0 else ""
        for i, head in enumerate(heads):
            if year(head):
                said = (head, period, block.title)
                yield Cell(
                    about,
                    row[code_at],
                    row[name_at],
                    year(head),
                    next(filter(None, map(stage, said)), ""),
                    row[i],
                    next(filter(None, map(scale, said)), 0),
                    f"sheet {block.sheet}, row {number + 1}, {head}",
                    " | ".join(filter(None, said)),
                )


def end_of(block: Block, every: Sequence[Block], rows: Rows) -> int:
    """First row below a block that belongs to another one."""
    below = [b.row for b in every if b.row > block.row]
    return min(below, default=len(rows))


def england_cells(sheet: str, rows: Rows) -> Iterator[Cell]:
    """Cells of England's blocks: rows such as "Total actual spend - 2018/19 ^" under a row of headings."""
    for number, row in enumerate(rows):
        for column, label in enumerate(row):
            if not (year(label) and re.search(r"spen[dt]|expenditure", label, re.I)):
                continue
            head = _heading_row(rows, number, column)
            if head is None:
                continue
            title = rows[head][column]
            for at in range(column + 1, len(row)):
                if heading := rows[head][at]:
                    yield _england_cell(sheet, number, label, title, heading, row[at])


def _heading_row(rows: Rows, number: int, column: int) -> int | None:
    """The nearest row above whose cell in the column of the labels is a text without a year, with headings beside."""
    for above in range(number - 1, -1, -1):
        cell = rows[above][column]
        if cell and not year(cell):
            return above if any(rows[above][column + 1 :]) else None
    return None


def _england_cell(sheet: str, number: int, label: str, title: str, heading: str, text: str) -> Cell:
    about = subject(heading)
    bare = about == "" or plain(heading) == "england"
    if bare and subject(f"{title} {label}") == "talking therapies":
        about = "talking therapies"
    said = (heading, label, title)
    return Cell(
        about,
        "",
        "England",
        year(label),
        next(filter(None, map(stage, (label, heading, title))), ""),
        text,
        next(filter(None, map(scale, said)), 0),
        f"sheet {sheet}, row {number + 1}, {heading}",
        " | ".join(filter(None, said)),
    )
