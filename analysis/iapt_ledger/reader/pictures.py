"""Charts in the page itself, in the theme's colours, each with its tools and the data behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html

from iapt_ledger.errors import LedgerError
from iapt_ledger.figures.palette import COLOURS
from iapt_ledger.reader.page import Page
from iapt_ledger.reader.svg import Styles, themed

HELD = re.compile(r"data:,(\d+)")
SIZE = re.compile(rb'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"')
COLUMN = 46  # rem: the width of charts in site.css
DOWNLOAD = re.compile(r"downloads/((?:fig|tbl)-[\w-]+)\.(csv|svg)")


def put_pictures(page: Page) -> None:
    """Every chart in place of its `img`, and one style sheet of what they are drawn with.

    Raises:
        LedgerError: a chart has no alternative text, or holds what the page cannot show.
    """
    styles = Styles()
    for number, image in enumerate(list(page.tree.iter("img"))):
        held = HELD.fullmatch(image.get("src", ""))
        if not held:
            continue
        where = name_of(image) or f"picture {number + 1}"
        label = (image.get("alt") or "").strip()
        if not label:
            raise LedgerError(
                "A picture has no alternative text",
                where=where,
                fix="say in its cell's `#| fig-alt:` what it shows",
            )
        chart = page.slot(themed(page.svg[int(held[1])], f"p{number}", styles, where, label))
        chart.tail = image.tail
        _foretell(image.getparent(), page.svg[int(held[1])])
        image.getparent().replace(image, chart)
    if styles.names:
        sheet = html.Element("style")
        sheet.text = f"\n{styles.sheet()}\n"
        sheet.tail = "\n"
        page.head.append(sheet)
        # For pictures of a chart, which are made on white whatever the theme.
        page.body.append(page.data("chart-colours", {f"--c-{k}": v for k, v in COLOURS.items()}))


def _foretell(box: html.HtmlElement, svg: bytes) -> None:
    """Say how high a chart's box will be, in rem in a wide window: it is drawn only when it comes near."""
    size = SIZE.search(svg)
    if size and "picture-scroll" in (box.get("class") or ""):
        box.set("style", f"--height: {COLUMN * float(size[2]) / float(size[1]):.1f}")


def mark_tools(page: Page) -> None:
    """Mark each line of downloads with what it belongs to and its citation: scripts add a chart's tools there."""
    title = " ".join((page.tree.findtext(".//title") or "").split())
    for line, label in download_lines(page):
        line.set("class", "tools")
        line.set("data-of", label)
        line.set("data-cite", f"{_cited(page, label)} In: {title}. Edition {page.edition}.")
        for link in line.iter("a"):
            link.set("download", "")


def download_lines(page: Page) -> Iterator[tuple[html.HtmlElement, str]]:
    """The paragraphs that offer the data of a chart or table, and its label."""
    for line in page.tree.xpath("//*[contains(@class, 'fig-source')]//p[a]"):
        found = DOWNLOAD.fullmatch(line.find("a").get("href", ""))
        if found:
            yield line, found[1]


def label_of(page: Page, label: str) -> str:
    """What the page calls a chart or table, such as "Figure 6"."""
    return _caption(page, label)[0] or label


def _cited(page: Page, label: str) -> str:
    number, words = _caption(page, label)
    first = re.split(r"(?<=[.?!]) (?=[A-Z])", words)[0].rstrip(".")
    return f"{number or label}: {first}."


def _caption(page: Page, label: str) -> tuple[str, str]:
    """A chart's number and the words of its caption; empty where it has none."""
    for caption in page.tree.xpath("//*[@id=$label]//figcaption", label=label):
        text = " ".join(caption.text_content().split()).replace("\u00a0", " ")
        number, colon, words = text.partition(":")
        return (number, words.strip()) if colon else ("", text)
    return "", ""


def name_of(element: html.HtmlElement) -> str:
    """The label of the chart that an element lies in, or nothing."""
    names = element.xpath("ancestor::*[starts-with(@id, 'fig-')]/@id")
    return str(names[-1]) if names else ""
