"""Sheets of Medicines Used in Mental Health: one row for items with an identified patient, and one for others."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.sources.base import ContentError
from iapt_ledger.sources.prescribing.answers import number
from iapt_ledger.sources.reading import periods

SECTION = "0403"
FIGURES = ("items", "nic", "patients")


@dataclass(frozen=True)
class Period:
    """A year, quarter or month: its kind, first and last day."""

    kind: str
    first: str
    last: str


def added(
    rows: Sequence[Mapping[str, str]], by: str, where: str
) -> dict[Period, dict[str, Decimal]]:
    """Period to its figures, those with and without an identified patient added up."""
    faults: list[LedgerError] = []
    out: dict[Period, dict[str, Decimal]] = {}
    seen: dict[Period, set[str]] = defaultdict(set)
    for row in rows:
        if row["section"] != SECTION:
            faults.append(
                LedgerError("another section", found=repr(row["section"]), expected=SECTION)
            )
        flag = row["identified"].upper()
        if flag not in ("Y", "N"):
            faults.append(LedgerError("an unknown flag", found=repr(flag), choices=("Y", "N")))
        period = period_of(row[by], by, where)
        if flag in seen[period]:
            faults.append(LedgerError("a row comes twice", found=f"{row[by]}, {flag}"))
        seen[period].add(flag)
        sums = out.setdefault(period, dict.fromkeys(FIGURES, Decimal()))
        for name in FIGURES:
            sums[name] += _cell(row, name, flag, f"{row[by]}, {flag}", faults)
    faults += [
        LedgerError("a period lacks a row", where=p.first, expected="Y and N", found=sorted(flags))
        for p, flags in seen.items()
        if flags != {"Y", "N"}
    ]
    if faults:
        raise Faults(f"{where} cannot be taken", faults)
    return out


def _cell(
    row: Mapping[str, str], name: str, flag: str, at: str, faults: list[LedgerError]
) -> Decimal:
    text = row[name]
    if name == "patients" and flag == "N" and text in ("", "0"):
        return Decimal()
    value = number(text)
    whole = name == "nic" or value is None or value == value.to_integral_value()
    if value is None or value < 0 or not whole or (name == "patients" and flag == "N"):
        faults.append(LedgerError(f"{name} cannot be that", where=at, found=repr(text)))
        return Decimal()
    return value


def period_of(text: str, by: str, where: str) -> Period:
    """A period written 2022/2023, 2022/2023 Q3 or 202212.

    Raises:
        ContentError: it is written otherwise.
    """
    month = re.fullmatch(r"(20\d\d)-?(0[1-9]|1[0-2])", text)
    year = re.fullmatch(r"(20\d\d)/(20\d\d)(?: Q([1-4]))?", text)
    if by == "month" and month:
        first, last = periods.month_bounds(f"{month[1]}-{month[2]}")
        return Period("month", str(first), str(last))
    if year and int(year[2]) == int(year[1]) + 1 and bool(year[3]) == (by == "quarter"):
        if by == "year":
            return Period("financial_year", f"{year[1]}-04-01", f"{year[2]}-03-31")
        start = 3 * int(year[3]) + 1
        name = year[1] if start < 13 else year[2]
        begins = periods.month_bounds(f"{name}-{(start - 1) % 12 + 1:02d}")[0]
        ends = periods.month_bounds(f"{name}-{(start - 1) % 12 + 3:02d}")[1]
        return Period("quarter", str(begins), str(ends))
    raise ContentError(f"a {by} cannot be read", where=where, found=repr(text))
