"""A brief as a web page, and the index of all; every text from data is escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from iapt_ledger.areas.closing import CHAPTER, LICENCE, MEANING
from iapt_ledger.areas.listed import INDEX
from iapt_ledger.areas.model import KINDS, Brief, Fact, Kind, Organisation, Picture, Section, Table

# Nothing is fetched but what lies beside the page; `file:` is for pages opened from disk.
CONDITION = (
    "default-src 'none'; style-src 'self' file:; font-src 'self' file:; script-src 'self' file:;"
    " base-uri 'none'; form-action 'none'"
)
HEAD = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{condition}">
<meta name="color-scheme" content="light dark">
<meta name="description" content="{description}">
<title>{title}</title>
<link rel="stylesheet" href="shared/site.css">
<link rel="stylesheet" href="shared/areas.css">
</head>
<body class="{kind}">
<a class="skip" href="#main">Skip to the {skip}</a>
<div class="sheet">
"""


def brief_page(brief: Brief, *, listed: bool = True) -> str:
    """The page of one organisation; without the way to the index where it was made alone and there is none."""
    who = brief.organisation
    title = f"{who.name}: talking therapies in {brief.period}"
    parts = [
        _head(title, f"{title}: pathway, recovery, waits and change, with ranges.", "brief"),
        _way_back(brief, listed),
        '<main id="main" tabindex="-1">\n<header class="masthead">',
        f'<p class="kicker">{escape(who.kind.title)}</p>',
        f"<h1>{escape(who.name)}</h1>",
        f'<p class="subtitle">NHS Talking Therapies in {escape(brief.period)}, in two pages</p>',
        f'<p class="lead">{escape(brief.lead)}</p>\n</header>',
        _facts(brief.facts),
        *(_section(section) for section in brief.sections),
        _foot(brief),
        "</main>\n</div>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def index_page(organisations: Sequence[Organisation], period: str, edition: str) -> str:
    """The page that lists all briefs, with a search that the list is complete without."""
    title = "Briefs by area and provider"
    parts = [
        _head(f"{title}: talking therapies", "A brief for every board and provider.", "index"),
        '<nav class="way" aria-label="Report"><a href="../index.html">The report</a></nav>',
        '<main id="main" tabindex="-1">\n<header class="masthead">',
        f"<h1>{title}</h1>",
        '<p class="subtitle">Two pages on talking therapies in each integrated care board and at each provider:'
        " the pathway, recovery beside others of its kind, waits, and what changed in a year</p>\n</header>",
        '<p class="lead">The lists are in order of name. No list here ranks anybody: each brief says which ranks its'
        f" figures allow. Figures are of {escape(period)}, months to the newest held. Edition {escape(edition)}.</p>",
        '<div class="search" role="search" hidden><label for="find">Find by name, code or place</label>'
        '<input id="find" type="search" autocomplete="off" spellcheck="false">'
        '<p id="found" role="status" aria-live="polite"></p></div>',
        *(_list(kind, [o for o in organisations if o.kind == kind]) for kind in KINDS),
        '</main>\n</div>\n<script src="shared/areas.js"></script>\n</body>\n</html>\n',
    ]
    return "\n".join(parts)


def _head(title: str, description: str, kind: str) -> str:
    skip = "list" if kind == "index" else "brief"
    return HEAD.format(
        condition=escape(CONDITION),
        description=escape(description),
        title=escape(title),
        kind=f"areas {kind}",
        skip=skip,
    )


def _way_back(brief: Brief, listed: bool) -> str:
    key = brief.organisation.key
    every = f'<a href="{INDEX}">All briefs</a>' if listed else ""
    return (
        f'<nav class="way" aria-label="Report">{every}'
        f'<a href="../index.html">The report</a><a href="{key}.pdf">This brief as PDF</a>'
        f'<a href="{key}.csv">Its numbers (CSV)</a></nav>'
    )


def _facts(facts: Sequence[Fact]) -> str:
    rows = "".join(
        f"<li><strong>{escape(one.value)}</strong> {escape(one.words)}</li>" for one in facts
    )
    return f'<div class="keyfacts"><ul>{rows}</ul></div>'


def _section(section: Section) -> str:
    words = [f"<p>{escape(text)}</p>" for text in section.paragraphs if text]
    if section.points:
        words.append("<ul>" + "".join(f"<li>{escape(p)}</li>" for p in section.points) + "</ul>")
    inner = f'<div class="words">{"".join(words)}</div>'
    if section.picture:
        inner = f'<div class="pair">{inner}{_picture(section.picture)}</div>'
    if section.table:
        inner += _table(section.table)
    source = f'<p class="fig-source">{escape(section.source)}</p>' if section.source else ""
    return (
        f'<section id="{section.name}" aria-labelledby="h-{section.name}">'
        f'<h2 id="h-{section.name}">{escape(section.title)}</h2>{inner}{source}</section>'
    )


def _picture(picture: Picture) -> str:
    svg = picture.svg.replace("<svg ", f'<svg role="img" aria-label="{escape(picture.alt)}" ', 1)
    caption = f"<figcaption>{escape(picture.caption)}</figcaption>" if picture.caption else ""
    return f"<figure>{svg}{caption}</figure>"


def _table(table: Table) -> str:
    """A table; its roles are said, since on a phone its rows stand as blocks, which would hide what they are."""
    last = len(table.head) - 1
    kinds = ["words" if table.words and i == last else "number" for i in range(last + 1)]
    head = "".join(
        f'<th role="columnheader" scope="col" class="{kind}">{escape(name)}</th>'
        for kind, name in zip(["first", *kinds[1:]], table.head, strict=True)
    )
    rows = "".join(_table_row(table.head, kinds, row) for row in table.rows)
    caption = escape(table.caption)
    return (
        f'<div class="table-scroll" role="region" aria-label="{caption}" tabindex="0">'
        f'<table role="table" class="{"stacks" if table.words else "plain"}"><caption>{caption}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table></div>'
    )


def _table_row(head: Sequence[str], kinds: Sequence[str], row: Sequence[str]) -> str:
    cells = "".join(
        f'<td role="cell" class="{kinds[i]}" data-head="{escape(head[i])}">{escape(cell)}</td>'
        for i, cell in enumerate(row[1:], 1)
    )
    return f'<tr role="row"><th role="rowheader" scope="row">{escape(row[0])}</th>{cells}</tr>'


def _foot(brief: Brief) -> str:
    key = brief.organisation.key
    chapter = f'<a href="../index.html#sec-services">{CHAPTER}</a>'
    return (
        f'<footer class="foot"><p>{escape(MEANING).format(chapter=chapter)}'
        f' Every number with its making and its observations: <a href="{key}.csv">{key}.csv</a>. {escape(LICENCE)}'
        f" Edition {escape(brief.edition)}.</p></footer>"
    )


def _list(kind: Kind, organisations: Sequence[Organisation]) -> str:
    rows = "".join(_row(one) for one in organisations)
    title = "Integrated care boards" if kind.key == "icb" else "Providers"
    place = _column("Listed under") if kind.key == "provider" else ""
    return (
        f'<section aria-labelledby="h-{kind.key}"><h2 id="h-{kind.key}">{title} '
        f'<span class="how-many">{len(organisations)}</span></h2>'
        f'<table role="table" class="list"><thead role="rowgroup"><tr role="row">'
        f"{_column('Name')}{_column('Code')}{place}{_column('Files')}</tr></thead>"
        f'<tbody role="rowgroup">{rows}</tbody></table></section>'
    )


def _column(name: str) -> str:
    return f'<th role="columnheader" scope="col">{name}</th>'


def _row(one: Organisation) -> str:
    place = " · ".join(part for part in (one.place, one.region) if part)
    cell = f'<td role="cell" class="place">{escape(place)}</td>'
    name, key = escape(one.name), one.key
    files = (
        f'<a href="{key}.pdf" aria-label="PDF of {name}">PDF</a> '
        f'<a href="{key}.csv" aria-label="Numbers of {name}, CSV">CSV</a>'
    )
    return (
        f'<tr role="row"><th role="rowheader" scope="row"><a href="{key}.html">{name}</a></th>'
        f'<td role="cell" class="code">{one.code}</td>{cell if one.kind.key == "provider" else ""}'
        f'<td role="cell" class="files">{files}</td></tr>'
    )
