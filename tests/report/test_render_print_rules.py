"""Rules of the printed page that hold wherever the text happens to break: each is tried at many places of a page."""

import re
import shutil

import printed
import pytest
from sample_report import copy_theme, pipe_table, prose, write_document

from render import render

pytestmark = pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="pdftotext (poppler-utils) is not here"
)

# Words before what is tried, so that it comes to stand from the middle of a page to its foot and past it.
FILLED = range(180, 520, 40)


def sheets(folder, body):
    copy_theme(folder)
    write_document(folder, body, references=False)
    (made,) = render(folder, ["typst"], "pandoc")
    return printed.sheets(made)


def filler(words):
    return "\n\n".join(prose(20, start) for start in range(0, words, 20))


def page_of(pages, text):
    """The page of a line, which may stand in the contents, too."""
    *_, number = [s.number for s in pages if any(text in line.text for line in s.body)]
    return number


def test_a_short_last_section_is_kept_in_one_piece(tmp_path):
    chapters = [
        f"# Chapter {n}\n\n{filler(n)}\n\n## Last of {n} {{#sec-last-{n}}}\n\n"
        + "\n".join(f"- {prose(14, i)}" for i in range(7))
        + f"\n- The end of {n}.\n"
        for n in FILLED
    ]
    pages = sheets(tmp_path, "\n".join(chapters))
    heads = {n: page_of(pages, f"Last of {n}") for n in FILLED}
    assert {n: page_of(pages, f"The end of {n}.") for n in FILLED} == heads
    begun = {n: page_of(pages, f"Chapter {n}") for n in FILLED}
    # The trial is one only if some of them had to move to the next page and others not.
    assert {heads[n] - begun[n] for n in FILLED} >= {0, 1}


def test_a_line_that_leads_into_a_list_stands_on_its_page(tmp_path):
    chapters = [
        f"# Chapter {n}\n\n{filler(n)}\n\nThese led {n}:\n\n- Opened {n}. {prose(9)}\n"
        + "\n".join(f"- {prose(20, i)}" for i in range(5))
        + f"\n\n## More of {n}\n\n"
        + filler(300)
        for n in FILLED
    ]
    pages = sheets(tmp_path, "\n".join(chapters))
    for n in FILLED:
        assert page_of(pages, f"These led {n}:") == page_of(pages, f"Opened {n}."), n


def test_a_long_table_begins_with_some_of_its_rows(tmp_path):
    chapters = [
        f"# Chapter {n}\n\n{filler(n)}\n\n::: {{.quarto-embed-nb-cell}}\n"
        f"{pipe_table(60, ['Name', f'Of {n}'])}\n:::\n"
        for n in FILLED
    ]
    pages = sheets(tmp_path, "\n".join(chapters))
    for n in FILLED:
        first = next(s for s in pages if any(f"Of {n}" in line.text for line in s.body))
        rows = {line.text for line in first.body if re.match(r"Row \d+", line.text)}
        assert len(rows) >= 3, n


def test_contents_of_more_than_a_page_are_all_there(tmp_path):
    sections = [f"# Chapter {n}\n\n" + f"## Part {n} of it\n\nText.\n\n" * 9 for n in range(30)]
    pages = sheets(tmp_path, "\n".join(sections))
    before = [s for s in pages if not any(line.text == "Text." for line in s.body)]
    listed = [line for s in before for line in s.body if re.match(r"\d+\.\d+ Part", line.text)]
    assert len(listed) == 270
    assert all(line.bottom < printed.FOOT for line in listed)
