"""Words in a chart: matplotlib draws them as outlines of letters; the page has them as text in its own font.

Each stays where it was and as long as it was: the place, size and turn are those of the outlines, and the length is
measured from the font. The same font is in the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import unescape

from fontTools.ttLib import TTFont
from lxml import etree

from iapt_ledger import paths
from iapt_ledger.figures.palette import WORDS

XLINK = "{http://www.w3.org/1999/xlink}href"
"""The name of a reference within a picture, as lxml gives it; SVG stands before the names of its elements."""
SVG = "{http://www.w3.org/2000/svg}"
EM = 100  # matplotlib's outlines are so many units high
GLYPH = re.compile(r"#(LedgerSans-\w+)-([0-9a-f]+)")
FACES: dict[str, dict[str, str]] = {
    "LedgerSans-Regular": {},
    "LedgerSans-SemiBold": {"font-weight": "600"},
    "LedgerSans-Italic": {"font-style": "italic"},
}
PLACE = re.compile(
    r"translate\((?P<x>[-\d.]+) (?P<y>[-\d.]+)\)(?: rotate\((?P<turn>[-\d.]+)\))?"
    r" scale\((?P<scale>[\d.]+) -(?P=scale)\)"
)
SHIFT = re.compile(r"translate\(([-\d.]+) [-\d.]+\)")


@dataclass(frozen=True)
class Words:
    """A line of text in a chart; x, y, length and size in the chart's units, turn in degrees clockwise."""

    text: str
    x: str
    y: str
    turn: str
    length: str
    fill: str
    declarations: dict[str, str]

    def colour(self, variable: str) -> str:
        """The colour for words in place of a mark's."""
        name = variable.removeprefix("var(--c-").removesuffix(")")
        return f"var(--c-{WORDS.get(name, name)})"


def words_of(group: etree._Element) -> Words | None:
    """The text that a group of outlines draws, with the comment before it; None where it is no such group."""
    said = group.getprevious()
    place = PLACE.fullmatch(group.get("transform", ""))
    fill = re.fullmatch(r"\s*fill: (#[0-9a-f]{6})\s*", group.get("style", ""))
    uses = group.findall(f"{SVG}use")
    if not (isinstance(said, etree._Comment) and place and fill and uses):
        return None
    glyphs = [match for use in uses if (match := GLYPH.fullmatch(use.get(XLINK, "")))]
    faces = {glyph[1] for glyph in glyphs}
    if len(glyphs) < len(uses) or len(faces) != 1 or not faces <= FACES.keys():
        return None
    (face,) = faces
    last = SHIFT.fullmatch(uses[-1].get("transform", ""))
    end = (float(last[1]) if last else 0) + advance(face, int(glyphs[-1][2], 16))
    size = float(place["scale"]) * EM
    return Words(
        text=_said(unescape(said.text or "")[1:-1], len(uses)),
        x=place["x"],
        y=place["y"],
        turn=place["turn"] or "",
        length=str(end * float(place["scale"])),
        fill=fill[1],
        declarations={"font-size": f"{size:.4g}px", **FACES[face]},
    )


def _said(text: str, letters: int) -> str:
    """The text of a comment, in which two hyphens may not touch: a blank was put between them."""
    closed = re.sub(r"- (?=-)", "-", text)
    return closed if len(closed) == letters else text


def advance(face: str, glyph: int) -> float:
    """How far a letter of the page's font moves on, in hundredths of its size."""
    widths, units = _widths(face)
    return widths[glyph] * EM / units


@cache
def _widths(face: str) -> tuple[list[int], int]:
    with TTFont(paths.REPORT / "theme" / "fonts" / f"{face}.ttf", lazy=True) as font:
        metrics = font["hmtx"].metrics
        return [metrics[name][0] for name in font.getGlyphOrder()], font["head"].unitsPerEm
