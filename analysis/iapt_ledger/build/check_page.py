"""Check the built page: nothing unresolved, nothing fetched, every number a result's."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from lxml import html

from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.files import write_text

UNRESOLVED = re.compile(r"\?var:[\w.]+|\?@[\w-]+|\{\{<.*?>\}\}|\?meta:[\w.]+|\[\?[\w.]+\]")
FETCHED = (
    ("img", "src"),
    ("script", "src"),
    ("link", "href"),
    ("source", "src"),
    ("iframe", "src"),
    ("object", "data"),
)


def page_faults(page: Path, results: Path) -> list[LedgerError]:
    """Every fault of a built page.

    Checked: unresolved variables, references and citations; addresses that would be fetched; links
    within the page, to files beside it and to places in the pages among them; alternative text;
    repeated ids; one first heading; numbers that differ from their result.
    """
    tree = _tree(page)
    checks = (_unresolved, _fetched, _links, _alternatives, _headings)
    faults = [fault for check in checks for fault in check(tree, page)]
    return faults + list(_numbers(tree, page, results))


def _tree(page: Path) -> html.HtmlElement:
    return html.parse(str(page), parser=html.HTMLParser(encoding="utf8")).getroot()


def _unresolved(tree: html.HtmlElement, page: Path) -> Iterator[LedgerError]:
    text = " ".join(
        t for t in tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]")
    )
    for found in sorted(set(UNRESOLVED.findall(text))):
        yield LedgerError("Something did not resolve", where=page.name, found=found)


def _fetched(tree: html.HtmlElement, page: Path) -> Iterator[LedgerError]:
    for tag, attribute in FETCHED:
        for element in tree.iter(tag):
            address = element.get(attribute, "")
            if address and not address.startswith("data:"):
                yield LedgerError(
                    "The page is not self-contained",
                    where=page.name,
                    expected="a data: address",
                    found=address[:120],
                )


def _links(tree: html.HtmlElement, page: Path) -> Iterator[LedgerError]:
    ids = tree.xpath("//@id")
    for repeated in sorted({one for one in ids if ids.count(one) > 1}):
        yield LedgerError("An id stands twice", where=page.name, found=repeated)
    # Each page beside is read once, whole pages of numbers being thousands of links' target.
    known = {page.resolve(): set(ids)}
    for address in sorted(set(tree.xpath("//a/@href"))):
        if re.match(r"[a-z]+:", address):
            continue
        name, mark, anchor = address.partition("#")
        target = (page.parent / unquote(name)).resolve() if name else page.resolve()
        if not target.exists():
            yield LedgerError("A link leads to no file", where=page.name, found=address)
        elif mark and target.suffix == ".html":
            if target not in known:
                known[target] = set(_tree(target).xpath("//@id"))
            if unquote(anchor) not in known[target]:
                yield LedgerError("A link leads nowhere", where=page.name, found=address)


def _alternatives(tree: html.HtmlElement, page: Path) -> Iterator[LedgerError]:
    pictures = (*tree.iter("img"), *tree.xpath("//*[@role='img']"))
    for image in pictures:
        if not (image.get("alt") or image.get("aria-label") or "").strip():
            near = image.xpath("ancestor::*[@id][1]/@id")
            yield LedgerError(
                "A picture has no alternative text",
                where=f"{page.name}, {near[0] if near else '?'}",
            )


def _headings(tree: html.HtmlElement, page: Path) -> Iterator[LedgerError]:
    levels = [
        int(h.tag[1]) for h in tree.xpath("//main//*[self::h1 or self::h2 or self::h3 or self::h4]")
    ]
    for before, after in pairwise(levels):
        if after > before + 1:
            yield LedgerError(
                "A heading skips a level",
                where=page.name,
                expected=f"h{before + 1}",
                found=f"h{after}",
            )


def _numbers(tree: html.HtmlElement, page: Path, results: Path) -> Iterator[LedgerError]:
    records = {r["id"]: r for r in json.loads(results.read_text(encoding="utf8"))["results"]}
    for span in tree.xpath("//*[@data-result]"):
        record = records.get(span.get("data-result"))
        shown = span.text_content().strip()
        if record is None:
            yield LedgerError(
                "A number has no result", where=page.name, found=span.get("data-result")
            )
        elif shown not in (record["text"], record["range_text"]):
            yield LedgerError(
                "A number differs from its result",
                where=f"{page.name}, {record['id']}",
                expected=record["text"],
                found=shown,
            )


def main(arguments: list[str] | None = None) -> int:
    """Command line: python -m iapt_ledger.build.check_page PAGE RESULTS --out REPORT_OF_CHECKS."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    faults = page_faults(chosen.page, chosen.results)
    if faults:
        print(Faults("The page is not fit to publish", faults), file=sys.stderr)
        return 1
    write_text(chosen.out, json.dumps({"page": chosen.page.name, "faults": []}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
