"""Prescription Cost Analysis: antidepressants dispensed in England by month, as sums of the portal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.sources.base import Feed, Get, Held, Parsed, RawFile
from iapt_ledger.sources.prescribing import portal, sums
from iapt_ledger.sources.prescribing.answers import records
from iapt_ledger.sources.prescribing.figures import MONTH, YEAR, figures

NAME = "nhsbsa_pca"
SOURCE = "EN_PCA_PORTAL"
_COLUMNS = """
YEAR_MONTH REGION_NAME REGION_CODE ICB_NAME ICB_CODE BNF_PRESENTATION_CODE BNF_PRESENTATION_NAME SNOMED_CODE
SUPPLIER_NAME UNIT_OF_MEASURE GENERIC_BNF_EQUIVALENT_CODE GENERIC_BNF_EQUIVALENT_NAME
BNF_CHEMICAL_SUBSTANCE_CODE BNF_CHEMICAL_SUBSTANCE BNF_PARAGRAPH_CODE BNF_PARAGRAPH BNF_SECTION_CODE
BNF_SECTION BNF_CHAPTER_CODE BNF_CHAPTER PREP_CLASS PRESCRIBED_PREP_CLASS DISPENSER_ACCOUNT_TYPE ITEMS
TOTAL_QUANTITY NIC PHARMACY_ADVANCED_SERVICE
"""
DATASET = portal.Dataset(
    id="prescription-cost-analysis-pca-monthly-data",
    what="Prescription Cost Analysis",
    table="PCA_",
    first="2021-01",
    region="REGION_NAME",
    layouts={"month": tuple(_COLUMNS.split())},
    optional=frozenset({"PHARMACY_ADVANCED_SERVICE", "DISPENSER_ACCOUNT_TYPE"}),
    every_section=False,
)
_SAID = {
    MONTH: sums.Said("PCA", SOURCE, "derived sum; PCA (dispensed in England)", "derived sum; PCA"),
    YEAR: sums.Said(
        "PCA",
        SOURCE,
        "derived sum; dispensed in the community in England, any UK prescriber (PCA)",
        "derived sum",
    ),
}
PUBLICATION: Mapping[str, object] = {
    "id": SOURCE,
    "title": "Prescription Cost Analysis (PCA), monthly data, summed by region and paragraph by the portal",
    "publisher": "NHS Business Services Authority",
    "published": "not seen",
    "licence": "Open Government Licence v3.0",
    "address": f"https://opendata.nhsbsa.net/dataset/{DATASET.id}",
    "how_read": "publisher file",
    "cadence": "monthly",
    "note": "Regions are those of the dispenser, so that only England as a whole is taken.",
}


def fetch(get: Get, held: Held) -> Iterator[RawFile]:
    """Sums of every month since January 2021 and of every whole year."""
    yield from portal.fetch(get, DATASET)


def recognise(raw: RawFile) -> str | None:
    """The layout: sums of a month or of a year."""
    try:
        return portal.sums_layout(raw, DATASET)
    except LedgerError:
        return None


def parse(raw: RawFile) -> Parsed:
    """England's antidepressants of a month or of a calendar year.

    Raises:
        ContentError: the file cannot be read, or is of several months.
        Faults: unknown columns, regions or paragraphs, or cells that are no numbers.
    """
    rows = records(raw)
    layout = YEAR if "year" in rows[0] else MONTH
    found = figures(rows, layout, _SAID, raw.name)
    return Parsed(NAME, layout, found.tables, checks=found.checks, publications=(PUBLICATION,))


def owns(table: str, rows: pd.DataFrame) -> pd.Series:
    """Rows of the monthly files; older years of the same series come from elsewhere."""
    return rows["series"].eq("PCA") & rows["source_id"].isin(["EN_PCA_REG", SOURCE])


FEED = Feed(
    name=NAME,
    title="Prescription Cost Analysis, monthly data",
    publisher="NHS Business Services Authority",
    cadence="monthly, about two months after the month",
    extends={
        sums.MONTHLY: "England's antidepressants (section 4.3 and SSRIs) of each month since 2021, series PCA.",
        sums.ANNUAL: "The same of each whole calendar year since 2021, series PCA.",
    },
    layouts=(MONTH, YEAR),
    fetch=fetch,
    recognise=recognise,
    parse=parse,
    owns=owns,
)
