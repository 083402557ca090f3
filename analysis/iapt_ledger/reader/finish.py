"""Finish the page that a renderer made: the steps in their order, then the parts' styles and scripts.

Whichever renderer made the page, the same code finishes it. Everything is there without JavaScript; scripts only add.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from lxml import html

from iapt_ledger import paths
from iapt_ledger.errors import LedgerError
from iapt_ledger.reader.explorers import put_explorers
from iapt_ledger.reader.ledger_filter import put_filter
from iapt_ledger.reader.notes_page import with_notes
from iapt_ledger.reader.page import Page, page_text, read_page
from iapt_ledger.reader.pictures import mark_tools, put_pictures
from iapt_ledger.reader.tables import foretell_tables, put_data
from iapt_ledger.reader.ways import with_ways

PARTS = paths.REPORT / "theme" / "reader"
Step = Callable[[Page], None]
STEPS: tuple[Step, ...] = (
    put_pictures,
    put_data,
    foretell_tables,
    mark_tools,
    put_explorers,
    put_filter,
    with_notes,
    with_ways,
)
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)


def finished(rendered: Path, results: Path) -> str:
    """The reader's page of a rendered page.

    Raises:
        LedgerError: a file is missing, or a step met something that it cannot put into the page.
    """
    page = read_page(rendered, results)
    for step in STEPS:
        step(page)
    put_parts(page, PARTS)
    return page_text(page)


def put_parts(page: Page, folder: Path) -> None:
    """Put every part's style and script into the page: one element each, the parts in the order of their names.

    Raises:
        LedgerError: a part holds what would end its element before its end.
    """
    style = _joined(sorted(folder.glob("*.css")), "</style")
    script = _joined(sorted(folder.glob("*.js")), "</script")
    if style:
        _put(page.head, "style", COMMENT.sub("", style))
    if script:
        _put(page.body, "script", script)


def _joined(files: Sequence[Path], end: str) -> str:
    texts = []
    for file in files:
        text = file.read_text(encoding="utf8")
        for found in (end, "<!--"):
            if found in text.lower():
                raise LedgerError(
                    "A part of the page would end its own element",
                    where=f"report/theme/reader/{file.name}",
                    found=found,
                    fix="write it in two pieces, or another way",
                )
        texts.append(text.strip())
    return "\n".join(texts)


def _put(parent: html.HtmlElement, tag: str, text: str) -> None:
    element = html.Element(tag)
    element.text = f"\n{text}\n"
    element.tail = "\n"
    parent.append(element)
