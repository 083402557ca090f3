"""The spreadsheet of results, ledger and sources, by the government's guidance on accessible spreadsheets.

"Releasing statistics in spreadsheets" (Government Analysis Function): a cover, a list of contents, notes on a sheet
of their own, one table a sheet marked as a table, no merged or empty cells, symbols for what is missing, numbers as
numbers. gptables lays it out; it is packed anew, so that two builds give the same bytes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import gptables
import pandas as pd

from iapt_ledger.build.offered.sheets import SYMBOLS, Sheet
from iapt_ledger.build.offered.steady import repacked
from iapt_ledger.dates import day_in_words

TITLE = "What the talking-therapies programme cost and what it delivered: results and ledger"
NOTES: Mapping[str, str] = {
    "ends": (
        "The ends of an interval or a range. The column 'What the ends are' says which: a 95% interval is what chance"
        " in the counts leaves open, a range is what other choices or sources give. Neither holds all doubt."
    ),
    "standing": (
        "A number stated by a document under test is printed to compare with, and is never evidence for a claim."
    ),
    "verdict": (
        "Supported: the claim passes its test. Partly supported: a part of it passes, or one way to read it does."
        " Not supported: what is held does not bear it out, which does not show the opposite. Contradicted: the"
        " opposite is shown. Cannot be tested: no public data decide it."
    ),
    "grade": (
        "How strong the evidence behind a verdict is: high, moderate, low or very low, by rules that are the same for"
        " both sides."
    ),
    "series": "A change of collection is a break: rows of two series differ for reasons of their own.",
    "publication": "The id of a publication; the sheet Sources has its title and address.",
    "licence": (
        "Contains public sector information licensed under the Open Government Licence v3.0. Contains Parliamentary"
        " information licensed under the Open Parliament Licence v3.0."
    ),
}
# As text every time: xlsxwriter would take such cells for formulas, addresses or numbers.
AS_TEXT = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}


def workbook(sheets: Sequence[Sheet], edition: str) -> bytes:
    """The spreadsheet's bytes.

    Args:
        sheets: its tables, in order.
        edition: date of the edition, which is also the time that the file carries.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workbook.xlsx"
        book = gptables.produce_workbook(
            path,
            {sheet.label: _laid_out(sheet) for sheet in sheets},
            cover=_cover(edition),
            notes_table=_notes(sheets),
            auto_width=False,
            workbook_options=AS_TEXT,
        )
        _set_widths(book, sheets)
        book.set_properties(
            {
                "title": TITLE,
                "author": "The iapt-ledger contributors",
                "comments": f"Edition of {day_in_words(edition)}.",
                "created": _day(edition),
            }
        )
        book.close()
        return repacked(path.read_bytes())


def _laid_out(sheet: Sheet) -> gptables.GPTable:
    symbols = "; ".join(f"{symbol} {SYMBOLS[symbol]}" for symbol in sheet.symbols)
    legend = [f"Symbols in place of values: {symbols}."] if symbols else []
    return gptables.GPTable(
        table=sheet.table,
        table_name=sheet.label.lower() + "_table",
        title=sheet.title,
        instructions=f"This worksheet contains one table. {sheet.says} Notes are on the sheet Notes.",
        legend=legend,
        table_notes={column: f"$${note}$$" for column, note in sheet.notes.items()},
        index_columns={},
    )


def _cover(edition: str) -> gptables.Cover:
    return gptables.Cover(
        title=TITLE,
        intro=[
            "The main results of the report iapt-ledger, the ledger of claims, and the publications behind them.",
            f"Edition of {day_in_words(edition)}. All numbers were computed from the figures of that edition.",
        ],
        about=[
            "Each sheet holds one table, which begins below its title and words. No cell is merged, hidden or empty.",
            "Symbols stand where there is no value: "
            + "; ".join(f"{symbol} {meaning}" for symbol, meaning in SYMBOLS.items())
            + ".",
            "Numbers are not rounded; a column of the results gives them as the report prints them.",
            "How each number was made, and the rows of data behind it, are in results.json beside this file.",
        ],
        contact=["The report's page says how to tell of a number that looks wrong."],
    )


def _notes(sheets: Sequence[Sheet]) -> pd.DataFrame:
    """The notes that the sheets name, each once."""
    names = dict.fromkeys(note for sheet in sheets for note in sheet.notes.values())
    return pd.DataFrame({"Note": list(names), "Note text": [NOTES[name] for name in names]})


def _set_widths(book: gptables.GPWorkbook, sheets: Sequence[Sheet]) -> None:
    widths = {"Contents": (22, 80), "Notes": (14, 100)} | {s.label: s.widths for s in sheets}
    for sheet in book.worksheets():
        for place, width in enumerate(widths.get(sheet.name, ())):
            sheet.set_column(place, place, width)


def _day(edition: str) -> datetime:
    """Midnight of the edition's day; a fixed day where its name is no date."""
    try:
        day = date.fromisoformat(edition)
    except ValueError:
        day = date(2000, 1, 1)
    return datetime(day.year, day.month, day.day)
