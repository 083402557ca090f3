"""The data dictionary for download: one CSV file of all entries, and a page to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape

import pandas as pd

from iapt_ledger.build.beside import page
from iapt_ledger.build.offered.tables import written
from iapt_ledger.dictionary import Published

PARTS: Mapping[str, tuple[str, str]] = {
    "tables": ("Tables", "What each table holds, what one row is, and what to beware of."),
    "columns": ("Columns", "Columns and dimensions, each with the tables that have it."),
    "values": ("Listed values", "Closed lists of values that columns take, with their meanings."),
    "measures": ("Measures", "What is measured, in which unit and in which tables."),
    "units": ("Units", "Base units of the values."),
    "rules": ("Rules", "Relations between figures that every build checks, with the reason."),
    "corrections": ("Corrections", "Known errors in published figures, and what is done."),
}
"""Parts of the dictionary in their order: heading and one sentence."""

COLUMNS = ("part", "entry", "says", "text")


def dictionary_csv(published: Published) -> bytes:
    """Every entry in long form: part, entry, what is said of it, and the text."""
    return written([COLUMNS, *_long(published)])


def _long(published: Published) -> Iterator[tuple[str, str, str, str]]:
    for part in PARTS:
        frame: pd.DataFrame = getattr(published, part)
        for row in frame.fillna("").astype(str).to_dict("records"):
            # A listed value is known by its list too, so that no two entries share a name.
            first, *others = row.items()
            entry = f"{first[1]}: {row['Value']}" if part == "values" else first[1]
            yield from (
                (part, entry, str(says).lower(), text)
                for says, text in others
                if text and says != "Value"
            )


def dictionary_page(published: Published, edition: str) -> str:
    """The dictionary as a page: a table a part, its contents before them."""
    contents = "".join(
        f'<li><a href="#{part}">{escape(heading)}</a></li>' for part, (heading, _) in PARTS.items()
    )
    body = (
        f'<nav class="parts" aria-label="Parts of the dictionary"><ul>{contents}</ul></nav>\n'
        + "\n".join(_section(part, getattr(published, part)) for part in PARTS)
    )
    lead = f'<p class="subtitle">Every table, column and measure of the edition of {escape(edition)}.</p>\n'
    return page("Data dictionary", body, back="index.html", to="the downloads", lead=lead)


def _section(part: str, frame: pd.DataFrame) -> str:
    heading, words = PARTS[part]
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in frame.columns)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{breakable(cell)}</td>" for cell in row) + "</tr>"
        for row in frame.fillna("").astype(str).itertuples(index=False, name=None)
    )
    return (
        f'<section aria-labelledby="{part}">\n<h2 id="{part}">{escape(heading)}</h2>\n'
        f"<p>{escape(words)}</p>\n"
        f'<div class="table-scroll" role="group" tabindex="0" aria-label="{escape(heading)},'
        ' which scrolls sideways in a narrow window">\n'
        f'<table class="{part}">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>\n'
        "</section>"
    )


def breakable(text: str) -> str:
    """Text as HTML in which long names may break after an underscore."""
    return re.sub(r"_(?=\w)", "_<wbr>", escape(text))
