"""What readers can work out themselves: costs under every combination of choices, and where one service lies.

The numbers are those of the chapters' own tables, the same that lie in the downloads: nothing is computed here, and the
scripts only look up, count and order. Without JavaScript the figure above and the table for download say the same.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import html

from iapt_ledger.errors import LedgerError
from iapt_ledger.reader.page import Page

OUTCOMES = ("way", "value", "low", "high")
"""Columns of a combination that are no choices."""
DIGITS = 6  # significant, far more than are printed
WORDS = ("code", "name")


@dataclass(frozen=True)
class Explorer:
    """One tool and where it stands.

    Attributes:
        name: id of its section; its data are `<name>-data`.
        after: id of the figure below which it stands.
        file: the chapter's table, relative to the folder of the chapters' outputs.
        heading, lead: what a reader sees, plain text.
    """

    name: str
    after: str
    file: str
    heading: str
    lead: str


CALCULATOR = Explorer(
    name="calculator",
    after="fig-ways",
    file="robustness/ways.csv",
    heading="Make the choices yourself",
    lead="Each mark is one combination of the choices that the figures leave open. Choose, and the outcomes for"
    " a hundred thousand pounds, and the cost of one outcome, follow.",
)
SERVICES = Explorer(
    name="service-finder",
    after="fig-funnel",
    file="services/services-explored.csv",
    heading="Find a service",
    lead="Each mark is one service of the funnel above. Choose one by name, by pointer or with the arrow keys.",
)


def put_explorers(page: Page) -> None:
    """Put each tool below its figure, with its data and its static form; a page without the figure gets none.

    Raises:
        LedgerError: a tool's table is missing, empty, or holds no number where one must stand.
    """
    for explorer, packed in ((CALCULATOR, choices), (SERVICES, services)):
        figure = page.tree.xpath("//*[@id=$name]", name=explorer.after)
        if not figure:
            continue
        rows = read_rows(page.generated / explorer.file)
        place = _below(figure[0])
        section = _section(explorer)
        place.addnext(section)
        page.body.append(page.data(f"{explorer.name}-data", packed(rows)))


def read_rows(file: Path) -> list[dict[str, str]]:
    """Rows of a chapter's table.

    Raises:
        LedgerError: it is not there, or has no rows.
    """
    where = f"report/generated/{file.parent.name}"
    try:
        with file.open(encoding="utf8", newline="") as text:
            rows = list(csv.DictReader(text))
    except FileNotFoundError:
        raise LedgerError(
            "A table that readers explore is missing",
            where=where,
            expected=file.name,
            fix="envs/run snakemake",
        ) from None
    if not rows:
        raise LedgerError(
            "A table that readers explore has no rows",
            where=f"{where}/{file.name}",
            expected="a row for each thing to choose",
            fix=f"find in the notebook of {file.parent.name} why, then envs/run snakemake",
        )
    return rows


def choices(rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The combinations: each choice with its options, and a row for each allowed one.

    Returns:
        dimensions: [name, options]; rows: the options' places, then way, value, low and high.
    """
    names = [name for name in rows[0] if name not in OUTCOMES]
    options = {name: list(dict.fromkeys(row[name] for row in rows)) for name in names}
    packed = [
        [
            *(options[name].index(row[name]) for name in names),
            int(row["way"]),
            *(_number(row[name]) for name in ("value", "low", "high")),
        ]
        for row in rows
    ]
    return {"dimensions": [[name, options[name]] for name in names], "rows": packed}


def services(rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The services: the names of the columns, and a row for each."""
    columns = list(rows[0])
    packed = [[row[c] if c in WORDS else _number(row[c]) for c in columns] for row in rows]
    return {"columns": columns, "rows": packed}


def _number(text: str) -> float | int | None:
    if text == "":
        return None
    value = float(f"{float(text):.{DIGITS}g}")
    return int(value) if value.is_integer() else value


def _below(figure: html.HtmlElement) -> html.HtmlElement:
    """The last element that belongs to a figure: its source line and tools where they follow its cell."""
    cell = figure
    while (parent := cell.getparent()) is not None and parent.tag not in (
        "main",
        "section",
        "body",
    ):
        cell = parent
    following = cell.getnext()
    while following is not None and "fig-source" in (following.get("class") or "").split():
        cell, following = following, following.getnext()
    return cell


def _section(explorer: Explorer) -> html.HtmlElement:
    section = html.Element("section", {"class": "explorer", "id": explorer.name})
    section.set("aria-labelledby", f"{explorer.name}-heading")
    heading = html.Element("h4", {"id": f"{explorer.name}-heading"})
    heading.text = explorer.heading
    lead = html.Element("p", {"class": "explorer-lead"})
    lead.text = explorer.lead
    static = html.Element("p", {"class": "explorer-static"})
    static.text = "All of it is in "
    link = html.Element("a", {"href": f"downloads/{Path(explorer.file).name}"})
    link.text = "a table (CSV)"
    link.tail = "."
    static.append(link)
    section.extend([heading, lead, static])
    section.tail = "\n"
    return section
