"""The data dictionary as tables of text for the chapter on data: plain words, not yet escaped for any format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from iapt_ledger.dictionary.corrections import Correction, load_corrections
from iapt_ledger.dictionary.load import load_dictionary
from iapt_ledger.dictionary.model import Column, Dictionary, Identity, Measure, Table, Total

OPEN = "open"


@dataclass(frozen=True)
class Published:
    """The published data dictionary: frames of text whose column names are the headings to print.

    Attributes:
        tables: one row a table: what it holds, its span, cautions.
        columns: one row a column and table in which its meaning differs.
        values: one row a value of a closed column.
        measures: one row a definition of a measure.
        units: one row a unit.
        rules: one row an identity or total, with tolerance and reason.
        corrections: one row a declared error of a publisher.
    """

    tables: pd.DataFrame
    columns: pd.DataFrame
    values: pd.DataFrame
    measures: pd.DataFrame
    units: pd.DataFrame
    rules: pd.DataFrame
    corrections: pd.DataFrame


def published_tables(
    frames: Mapping[str, pd.DataFrame] | None = None, dictionary: Dictionary | None = None
) -> Published:
    """The data dictionary as frames for the chapter on data.

    Args:
        frames: tidy tables by name; with them the tables carry their numbers of rows and their span.
        dictionary: data/dictionary.yaml unless given.

    Returns:
        Frames of text. Nothing in them is escaped: `iapt_ledger.tables` does that where they are printed.
    """
    known = dictionary or load_dictionary()
    return Published(
        tables=pd.DataFrame([_table(t, (frames or {}).get(t.name)) for t in known.tables.values()]),
        columns=pd.DataFrame(_columns(known)),
        values=pd.DataFrame(_values(known)),
        measures=pd.DataFrame(
            [_measure(m, known) for m in known.measures.values()]
            + [row for t in known.tables.values() for row in _patterns(t)]
        ),
        units=pd.DataFrame([{"Unit": u.name, "Meaning": u.meaning} for u in known.units.values()]),
        rules=pd.DataFrame(
            [row for i in known.identities for row in _identity(i)]
            + [_total(t) for t in known.totals]
        ),
        corrections=pd.DataFrame([_correction(c) for c in load_corrections()]),
    )


def _table(table: Table, frame: pd.DataFrame | None) -> dict[str, str]:
    row = {
        "Table": table.name,
        "Title": table.title,
        "Kind": table.kind,
        "One row is": table.row,
        "Publisher": table.publisher,
        "Cite as": table.cite,
        "Beware": " ".join(table.cautions),
    }
    if frame is not None:
        row |= {"Rows": f"{len(frame):,}", "Span": _span(frame)}
    return row


def _span(frame: pd.DataFrame) -> str:
    """First and last day of the rows that are dated, empty where none is."""
    if "period_start" not in frame or frame["period_end"].isna().all():
        return ""
    return f"{frame['period_start'].min().date()} to {frame['period_end'].max().date()}"


def _columns(dictionary: Dictionary) -> list[dict[str, str]]:
    """Columns that all tables share once, the others with the tables that have them."""
    found: dict[tuple[str, str], tuple[Column, list[str]]] = {}
    for table in dictionary.tables.values():
        for column in table.columns.values():
            found.setdefault((column.name, column.meaning), (column, []))[1].append(table.name)
    return [
        {
            "Column": column.name,
            "Meaning": column.meaning,
            "Type": column.type,
            "May be empty": "yes" if column.empty else "no",
            "Values": OPEN if column.values is None else f"{len(column.values)} listed",
            "Tables": ", ".join(tables),
        }
        for column, tables in found.values()
    ]


def _values(dictionary: Dictionary) -> list[dict[str, str]]:
    return [
        {"Vocabulary": name, "Value": value, "Meaning": meaning}
        for name, vocabulary in dictionary.vocabularies.items()
        for value, meaning in vocabulary.items()
    ]


def _measure(measure: Measure, dictionary: Dictionary) -> dict[str, str]:
    uses = [
        (table.name, name)
        for table in dictionary.tables.values()
        for name, units in (table.measures or {}).items()
        if measure.id in units.values()
    ]
    names, tables = dict.fromkeys(n for _, n in uses), dict.fromkeys(t for t, _ in uses)
    return {
        "Measure": measure.label,
        "Name in the data": ", ".join(names) or measure.id,
        "Meaning": measure.meaning,
        "Units": ", ".join(measure.units),
        "Tables": ", ".join(tables) or f"made by the correction {measure.made_by}",
        "Source": ", ".join(measure.source),
    }


def _patterns(table: Table) -> list[dict[str, str]]:
    """Measures of a table of studies, whose names are as many as its findings."""
    return [
        {
            "Measure": f"Findings of studies ({table.title.lower()})",
            "Name in the data": pattern.match,
            "Meaning": pattern.meaning,
            "Units": "as the row says",
            "Tables": table.name,
            "Source": "the study of the row",
        }
        for pattern in table.patterns
    ]


def _identity(identity: Identity) -> list[dict[str, str]]:
    return [
        {
            "Rule": identity.says,
            "Table": scope.table,
            "Exactly": identity.rule,
            "Tolerance": "none" if scope.tolerance == "0" else scope.tolerance,
            "Why": scope.because,
        }
        for scope in identity.scopes
    ]


def _total(total: Total) -> dict[str, str]:
    reasons = [total.because, *(d.because for d in total.departures)]
    return {
        "Rule": total.says,
        "Table": total.table,
        "Exactly": f"sum over {', '.join(total.by)} of {total.whole_table}",
        "Tolerance": f"ratio {total.low:g} to {total.high:g}",
        "Why": " ".join(reasons),
    }


def _correction(correction: Correction) -> dict[str, str]:
    return {
        "Correction": correction.id,
        "Table": correction.table,
        "What we do": correction.what,
        "Why": correction.why,
        "Source": correction.source,
        "Who was told": correction.told,
    }
