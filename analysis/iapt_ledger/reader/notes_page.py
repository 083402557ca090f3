"""The notes on the web: each number of the report leads to its own, on a page that lists them all.

Without JavaScript a number is a link to that page; with it the note opens beside the number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from iapt_ledger.build import beside
from iapt_ledger.dates import day_in_words
from iapt_ledger.errors import LedgerError
from iapt_ledger.reader.notes_print import shortened
from iapt_ledger.reader.page import Page

NOTES = "notes/notes.json"
PAGE = "numbers/index.html"
REPORT = "../index.html"
ANCHOR = "n-"
"""Before a result's id: the anchor of the first place in the report that prints it."""


def with_notes(page: Page) -> None:
    """Make every number of the page a link to its note, and put the notes into the page for its script.

    A number inside another link stays as it is: a link cannot hold a link.

    Raises:
        LedgerError: the notes are missing, or a number of the page has none.
    """
    document = _read(page.generated / NOTES)
    used: dict[str, Any] = {}
    for number in page.tree.xpath("//span[@data-result][not(ancestor::a)]"):
        name = number.get("data-result")
        if name not in used:
            number.set("id", f"{ANCHOR}{name}")
        used[name] = _note(document["notes"], name)
        number.tag = "a"
        number.set("href", f"{PAGE}#{name}")
    page.body.append(
        page.data("notes-data", {"edition": document["edition"], **_packed(used, document)})
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf8"))
    except FileNotFoundError:
        raise LedgerError(
            "The notes of the page's numbers are missing",
            where="report/generated",
            expected=NOTES,
            fix="envs/run snakemake",
        ) from None
    return told


def _note(notes: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if name not in notes:
        raise LedgerError(
            "A number of the page has no note", where=NOTES, found=name, fix="envs/run snakemake"
        )
    note: Mapping[str, Any] = notes[name]
    return note


def _packed(notes: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """The notes, each text once: `behind` holds [publication, rows, count, lines], as places in lists."""
    publications: dict[str, int] = {}
    lines: dict[str, int] = {}
    packed = {}
    for name, note in notes.items():
        packed[name] = {k: v for k, v in note.items() if v and k not in ("id", "behind")}
        packed[name]["behind"] = [
            [
                publications.setdefault(part["source"], len(publications)),
                lines.setdefault(shortened(part["rows"]), len(lines)),
                part["count"],
                [lines.setdefault(line, len(lines)) for line in part["shown"]],
            ]
            for part in note["behind"]
        ]
    named = [document["publications"][one] for one in publications]
    return {"notes": packed, "publications": named, "lines": list(lines)}


def notes_page(document: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """The page that lists every number with its note, by chapter.

    Args:
        document: notes.json.
        titles: a chapter's heading by the first part of its results' ids.
    """
    parts, contents = [], []
    for chapter, group in groupby(document["notes"].values(), key=_chapter):
        name, heading = escape(chapter), escape(titles.get(chapter, chapter))
        contents.append(f'<li><a href="#{name}">{heading}</a></li>')
        entries = "\n".join(_entry(note, document["publications"]) for note in group)
        parts.append(
            f'<section class="numbers">\n<h2 id="{name}">{heading}</h2>\n{entries}\n</section>'
        )
    lead = (
        '<p class="subtitle">Every number that the report prints: how it was made, and the published figures behind it.'
        f" Edition of {escape(day_in_words(document['edition']))}.</p>\n"
    )
    body = f'<nav aria-label="Chapters"><ul>{"".join(contents)}</ul></nav>\n' + "\n".join(parts)
    return beside.page("Where each number comes from", body, back=REPORT, lead=lead)


def _chapter(note: Mapping[str, Any]) -> str:
    return str(note["id"]).split(".", 1)[0]


def _entry(note: Mapping[str, Any], publications: Mapping[str, Any]) -> str:
    name = escape(note["id"])
    lines = "".join(f"<p>{line}</p>" for line in _lines(note))
    behind = "".join(_publication(part, publications[part["source"]]) for part in note["behind"])
    sources = f"<ul>{behind}</ul>" if behind else ""
    return (
        f'<article id="{name}"><h3><a href="{REPORT}#{ANCHOR}{name}">{escape(note["text"])}</a></h3>'
        f"{lines}{sources}<p><code>{name}</code></p></article>"
    )


def _lines(note: Mapping[str, Any]) -> Iterator[str]:
    if note["range"]:
        named = f" ({note['interval']})" if note["interval"] else ""
        yield escape(f"{note['range']}{named}")
    if note["exact"] != note["text"]:
        yield escape(f"More exactly {note['exact']}.")
    yield escape(note["made"])
    for name in ("price_base", "status", "function"):
        if note[name]:
            yield f"<code>{escape(note[name])}</code>" if name == "function" else escape(note[name])


def _publication(part: Mapping[str, Any], source: Mapping[str, str]) -> str:
    title = f"<cite>{escape(source['title'])}</cite>"
    if source["address"]:
        title = f'<a href="{escape(source["address"])}">{title}</a>'
    shown = "".join(f"<li>{escape(line)}</li>" for line in part["shown"])
    rows = f"{part['count']:,} observation{'s' if part['count'] > 1 else ''}: {shortened(part['rows'])}"
    listed = f"<ul>{shown}</ul>" if shown else ""
    return f"<li>{escape(source['publisher'])}, {title}, {escape(source['published'])}. {escape(rows)}{listed}</li>"
