"""The page while it is finished: its tree, the data behind it, and markup that is put in as it is."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import html

from iapt_ledger.errors import LedgerError

SLOT = "ledger-slot"
# Pictures are kept out of the tree: they are most of the bytes, and HTML's parser would change an SVG's names.
PICTURE = re.compile(r'(<img\b[^>]*?\bsrc=")data:image/svg\+xml;base64,([^"]*)(")')
EXECUTED = ("", "text/javascript", "module")


@dataclass
class Page:
    """What every step gets and changes.

    Attributes:
        tree: the root element, without the data of its pictures.
        generated: the folder of the chapters' outputs (tables, pictures and notebooks).
        edition: the edition's name, a date.
        svg: the data of the rendered page's pictures, as in `src="data:,3"` of the picture that stands for svg[3].
        slots: markup that is put into the text when the page is written.
    """

    tree: html.HtmlElement
    generated: Path
    edition: str = ""
    svg: list[bytes] = field(default_factory=list)
    slots: list[str] = field(default_factory=list)

    def slot(self, markup: str) -> html.HtmlElement:
        """An element that stands for markup of our own making, which is written as it is."""
        self.slots.append(markup)
        return html.Element(SLOT, {"data-n": str(len(self.slots) - 1)})

    def data(self, identity: str, values: object) -> html.HtmlElement:
        """A block of data for a script, `JSON.parse(document.getElementById(identity).textContent)`."""
        element = html.Element("script", {"type": "application/json", "id": identity})
        element.text = json_text(values)
        return element

    @property
    def body(self) -> html.HtmlElement:
        """The page's body."""
        return self.tree.find("body")

    @property
    def head(self) -> html.HtmlElement:
        """The page's head."""
        return self.tree.find("head")


def json_text(values: object) -> str:
    """JSON that can stand in a script element whatever texts are in it."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def read_page(rendered: Path, results: Path) -> Page:
    """Read a page as a renderer made it.

    Args:
        rendered: the page.
        results: results.json, beside which the chapters' outputs lie; it names the edition.

    Raises:
        LedgerError: a file is missing.
    """
    try:
        text = rendered.read_text(encoding="utf8")
        edition = json.loads(results.read_text(encoding="utf8"))["edition"]
    except FileNotFoundError as error:
        raise LedgerError(
            "A file to finish the page is missing",
            found=Path(error.filename).name,
            fix="envs/run snakemake",
        ) from None
    return page_of(text, results.parent, str(edition))


def page_of(text: str, generated: Path, edition: str = "") -> Page:
    """The page of a renderer's text."""
    pictures: list[bytes] = []

    def taken(match: re.Match[str]) -> str:
        pictures.append(base64.b64decode(match[2]))
        return f"{match[1]}data:,{len(pictures) - 1}{match[3]}"

    text = PICTURE.sub(taken, text)
    return Page(html.document_fromstring(text), generated, edition, pictures)


def page_text(page: Page) -> str:
    """The finished page as text, with the rule of what it may load and run."""
    _put_policy(page)
    text = html.tostring(page.tree, encoding="unicode", doctype="<!doctype html>")
    text = re.sub(
        rf'<{SLOT} data-n="(\d+)"></{SLOT}>', lambda match: page.slots[int(match[1])], text
    )
    back = re.sub(
        r'(<img\b[^>]*?\bsrc=")data:,(\d+)(")', lambda m: m[1] + _data(page, m) + m[3], text
    )
    return back.rstrip() + "\n"


def _data(page: Page, match: re.Match[str]) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(page.svg[int(match[2])]).decode()


def policy(scripts: Iterator[str] | list[str]) -> str:
    """What a page may do: run these scripts and no others, show what is inside it, and ask nobody for anything."""
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() + "'"
        for s in scripts
    ]
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(hashes) or chr(39) + 'none' + chr(39)}",
            "style-src 'unsafe-inline'",
            "img-src data: blob:",
            "font-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _put_policy(page: Page) -> None:
    scripts = [
        script.text or ""
        for script in page.tree.iter("script")
        if (script.get("type") or "").lower() in EXECUTED
    ]
    meta = html.Element("meta", {"http-equiv": "Content-Security-Policy"})
    meta.set("content", policy(scripts))
    meta.tail = "\n"
    first = page.head.find("meta[@charset]")
    if first is None:
        page.head.insert(0, meta)
    else:
        first.addnext(meta)
