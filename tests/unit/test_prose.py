"""Typed digits are found, and only those."""

import json

import pytest

from iapt_ledger.build.prose import allowed_names, main, prose_faults, typed_digits

NAMES = ["PHQ-9", "BNF 4.3", "v2.0"]


@pytest.mark.parametrize(
    "text",
    [
        "It rose to 50.5% that year.",
        "It cost £877 a course.",
        "About 900,000 people.",
        "Roughly 1,900 people.",
        "Some 2014% of it.",
        "One of 5 services.",
        "PHQ-99 is no scale.",
        "| a | 17 |",
        "In 2050 items.",
    ],
)
def test_a_typed_figure_is_found(text):
    assert list(typed_digits(text, NAMES))


@pytest.mark.parametrize(
    "text",
    [
        "It rose to {{< n delivered.recovery.y2024_25 >}}.",
        "From 2008 to 2014-15, and in the 1990s.",
        "Between 2013–14 and 2024-25, on 31 March 2015.",
        "The PHQ-9 score; BNF 4.3 items; data set v2.0.",
        "As argued [@timimi2015, p. 58] and in @fig-recovery2.",
        "`code 42` and [text](https://a.b/c1)",
        "# Heading {#sec-a1}",
        "1. first\n2. second",
        "A note.[^1]",
        "```\nx = 1\n```",
        "---\ntitle: A 1\n---\nText.",
    ],
)
def test_what_no_reader_takes_for_a_figure_is_left(text):
    assert list(typed_digits(text, NAMES)) == []


def test_the_line_is_named():
    assert list(typed_digits("one\ntwo\nthree 33 items", [])) == [(3, "33")]


def test_the_sources_of_this_report_hold_no_typed_figure():
    assert [str(fault) for fault in prose_faults()] == []


def test_the_reviewed_names_are_names():
    assert all(any(c.isalpha() for c in name) for name in allowed_names())


def test_a_caption_with_a_figure_is_found(tmp_path):
    report, notebooks = tmp_path / "report", tmp_path / "notebooks"
    (report / "chapters").mkdir(parents=True)
    notebooks.mkdir()
    (report / "index.qmd").write_text("Text.")
    (report / "names_with_digits.txt").write_text("")
    source = '"#| label: fig-a\\n#| fig-cap: Rose by 7%.\\nx = 1"'
    (notebooks / "01_a.ipynb").write_text(
        f'{{"cells": [{{"cell_type": "code", "source": {source}}}]}}'
    )
    (fault,) = prose_faults(report, notebooks)
    assert "fig-a" in str(fault)
    assert "7%" in str(fault)


@pytest.mark.parametrize(("text", "status"), [("Text.", 0), ("Some 17 items.", 1)])
def test_the_command_leaves_its_report_only_where_nothing_is_typed(tmp_path, capsys, text, status):
    (tmp_path / "index.qmd").write_text(text)
    (tmp_path / "names_with_digits.txt").write_text("")
    out = tmp_path / "prose_checked.json"
    arguments = ["--report", str(tmp_path), "--notebooks", str(tmp_path), "--out", str(out)]
    assert main(arguments) == status
    assert out.exists() is (status == 0)
    if status:
        assert "index.qmd, line 1; found 17" in capsys.readouterr().err
    else:
        assert json.loads(out.read_text()) == {"faults": []}
