"""The chapter on what an edition changed: from what the edition itself keeps, and from what the report prints now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from iapt_ledger.refresh.changes import Results, flipped, moved, revision
from iapt_ledger.refresh.changes_page import size_in_words
from iapt_ledger.refresh.merge import NEW, REVISED, WITHDRAWN
from iapt_ledger.refresh.records import read_json
from iapt_ledger.tables import markdown_table

MOST = 15
"""Rows of a table in the report; `snakemake changes` lists more."""


@dataclass(frozen=True)
class Told:
    """What the chapter prints.

    Attributes:
        against: name of the edition that this one was made from; empty where no refresh made it.
        counts: numbers that prose prints: values new, revised and withdrawn, results moved, verdicts flipped.
        tables: Markdown tables by name; empty text where there is nothing to list.
    """

    against: str
    counts: Mapping[str, int]
    tables: Mapping[str, str]


def told(edition: Path, now: Results) -> Told:
    """What an edition changed, as it keeps it.

    Args:
        edition: its folder.
        now: what the report prints from it.
    """
    changes, before = read_json("changes.json", edition), read_json("before.json", edition)
    old = _printed(before) if before else None
    verdicts = [row for row in flipped(old, now) if row["what"] == "verdict"] if old else []
    results = [row for row in moved(old, now) if row["kind"] == "moved"] if old else []
    tables = changes.get("tables", [])
    counts = {kind: sum(table[kind] for table in tables) for kind in (NEW, REVISED, WITHDRAWN)}
    sources = read_json("refresh.json", edition).get("sources", [])
    return Told(
        str(changes.get("from", "")),
        {**counts, "results": len(results), "verdicts": len(verdicts)},
        {
            "verdicts": _verdicts(verdicts),
            "results": _results(results[:MOST]),
            "tables": _by_table(tables),
            "revised": _revised(changes.get(REVISED, [])),
            "sources": _sources(sources),
        },
    )


def words(found: Told) -> str:
    """The chapter's body as Markdown, its numbers as shortcodes."""
    if not found.against:
        return (
            "**Nothing: this edition was put together by hand and not by a refresh**, "
            "so that it keeps no record of an edition before it."
        )
    lead = (
        "**{{< n changes.verdicts >}} verdicts flipped, and {{< n changes.results >}} results print otherwise.** "
        "Values: {{< n changes.new >}} new, {{< n changes.revised >}} revised, {{< n changes.withdrawn >}} withdrawn."
    )
    titles = {
        "verdicts": "Verdicts that flipped",
        "results": "Results that moved most",
        "tables": "Values by table",
        "revised": "The largest revisions",
        "sources": "How each source fared",
    }
    parts = [f"*{title}*\n\n{found.tables[k]}" for k, title in titles.items() if found.tables[k]]
    return "\n\n".join([lead, *parts])


def _printed(before: Mapping[str, Any]) -> Results:
    results = {one["id"]: one for one in before["results"]}
    return Results(results, {row["claim"]: row for row in before["claims"]})


def _table(rows: Iterable[Iterable[object]], columns: Mapping[str, int], *numeric: str) -> str:
    frame = pd.DataFrame(list(rows), columns=list(columns), dtype=str)
    return markdown_table(frame, numeric=numeric, widths=columns) if len(frame) else ""


def _verdicts(rows: list[dict[str, str]]) -> str:
    cells = ([f"{r['claim']}: {r['title']}", r["old"], r["new"]] for r in rows)
    return _table(cells, {"Claim": 40, "Before": 20, "Now": 20})


def _results(rows: list[dict[str, Any]]) -> str:
    cells = ([r["made"], r["old"], r["new"], size_in_words(r["size"])] for r in rows)
    return _table(cells, {"Result": 44, "Before": 14, "Now": 14, "By": 8}, "Before", "Now", "By")


def _by_table(tables: list[dict[str, Any]]) -> str:
    kinds = (NEW, REVISED, WITHDRAWN)
    cells = ([t["table"], *(f"{t[kind]:,}" for kind in kinds)] for t in tables)
    return _table(
        cells,
        {"Table": 40, "New": 10, "Revised": 10, "Withdrawn": 10},
        "New",
        "Revised",
        "Withdrawn",
    )


def _revised(rows: list[dict[str, Any]]) -> str:
    sized = [(revision(row["old"], row["new"]), row) for row in rows]
    sized.sort(key=lambda one: -abs(one[0]) if one[0] is not None else 0.0)
    cells = (
        [f"{r['measure']}, {r['what']}", r["period"], r["old"], r["new"], size_in_words(size)]
        for size, r in sized[:MOST]
    )
    columns = {"Figure": 40, "Period": 12, "Before": 12, "Now": 12, "By": 8}
    return _table(cells, columns, "Before", "Now", "By")


def _sources(rows: list[dict[str, Any]]) -> str:
    cells = ([r["title"], r["publisher"], r["state"], r["as_of"]] for r in rows)
    return _table(cells, {"Source": 40, "Publisher": 20, "State": 12, "As of": 12})
