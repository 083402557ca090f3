"""The appendix of the PDF that says where each number comes from: order, pages, columns, and text that stays text."""

import re
import shutil

import pdfua
import pikepdf
import printed
import pypdf
import pytest
from sample_report import copy_theme, prose, write_document

from render import render

BODY = """
# First {#sec-first}

It costs {{< n sample.cost >}}.

# Second {#sec-second}

The rate is {{< n sample.rate >}}, between {{< n sample.rate range >}}, and {{< n sample.rate >}} again.
It costs {{< n sample.cost >}}.

# Notes {#sec-notes}
"""


def note(result, text):
    return f'::: {{.note-entry result="{result}"}}\n{text}\n:::\n'


def appendix(*notes):
    return "\n::: {.notes-appendix}\n\n" + "\n".join(notes) + "\n:::\n"


def rendered(folder, body):
    copy_theme(folder)
    write_document(folder, body, references=False)
    (made,) = render(folder, ["typst"], "pandoc")
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    notes = [
        note("sample.none", "**7**. In a table alone."),
        "## The sample {.unnumbered .unlisted}\n",
        note(
            "sample.rate", "**50.5%** (50.4% to 50.6%). Divided.\n\n*From* a publication: rows_2 4."
        ),
        note("sample.cost", "**£877**. Added."),
    ]
    return rendered(tmp_path_factory.mktemp("notes"), BODY + appendix(*notes))


def test_notes_stand_in_the_order_of_the_text_with_the_pages_of_their_number(made):
    page = " ".join(pypdf.PdfReader(made).pages[3].extract_text().split())
    told = page.replace("\u2060", "")
    assert re.search(
        r"First 2, 3 £877\. Added\. Second 3 50\.5% \(50\.4% to 50\.6%\)\. Divided\. "
        r"From a publication: rows_2 4\. 7\. In a table alone\.",
        told,
    ), told


def test_pages_are_links_that_arrive_there(made):
    with pikepdf.open(made) as pdf:
        tree = printed.Tree(pdf)
        led = [(str(a.Contents), tree.goal(a)) for n, a in tree.links() if n == 4]
    assert led == [("page 2", 2), ("page 3", 3), ("page 3", 3)]


def test_chapters_of_the_appendix_are_headings_and_the_file_is_still_accessible(made):
    titles = [(mark.level, mark.title) for mark in printed.bookmarks(made)]
    assert titles[-3:] == [(1, "3 Notes"), (2, "First"), (2, "Second")]
    assert pdfua.validate(str(made)).findings == ()


def test_a_hostile_id_names_nothing(tmp_path):
    bad = note('x\\") #panic(\\"', "**1**. Text #panic() stays.")
    made = rendered(tmp_path, BODY + appendix(bad))
    assert "Text #panic() stays." in pypdf.PdfReader(made).pages[3].extract_text()


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext (poppler-utils) is not here")
def test_many_notes_fill_two_columns_of_small_type(tmp_path):
    notes = [note(f"sample.n{i}", f"**{i}**. {prose(30, i)}") for i in range(300)]
    sheets = printed.sheets(rendered(tmp_path, BODY + appendix(*notes)))[3:]
    assert 3 <= len(sheets) <= 8
    middle = sheets[0].width / 2
    for sheet in sheets[:-1]:
        assert list(printed.crossing(sheet.words)) == []
        body = [word for word in sheet.words if printed.HEAD < word.top < printed.FOOT - 10]
        left = [word for word in body if word.right < middle]
        right = [word for word in body if word.left > middle]
        assert left and right
        assert sum(len(side) for side in (left, right)) == len(body), "a word stands in the gutter"
    small = [word for word in sheets[1].words if word.top < printed.FOOT - 10][20:]
    # The box of a word of 7.5 points holds its longest letters.
    assert {round((word.bottom - word.top) / 7.5, 1) for word in small} == {1.3}
