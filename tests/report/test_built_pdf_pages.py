"""The look of the printed report, as properties of every page: nothing cut, crossed, lone or lost.

Boxes of words come from pdftotext, those of pictures from the tags of the PDF.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter

import pikepdf
import printed
import pytest

from iapt_ledger import paths

PDF = paths.OUTPUT / "iapt-ledger.pdf"

pytestmark = [
    pytest.mark.built,
    pytest.mark.skipif(
        not PDF.exists(), reason="the report is not built: run `envs/run snakemake` first"
    ),
    pytest.mark.skipif(
        not shutil.which("pdftotext"), reason="pdftotext (poppler-utils) is not here"
    ),
]

# Points from the sheet's edge that stay white: figures and tables are 22 mm from it.
MARGIN = 60
# A page holds at least so much, in points from its first line to its last.
LEAST_FILLED = 85


@pytest.fixture(scope="module")
def sheets():
    return printed.sheets(PDF)


@pytest.fixture(scope="module")
def bookmarks():
    return printed.bookmarks(PDF)


@pytest.fixture(scope="module")
def pictures(sheets):
    with pikepdf.open(PDF) as pdf:
        tree = printed.Tree(pdf)
        placed = [tree.picture(figure, sheets[0].height) for figure in tree.of("Figure")]
    return {s.number: [box for number, box in placed if number == s.number] for s in sheets}


def chapters(bookmarks):
    return [mark for mark in bookmarks if mark.level == 1]


def test_the_measure_of_crossing_words_finds_them_and_lets_lines_be():
    def word(left, top, text):
        return printed.Box(left, top, left + 40, top + 12, text)

    page = [word(100, 100, "one"), word(144, 100, "two"), word(100, 108, "below")]
    assert list(printed.crossing(page)) == []
    assert list(printed.crossing([*page, word(120, 103, "on it")])) == [
        ("one", "on it"),
        ("two", "on it"),
        ("on it", "below"),
    ]


def test_no_word_lies_in_the_margin_or_on_another(sheets):
    faults = []
    for sheet in sheets:
        faults += [
            (sheet.number, word.text)
            for word in sheet.words
            if word.left < MARGIN or word.right > sheet.width - MARGIN
        ]
        faults += [
            (sheet.number, word.text)
            for word in sheet.words
            if word.top < 20 or word.bottom > sheet.height - 20
        ]
        faults += [(sheet.number, *pair) for pair in printed.crossing(sheet.words)]
    assert sum(len(sheet.words) for sheet in sheets) > 10_000
    assert faults == []


def test_pictures_lie_on_the_sheet_and_nothing_crosses_their_edge(sheets, pictures):
    assert sum(map(len, pictures.values())) > 30
    for sheet in sheets:
        for i, picture in enumerate(pictures[sheet.number]):
            where = (sheet.number, picture.text[:60])
            assert picture.left >= MARGIN and picture.right <= sheet.width - MARGIN, where
            assert picture.top >= printed.HEAD and picture.bottom <= printed.FOOT, where
            for other in [*sheet.words, *pictures[sheet.number][i + 1 :]]:
                wide, high = picture.shared(other)
                inside = (
                    other.left >= picture.left - 1
                    and other.right <= picture.right + 1
                    and other.top >= picture.top - 1
                    and other.bottom <= picture.bottom + 1
                )
                assert inside or wide <= 1 or high <= 4, (where, other.text)


def test_no_page_is_nearly_empty(sheets, pictures):
    for sheet in sheets[1:]:
        boxes = [*sheet.body, *pictures[sheet.number]]
        assert boxes, f"page {sheet.number} is empty"
        filled = max(box.bottom for box in boxes) - min(box.top for box in boxes)
        assert filled >= LEAST_FILLED, f"page {sheet.number}: {filled:.0f} pt"


def test_no_heading_is_left_at_the_foot_of_its_page(sheets, bookmarks, pictures):
    for mark in bookmarks:
        below = [line for line in sheets[mark.sheet - 1].body if line.top > mark.top + 8]
        drawn = [box for box in pictures[mark.sheet] if box.top > mark.top]
        assert drawn or len(below) >= 2, f"page {mark.sheet}: {mark.title}"


def test_every_chapter_begins_a_page(sheets, bookmarks, pictures):
    for mark in chapters(bookmarks):
        title = re.sub(r"^\d+ ", "", mark.title)
        words = " ".join(line.text for line in sheets[mark.sheet - 1].body[:3])
        assert title[:30] in words, (mark.sheet, title)
        assert all(box.top > mark.top for box in pictures[mark.sheet]), title


def test_running_heads_name_the_chapter_and_feet_the_page(sheets, bookmarks):
    begun = {mark.sheet: mark for mark in chapters(bookmarks)}
    current = None
    for sheet in sheets:
        current = begun.get(sheet.number, current)
        head = " ".join(line.text for line in sheet.lines if line.bottom < printed.HEAD)
        expected = "" if current is None or sheet.number in begun else current.title
        assert head == expected, f"page {sheet.number}"
        foot = [line.text for line in sheet.lines if line.top > printed.FOOT]
        assert foot == ([] if sheet.number == 1 else [str(sheet.number)])


def test_the_contents_give_each_chapter_and_section_its_page(sheets, bookmarks):
    marks = [mark for mark in bookmarks if mark.level == 1 or re.match(r"\d+\.\d+ ", mark.title)]
    before = sheets[: marks[0].sheet - 1]
    contents = " ".join(word.text for sheet in before for word in sheet.words)
    assert [m.title for m in marks if m.title.split()[-1] not in contents] == []
    numbers = [
        (sheet.number, round(word.right), word.top, int(word.text.strip("\u2060")))
        for sheet in before
        for word in sheet.words
        if word.text.strip("\u2060").isdigit() and word.bottom < printed.FOOT
    ]
    edges = Counter((sheet, right) for sheet, right, _, _ in numbers).most_common(2)
    columns = {edge for edge, _ in edges}
    pages = [page for sheet, right, _, page in sorted(numbers) if (sheet, right) in columns]
    assert pages == [mark.sheet for mark in marks]


CAPTION = re.compile(r"^(Figure|Table) (\d+): ")


def test_links_arrive_on_the_page_of_what_they_name(sheets):
    with pikepdf.open(PDF) as pdf:
        tree = printed.Tree(pdf)
        led = [(str(a.get("/Contents", "")), tree.goal(a)) for _, a in tree.links()]
    named = [
        (found[1], found[2], page)
        for said, page in led
        if (found := re.fullmatch(r"(Figure|Table|Section)\s([\d.]+)", said))
    ]
    assert len(named) > 200
    for what, number, page in set(named):
        opening = number + " " if what == "Section" else f"{what} {number}:"
        lines = [line.text for line in sheets[page - 1].lines]
        chapter = what == "Section" and "." not in number and number in lines
        assert chapter or any(text.startswith(opening) for text in lines), (what, number, page)
    pages = [(said, page) for said, page in led if re.fullmatch(r"page \d+", said)]
    assert [said for said, page in pages if said != f"page {page}"] == []


def captions(sheets, what):
    return {
        int(found[2]): (sheet, line)
        for sheet in sheets
        for line in sheet.body
        if (found := CAPTION.match(line.text)) and found[1] == what
    }


def test_a_figure_stands_above_its_caption_and_that_above_its_source(sheets, pictures):
    found = captions(sheets, "Figure")
    assert sorted(found) == list(range(1, len(found) + 1))
    assert len(found) == sum(map(len, pictures.values()))
    for number, (sheet, caption) in found.items():
        above = [p for p in pictures[sheet.number] if p.bottom <= caption.top + 2]
        assert above and caption.top - max(p.bottom for p in above) < 20, f"Figure {number}"
        below = [line for line in sheet.body if line.top > caption.top]
        assert any(line.text.startswith("Source") for line in below), f"Figure {number}"


def test_a_table_begins_below_its_caption(sheets):
    found = captions(sheets, "Table")
    assert sorted(found) == list(range(1, len(found) + 1))
    for number, (sheet, caption) in found.items():
        below = [line for line in sheet.body if line.top > caption.bottom]
        assert len(below) >= 3, f"Table {number} begins on another page than its caption"


def test_no_source_line_opens_a_page(sheets):
    lone = [s.number for s in sheets if s.body and re.match("Sources?: ", s.body[0].text)]
    assert lone == []


HEADING_OR_LABEL = re.compile(
    r"^#{1,3} +(.*?) *(?:\{.*)?$|(?:notebook\.ipynb|\{)#((?:fig|tbl)-[\w-]+)", re.MULTILINE
)


WEB_ONLY = re.compile(r"^::: \{.content-visible when-format=\"html\"\}\n.*?^:::$", re.M | re.S)


def whole(name):
    """A file of the report with the files it includes, less what only the web page has."""
    text = WEB_ONLY.sub("", (paths.REPORT / name).read_text(encoding="utf8"))
    return re.sub(r"\{\{< include (\S+) >\}\}", lambda found: whole(found[1]), text)


def sections_and_floats():
    """For each chapter its headings and the labels of its figures and tables, in their order."""
    for chapter in re.split(r"(?m)^(?=# )", whole("index.qmd"))[1:]:
        yield HEADING_OR_LABEL.findall(chapter)


def test_figures_and_tables_stand_in_their_section_or_on_the_page_beside_it(
    sheets, bookmarks, pictures
):
    """A page that a picture fills parts nobody from what follows it."""
    heights = {n: sum(p.bottom - p.top for p in found) for n, found in pictures.items()}
    filled = {n for n, height in heights.items() if height > 0.6 * sheets[0].height}
    found = {what: captions(sheets, what) for what in ("Figure", "Table")}
    count = {"fig": 0, "tbl": 0}
    begins = [n for n, mark in enumerate(bookmarks) if mark.level == 1]
    for begin, items in zip(begins, sections_and_floats(), strict=True):
        at = begin
        for title, label in items:
            if title:
                rest = range(at, len(bookmarks))
                at = next((n for n in rest if bookmarks[n].title.endswith(title)), at)
                continue
            count[label[:3]] += 1
            what = {"fig": "Figure", "tbl": "Table"}[label[:3]]
            page = found[what][count[label[:3]]][0].number
            after = bookmarks[at + 1].sheet if at + 1 < len(bookmarks) else len(sheets)
            beside = after + 1 + len(filled & set(range(after + 1, page)))
            assert bookmarks[at].sheet - 1 <= page <= beside, f"{label} on page {page}"
    assert count == {"fig": len(found["Figure"]), "tbl": len(found["Table"])}
