"""Pages that lie beside the report: one frame for all of them, and the report's own look in one file of style.

The style sheet of the report is used whole, its fonts within it, so that these pages look like the report also where
the report's theme changes, and ask for nothing that does not lie beside them.
"""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path

from iapt_ledger import paths

THEME = paths.REPORT / "theme"
STYLES = ("site.css", "beside.css")
STYLE_SHEET = "beside.css"
# `file:` beside 'self', since some browsers take a page opened from a disk for a place of its own.
CONDITION = (
    "default-src 'none'; style-src 'self' file: 'unsafe-inline'; img-src data:; font-src data:;"
    " base-uri 'none'; form-action 'none'"
)
_FONT = re.compile(r"url\((fonts/[\w-]+\.woff2)\)")


def style_sheet(theme: Path = THEME) -> str:
    """The report's style sheet and what these pages add to it, with the fonts in the text."""
    text = "\n".join((theme / name).read_text(encoding="utf8") for name in STYLES)
    return with_fonts(text, theme)


def with_fonts(style: str, theme: Path = THEME) -> str:
    """A style sheet of the theme's folder with the fonts that it names inside it."""
    return _FONT.sub(lambda match: f"url({_data_address(theme / match[1])})", style)


def style_files(theme: Path = THEME) -> list[str]:
    """The files that `style_sheet` is made of, relative to the project, for the workflow."""
    files = [*(theme / name for name in STYLES), *sorted((theme / "fonts").glob("*.woff2"))]
    return [str(file.relative_to(paths.ROOT)) for file in files]


def page(title: str, body: str, *, back: str, to: str = "the report", lead: str = "") -> str:
    """A whole page: landmarks, a link past the head, and the way back to the report.

    Args:
        title: plain text.
        body: HTML that is already harmless; its first heading is a second one.
        back: address of the place that this page belongs to.
        to: that place in words.
        lead: HTML of the words below the title.
    """
    name = escape(title)
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{CONDITION}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{name}</title>\n"
        f'<link rel="stylesheet" href="{STYLE_SHEET}">\n</head>\n'
        '<body class="lies-beside">\n<a class="skip" href="#main">Skip to the content</a>\n'
        f'<nav class="back" aria-label="Way back"><a href="{escape(back)}">Back to {escape(to)}</a></nav>\n'
        f'<main id="main" tabindex="-1">\n<header class="masthead">\n<h1>{name}</h1>\n'
        f"{lead}</header>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _data_address(font: Path) -> str:
    return "data:font/woff2;base64," + base64.b64encode(font.read_bytes()).decode("ascii")
