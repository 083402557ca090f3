"""English Prescribing Dataset: antidepressants and eight other sections by region and month, as sums of the portal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import pandas as pd

from iapt_ledger.acceptance.contents import some
from iapt_ledger.errors import LedgerError
from iapt_ledger.sources.base import Check, ContentError, Feed, Get, Held, Parsed, RawFile, failed
from iapt_ledger.sources.prescribing import portal, sums
from iapt_ledger.sources.prescribing.answers import number, records
from iapt_ledger.sources.prescribing.figures import MONTH, YEAR, figures
from iapt_ledger.sources.reading import frames

NAME = "nhsbsa_epd"
SOURCE = "EN_EPD_PORTAL"
BY_REGION = "prescribing_region_monthly"
SERIES = "NHSBSA English Prescribing Dataset (net ingredient cost)"
SECTIONS = {
    "All sections": "",
    "Antidepressant drugs": "0403",
    "Antisecretory drugs and mucosal protectants": "0103",
    "Bronchodilators": "0301",
    "Drugs used in psychoses and related disorders": "0402",
    "Hypertension and heart failure": "0205",
    "Hypnotics and anxiolytics": "0401",
    "Lipid-regulating drugs": "0212",
    "Thyroid and antithyroid drugs": "0602",
}
"""Sections that the edition holds to what their codes begin with."""

_PLACES = """YEAR_MONTH REGIONAL_OFFICE_NAME REGIONAL_OFFICE_CODE ICB_NAME ICB_CODE PCO_NAME PCO_CODE PRACTICE_NAME
PRACTICE_CODE ADDRESS_1 ADDRESS_2 ADDRESS_3 ADDRESS_4 POSTCODE"""
_OLD = """BNF_CHEMICAL_SUBSTANCE CHEMICAL_SUBSTANCE_BNF_DESCR BNF_CODE BNF_DESCRIPTION BNF_CHAPTER_PLUS_CODE QUANTITY
ITEMS TOTAL_QUANTITY ADQUSAGE NIC ACTUAL_COST UNIDENTIFIED SNOMED_CODE"""
_NEW = """BNF_CHEMICAL_SUBSTANCE_CODE BNF_CHEMICAL_SUBSTANCE BNF_PRESENTATION_CODE BNF_PRESENTATION_NAME
BNF_CHAPTER_PLUS_CODE QUANTITY ITEMS TOTAL_QUANTITY ADQ_USAGE NIC ACTUAL_COST UNIDENTIFIED SNOMED_CODE"""
DATASET = portal.Dataset(
    id="english-prescribing-dataset-epd-with-snomed-code",
    what="English Prescribing Dataset",
    table="EPD_SNOMED_",
    first="2021-01",
    region="REGIONAL_OFFICE_NAME",
    layouts={
        "month before March 2025": tuple(f"{_PLACES} {_OLD}".split()),
        "month from March 2025": tuple(f"{_PLACES} {_NEW}".split()),
    },
    optional=frozenset({"SNOMED_CODE"}),
    every_section=True,
)
WHOLE = "whole month, csv"
_SAID = {
    MONTH: sums.Said(
        "EPD",
        SOURCE,
        "derived sum; EPD (prescribed in England); UNIDENTIFIED region removed",
        "derived sum; EPD",
    ),
    YEAR: sums.Said(
        "EPD",
        SOURCE,
        "derived sum; prescribed in England, dispensed anywhere in GB, Isle of Man, Channel Islands (EPD);"
        " region UNIDENTIFIED removed",
        "derived sum; EPD",
    ),
}
PUBLICATION: Mapping[str, object] = {
    "id": SOURCE,
    "title": "English Prescribing Dataset (EPD) with SNOMED code, summed by region and section by the portal",
    "publisher": "NHS Business Services Authority",
    "published": "not seen",
    "licence": "Open Government Licence v3.0",
    "address": f"https://opendata.nhsbsa.net/dataset/{DATASET.id}",
    "how_read": "publisher file",
    "cadence": "monthly",
    "note": "Items prescribed in England and dispensed in Scotland are missing from June 2023 to June 2024.",
}


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """Sums of every month since January 2021 and of every whole year."""
    yield from portal.fetch(get, DATASET)


def recognise(raw: RawFile) -> str | None:
    """The layout: sums of a month or of a year, or the CSV of a whole month."""
    try:
        return _layout(raw)
    except (LedgerError, StopIteration):
        return None


def _layout(raw: RawFile) -> str | None:
    if sums_layout := portal.sums_layout(raw, DATASET):
        return sums_layout
    _, found = frames.header(raw)
    portal.code_column(DATASET, [name.upper() for name in found], raw.name)
    return WHOLE


def parse(raw: RawFile) -> Parsed:
    """England's antidepressants, and nine sections of each region where the file is of a month.

    Raises:
        ContentError: the file cannot be read, or is of several months.
        Faults: unknown columns, regions or paragraphs, or cells that are no numbers.
    """
    layout = portal.sums_layout(raw, DATASET) or WHOLE
    rows = _summed(raw) if layout == WHOLE else records(raw)
    found = figures(rows, layout, _SAID, raw.name)
    tables, checks = dict(found.tables), found.checks
    if found.month:
        tables[BY_REGION] = _regions(found.read, found.month)
        checks += _sections_checks(tables[BY_REGION]) if not failed(checks) else ()
    nowhere = sum(one.items for one in found.read if one.region is None)
    return Parsed(
        feed=NAME,
        layout=layout,
        tables=tables,
        refused={"items without a region: areas are summed without them": nowhere}
        if nowhere
        else {},
        checks=checks,
        publications=(PUBLICATION,),
    )


def _sections_checks(rows: pd.DataFrame) -> tuple[Check, ...]:
    """Every region prescribes of every section in every month: nothing at all means that rows did not come."""
    empty = rows[rows["items"].eq("0")]
    told = some(f"{r.bnf_section} in {r.region}" for r in empty.itertuples())
    if len(empty):
        return (Check("totals", False, f"Whole sections are not there: {told}."),)
    return (Check("totals", True, "Every region has items of every section."),)


def _regions(read: Sequence[sums.Sum], month: str) -> pd.DataFrame:
    """Items and cost of nine sections in each region as the edition stores them."""
    rows = [
        (region.title(), section, str(items), str(nic))
        for section, start in SECTIONS.items()
        for region, (items, nic) in sums.by_region(read, start).items()
    ]
    frame = pd.DataFrame(rows, columns=["region", "bnf_section", "items", "cost_gbp"], dtype=str)
    same = {"series": SERIES, "month": month, "status": "derived", "source_id": SOURCE}
    return frames.stored(BY_REGION, frame, same)


def _summed(raw: RawFile) -> list[dict[str, str]]:
    """The CSV of a whole month summed as the portal would; it must fit into memory."""
    frame = frames.one_table(raw)
    frame.columns = pd.Index([name.upper() for name in frame.columns])
    code = portal.code_column(DATASET, list(frame.columns), raw.name)
    if frame.empty:
        raise ContentError("the file has no rows", where=raw.name)
    totals: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal()] * 3)
    cells = frame[["YEAR_MONTH", DATASET.region, code, "ITEMS", "NIC"]]
    for month, region, product, items, nic in cells.itertuples(index=False):
        numbers = number(items), number(nic)
        total = totals[month, region, product[:6]]
        total[2] += None in numbers
        total[0] += numbers[0] or 0
        total[1] += numbers[1] or 0
    name = portal.single_table(raw.name, DATASET)
    return [
        dict(
            zip(
                portal.MONTH_COLUMNS,
                (name, "", m, r, p, *(str(n) for n in t)),
                strict=True,
            )
        )
        for (m, r, p), t in totals.items()
    ]


def owns(table: str, rows: pd.DataFrame) -> pd.Series:
    """Rows of the English Prescribing Dataset."""
    return rows["series"].eq(SERIES if table == BY_REGION else "EPD")


FEED = Feed(
    name=NAME,
    title="English Prescribing Dataset",
    publisher="NHS Business Services Authority",
    cadence="monthly, about three months after the month",
    extends={
        sums.MONTHLY: "England's antidepressants (section 4.3 and SSRIs) of each month since 2021, series EPD.",
        sums.ANNUAL: "The same of each whole calendar year since 2021, series EPD.",
        BY_REGION: "Nine sections of each region and month since January 2021.",
    },
    layouts=(MONTH, YEAR, WHOLE),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=owns,
)
