"""Medicines Used in Mental Health: the workbook of antidepressants, by year, quarter and month for England."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pandas as pd

from iapt_ledger.errors import LedgerError
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
from iapt_ledger.sources.prescribing.flags import Period, added
from iapt_ledger.sources.prescribing.sums import ANNUAL, MONTHLY
from iapt_ledger.sources.reading import frames, headers, periods
from iapt_ledger.sources.reading.discovery import bring, file_name, linked_from
from iapt_ledger.sources.reading.workbooks import Workbook, row_with

NAME = "medicines_mental_health"
SOURCE = "EN_MUMH_TABLES"
PAGE = "https://www.nhsbsa.nhs.uk/statistical-collections/medicines-used-mental-health-england"
QUARTERLY = "workbook, quarters and months (as described, not seen)"
YEARLY = "workbook, years (as described, not seen)"
TOTAL, MONTHS = "National_Total", "Monthly_Section"
COLUMNS = {
    "Financial Year": "year",
    "Financial Quarter": "quarter",
    "Year Month": "month",
    "BNF Section Name": "",
    "BNF Section Code": "section",
    "Identified Patient Flag": "identified",
    "Total Identified Patients": "patients",
    "Total Patients": "patients",
    "Total Items": "items",
    "Total Net Ingredient Cost (GBP)": "nic",
}
_FILES = re.compile(r"mumh_bnf0403.*\.xlsx")
_MEASURES = {
    "items": ("items", "items", ""),
    "nic": ("net_ingredient_cost_gbp", "GBP", "cash"),
    "patients": ("patients", "identified patients", ""),
}
_NOTE = "prescribed in England (MUMH); items with and without an identified patient added up"
_PATIENTS = {
    "financial_year": "prescribed in England; identified patients only (NHS number matched);"
    " revised in later releases",
    "quarter": "quarter, not comparable with annual unique patients",
}
PUBLICATION: Mapping[str, object] = {
    "id": SOURCE,
    "title": "Medicines Used in Mental Health, England: summary tables of BNF section 4.3",
    "publisher": "NHS Business Services Authority",
    "published": "not seen",
    "licence": "Open Government Licence v3.0",
    "address": PAGE,
    "how_read": "publisher file",
    "cadence": "quarterly",
    "note": "Each release gives all years, quarters and months since April 2015; the latest counts.",
}


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """The newest workbook of years and the newest of quarters; each holds every period since April 2015."""
    found, failed = linked_from(get, (PAGE,), _FILES, lambda slug: True, NAME, "the newest tables")
    if not found and not failed:
        failed.append("the page of the series links to no workbook named mumh_bnf0403…xlsx")
    yield from bring(get, [_request(found[name]) for name in newest(found)], failed)


def newest(names: Mapping[str, str]) -> list[str]:
    """Of the names of files the newest of years and of quarters, and those that tell neither, which come first.

    >>> names = ["mumh_bnf0403_Dec_23.xlsx", "mumh_bnf0403_Mar_24.xlsx", "mumh_bnf0403_2022_23_v001.xlsx"]
    >>> newest(dict.fromkeys(names, ""))
    ['mumh_bnf0403_2022_23_v001.xlsx', 'mumh_bnf0403_Mar_24.xlsx']
    """
    kinds: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in names:
        plain = name.lower().replace("_", "-")
        month, year = periods.month_in_name(plain), re.search(r"20(\d\d)-?(?:20)?\d\d(?!\d)", plain)
        if month:
            kinds["2 quarters"].append((month, name))
        elif year or (year := re.search(r"(?<!\d)(\d\d)\d\d(?!\d)", plain.replace("0403", ""))):
            kinds["1 years"].append((year[1], name))
        else:
            kinds[f"0 {name}"].append(("", name))
    return [max(kinds[kind])[1] for kind in sorted(kinds)]


def _request(url: str) -> Request:
    return Request(
        url=url,
        what=f"Medicines Used in Mental Health, {file_name(url)}",
        content="xlsx",
        least=2_000,
        most=100 * MEGABYTE,
        most_unpacked=500 * MEGABYTE,
    )


def recognise(raw: RawFile) -> str | None:
    """The layout: years alone, or quarters and months."""
    try:
        names = {name.strip() for name in Workbook(raw.read(), raw.name).sheets}
    except LedgerError:
        return None
    if TOTAL not in names or "Patient_Identification" not in names:
        return None
    return QUARTERLY if MONTHS in names else YEARLY


def parse(raw: RawFile) -> Parsed:
    """England's items, cost and identified patients.

    Raises:
        ContentError: the file cannot be read, a sheet is not there, or a period is none.
        Faults: unknown columns or flags, cells that are no numbers, another section, or a row twice.
    """
    book = Workbook(raw.read(), raw.name)
    quarterly = any(name.strip() == MONTHS for name in book.sheets)
    total = _read(book, TOTAL, "quarter" if quarterly else "year")
    tables = {MONTHLY if quarterly else ANNUAL: total}
    count = 0
    checks = [_whole(total, "quarter" if quarterly else "financial_year")]
    if quarterly:
        months = _read(book, MONTHS, "month")
        checks += [_whole(months, "month"), _quarters_are_their_months(total, months)]
        count = len(set(months["period_start"]))
        tables = {MONTHLY: pd.concat([total, months], ignore_index=True)}
    return Parsed(
        feed=NAME,
        layout=QUARTERLY if quarterly else YEARLY,
        tables=tables,
        refused={"patients of single months, which cannot be added up": count} if quarterly else {},
        checks=tuple(checks),
        publications=(PUBLICATION,),
    )


def _read(book: Workbook, sheet: str, by: str) -> pd.DataFrame:
    """One sheet as rows of the edition."""
    where = f"{book.where}, sheet {sheet}"
    cells = book.rows(sheet)
    at = row_with(cells, ["BNF Section Code", "Total Items"], where)
    below = [row for row in cells[at + 1 :] if any(row)]
    if not below:
        raise ContentError("the sheet has no rows", where=where)
    frame = frames.sheet_table([cells[at], *below], where)
    layout = f"sheet {sheet} by {by}"
    needed = [by, "section", "identified", "patients", "items", "nic"]
    named = headers.matched(list(frame.columns), COLUMNS, needed, where, layout)
    rows = frame.rename(columns=named).to_dict("records")
    return _stored(added([{str(k): str(v) for k, v in r.items()} for r in rows], by, where))


def _stored(sums: Mapping[Period, Mapping[str, Decimal]]) -> pd.DataFrame:
    rows = []
    for period, figures in sums.items():
        for name, value in figures.items():
            if name == "patients" and period.kind == "month":
                continue
            measure, unit, basis = _MEASURES[name]
            patients = name == "patients"
            text = str(value.quantize(Decimal("0.01"))) if name == "nic" else str(int(value))
            rows.append(
                {
                    "period_start": period.first,
                    "period_end": period.last,
                    "period_type": period.kind,
                    "measure": measure,
                    "value": text,
                    "unit": unit,
                    "price_basis": basis,
                    "status": "published" if patients else "derived",
                    "locator": f"sheet {MONTHS if period.kind == 'month' else TOTAL}",
                    "note": _PATIENTS[period.kind] if patients else _NOTE,
                }
            )
    kind = next(iter(sums)).kind
    same = {
        **frames.ENGLAND,
        "rounding": "",
        "source_id": SOURCE,
        "series": "MUMH",
        "bnf_scope": "BNF 4.3",
        "full_period": "yes",
    }
    return frames.stored(ANNUAL if kind == "financial_year" else MONTHLY, pd.DataFrame(rows), same)


def _whole(rows: pd.DataFrame, kind: str) -> Check:
    """Every period between the first and the last is there."""
    months = {"financial_year": 12, "quarter": 3, "month": 1}[kind]
    starts = sorted(set(rows["period_start"]))
    numbers = [int(s[:4]) * 12 + int(s[5:7]) for s in starts]
    gaps = [s for s, a, b in zip(starts, numbers, numbers[1:], strict=False) if b - a != months]
    told = f"It holds {len(starts)} periods ({kind.replace('_', ' ')}) from {starts[0]} to {starts[-1]}"
    return Check(
        "periods", not gaps, f"{told}; one is missing after {gaps[0]}." if gaps else f"{told}."
    )


def _quarters_are_their_months(quarters: pd.DataFrame, months: pd.DataFrame) -> Check:
    """Items of each quarter are those of its months, and so is the cost but for pence."""
    worst = Decimal()
    for row in quarters[quarters["measure"].ne("patients")].to_dict("records"):
        inside = months["period_start"].between(row["period_start"], row["period_end"])
        parts = months.loc[inside & months["measure"].eq(row["measure"]), "value"]
        if len(parts) == 3:
            apart = abs(sum(map(Decimal, parts), Decimal()) - Decimal(row["value"]))
            worst = max(worst, apart)
    told = f"Quarters differ from the sum of their months by {worst:,} at most; 1 is allowed, for pence."
    return Check("totals", worst <= 1, told)


def owns(table: str, rows: pd.DataFrame) -> pd.Series:
    """All figures of the publication: what key findings gave in rounded millions the tables give in full."""
    return rows["series"].eq("MUMH") & rows["source_id"].str.startswith("EN_MUMH")


FEED = Feed(
    name=NAME,
    title="Medicines Used in Mental Health, England",
    publisher="NHS Business Services Authority",
    cadence="quarterly, about ten weeks after the quarter; years in July",
    extends={
        ANNUAL: "Items, cost and identified patients of each financial year since 2015-16, series MUMH, in place of"
        " rounded key findings.",
        MONTHLY: "Quarters and months since April 2015, series MUMH, in place of rounded key findings.",
    },
    layouts=(QUARTERLY, YEARLY),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=owns,
)
