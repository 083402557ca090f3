"""The spreadsheet holds to the guidance on accessible spreadsheets, whatever text stands in the data."""

import io
import re
import warnings
import zipfile

import pandas as pd
import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from iapt_ledger.build.offered.sheets import (
    SYMBOLS,
    Sheet,
    clean,
    cleaned,
    ledger_sheet,
    results_sheet,
    years_sheet,
)
from iapt_ledger.build.offered.workbook import workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOSTILE = [
    '=HYPERLINK("http://e.example","x")',
    "=1+1",
    "+1 more",
    "-x",
    "@SUM(A1)",
    "[a](http://e.example) and [b](http://e.example)",
    "$$not a note$$",
    "http://e.example/",
    "{=1+1}",
    "internal:Cover!A1",
    "—",
    " ",
    "a\x00b\x1fc",
]


def record(number, **more):
    base = {
        "id": f"x.r{number}",
        "value": -1.5,
        "low": None,
        "high": None,
        "unit": "percent",
        "interval": "",
        "price_base": "",
        "made": "Made.",
        "text": "−1.5%",
        "status": "computed",
    }
    return base | more


@pytest.fixture(scope="module")
def sheets():
    records = [record(n, made=text, unit=text) for n, text in enumerate(HOSTILE)]
    records.append(record(99, value=2, low=1.25, high=3, interval="95% interval"))
    names = [
        "claim",
        "document",
        "place",
        "title",
        "kind",
        "topic",
        "verdict",
        "grade",
        "reason",
        "lacking",
        "held_by",
    ]
    ledger = pd.DataFrame([dict.fromkeys(names, text) for text in HOSTILE])
    ledger["document"] = "timimi2015"
    return [ledger_sheet(ledger), results_sheet(records)]


@pytest.fixture(scope="module")
def book(sheets):
    with warnings.catch_warnings():
        # gptables warns of empty cells, and of notes that nothing names.
        warnings.simplefilter("error", UserWarning)
        return workbook(sheets, "2026-11-22")


@pytest.fixture(scope="module")
def parts(book):
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def worksheets(parts):
    names = sorted(name for name in parts if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
    return {name: etree.fromstring(parts[name]) for name in names}


def rows(book, sheet):
    return CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name(sheet).to_python()


def test_cover_contents_and_notes_come_first(book):
    names = CalamineWorkbook.from_filelike(io.BytesIO(book)).sheet_names
    assert names == ["Cover", "Contents", "Notes", "Ledger", "Results"]
    assert [row[0] for row in rows(book, "Contents")[3:]] == ["Ledger", "Results"]


def test_nothing_in_it_is_a_formula_a_link_out_or_a_merged_cell(parts):
    for name, sheet in worksheets(parts).items():
        assert not sheet.findall(f".//{MAIN}f"), name
        assert not sheet.findall(f".//{MAIN}mergeCell"), name
    relations = b"".join(v for k, v in parts.items() if k.startswith("xl/worksheets/_rels"))
    assert b"External" not in relations
    assert not [name for name in parts if "externalLink" in name or "vba" in name]


def test_every_sheet_but_the_cover_is_one_marked_table_without_empty_cells(parts):
    sheets = worksheets(parts)
    assert len([n for n in parts if re.fullmatch(r"xl/tables/table\d+\.xml", n)]) == len(sheets) - 1
    for name, sheet in list(sheets.items())[1:]:
        assert len(sheet.findall(f".//{MAIN}tablePart")) == 1, name
    for name in (n for n in parts if n.startswith("xl/tables/table")):
        table = etree.fromstring(parts[name])
        heads = [column.get("name") for column in table.iter(f"{MAIN}tableColumn")]
        assert len(set(heads)) == len(heads)
        assert all(heads)


def test_no_cell_of_a_table_is_empty_and_titles_stand_in_the_first_cell(book):
    for sheet, first in (("Ledger", "Claim"), ("Results", "Result")):
        read = rows(book, sheet)
        assert str(read[0][0]).startswith(sheet)
        start = next(n for n, row in enumerate(read) if row[0] == first)
        for row in read[start:]:
            assert all(cell != "" for cell in row), row


def test_numbers_are_numbers_and_what_is_missing_has_a_symbol_that_is_explained(book):
    read = rows(book, "Results")
    last = read[-1]
    assert last[2:6] == [2.0, "percent", 1.25, 3.0]
    assert read[-2][2] == -1.5
    assert read[-2][4:8] == ["[z]"] * 4
    told = [row[0] for row in read[:3] if "[z]" in str(row[0])]
    assert told == [f"Symbols in place of values: [x] {SYMBOLS['[x]']}; [z] {SYMBOLS['[z]']}."]


def test_notes_are_marked_where_they_belong_and_told_on_their_sheet(book):
    heads = next(row for row in rows(book, "Results") if row[0] == "Result")
    assert heads[4] == "Lower end\n[note 3]"
    notes = rows(book, "Notes")
    assert [row[0] for row in notes[3:]] == [1.0, 2.0, 3.0, 4.0]
    assert all(len(row[1]) > 40 for row in notes[3:])


def test_hostile_text_stands_as_text(book):
    found = [row[1] for row in rows(book, "Results")[4:-1]]
    assert found[:2] == ['=HYPERLINK("http://e.example","x")', "=1+1"]
    assert found[5].startswith("[a] (http://e.example)")
    assert "$ $not a note$ $" in found
    assert found[-2:] == ["[x]", "a b c"]


def test_the_same_sheets_give_the_same_bytes(book, sheets):
    assert workbook(sheets, "2026-11-22") == book
    assert b"2026-11-22T00:00:00Z" in zipfile.ZipFile(io.BytesIO(book)).read("docProps/core.xml")


def test_a_symbol_says_why_a_figure_of_a_year_is_missing():
    status = ["published", "suppressed", "not_applicable", "not_found"]
    annual = pd.DataFrame(
        {
            "obs_id": [f"t:{n}" for n in range(4)],
            "period_start": pd.Timestamp("2024-04-01"),
            "period_end": pd.Timestamp("2025-03-31"),
            "geography": "England",
            "series": "annual report",
            "measure": "m",
            "value": [5.0, None, None, None],
            "unit": "people",
            "status": status,
            "source_id": "",
        }
    )
    table = years_sheet(annual).table
    assert list(table["Value"]) == [5.0, "[c]", "[z]", "[x]"]
    assert list(table["Publication"]) == ["[x]"] * 4


def test_text_too_long_for_a_cell_is_cut_and_not_lost():
    assert len(clean("a" * 50_000)) == 32_000
    table = cleaned(pd.DataFrame({"a": [1.5, "=x"]}))
    assert Sheet("A", "t", "s", table, ()).symbols == []
    assert list(table["a"]) == [1.5, "=x"]
