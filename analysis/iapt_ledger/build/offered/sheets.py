"""The tables of the spreadsheet: plain frames, every empty cell told by a symbol, every text harmless.

The symbols are those of the Government Analysis Function.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from iapt_ledger.registry import Registry

SYMBOLS: Mapping[str, str] = {
    "[c]": "confidential: a count under five, which the publisher withholds",
    "[x]": "not available: sought and not found, or not given in what was read",
    "[z]": "not applicable: there can be no such value",
}
STATUS_SYMBOLS: Mapping[str, str] = {"suppressed": "[c]", "not_applicable": "[z]"}
"""Why a value is missing, by the status of its row; `[x]` for all others."""

STANDING: Mapping[str, str] = {
    "computed": "computed from published figures",
    "compared": "computed from published figures and a figure of a document under test",
    "quoted": "stated by a document under test, not evidence",
    "check": "count of checks of the methods",
}
DOCUMENTS: Mapping[str, str] = {
    "timimi2015": "critical editorial, 2015",
    "healthfoundation2014": "blog post, 2014",
}
LONGEST = 32_000
"""Characters that a cell of a spreadsheet surely holds."""


@dataclass(frozen=True)
class Sheet:
    """One worksheet with one table.

    Attributes:
        label: name on the tab.
        title: what the table holds.
        says: how to read it, in a sentence or two.
        table: the cells; a number is a number.
        widths: width of each column, in characters.
        notes: column to the name of the note that explains it.
    """

    label: str
    title: str
    says: str
    table: pd.DataFrame
    widths: Sequence[int]
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def symbols(self) -> list[str]:
        """The symbols that stand in this table."""
        found = {cell for cell in self.table.to_numpy().ravel() if isinstance(cell, str)}
        return [symbol for symbol in SYMBOLS if symbol in found]


def results_sheet(records: Iterable[Mapping[str, Any]]) -> Sheet:
    """Every result, in the order of the chapters' names."""
    rows = [
        {
            "Result": one["id"],
            "What it is": one["made"],
            "Value": one["value"],
            "Unit": one["unit"] or "[z]",
            "Lower end": "[z]" if one["low"] is None else one["low"],
            "Upper end": "[z]" if one["high"] is None else one["high"],
            "What the ends are": one["interval"] or "[z]",
            "Price base": one["price_base"] or "[z]",
            "As the report prints it": one["text"],
            "Standing": STANDING[one["status"]],
        }
        for one in records
    ]
    return Sheet(
        "Results",
        "Results: every number that the report computes or quotes",
        "One row is one number. The first part of its name is the chapter that made it.",
        cleaned(pd.DataFrame(rows)),
        (46, 60, 16, 18, 16, 16, 26, 26, 18, 30),
        {"Lower end": "ends", "Standing": "standing"},
    )


def ledger_sheet(ledger: pd.DataFrame) -> Sheet:
    """The ledger: every claim with its verdict, grade and reason.

    Args:
        ledger: ledger.csv, all of it text, what is empty as empty text.
    """
    table = pd.DataFrame(
        {
            "Claim": ledger["claim"],
            "Document": ledger["document"].replace(dict(DOCUMENTS)),
            "Place": ledger["place"],
            "What is claimed": ledger["title"],
            "Kind of claim": ledger["kind"],
            "Topic": ledger["topic"],
            "Verdict": ledger["verdict"],
            "Grade of the evidence": ledger["grade"],
            "Reason": ledger["reason"],
            "What is lacking": ledger["lacking"],
            "Who holds it": ledger["held_by"],
        }
    ).replace("", "[z]")
    return Sheet(
        "Ledger",
        "Ledger: the claims of two documents, tested against public figures",
        "One row is one claim. A program puts the test to the results; no verdict is written by hand.",
        cleaned(table),
        (9, 24, 14, 44, 18, 18, 24, 14, 70, 50, 40),
        {"Verdict": "verdict", "Grade of the evidence": "grade"},
    )


def years_sheet(annual: pd.DataFrame) -> Sheet:
    """The programme in England by year, as published: the rows behind most of the report.

    Args:
        annual: tidy `iapt_national_annual`.
    """
    shown = annual.assign(
        cell=[
            STATUS_SYMBOLS.get(status, "[x]") if pd.isna(value) else float(value)
            for value, status in zip(annual["value"], annual["status"], strict=True)
        ]
    )
    table = pd.DataFrame(
        {
            "Row of the edition": shown["obs_id"],
            "First day": shown["period_start"].dt.strftime("%Y-%m-%d"),
            "Last day": shown["period_end"].dt.strftime("%Y-%m-%d"),
            "Area": shown["geography"],
            "Series": shown["series"],
            "Measure": shown["measure"],
            "Value": shown["cell"],
            "Unit": shown["unit"],
            "Standing": shown["status"].str.replace("_", " "),
            "Publication": shown["source_id"],
        }
    ).replace("", "[x]")
    return Sheet(
        "England_by_year",
        "England by year: what the programme reported, as published",
        "One row is one published figure. Series are collections of their own and are not joined.",
        cleaned(table.reset_index(drop=True)),
        (28, 13, 13, 12, 34, 34, 16, 18, 16, 24),
        {"Series": "series", "Publication": "publication"},
    )


def sources_sheet(registry: Registry) -> Sheet:
    """Every publication of the registry."""
    rows = [
        {
            "Publication": source.id,
            "Title": source.title,
            "Publisher": source.publisher,
            "Published": "[x]" if source.published == "not seen" else source.published,
            "Licence": source.licence,
            "Read as": source.how_read,
            "Address": source.link or "[x]",
        }
        for source in (registry[one] for one in registry)
    ]
    return Sheet(
        "Sources",
        "Sources: the publications that figures or definitions were read from",
        "One row is one publication.",
        cleaned(pd.DataFrame(rows)),
        (26, 70, 36, 13, 34, 22, 60),
        {"Licence": "licence"},
    )


def cleaned(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every text as gptables can write it and as a cell can hold it."""
    return table.map(lambda cell: clean(cell) if isinstance(cell, str) else cell)


def clean(text: str) -> str:
    """Text that does nothing in a cell.

    Two marks mean something to gptables, a link and a note; text without a letter or digit is refused by it, since
    no one can hear it read out.
    """
    text = re.sub(r"[\x00-\x1f\x7f]+", " ", text)[:LONGEST].strip()
    text = text.replace("](", "] (").replace("$$", "$ $")
    return text if re.search(r"[a-zA-Z0-9]", text) else f"[x] ({text})" if text else "[x]"
