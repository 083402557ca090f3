"""A block of HM Treasury's deflators: years, index and growth, as rows of the context table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from iapt_ledger.errors import LedgerError
from iapt_ledger.sources.base import ContentError
from iapt_ledger.sources.context.series import gaps, month_words
from iapt_ledger.sources.reading.markers import NUMBER
from iapt_ledger.sources.reading.periods import year_bounds

Rows = Sequence[Sequence[str]]
FIRST = 1990
"""The context table begins here."""

_BASE = re.compile(r"(\d{4}(?:-\d{2})?) = 100")
_YEAR = re.compile(r"(\d{4}(?:-\d{2})?)(?: ?\(\d\),?)*")
_GROWTH = "per cent change on previous year"
_NO_INDEX = ("", "-")
_NEAR_100 = 0.05


@dataclass
class Block:
    """Financial or calendar years.

    Attributes:
        base: the year that is 100.
        index: year to index number, outturn.
        growth: year to growth in per cent, forecast.
        faults: what is not known.
        left: years that the table has no place for.
    """

    base: str
    index: dict[str, str] = field(default_factory=dict)
    growth: dict[str, str] = field(default_factory=dict)
    faults: list[LedgerError] = field(default_factory=list)
    left: int = 0

    @property
    def kind(self) -> str:
        """ "financial" or "calendar"."""
        return "financial" if "-" in self.base else "calendar"

    def rows(self, month: str) -> Iterator[dict[str, str]]:
        """Rows of the context table; `month` of the release, such as 2026-03."""
        words = month_words(month)
        series = "L8GG" if self.kind == "financial" else "MNF2"
        for year, value in self.index.items():
            name = f"GDP deflator index, {self.kind} year, {self.base} = 100 (HMT {words})"
            note = f"Outturn, ONS series {series}, vintage of {words}."
            yield self._row(year, value, month, (name, "index", "published", note))
        for year, value in self.growth.items():
            name = (
                "GDP deflator at market prices, change on previous financial year "
                f"(HMT {words}, OBR forecast)"
            )
            note = f"Forecast, growth only; vintage of {words}."
            yield self._row(year, value, month, (name, "percent", "forecast", note))

    def _row(self, year: str, value: str, month: str, said: tuple[str, ...]) -> dict[str, str]:
        name, unit, status, note = said
        first, last = (f"{year}-01-01", f"{year}-12-31")
        if self.kind == "financial":
            first, last = map(str, year_bounds(year))
        return {
            "period_start": first,
            "period_end": last,
            "period_type": f"{self.kind}_year",
            "measure": name,
            "value": value,
            "unit": unit,
            "status": status,
            "source_id": source_of(month, self.kind),
            "locator": f"{self.kind} year {year}",
            "note": note,
        }


def source_of(month: str, kind: str) -> str:
    """Id of a release.

    >>> source_of("2026-03", "calendar")
    'hmt_defl_2026_03_cal'
    """
    return f"hmt_defl_{month.replace('-', '_')}" + "_cal" * (kind == "calendar")


def read_blocks(rows: Rows, where: str) -> list[Block]:
    """The two blocks below their headings.

    Raises:
        ContentError: the headings are not found.
    """
    for number, row in enumerate(rows[:30]):
        plain = [" ".join(cell.lower().split()) for cell in row]
        found = {
            at: Block(base[1])
            for at, cell in enumerate(plain)
            if (base := _BASE.fullmatch(cell))
            and plain[max(at - 1, 0)] in ("financial year", "calendar year")
            and plain[at + 1 : at + 2] == [_GROWTH]
        }
        if sorted(block.kind for block in found.values()) == ["calendar", "financial"]:
            for at, block in found.items():
                below = [[*r, *[""] * (at + 2 - len(r))] for r in rows[number + 1 :]]
                _fill(block, [r[at - 1 : at + 2] for r in below])
            return list(found.values())
    said = [" | ".join(filter(None, row))[:120] for row in rows[:12] if any(row)]
    raise ContentError(
        "no headings of deflators are found",
        where=where,
        expected=f"Financial year | 2024-25 = 100 | {_GROWTH}, and beside it Calendar year",
        found=said[:8],
    )


def _fill(block: Block, rows: Rows) -> None:
    """Put the years of a block into it, down to the first row that names none; a file that is cut short has none."""
    seen: list[str] = []
    for year_cell, index, growth in rows:
        named = _YEAR.fullmatch(year_cell)
        if not named:
            break
        seen.append(named[1])
        if int(named[1][:4]) < FIRST:
            block.left += 1
        elif index in _NO_INDEX:
            _put(block, "growth", named[1], growth)
        elif block.growth:
            fault = LedgerError("an index stands below a year without one", found=named[1])
            block.faults.append(fault)
        else:
            _put(block, "index", named[1], index)
    else:
        fault = LedgerError("nothing stands below the last year: is the file cut short?")
        block.faults.append(fault)
    _judge(block, seen)


def _put(block: Block, what: str, year: str, cell: str) -> None:
    if ("-" in year) != (block.kind == "financial"):
        block.faults.append(LedgerError(f"no {block.kind} year", found=year))
    elif not re.fullmatch(NUMBER, cell):
        where = f"the {what} of {year}"
        choices = ("a number", *map(repr, _NO_INDEX)) if what == "index" else ("a number",)
        fault = LedgerError("a cell is no number", where=where, found=repr(cell), choices=choices)
        block.faults.append(fault)
    elif what == "growth" and block.kind == "calendar":
        block.left += 1
    else:
        (block.index if what == "index" else block.growth)[year] = cell


def _judge(block: Block, seen: Sequence[str]) -> None:
    """Faults of the years as a whole."""
    twice = sorted({year for year in seen if seen.count(year) > 1})
    block.faults += [LedgerError("a year stands twice", found=year) for year in twice]
    missing = gaps(int(year[:4]) for year in seen)
    block.faults += [LedgerError("a year is missing", found=year) for year in missing]
    if block.faults:
        return
    hundred = block.index.get(block.base, "no index")
    if not re.fullmatch(NUMBER, hundred) or abs(float(hundred) - 100) > _NEAR_100:
        fault = LedgerError(f"the index of {block.base} is not 100", found=hundred)
        block.faults.append(fault)
