"""The page of what an edition changed: one file with nothing beside it, in the report's style, every text escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from iapt_ledger import paths
from iapt_ledger.build.beside import with_fonts
from iapt_ledger.dates import day_in_words
from iapt_ledger.refresh.merge import NEW, REVISED, WITHDRAWN
from iapt_ledger.registry import plain

STYLE = paths.REPORT / "theme" / "site.css"
_OWN = """
.sheet { display: block; max-width: 64rem; margin: 0 auto; }
main > :is(h1, h2, p, header, .table-scroll) { max-width: none; }
table { --least: 46rem; }
td { vertical-align: top; }
td:first-child { overflow-wrap: anywhere; min-width: 12rem; }
td.short { white-space: nowrap; }
"""
_SHORT = 16  # characters; such a cell stays on one line
_CONDITION = "default-src 'none'; style-src 'unsafe-inline'; font-src data:"


def page(told: Mapping[str, Any], style: Path = STYLE) -> str:
    """The page.

    Args:
        told: as `changes.document` gives it; without counts where there is nothing to compare with.
        style: the report's style sheet, which is put into the page with its fonts.
    """
    name = day_in_words(str(told["edition"]))
    look = with_fonts(style.read_text(encoding="utf8"), style.parent)
    parts = _parts(told) if "counts" in told else ["<p>There is no edition before this one.</p>"]
    against = (
        f"against the edition of {day_in_words(str(told['against']))}" if told["against"] else ""
    )
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{_CONDITION}">',
            f"<title>What the edition of {escape(name)} changed</title>",
            f"<style>\n{look}\n{_OWN}\n</style>\n</head>\n<body>",
            '<div class="sheet">\n<main id="main">\n<header class="masthead">',
            f"<h1>What the edition of {escape(name)} changed</h1>",
            f'<p class="subtitle">{escape(against)}</p>\n</header>',
            *parts,
            "</main>\n</div>\n</body>\n</html>\n",
        ]
    )


def _parts(told: Mapping[str, Any]) -> list[str]:
    parts = (
        []
        if told["accepted"]
        else ["<p><strong>Nobody has accepted this edition yet.</strong></p>"]
    )
    if "verdicts" in told["counts"]:
        parts += _section("Verdicts and grades", told, "verdicts", _verdict, _VERDICTS)
        parts += _section("Results that print otherwise", told, "results", _result, _RESULTS)
    else:
        parts.append("<p>Results and verdicts were left out of this comparison.</p>")
    parts += ["<h2>Figures by table</h2>", _table(_TABLES, [_by_table(t) for t in told["tables"]])]
    parts += _section(
        "Figures revised, the largest revision first", told, REVISED, _revised, _REVISED
    )
    parts += _section("Figures withdrawn", told, WITHDRAWN, _withdrawn, _WITHDRAWN)
    parts += _section("Figures new, by measure and period", told, NEW, _new, _NEW)
    if told["sources"]:
        parts += [
            "<h2>How each source fared</h2>",
            _table(_SOURCES, [_source(s) for s in told["sources"]]),
        ]
    return parts


def _section(
    title: str, told: Mapping[str, Any], name: str, row: Any, head: Sequence[str]
) -> list[str]:
    """One list: how many there are, and those that are shown."""
    shown, whole = told[name], told["counts"][name]
    lines = [f"<h2>{escape(title)}</h2>"]
    if not whole:
        return [*lines, "<p>None.</p>"]
    if len(shown) < whole:
        lines.append(f"<p>The first {len(shown):,} of {whole:,}; changes.json counts them all.</p>")
    return [*lines, _table(head, [row(one) for one in shown])]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>None.</p>"
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = [
        f'<div class="table-scroll" tabindex="0"><table>\n<thead><tr>{cells}</tr></thead>\n<tbody>'
    ]
    lines += [f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows]
    return "\n".join([*lines, "</tbody></table></div>"])


def _cell(text: str) -> str:
    short = ' class="short"' if len(text) <= _SHORT else ""
    return f"<td{short}>{escape(plain(text))}</td>"


_VERDICTS = ("claim", "what", "before", "now", "reason given now")
_RESULTS = ("result", "before", "now", "by", "how it is made")
_TABLES = ("table", "new", "revised", "withdrawn", "unchanged")
_REVISED = ("table", "period", "measure", "of", "before", "now", "by")
_WITHDRAWN = ("table", "period", "measure", "of", "value")
_NEW = ("table", "measure", "period", "values")
_SOURCES = ("source", "state", "as of", "new", "revised", "withdrawn", "why it failed")


def size_in_words(size: float | None) -> str:
    """A revision as a percentage; a dash where there is no number to take it of.

    >>> size_in_words(0.05), size_in_words(None)
    ('+5%', '–')
    """
    if size is None:
        return "–"
    percent = abs(size) * 100
    shown = f"{percent:,.0f}" if percent >= 100 else f"{percent:.3g}"
    return f"{'+' if size > 0 else '−' if size < 0 else ''}{shown}%"


def _verdict(row: Mapping[str, str]) -> list[str]:
    return [
        f"{row['claim']}: {row['title']}",
        row["what"],
        row["old"] or "–",
        row["new"] or "–",
        row["reason"],
    ]


def _result(row: Mapping[str, Any]) -> list[str]:
    by = size_in_words(row["size"]) if row["kind"] == "moved" else row["kind"]
    return [row["id"], row["old"] or "–", row["new"] or "–", by, row["made"]]


def _by_table(row: Mapping[str, Any]) -> list[str]:
    return [row["table"], *(f"{row[kind]:,}" for kind in (NEW, REVISED, WITHDRAWN, "unchanged"))]


def _revised(row: Mapping[str, Any]) -> list[str]:
    return [*_place(row), row["old"], row["new"], size_in_words(row["size"])]


def _withdrawn(row: Mapping[str, Any]) -> list[str]:
    return [*_place(row), row["old"]]


def _place(row: Mapping[str, Any]) -> list[str]:
    return [row["table"], row["period"], row["measure"], row["what"]]


def _new(row: Mapping[str, Any]) -> list[str]:
    return [row["table"], row["measure"], row["period"], f"{row['values']:,}"]


def _source(row: Mapping[str, Any]) -> list[str]:
    counts = [f"{row[kind]:,}" for kind in (NEW, REVISED, WITHDRAWN)]
    return [
        row["title"] or row["source"],
        row["state"],
        row["as_of"],
        *counts,
        " ".join(row["failures"]),
    ]
