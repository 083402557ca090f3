"""Whether the parts of the dictionary fit each other: every name leads somewhere, and everything is used."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iapt_ledger.dictionary.expressions import names_of, relation
from iapt_ledger.errors import LedgerError, closest

Raw = Mapping[str, Any]
Path = tuple[object, ...]


@dataclass(frozen=True)
class LooseEnd:
    """Something that does not fit the rest.

    Attributes:
        what: the fault in plain words.
        at: keys that lead to it in the dictionary.
        found: what there is instead, empty where `what` says all.
        nearest: names that may have been meant; None where no name is at fault.
        fix: what mends it.
    """

    what: str
    at: Path
    fix: str
    found: str = ""
    nearest: tuple[str, ...] | None = None


def loose_ends(raw: Raw) -> Iterator[LooseEnd]:
    """Everything in a dictionary of the right form that names what is not there, or that nothing uses."""
    yield from _columns(raw)
    yield from _measures(raw)
    for name, table in raw["tables"].items():
        yield from _table(name, table, raw)
    for name, identity in raw["identities"].items():
        yield from _identity(name, identity, raw)
    for name, total in raw["totals"].items():
        yield from _total(name, total, raw)


def _lacking(
    of: str, kind: str, named: Iterable[str], known: Collection[str], at: Path
) -> Iterator[LooseEnd]:
    """Names that lead to no entry."""
    for name in named:
        if name not in known:
            yield LooseEnd(
                f"{of} has no {kind} {name}",
                (*at, name),
                f"correct the name or add the {kind}",
                nearest=tuple(closest(name, known)),
            )


def _unused(kind: str, section: str, raw: Raw, used: Collection[str]) -> Iterator[LooseEnd]:
    """Entries that no name leads to; the nearest is a name that leads to no entry, where there is one."""
    wanting = set(used) - set(raw[section])
    for name in raw[section]:
        if name not in used:
            yield LooseEnd(
                f"Unknown {kind} {name}",
                (section, name),
                "rename it or delete it",
                found="nothing that uses it",
                nearest=tuple(closest(name, wanting) or closest(name, sorted(used))),
            )


def _columns(raw: Raw) -> Iterator[LooseEnd]:
    for name, column in raw["columns"].items():
        if "values" in column:
            named, known = [column["values"]], raw["vocabularies"]
            at: Path = ("columns", name, "values")
            yield from _lacking(f"Column {name}", "vocabulary", named, known, at)
    for name, columns in raw["column_sets"].items():
        at = ("column_sets", name)
        yield from _lacking(f"Column set {name}", "column", columns, raw["columns"], at)
    tables = raw["tables"].values()
    sets = {t["columns"] for t in tables}
    used = {c for t in tables for c in t.get("dimensions", ())}
    used |= {c for s in sets for c in raw["column_sets"].get(s, ())}
    yield from _unused("column set", "column_sets", raw, sets)
    yield from _unused("column", "columns", raw, used)
    values = {c["values"] for c in raw["columns"].values() if "values" in c}
    yield from _unused("vocabulary", "vocabularies", raw, values)


def _definitions(table: Raw) -> Iterator[str]:
    for item in table.get("measures", ()):
        definition = item if isinstance(item, str) else next(iter(item.values()))
        yield from definition.values() if isinstance(definition, dict) else [definition]


def measure_names(table: Raw) -> list[str]:
    """Names under which a table lists its measures."""
    return [
        item if isinstance(item, str) else next(iter(item)) for item in table.get("measures", ())
    ]


def _measures(raw: Raw) -> Iterator[LooseEnd]:
    for name, measure in raw["measures"].items():
        at = ("measures", name, "units")
        yield from _lacking(f"Measure {name}", "unit", measure["units"], raw["units"], at)
    used_units = {u for m in raw["measures"].values() for u in m["units"]}
    used_units |= {u for t in raw["tables"].values() for u in t.get("bounds", ())}
    yield from _unused("unit", "units", raw, used_units)
    listed = {d for t in raw["tables"].values() for d in _definitions(t)}
    made = {name for name, m in raw["measures"].items() if "made_by" in m}
    for name in sorted(made & listed):
        what = f"Measure {name} is made by a correction, yet stands in a published table"
        yield LooseEnd(what, ("measures", name), "take made_by away, or take it from the table")
    yield from _unused("measure", "measures", raw, listed | made)


def _table(name: str, table: Raw, raw: Raw) -> Iterator[LooseEnd]:
    at, of = ("tables", name), f"Table {name}"
    named = [table["columns"]]
    yield from _lacking(of, "column set", named, raw["column_sets"], (*at, "columns"))
    dimensions = table.get("dimensions", ())
    yield from _lacking(of, "column", dimensions, raw["columns"], (*at, "dimensions"))
    key, known = table.get("key", ()), table_columns(table, raw)
    yield from _lacking(f"The key of table {name}", "column", key, known, (*at, "key"))
    definitions = _definitions(table)
    yield from _lacking(of, "measure", definitions, raw["measures"], (*at, "measures"))
    names = measure_names(table)
    for twice in sorted({n for n in names if names.count(n) > 1}):
        what = f"Measure {twice} stands twice in table {name}"
        yield LooseEnd(what, (*at, "measures", twice), "delete one of them")
    for number, pattern in enumerate(table.get("patterns", ())):
        try:
            re.compile(pattern["match"])
        except re.error as error:
            what = f"A pattern of table {name} cannot be read"
            found = f"{pattern['match']!r}: {error}"
            yield LooseEnd(what, (*at, "patterns", number), "correct the pattern", found)


def table_columns(table: Raw, raw: Raw) -> set[str]:
    """Names in the data of the columns of a table."""
    ids = (*raw["column_sets"].get(table["columns"], ()), *table.get("dimensions", ()))
    return {raw["columns"].get(c, {}).get("name", c) for c in ids}


def _identity(name: str, identity: Raw, raw: Raw) -> Iterator[LooseEnd]:
    at = ("identities", name)
    try:
        relation(identity["rule"])
        needed = names_of(identity["rule"])
    except LedgerError as error:
        yield _unreadable(f"The rule of identity {name}", error, (*at, "rule"))
        return
    for table_name, scope in identity["tables"].items():
        here = (*at, "tables", table_name)
        yield from _lacking(f"Identity {name}", "table", [table_name], raw["tables"], here[:-1])
        if table_name not in raw["tables"]:
            continue
        table, of = raw["tables"][table_name], f"Table {table_name}"
        try:
            wanted = needed | names_of(str(scope.get("tolerance", 0)))
        except LedgerError as error:
            what = f"The tolerance of identity {name} for table {table_name}"
            yield _unreadable(what, error, (*here, "tolerance"))
            continue
        measures = measure_names(table)
        yield from _lacking(of, "measure", sorted(wanted), measures, here)
        columns = table_columns(table, raw)
        for part in ("by", "where"):
            yield from _lacking(of, "column", scope.get(part, ()), columns, (*here, part))


def _unreadable(what: str, error: LedgerError, at: Path) -> LooseEnd:
    found = str(error).rstrip(".")
    return LooseEnd(f"{what} cannot be read", at, "correct the expression", found)


def _total(name: str, total: Raw, raw: Raw) -> Iterator[LooseEnd]:
    at = ("totals", name)
    if len(total["parts"]["by"]) < len(total["whole"]["by"]):
        what = f"The whole of total {name} is grouped by more columns than its parts"
        yield LooseEnd(what, at, "group both by the same columns")
    for side in ("parts", "whole"):
        table = total[side]["table"]
        here = (*at, side)
        yield from _lacking(f"Total {name}", "table", [table], raw["tables"], (*here, "table"))
        if table not in raw["tables"]:
            continue
        columns = table_columns(raw["tables"][table], raw) | {"category_group"}
        for part in ("by", "where"):
            yield from _lacking(
                f"Table {table}", "column", total[side][part], columns, (*here, part)
            )
