"""At the end of each chapter, the ways to what it was worked out with: its notebook as it ran, and its data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from lxml import html

from iapt_ledger.build.heads import Head, head_of
from iapt_ledger.build.offered.names import anchor_of, offered_by
from iapt_ledger.others import topics
from iapt_ledger.reader.page import Page


def with_ways(page: Page) -> None:
    """Put the links at the end of every chapter that stands in the page."""
    every = topics()
    offering = {t for t in every if (f := page.generated / t).is_dir() and offered_by(f)}
    put_ways(page, {topic: head_of(topic) for topic in every}, offering)


def put_ways(page: Page, heads: Mapping[str, Head], offering: Collection[str]) -> None:
    """Put the links at the end of these chapters; a chapter that the page does not hold is passed over.

    Args:
        page: the page.
        heads: title and address of each chapter, by name.
        offering: the chapters that offer files for download.
    """
    for topic, head in heads.items():
        found: Sequence[html.HtmlElement] = page.tree.xpath("//main//h2[@id=$id]", id=head.anchor)
        if not found:
            found = page.tree.xpath("//main//section[@id=$id]/h2", id=head.anchor)
        for heading in found[:1]:
            _put_last(heading, _ways(topic, head, data=topic in offering))


def _put_last(heading: html.HtmlElement, element: html.HtmlElement) -> None:
    """Put an element at the end of a heading's chapter: of its section, or before the next heading of its level."""
    parent = heading.getparent()
    if parent.tag == "section":
        parent.append(element)
        return
    last = heading
    for sibling in heading.itersiblings(tag=None):
        if sibling.tag == "h2" or (sibling.tag == "section" and sibling.find(".//h2") is not None):
            break
        last = sibling
    last.addnext(element)


def _ways(topic: str, head: Head, *, data: bool) -> html.HtmlElement:
    paragraph = html.Element("p", {"class": "ways"})
    paragraph.text = "How this chapter was worked out: "
    last = _link(paragraph, f"notebooks/{topic}.html", "its notebook", head)
    if data:
        last.tail = " and "
        last = _link(paragraph, f"downloads/index.html#{anchor_of(topic)}", "its data", head)
    last.tail = "."
    paragraph.tail = "\n"
    return paragraph


def _link(paragraph: html.HtmlElement, address: str, words: str, head: Head) -> html.HtmlElement:
    """A link whose name says the chapter too, for those who hear links without their sentence."""
    link = html.Element("a", {"href": address, "aria-label": f"{words}: {head.title}"})
    link.text = words
    paragraph.append(link)
    return link
