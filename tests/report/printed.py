"""A printed PDF as tests look at it: what lies where on each sheet, and the tree of its tags."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
from lxml import html

# Between running head and page number, in points from the top of the sheet.
HEAD, FOOT = 62.0, 785.0
# Lines share this much of their height and do not touch: a font's box holds its longest letters.
LEADING = 0.4


@dataclass(frozen=True)
class Box:
    """A rectangle of a sheet in points from its top left, and the text in it."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    def shared(self, other: Box) -> tuple[float, float]:
        """Width and height of what two boxes have in common; negative where they lie apart."""
        return (
            min(self.right, other.right) - max(self.left, other.left),
            min(self.bottom, other.bottom) - max(self.top, other.top),
        )


@dataclass(frozen=True)
class Sheet:
    """One page: its size in points, its words and its lines from top to bottom."""

    number: int
    width: float
    height: float
    words: list[Box]
    lines: list[Box]

    @property
    def body(self) -> list[Box]:
        """The lines between running head and page number."""
        return [line for line in self.lines if line.top > HEAD and line.bottom < FOOT]


@dataclass(frozen=True)
class Bookmark:
    """An entry of the outline: level from 1, title, and where it leads."""

    level: int
    title: str
    sheet: int
    top: float


def _box(node: Any, text: str) -> Box:
    left, top, right, bottom = (float(node.get(k)) for k in ("xmin", "ymin", "xmax", "ymax"))
    return Box(left, top, right, bottom, text)


def _sheet(number: int, page: Any) -> Sheet:
    words = [_box(word, word.text or "") for word in page.iter("word")]
    lines = [
        _box(line, " ".join(word.text or "" for word in line.iter("word")))
        for line in page.iter("line")
    ]
    order = sorted(lines, key=lambda line: (line.top, line.left))
    return Sheet(number, float(page.get("width")), float(page.get("height")), words, order)


def sheets(pdf: Path) -> list[Sheet]:
    """Every page of `pdf` by pdftotext, which gives the box of each word and line."""
    told = subprocess.run(
        ["pdftotext", "-q", "-bbox-layout", str(pdf), "-"], capture_output=True, check=True
    ).stdout
    root = html.fromstring(told, parser=html.HTMLParser(encoding="utf8", huge_tree=True))
    return [_sheet(number, page) for number, page in enumerate(root.iter("page"), start=1)]


def crossing(words: list[Box]) -> Iterator[tuple[str, str]]:
    """Pairs of words that lie on each other."""
    words = sorted(words, key=lambda word: word.top)
    for i, one in enumerate(words):
        for other in words[i + 1 :]:
            if other.top > one.bottom:
                break
            wide, high = one.shared(other)
            least = min(one.bottom - one.top, other.bottom - other.top)
            if wide >= 1 and high >= LEADING * least:
                yield one.text, other.text


def text(pdf: Path) -> str:
    """All words of `pdf`: by pdftotext where it is, else by pypdf, which takes a minute for charts."""
    if shutil.which("pdftotext"):
        told = subprocess.run(["pdftotext", "-q", str(pdf), "-"], capture_output=True, check=True)
        return told.stdout.decode("utf8")
    return " ".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)


def bookmarks(pdf: Path) -> list[Bookmark]:
    """The outline in its order."""
    reader = pypdf.PdfReader(pdf)
    height = float(reader.pages[0].mediabox.height)

    def flat(entries: list[Any], level: int) -> Iterator[Bookmark]:
        for entry in entries:
            if isinstance(entry, list):
                yield from flat(entry, level + 1)
                continue
            page = reader.get_destination_page_number(entry)
            assert page is not None, f"{entry.title} leads nowhere"
            yield Bookmark(level, str(entry.title), page + 1, height - float(entry.top))

    return list(flat(reader.outline, 1))


def elements(node: Any) -> Iterator[Any]:
    """The structure elements at and under `node`, in reading order."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from elements(child)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K)


def kind(element: Any) -> str:
    """The tag of a structure element without its slash."""
    return str(element.S)[1:]


def attribute(element: Any, name: str) -> Any:
    """An attribute of a structure element, wherever in its attribute objects it stands."""
    given = element.get("/A", [])
    for owner in given if isinstance(given, pikepdf.Array) else [given]:
        if name in owner:
            return owner[name]
    return None


class Tree:
    """The tags of an open PDF and the pages on which their content lies."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.numbers = {page.objgen: n for n, page in enumerate(pdf.pages, start=1)}
        named = pdf.Root.get("/Names", {}).get("/Dests")
        self.places = dict(pikepdf.NameTree(named).items()) if named is not None else {}
        self.elements = list(elements(pdf.Root.StructTreeRoot.K))

    def of(self, *kinds: str) -> list[Any]:
        """Elements of these kinds, in reading order."""
        return [element for element in self.elements if kind(element) in kinds]

    def sheets_of(self, element: Any) -> list[int]:
        """Numbers of the pages that hold content of `element`, in reading order."""
        found = []
        for part in elements(element):
            kids = part.get("/K", [])
            for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
                page = kid.get("/Pg") if isinstance(kid, pikepdf.Dictionary) else part.get("/Pg")
                marked = not isinstance(kid, pikepdf.Dictionary) or "/MCID" in kid
                page = page if page is not None else part.get("/Pg")
                if marked and page is not None:
                    found.append(self.numbers[page.objgen])
        return found

    def links(self) -> Iterator[tuple[int, Any]]:
        """Page and annotation of every link."""
        for number, page in enumerate(self.pdf.pages, start=1):
            for annotation in page.get("/Annots", []):
                if annotation.Subtype == "/Link":
                    yield number, annotation

    def goal(self, link: Any) -> int | None:
        """The page of the PDF to which a link leads; None where it leads to none."""
        place = link.get("/A", {}).get("/D", link.get("/Dest"))
        if isinstance(place, (pikepdf.String, pikepdf.Name)):
            place = self.places.get(str(place))
        if isinstance(place, pikepdf.Dictionary):
            place = place.D
        return self.numbers.get(place[0].objgen) if isinstance(place, pikepdf.Array) else None

    def picture(self, element: Any, height: float) -> tuple[int, Box]:
        """Where a Figure lies: its page, and its box in points from the top left."""
        left, low, right, high = (float(n) for n in attribute(element, "/BBox"))
        box = Box(left, height - high, right, height - low, str(element.get("/Alt", "")))
        return self.sheets_of(element)[0], box
