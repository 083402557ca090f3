"""Read data/dictionary.yaml: its form is checked first, then whether its parts fit each other. All faults at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from iapt_ledger import paths
from iapt_ledger.dictionary.consistency import LooseEnd, loose_ends
from iapt_ledger.dictionary.model import (
    Column,
    Departure,
    Dictionary,
    Identity,
    Measure,
    Pattern,
    Scope,
    Table,
    Total,
    Unit,
    Where,
)
from iapt_ledger.dictionary.places import line_of
from iapt_ledger.errors import Faults, LedgerError

DICTIONARY = paths.DATA / "dictionary.yaml"
SCHEMA = Path(__file__).with_name("dictionary.schema.json")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Plain(_Loader):  # type: ignore[misc,valid-type]
    """YAML without dates: a day stays the text that was written, and a repeated key is a fault."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """A mapping, refusing a key that stands twice."""
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key twice: {name}", key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
    for first, pairs in _Loader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path, schema: Path) -> dict[str, Any]:
    """A YAML file that its schema allows.

    Raises:
        LedgerError: it cannot be read.
        Faults: every place where it is not what the schema says.
    """
    name = _name(path)
    text, raw = _parsed(path, name)
    validator = Draft202012Validator(json.loads(schema.read_text(encoding="utf8")))
    faults = []
    for error in validator.iter_errors(raw):
        at = list(error.absolute_path)
        where = f"{name}, line {line_of(text, at)} ({_at(at)})"
        faults.append(LedgerError(_short(error.message), where=where))
    if faults:
        raise Faults(f"{name} is not what its schema allows", faults, fix=f"edit {name}")
    return raw


def _parsed(path: Path, name: str) -> tuple[str, Any]:
    """Text and content of a YAML file."""
    try:
        text = path.read_text(encoding="utf8")
        return text, yaml.load(text, Loader=_Plain)
    except (OSError, UnicodeDecodeError) as error:
        found = error.strerror if isinstance(error, OSError) else "bytes that are not UTF-8"
        where, fix = name, f"git checkout -- {name}"
    except yaml.reader.ReaderError as error:
        where = f"{name}, line {text.count(chr(10), 0, error.position) + 1}"
        found, fix = f"a character that YAML does not allow: {error.character!r}", "take it out"
    except yaml.YAMLError as error:
        where, found = _yaml_fault(error, name)
        fix = "correct that line"
    raise LedgerError("YAML cannot be read", where=where, found=found, fix=fix)


def _yaml_fault(error: yaml.YAMLError, name: str) -> tuple[str, str]:
    """Place and words of a fault that the parser found."""
    mark = getattr(error, "problem_mark", None)
    where = f"{name}, line {mark.line + 1}" if mark else name
    found = f"a fault: {getattr(error, 'problem', None) or error}"
    begun, context = getattr(error, "context_mark", None), getattr(error, "context", None)
    if begun and context:
        found += f" {context}, begun in line {begun.line + 1}"
    return where, found


@cache
def load_dictionary(path: Path = DICTIONARY) -> Dictionary:
    """The data dictionary.

    Raises:
        Faults: every entry that is not of the schema, names what is not there, or is used by nothing.
    """
    raw = read_yaml(path, SCHEMA)
    ends = list(loose_ends(raw))
    if ends:
        name, text = _name(path), path.read_text(encoding="utf8")
        faults = [_fault(end, f"{name}, line {line_of(text, end.at)}") for end in ends]
        raise Faults(f"{name} does not hold together", faults, fix=f"edit {name}")
    return Dictionary(
        units={name: _unit(name, entry) for name, entry in raw["units"].items()},
        vocabularies=raw["vocabularies"],
        measures={name: _measure(name, entry) for name, entry in raw["measures"].items()},
        tables={name: _table(name, entry, raw) for name, entry in raw["tables"].items()},
        identities=tuple(_identity(name, entry) for name, entry in raw["identities"].items()),
        totals=tuple(_total(name, entry) for name, entry in raw["totals"].items()),
    )


def _fault(end: LooseEnd, where: str) -> LedgerError:
    found = end.found or None
    return LedgerError(end.what, where=where, found=found, nearest=end.nearest, fix=end.fix)


def _name(path: Path) -> str:
    return str(path.relative_to(paths.ROOT)) if path.is_relative_to(paths.ROOT) else path.name


def _short(message: str, most: int = 300) -> str:
    """A message that may quote a whole section, cut."""
    return message if len(message) <= most else f"{message[:most]} ..."


def _at(parts: Iterable[object]) -> str:
    return " / ".join(str(part) for part in parts) or "the whole file"


def _unit(name: str, entry: Mapping[str, Any]) -> Unit:
    low, high = entry.get("bounds", (None, None))
    return Unit(name, entry["meaning"], entry.get("whole", False), low, high)


def _measure(name: str, entry: Mapping[str, Any]) -> Measure:
    low, high = entry.get("bounds", (None, None))
    return Measure(
        id=name,
        label=entry.get("label", name),
        meaning=entry["meaning"],
        units=tuple(entry["units"]),
        low=low,
        high=high,
        own_bounds="bounds" in entry,
        whole=entry.get("whole"),
        source=tuple(entry["source"]),
        made_by=entry.get("made_by", ""),
        awaited=entry.get("awaited", ""),
    )


def _column(name: str, raw: Mapping[str, Any]) -> Column:
    entry = raw["columns"][name]
    return Column(
        name=entry.get("name", name),
        meaning=entry["meaning"],
        type=entry.get("type", "text"),
        empty=entry.get("empty", False),
        values=raw["vocabularies"][entry["values"]] if "values" in entry else None,
    )


def _table(name: str, entry: Mapping[str, Any], raw: Mapping[str, Any]) -> Table:
    columns = [
        _column(c, raw)
        for c in (*raw["column_sets"][entry["columns"]], *entry.get("dimensions", ()))
    ]
    return Table(
        name=name,
        **{k: entry[k] for k in ("title", "kind", "row", "publisher", "cite")},
        cautions=tuple(entry["cautions"]),
        columns={c.name: c for c in columns},
        key=tuple(entry.get("key", ())),
        first=date.fromisoformat(entry["first"]) if "first" in entry else None,
        last=date.fromisoformat(entry["last"]) if "last" in entry else None,
        measures=dict(table_measures(entry, raw["measures"])),
        patterns=tuple(Pattern(p["match"], p["meaning"]) for p in entry.get("patterns", ())),
        bounds={unit: (low, high) for unit, (low, high) in entry.get("bounds", {}).items()},
    )


def table_measures(
    entry: Mapping[str, Any], measures: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Measures of a table: name in the data, and unit to the id of the definition."""
    for item in entry.get("measures", ()):
        name, definition = (item, item) if isinstance(item, str) else next(iter(item.items()))
        if isinstance(definition, dict):
            yield name, dict(definition)
        else:
            yield name, dict.fromkeys(measures[definition]["units"], definition)


def where(entry: Mapping[str, Any]) -> Where:
    """Rows chosen by column, each with the values allowed."""
    return {c: tuple(v) if isinstance(v, list) else (v,) for c, v in entry.items()}


def _identity(name: str, entry: Mapping[str, Any]) -> Identity:
    scopes = tuple(
        Scope(
            table=table,
            by=tuple(scope.get("by", ())),
            where=where(scope.get("where", {})),
            tolerance=str(scope.get("tolerance", 0)),
            because=scope["because"],
        )
        for table, scope in entry["tables"].items()
    )
    return Identity(name, entry["says"], entry["rule"], scopes)


def _total(name: str, entry: Mapping[str, Any]) -> Total:
    parts, whole = entry["parts"], entry["whole"]
    return Total(
        id=name,
        says=entry["says"],
        table=parts["table"],
        where=where(parts["where"]),
        by=tuple(parts["by"]),
        whole_table=whole["table"],
        whole_where=where(whole["where"]),
        whole_by=tuple(whole["by"]),
        low=entry["ratio"][0],
        high=entry["ratio"][1],
        because=entry["because"],
        departures=tuple(
            Departure(where(d["where"]), d["ratio"][0], d["ratio"][1], d["because"])
            for d in entry.get("departures", ())
        ),
    )
