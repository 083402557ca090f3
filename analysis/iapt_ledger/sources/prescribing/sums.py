"""Sums of the portal, by region and paragraph of the formulary, as rows of the edition."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.sources.base import Check, ContentError
from iapt_ledger.sources.prescribing.answers import number
from iapt_ledger.sources.reading import frames
from iapt_ledger.sources.reading.periods import month_bounds

MONTHLY, ANNUAL = "antidepressants_quarterly_or_monthly", "antidepressants_annual"
REGIONS = (
    "EAST OF ENGLAND",
    "LONDON",
    "MIDLANDS",
    "NORTH EAST AND YORKSHIRE",
    "NORTH WEST",
    "SOUTH EAST",
    "SOUTH WEST",
)
NOWHERE = "UNIDENTIFIED"
"""What stands in place of a region where prescribing cannot be placed."""
PARAGRAPHS = ("040301", "040302", "040303", "040304")
LARGE = tuple(p for p in PARAGRAPHS if p != "040302")
"""Paragraphs that every region has in every month; of monoamine oxidase inhibitors there may be none."""
SCOPES = {"BNF 4.3": "0403", "BNF 4.3.3 (SSRIs)": "040303"}
"""Medicines that a figure covers to what their codes begin with."""
MOST_NOWHERE = 0.02
PER_ITEM = (0.2, 60.0)
_PENCE = Decimal("0.01")
_SHOWN = 10


@dataclass(frozen=True)
class Sum:
    """Items and net ingredient cost of one region and paragraph; a region that is None cannot be placed."""

    region: str | None
    paragraph: str
    items: int
    nic: Decimal


def read_sums(rows: Sequence[Mapping[str, str]], where: str) -> list[Sum]:
    """Sums from the rows of an answer.

    Raises:
        Faults: a region or paragraph that is not known, a cell that is no number, a row twice, or a region, or a
            large paragraph of one, that is not there; all at once.
    """
    faults: list[LedgerError] = []
    out = [_sum(row, faults) for row in rows]
    for key, n in Counter((row["region"].upper(), row["paragraph"]) for row in rows).items():
        if n > 1:
            faults.append(LedgerError("a row comes twice", found=", ".join(key)))
    gone = sorted(set(REGIONS) - {row["region"].upper() for row in rows})
    if gone:
        faults.append(LedgerError("a region is not there", expected=gone))
    else:
        there = {(row["region"].upper(), row["paragraph"]) for row in rows}
        lacking = [f"{r} {p}" for r in REGIONS for p in LARGE if (r, p) not in there]
        if lacking:
            faults.append(LedgerError("a paragraph of a region is not there", expected=lacking))
    if faults:
        raise Faults(f"the sums {where} cannot be taken", faults[:_SHOWN])
    return [one for one in out if one]


def _sum(row: Mapping[str, str], faults: list[LedgerError]) -> Sum | None:
    at = f"{row['region']}, {row['paragraph']}"
    region, before = row["region"].upper(), len(faults)
    if region not in (*REGIONS, NOWHERE):
        near = closest(region, REGIONS)
        faults.append(
            LedgerError(
                "an unknown region",
                found=repr(row["region"]),
                choices=(*REGIONS, NOWHERE),
                nearest=near,
            )
        )
    code = row["paragraph"]
    if code.startswith("0403") and code not in PARAGRAPHS:
        faults.append(LedgerError("an unknown paragraph", found=repr(code), choices=PARAGRAPHS))
    items, nic = number(row["items"]), number(row["nic"])
    for name, value in (("items", items), ("nic", nic)):
        if value is None or value < 0:
            faults.append(
                LedgerError("a sum is no number from 0 on", where=at, found=f"{name} {row[name]!r}")
            )
    if items is not None and items != items.to_integral_value():
        faults.append(LedgerError("items are no whole number", where=at, found=row["items"]))
    if number(row["unread"]) != 0:
        faults.append(
            LedgerError(
                "rows whose items or cost are no number",
                where=at,
                found=row["unread"],
                expected="0",
            )
        )
    if len(faults) > before or items is None or nic is None:
        return None
    return Sum(None if region == NOWHERE else region, code, int(items), nic)


def single(rows: Sequence[Mapping[str, str]], column: str, where: str) -> str:
    """What a column says, the same in every row.

    Raises:
        ContentError: it says several things.
    """
    found = sorted({row[column] for row in rows})
    if len(found) != 1:
        raise ContentError(f"the column {column} says several things", where=where, found=found[:5])
    return found[0]


def added(sums: Iterable[Sum], start: str) -> tuple[int, Decimal]:
    """Items and cost, in pence, of all regions and of the medicines whose codes begin so."""
    taken = [one for one in sums if one.region and one.paragraph.startswith(start)]
    return sum(one.items for one in taken), _pence(sum((one.nic for one in taken), Decimal()))


def _pence(amount: Decimal) -> Decimal:
    return amount.quantize(_PENCE)


def by_region(sums: Iterable[Sum], start: str) -> dict[str, tuple[int, Decimal]]:
    """Region to items and cost of the medicines whose codes begin so."""
    parts: dict[str, list[Sum]] = defaultdict(list)
    for one in sums:
        if one.region:
            parts[one.region].append(one)
    return {region: added(parts[region], start) for region in REGIONS}


@dataclass(frozen=True)
class Said:
    """What the national rows of a series say of themselves.

    Attributes:
        series, source_id: of the series.
        items, cost: notes on the items and on the cost.
    """

    series: str
    source_id: str
    items: str
    cost: str


def month_rows(sums: Sequence[Sum], month: str, said: Said) -> pd.DataFrame:
    """England's month as the edition stores it."""
    first, last = map(str, month_bounds(month))
    same = {"period_type": "month", "locator": "sum of 7 regions"}
    return _national(MONTHLY, sums, first, last, said, same)


def year_rows(sums: Sequence[Sum], year: str, said: Said) -> pd.DataFrame:
    """England's calendar year as the edition stores it."""
    same = {
        "period_type": "calendar_year",
        "locator": "sum of 12 months x 7 regions",
        "full_period": "yes",
    }
    return _national(ANNUAL, sums, f"{year}-01-01", f"{year}-12-31", said, same)


def _national(
    table: str, sums: Sequence[Sum], first: str, last: str, said: Said, same: Mapping[str, str]
) -> pd.DataFrame:
    rows = []
    for scope, start in SCOPES.items():
        items, nic = added(sums, start)
        rows += [
            ("items", str(items), "items", "", said.items, scope),
            ("net_ingredient_cost_gbp", str(nic), "GBP", "cash", said.cost, scope),
        ]
    columns = ["measure", "value", "unit", "price_basis", "note", "bnf_scope"]
    frame = pd.DataFrame(rows, columns=columns, dtype=str)
    every = {
        **frames.ENGLAND,
        "period_start": first,
        "period_end": last,
        "rounding": "",
        "status": "derived",
        "series": said.series,
        "source_id": said.source_id,
        **same,
    }
    return frames.stored(table, frame, every)


def checks(sums: Sequence[Sum], what: str, month: str = "", found: str = "") -> tuple[Check, ...]:
    """Rules put to sums: the period is the one asked for, cost per item is possible, little cannot be placed."""
    out = []
    if month:
        told = f"The {what} holds {found}" + ("." if month == found else f"; expected {month}.")
        out.append(Check("periods", month == found, told))
    low, high = PER_ITEM
    odd = [
        f"{region} {float(nic / items):.2f}" if items else f"{region} without items"
        for region, (items, nic) in by_region(sums, "0403").items()
        if not items or not low <= nic / items <= high
    ]
    told = f"Cost per antidepressant item must be GBP {low} to {high} in each region"
    out.append(
        Check("bounds", not odd, f"{told}: {', '.join(odd)}." if odd else f"{told}, and is.")
    )
    nowhere = sum(one.items for one in sums if one.region is None)
    share = nowhere / max(1, sum(one.items for one in sums))
    told = f"{share:.2%} of all items have no region; the seven regions may lack {MOST_NOWHERE:.0%} of the whole."
    return (*out, Check("totals", share <= MOST_NOWHERE, told))
