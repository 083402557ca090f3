"""The ledger as a tool: a form that keeps the claims asked for, and an address for each claim's evidence.

Without JavaScript the tables and sections stand whole, and the form is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import html

from iapt_ledger.build.offered.names import LEDGER
from iapt_ledger.ledger.deciding import printed
from iapt_ledger.ledger.grades import GRADES
from iapt_ledger.ledger.printed import COLUMNS
from iapt_ledger.quoted import DOCUMENTS
from iapt_ledger.reader.explorers import read_rows
from iapt_ledger.reader.page import Page

TABLES = ("tbl-ledger-editorial", "tbl-ledger-post")
FORM = "ledger-filter"
EVIDENCE = "-evidence"
"""After a claim's id: the id of the evidence behind its verdict."""
UNGRADED = "no grade"
ORDER: Mapping[str, tuple[str, ...]] = {
    "document": tuple(DOCUMENTS),
    "verdict": tuple(map(printed, COLUMNS)),
    "grade": (*reversed(GRADES), ""),
    "topic": (),
}
"""What a reader chooses by, with its values in the report's order."""


def put_filter(page: Page) -> None:
    """Mark the rows and sections of the claims, and put the place of the form before the first table.

    Raises:
        LedgerError: the ledger's rows are missing.
    """
    tables = page.tree.xpath(" | ".join(f"//*[@id='{name}']" for name in TABLES))
    if not tables:
        return
    claims = {row["claim"]: row for row in read_rows(page.generated / LEDGER)}
    for row in page.tree.xpath("//table//tr[td[1]/a[starts-with(@href, '#')]]"):
        claim = row.xpath("td[1]/a/@href")[0][1:]
        if claim in claims and any(table in tables for table in row.iterancestors()):
            row.set("data-claim", claim)
    for section in page.tree.xpath("//div[@class='claims']"):
        _part(section, claims)
    _before_heading(tables[0], html.Element("section", {"id": FORM, "class": "explorer"}))
    kept = {claim: {name: row[name] for name in ORDER} for claim, row in claims.items()}
    data = {"claims": kept, "fields": fields(kept.values())}
    page.body.append(page.data(f"{FORM}-data", data))


def fields(claims: Iterable[Mapping[str, str]]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The fields of the form: name, words, and each value that a claim has with its words.

    A value that the report's order does not know comes last, so that none is lost.
    """
    rows = list(claims)
    return [
        (name, _capital(name), [(value, _words(value)) for value in _ordered(rows, name, order)])
        for name, order in ORDER.items()
    ]


def _ordered(rows: Iterable[Mapping[str, str]], name: str, order: tuple[str, ...]) -> list[str]:
    found = {row[name] for row in rows}
    return [*(value for value in order if value in found), *sorted(found.difference(order))]


def _words(value: str) -> str:
    return _capital(DOCUMENTS.get(value, value) or UNGRADED)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _part(section: html.HtmlElement, claims: dict[str, dict[str, str]]) -> None:
    """Say of each block of a section which claim it belongs to, and give the evidence its id."""
    claim = ""
    for block in section:
        if block.tag == "h4":
            claim = block.get("id", "")
        if claim not in claims:
            continue
        block.set("data-claim", claim)
        if "evidence" in (block.get("class") or "").split() and not block.get("id"):
            block.set("id", claim + EVIDENCE)
            block.append(_link(claim))


def _link(claim: str) -> html.HtmlElement:
    link = html.Element("a", {"class": "evidence-link", "href": f"#{claim}{EVIDENCE}"})
    link.text = f"Link to the evidence on {claim}"
    return link


def _before_heading(table: html.HtmlElement, form: html.HtmlElement) -> None:
    place = table
    while place is not None and place.tag != "h3":
        place = place.getprevious()
    form.tail = "\n"
    (table if place is None else place).addprevious(form)
