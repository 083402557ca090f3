"""What a reader finds on a page, whichever renderer made it: texts, numbers, figures and tables, in order."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from lxml import html

BLOCKS = frozenset(
    (
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "dt", "dd", "th", "td", "figcaption"),
        *("caption", "pre", "blockquote", "summary", "div", "section", "figure"),
    )
)
NOT_READ = frozenset(("script", "style", "svg", "template", "nav"))
FIGURES = ".//div[starts-with(@id, 'fig-') and contains(@class, 'quarto-float')]"
MATHS = "math"  # each renderer has its own markup of an equation, and MathML no text to go by


class Content(NamedTuple):
    """What is on a page: each part a list in the page's order."""

    texts: list[str]
    numbers: list[tuple[str, str]]
    figures: list[tuple[str, str, list[str]]]
    tables: list[tuple[str, int, int]]

    def other_than(self, other: Content) -> list[str]:
        """A line for each run of things that the pages do not share in that order."""
        return [
            f"{part}: {one[a:b]} here, {two[c:d]} there"
            for part, one, two in zip(self._fields, self, other, strict=True)
            for kind, a, b, c, d in _steps(one, two)
            if kind != "equal"
        ]


def _steps(one: list, two: list) -> list[tuple[str, int, int, int, int]]:
    as_keys = [repr(x) for x in one], [repr(x) for x in two]  # a list within cannot be hashed
    return SequenceMatcher(None, *as_keys, autojunk=False).get_opcodes()


def content_of(page: str) -> Content:
    """The content of a page's main part.

    Raises:
        AssertionError: the page has none.
    """
    main = html.fromstring(page).find(".//main")
    assert main is not None, "the page has no <main>"
    for one in list(main.iter(*NOT_READ)):
        if one.tag != "svg":
            one.drop_tree()
    return Content(
        list(_texts(main)),
        [(one.get("data-result", ""), _plain(one)) for one in main.iterfind(".//*[@data-result]")],
        [_figure(one) for one in main.xpath(FIGURES)],
        [_table(one) for one in main.iter("table")],
    )


def _texts(main: html.HtmlElement) -> Iterator[str]:
    """The text of each block, without that of blocks and pictures within it."""
    for block in main.iter(*BLOCKS, "main"):
        said = " ".join("".join(_own(block)).split())
        if said:
            yield said


def _own(element: html.HtmlElement) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == MATHS:
            yield " (an equation) "
        elif isinstance(child.tag, str) and child.tag not in BLOCKS | NOT_READ:
            yield from _own(child)
        yield child.tail or ""


def _figure(figure: html.HtmlElement) -> tuple[str, str, list[str]]:
    """Its label, what it tells those who do not see it, and the words in the picture."""
    picture = figure.find(".//svg")
    if picture is None:
        picture = figure.find(".//img")
    assert picture is not None, f"no picture in {figure.get('id')}"
    told = picture.get("alt") or picture.get("aria-label") or picture.findtext("title") or ""
    words = [_plain(one) for one in picture.iter("text")]
    return figure.get("id", ""), str(told), words


def _table(table: html.HtmlElement) -> tuple[str, int, int]:
    """The first cell, the rows and the cells; what the cells say is among the texts."""
    cells = list(table.iter("th", "td"))
    return _plain(cells[0]) if cells else "", len(list(table.iter("tr"))), len(cells)


def _plain(element: html.HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())
