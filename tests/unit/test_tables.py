"""Markdown tables: text from data prints as itself and does nothing else."""

import json

import pandas as pd
import pypandoc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.tables import markdown_table

HOSTILE = [
    "<script>alert(1)</script>",
    "a | b",
    "`code`",
    "*x* _y_",
    "$z$",
    "@fig-x",
    "[l](http://a)",
    "{{< n x >}}",
    "a\nb",
]


def cells(markdown):
    """Texts of the body cells, as Pandoc reads them, with any markup they hold kept visible."""
    document = json.loads(pypandoc.convert_text(markdown, "json", format="markdown"))
    (table,) = [b for b in document["blocks"] if b["t"] == "Table"]
    rows = table["c"][4][0][3]
    return [[_text(cell[4]) for cell in row[1]] for row in rows]


def _text(blocks):
    inlines = blocks[0]["c"] if blocks else []
    kinds = {i["t"] for i in inlines}
    assert kinds <= {"Str", "Space", "SoftBreak"}, kinds
    return "".join(i["c"] if i["t"] == "Str" else " " for i in inlines)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_prints_as_text(text):
    assert cells(markdown_table(pd.DataFrame({"a": [text]}))) == [[" ".join(text.split())]]


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12))
def test_any_visible_text_prints_as_text(text):
    assert cells(markdown_table(pd.DataFrame({"a": [text]}))) == [[text]]


def test_a_gap_prints_as_a_dash():
    assert cells(markdown_table(pd.DataFrame({"a": [None, float("nan"), ""]}))) == [["–"]] * 3


def test_numbers_stand_to_the_right():
    document = json.loads(
        pypandoc.convert_text(
            markdown_table(pd.DataFrame({"a": [1], "b": [2]}), numeric=["b"]),
            "json",
            format="markdown",
        )
    )
    assert [spec[0]["t"] for spec in document["blocks"][0]["c"][2]] == [
        "AlignDefault",
        "AlignRight",
    ]
