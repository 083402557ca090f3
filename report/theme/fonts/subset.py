"""Makes the fonts of this folder: a Latin and Greek subset of Adobe's Source Serif 4 and Source Sans 3.

The Open Font License keeps the name "Source" for the unmodified fonts, so the subsets bear names of our own.
Run it only to change the subset or to move to a newer release (needs fonttools and brotli):

    npm pack source-serif source-sans        # then unpack both archives
    python subset.py SERIF/package/TTF SANS/package/TTF
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parent
CHARACTERS = (
    "U+0020-007E,U+00A0-017F,U+0192,U+0218-021B,U+02C6,U+02DA,U+02DC,U+0300-0304,U+0391-03A9,U+03B1-03C9,"
    "U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+202F,U+2030,U+2032,U+2033,U+2039,U+203A,U+2044,U+2070-208E,"
    "U+20AC,U+2116,U+2122,U+2150-215E,U+2190-2193,U+21A9,U+2202,U+2206,U+220F,U+2211,U+2212,U+221A,U+221E,"
    "U+2248,U+2260,U+2264,U+2265,U+25A0,U+25B2,U+25BC,U+25CA,U+25CF,U+2713,U+FB01,U+FB02"
)
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "lnum", "onum", "pnum", "tnum"]
FEATURES += ["sups", "subs", "frac", "case"]
# source file -> (folder argument, family, style, weight)
FONTS = {
    "SourceSerif4-Regular": (0, "Ledger Serif", "Regular"),
    "SourceSerif4-It": (0, "Ledger Serif", "Italic"),
    "SourceSerif4-Semibold": (0, "Ledger Serif", "SemiBold"),
    "SourceSerif4Display-Semibold": (0, "Ledger Serif Display", "SemiBold"),
    "SourceSans3-Regular": (1, "Ledger Sans", "Regular"),
    "SourceSans3-It": (1, "Ledger Sans", "Italic"),
    "SourceSans3-Semibold": (1, "Ledger Sans", "SemiBold"),
}


def rename(font: TTFont, family: str, style: str) -> None:
    """Puts our family and style in the name table and drops what names the original."""
    plain = style in ("Regular", "Italic")
    names = {
        1: family if plain else f"{family} {style}",
        2: style if plain else "Regular",
        3: f"{family.replace(' ', '')}-{style}",
        4: f"{family} {style}",
        6: f"{family.replace(' ', '')}-{style}",
    }
    if not plain:
        names |= {16: family, 17: style}
    kept = {0, 5, 7, 13, 14}
    table = font["name"]
    table.names = [n for n in table.names if n.nameID in kept and n.platformID == 3]
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)


def make(source: Path, family: str, style: str) -> None:
    """Writes one TTF (for Typst and matplotlib) and one WOFF2 (for the page)."""
    options = subset.Options(
        layout_features=FEATURES, hinting=False, name_IDs="*", notdef_outline=True
    )
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(CHARACTERS))
    cutter.subset(font)
    rename(font, family, style)
    stem = HERE / f"{family.replace(' ', '')}-{style}"
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.save(f"{stem}.ttf")
    font.flavor = "woff2"
    font.save(f"{stem}.woff2")


if __name__ == "__main__":
    for name, (folder, family, style) in FONTS.items():
        make(Path(sys.argv[1 + folder]) / f"{name}.ttf", family, style)
