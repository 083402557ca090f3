"""Whether the parts of the dictionary fit each other: every name leads somewhere, and everything is used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from iapt_ledger.dictionary.expressions import names_of, relation
from iapt_ledger.errors import LedgerError

Raw = Mapping[str, Any]


def loose_ends(raw: Raw) -> Iterator[str]:
    """Everything in a dictionary of the right form that names what is not there, or that nothing uses."""
    yield from _columns(raw)
    yield from _measures(raw)
    for name, table in raw["tables"].items():
        yield from _table(name, table, raw)
    for name, identity in raw["identities"].items():
        yield from _identity(name, identity, raw)
    for name, total in raw["totals"].items():
        yield from _total(name, total, raw)


def _unused(kind: str, there: object, used: set[str]) -> Iterator[str]:
    for name in there:  # type: ignore[attr-defined]
        if name not in used:
            yield f"{kind} {name}: nothing uses it"


def _columns(raw: Raw) -> Iterator[str]:
    for name, column in raw["columns"].items():
        if column.get("values", name) not in {name, *raw["vocabularies"]}:
            yield f"column {name}: no vocabulary {column['values']}"
    for set_name, columns in raw["column_sets"].items():
        for column in columns:
            if column not in raw["columns"]:
                yield f"column set {set_name}: no column {column}"
    tables = raw["tables"].values()
    sets = {t["columns"] for t in tables}
    used = {c for t in tables for c in t.get("dimensions", ())}
    used |= {c for s in sets for c in raw["column_sets"].get(s, ())}
    yield from _unused("column set", raw["column_sets"], sets)
    yield from _unused("column", raw["columns"], used)
    yield from _unused(
        "vocabulary", raw["vocabularies"], {c.get("values", "") for c in raw["columns"].values()}
    )


def _definitions(table: Raw) -> Iterator[str]:
    for item in table.get("measures", ()):
        definition = item if isinstance(item, str) else next(iter(item.values()))
        yield from definition.values() if isinstance(definition, dict) else [definition]


def measure_names(table: Raw) -> list[str]:
    """Names under which a table lists its measures."""
    return [
        item if isinstance(item, str) else next(iter(item)) for item in table.get("measures", ())
    ]


def _measures(raw: Raw) -> Iterator[str]:
    for name, measure in raw["measures"].items():
        for unit in measure["units"]:
            if unit not in raw["units"]:
                yield f"measure {name}: no unit {unit}"
    used_units = {u for m in raw["measures"].values() for u in m["units"]}
    used_units |= {u for t in raw["tables"].values() for u in t.get("bounds", ())}
    yield from _unused("unit", raw["units"], used_units)
    listed = {d for t in raw["tables"].values() for d in _definitions(t)}
    made = {name for name, m in raw["measures"].items() if "made_by" in m}
    yield from (
        f"measure {name}: made by a correction, yet in a published table"
        for name in sorted(made & listed)
    )
    yield from _unused("measure", raw["measures"], listed | made)


def _table(name: str, table: Raw, raw: Raw) -> Iterator[str]:
    if table["columns"] not in raw["column_sets"]:
        yield f"table {name}: no column set {table['columns']}"
    for column in table.get("dimensions", ()):
        if column not in raw["columns"]:
            yield f"table {name}: no column {column}"
    known = table_columns(table, raw)
    for column in table.get("key", ()):
        if column not in known:
            yield f"table {name}: its key has no column {column}"
    for definition in _definitions(table):
        if definition not in raw["measures"]:
            yield f"table {name}: no measure {definition}"
    names = measure_names(table)
    for twice in sorted({n for n in names if names.count(n) > 1}):
        yield f"table {name}: measure {twice} stands twice"
    for pattern in table.get("patterns", ()):
        try:
            re.compile(pattern["match"])
        except re.error as error:
            yield f"table {name}: pattern {pattern['match']!r}: {error}"


def table_columns(table: Raw, raw: Raw) -> set[str]:
    """Names in the data of the columns of a table."""
    ids = (*raw["column_sets"].get(table["columns"], ()), *table.get("dimensions", ()))
    return {raw["columns"].get(c, {}).get("name", c) for c in ids}


def _identity(name: str, identity: Raw, raw: Raw) -> Iterator[str]:
    try:
        relation(identity["rule"])
        needed = names_of(identity["rule"])
    except LedgerError as error:
        yield f"identity {name}: {error}"
        return
    for table_name, scope in identity["tables"].items():
        where = f"identity {name}, table {table_name}"
        table = raw["tables"].get(table_name)
        if table is None:
            yield f"{where}: no such table"
            continue
        try:
            wanted = needed | names_of(str(scope.get("tolerance", 0)))
        except LedgerError as error:
            yield f"{where}: {error}"
            continue
        yield from (
            f"{where}: the table has no measure {m}"
            for m in sorted(wanted - set(measure_names(table)))
        )
        asked = {*scope.get("by", ()), *scope.get("where", ())}
        yield from (
            f"{where}: the table has no column {c}"
            for c in sorted(asked - table_columns(table, raw))
        )


def _total(name: str, total: Raw, raw: Raw) -> Iterator[str]:
    if len(total["parts"]["by"]) < len(total["whole"]["by"]):
        yield f"total {name}: the whole is grouped by more columns than the parts"
    for side in ("parts", "whole"):
        table = raw["tables"].get(total[side]["table"])
        if table is None:
            yield f"total {name}: no table {total[side]['table']}"
            continue
        asked = {*total[side]["by"], *total[side]["where"]} - {"category_group"}
        for column in sorted(asked - table_columns(table, raw)):
            yield f"total {name}: {total[side]['table']} has no column {column}"
