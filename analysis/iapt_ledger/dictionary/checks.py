"""What pandera does not say: measures and their units, bounds, dates in order, ids, keys and sources. Vectorised."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from iapt_ledger.dictionary.faults import Fault, in_rows, shown
from iapt_ledger.dictionary.model import Dictionary, Measure, Table

VALUELESS = ("suppressed", "no_activity", "not_applicable", "missing", "not_found", "qualitative")
"""Statuses of a row without a number."""

_MONTHS = {"month": 1, "quarter": 3, "financial_year": 12, "calendar_year": 12, "academic_year": 12}
_STARTS = {"financial_year": 4, "calendar_year": 1, "academic_year": 9}


def row_faults(
    dictionary: Dictionary, table: Table, frame: pd.DataFrame, sources: Collection[str]
) -> Iterator[Fault]:
    """Faults of the rows of one table whose columns are as they should be."""
    checks: list[Callable[[], Iterator[Fault]]] = [
        lambda: _ids(table, frame),
        lambda: _keys(table, frame),
        lambda: _sources(table, frame, sources),
        lambda: _dates(table, frame),
    ]
    if "measure" in frame:
        pairs = pairs_of(dictionary, table, frame)
        checks += [
            lambda: _names(dictionary, table, frame),
            lambda: _units(dictionary, table, frame, pairs),
            lambda: _values(table, frame),
            lambda: _sizes(dictionary, table, frame, pairs),
        ]
    for check in checks:
        yield from check()


def _ids(table: Table, frame: pd.DataFrame) -> Iterator[Fault]:
    if "obs_id" not in frame or table.kind == "claims":
        return
    twice = frame["obs_id"].duplicated()
    yield from in_rows(table.file, frame, twice, "obs_id", "an id of its own", "columns / obs_id")
    named = frame["obs_id"].str.startswith(f"{table.name}:") & frame["table"].eq(table.name)
    yield from in_rows(table.file, frame, ~named, "obs_id", f"{table.name}:row", "columns / obs_id")


def _keys(table: Table, frame: pd.DataFrame) -> Iterator[Fault]:
    if not table.key:
        return
    twice = frame.duplicated(list(table.key))
    for position in np.flatnonzero(twice.to_numpy()):
        cells = [shown(frame[c].iloc[position]) for c in table.key]
        obs = str(frame["obs_id"].iloc[position]) if "obs_id" in frame else ""
        yield Fault(
            table.file,
            int(position) + 1,
            "",
            "a row of its own for " + ", ".join(table.key),
            "one more for " + ", ".join(cells),
            f"tables / {table.name} / key",
            obs,
        )


def _sources(table: Table, frame: pd.DataFrame, sources: Collection[str]) -> Iterator[Fault]:
    if "source_id" not in frame:
        return
    needed = (
        frame["status"].ne("not_found") if "status" in frame else pd.Series(True, index=frame.index)
    )
    unknown = ~frame["source_id"].isin(set(sources)) & (needed | frame["source_id"].ne(""))
    yield from in_rows(
        table.file, frame, unknown, "source_id", "an id of data/sources.yaml", "columns / source_id"
    )


def _dates(table: Table, frame: pd.DataFrame) -> Iterator[Fault]:
    if "period_start" not in frame:
        return
    start, end = frame["period_start"], frame["period_end"]
    yield from in_rows(
        table.file,
        frame,
        end < start,
        "period_end",
        "a day not before period_start",
        "columns / period_end",
    )
    for column, day, outside in (
        ("period_start", table.first, "lt"),
        ("period_end", table.last, "gt"),
    ):
        if day is not None:
            bad = getattr(frame[column], outside)(pd.Timestamp(day))
            words = f"no day {'before' if outside == 'lt' else 'after'} {day}"
            yield from in_rows(table.file, frame, bad, column, words, f"tables / {table.name}")
    yield from in_rows(
        table.file,
        frame,
        _misnamed(frame),
        "period_type",
        "the kind its dates make",
        "columns / period_type",
    )


def _misnamed(frame: pd.DataFrame) -> pd.Series:
    """Rows whose period_type is not what their dates make."""
    start, end, kind = frame["period_start"], frame["period_end"], frame["period_type"]
    months = (end.dt.year - start.dt.year) * 12 + end.dt.month - start.dt.month + 1
    whole = start.dt.is_month_start & end.dt.is_month_end & start.ne(end)
    right = ~kind.isin([*_MONTHS, "snapshot"])
    for name, length in _MONTHS.items():
        fits = whole & months.eq(length) & start.dt.month.eq(_STARTS.get(name, start.dt.month))
        right |= kind.eq(name) & fits
    return ~(right | (kind.eq("snapshot") & start.eq(end)))


def definitions_of(dictionary: Dictionary, table: Table, name: str) -> Mapping[str, str]:
    """Unit to the id of the definition that a table has for a measure of this name; empty where it has none."""
    listed = table.measures or {}
    if name in listed:
        return listed[name]
    for units in listed.values():
        for definition in units.values():
            pattern = dictionary.measures[definition].awaited
            if pattern and re.fullmatch(pattern, name):
                return units
    return {}


def _names(dictionary: Dictionary, table: Table, frame: pd.DataFrame) -> Iterator[Fault]:
    """Measures without an entry, and entries that no data uses."""
    rule = f"tables / {table.name} / measures"
    present = frame["measure"].drop_duplicates()
    patterns = [re.compile(p.match) for p in table.patterns]
    listed = present.map(lambda name: bool(definitions_of(dictionary, table, name))).astype(bool)
    matched = present.map(lambda name: any(p.search(name) for p in patterns)).astype(bool)
    unknown = set(present[~(listed | matched)]) if table.kind != "claims" else set()
    bad = frame["measure"].isin(unknown) & ~frame["measure"].duplicated()
    yield from in_rows(table.file, frame, bad, "measure", "a measure with an entry", rule)
    awaited = {m.id for m in dictionary.measures.values() if m.awaited}
    needed = [n for n, units in (table.measures or {}).items() if not awaited & {*units.values()}]
    for name in sorted(set(needed) - set(present)):
        yield Fault(
            table.file, 0, "measure", f"rows of {name!r}", "an entry that no data uses", rule
        )
    for pattern in patterns:
        if not present.map(lambda name, p=pattern: bool(p.search(name))).any():
            found = "a pattern that no data uses"
            yield Fault(
                table.file, 0, "measure", f"rows that match {pattern.pattern!r}", found, rule
            )


@dataclass(frozen=True)
class Pairs:
    """Pairs of measure and unit in a frame: which pair each row has, and the definition of each pair, if any."""

    codes: np.ndarray
    names: list[tuple[str, str]]
    definitions: list[Measure | None]


def pairs_of(dictionary: Dictionary, table: Table, frame: pd.DataFrame) -> Pairs:
    """Pairs of measure and unit in a frame, each looked up once."""
    grouped = frame.groupby(["measure", "unit"], sort=False, dropna=False)
    names = [
        (str(m), str(u))
        for m, u in frame[["measure", "unit"]].drop_duplicates().itertuples(index=False)
    ]
    known = {m: definitions_of(dictionary, table, m) for m, _ in names}
    ids = [known[m].get(u) for m, u in names]
    return Pairs(
        grouped.ngroup().to_numpy(), names, [dictionary.measures[i] if i else None for i in ids]
    )


def _units(
    dictionary: Dictionary, table: Table, frame: pd.DataFrame, pairs: Pairs
) -> Iterator[Fault]:
    if _loose(table):
        unknown = ~frame["unit"].isin({"", *dictionary.units})
        yield from in_rows(table.file, frame, unknown, "unit", "a unit with an entry", "units")
        return
    listed = {m: definitions_of(dictionary, table, m) for m, _ in pairs.names}
    wrong = [
        d is None and bool(listed[m])
        for (m, _), d in zip(pairs.names, pairs.definitions, strict=True)
    ]
    bad = pd.Series(np.array(wrong)[pairs.codes], index=frame.index)
    words = np.array([" or ".join(listed.get(m, ())) for m, _ in pairs.names], dtype=object)
    expected = pd.Series(words[pairs.codes], index=frame.index)
    yield from in_rows(
        table.file, frame, bad, "unit", expected, f"tables / {table.name} / measures"
    )


def _loose(table: Table) -> bool:
    """Whether the measures of a table are documented by pattern or not at all."""
    return bool(table.patterns) or table.kind == "claims"


def _values(table: Table, frame: pd.DataFrame) -> Iterator[Fault]:
    """A number where there should be one, and low, value and high in order."""
    rule = "columns / value"
    valueless = frame["status"].isin(VALUELESS)
    bare = frame["value"].isna()
    if _loose(table):
        bare &= frame[["low", "high"]].isna().any(axis=1)
        bare &= frame.get("estimate_as_published", pd.Series("", index=frame.index)).eq("")
    yield from in_rows(table.file, frame, bare & ~valueless, "value", "a number", rule)
    full = valueless & frame["value"].notna()
    yield from in_rows(table.file, frame, full, "value", "nothing, by its status", rule)
    inverted = (
        (frame["low"] > frame["high"])
        | (frame["low"] > frame["value"])
        | (frame["value"] > frame["high"])
    )
    yield from in_rows(table.file, frame, inverted, "value", "low, value and high in order", rule)


def _sizes(
    dictionary: Dictionary, table: Table, frame: pd.DataFrame, pairs: Pairs
) -> Iterator[Fault]:
    """Values within the bounds of their measure, unit and table, and whole where they count something."""
    each = zip(pairs.names, pairs.definitions, strict=True)
    limits = [_limits(dictionary, table, unit, measure) for (_, unit), measure in each]
    low, high, whole = (np.array([limit[i] for limit in limits])[pairs.codes] for i in range(3))
    rule = f"tables / {table.name} / bounds"
    for column in ("value", "low", "high"):
        cells = frame[column]
        bad = (cells < low) | (cells > high)
        words = (
            [
                f"between {a:g} and {b:g}" if x else ""
                for a, b, x in zip(low, high, bad, strict=True)
            ]
            if bad.any()
            else []
        )
        yield from in_rows(table.file, frame, bad, column, pd.Series(words), rule)
        broken = cells.notna() & whole & ((cells - cells.round()).abs() > 1e-6)
        yield from in_rows(table.file, frame, broken, column, "a whole number", "units")


def _limits(
    dictionary: Dictionary, table: Table, name: str, measure: Measure | None
) -> tuple[float, float, bool]:
    """Least, greatest and whether whole, of a measure in a unit; a measure or unit without an entry has no limits."""
    unit = dictionary.units.get(name)
    if unit is None or (measure is None and not _loose(table)):
        return -np.inf, np.inf, False
    own = (measure.low, measure.high) if measure and measure.own_bounds else (unit.low, unit.high)
    sizes = [own, (table.bounds or {}).get(name, (None, None))]
    low = max((a for a, _ in sizes if a is not None), default=-np.inf)
    high = min((b for _, b in sizes if b is not None), default=np.inf)
    if measure is None:
        return low, high, False
    return low, high, unit.whole if measure.whole is None else measure.whole
