"""Known errors of publishers, declared in data/corrections.yaml and applied to tidy tables in one place.

Each has a guard: an expression that holds while the error stands. Once a publisher mends it, the guard fails and so
does the build, so that no correction outlives its error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from iapt_ledger import paths
from iapt_ledger.dictionary.expressions import evaluate, names_of
from iapt_ledger.dictionary.faults import shown
from iapt_ledger.dictionary.identities import chosen
from iapt_ledger.dictionary.load import read_yaml, where
from iapt_ledger.dictionary.model import Where
from iapt_ledger.errors import Faults, LedgerError

CORRECTIONS = paths.DATA / "corrections.yaml"
SCHEMA = Path(__file__).with_name("corrections.schema.json")
Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Named:
    """A name that a guard uses: rows, and what is taken of them (value, sum, count or repeats)."""

    where: Where
    table: str
    column: str = "value"
    take: Literal["value", "sum", "count", "repeats"] = "value"


@dataclass(frozen=True)
class Correction:
    """One declared error.

    Attributes:
        id: name of the correction.
        table, where: the rows at fault.
        do: exclude them, replace or relabel cells of them, or keep them as they are and only watch.
        set: new cells by column; a mapping goes from old cell to new.
        what, why: what we do and why, in words.
        source: publication at fault, an id of data/sources.yaml.
        told: who was told.
        guard: holds while the error stands; it may use `rows`, the measures of the rows, and the names given.
    """

    id: str
    table: str
    where: Where
    do: Literal["exclude", "replace", "relabel", "keep"]
    what: str
    why: str
    source: str
    told: str
    guard: str
    set: Mapping[str, Any] = field(default_factory=dict)
    named: Mapping[str, Named] = field(default_factory=dict)

    @property
    def tables(self) -> frozenset[str]:
        """Tables that the guard reads."""
        return frozenset([self.table, *(n.table for n in self.named.values())])


@cache
def load_corrections(path: Path = CORRECTIONS) -> tuple[Correction, ...]:
    """The declared corrections, in the order of the file.

    Raises:
        Faults: the file is not what its schema allows, or a guard cannot be read.
    """
    raw = read_yaml(path, SCHEMA)["corrections"]
    corrections = tuple(_correction(name, entry) for name, entry in raw.items())
    faults = [fault for c in corrections for fault in _unreadable(c)]
    if faults:
        raise Faults("A correction cannot be read", faults, fix=f"edit data/{path.name}")
    return corrections


def apply_corrections(
    frames: Frames, corrections: tuple[Correction, ...] | None = None
) -> dict[str, pd.DataFrame]:
    """Tidy tables with the declared errors dealt with.

    All guards are tried on the tables as given before any of them is changed. A correction whose table is not given
    is passed over; a guard that reads a table not given is not tried.

    Args:
        frames: tidy tables by name.
        corrections: data/corrections.yaml unless given.

    Returns:
        The same tables with the index they came with; a table without a correction is the very frame given.

    Raises:
        Faults: every guard that no longer holds, with what was found.
    """
    known = load_corrections() if corrections is None else corrections
    here = [c for c in known if c.table in frames]
    faults = [fault for c in here if c.tables <= set(frames) for fault in _mended(c, frames)]
    if faults:
        fix = (
            "see whether the publisher mended it; then take the entry out of data/corrections.yaml"
        )
        raise Faults("A declared error is not what it was", faults, fix=fix)
    out = dict(frames)
    for correction in here:
        out[correction.table] = _corrected(correction, out[correction.table])
    return out


def corrected_part(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Some rows of one tidy table with the declared errors dealt with; no guard is tried, as it may need other rows."""
    for correction in load_corrections():
        if correction.table == table:
            frame = _corrected(correction, frame)
    return frame


def _correction(name: str, entry: Mapping[str, Any]) -> Correction:
    named = {
        key: Named(
            where(n["where"]),
            n.get("table", entry["table"]),
            n.get("column", "value"),
            n.get("take", "value"),
        )
        for key, n in entry.get("named", {}).items()
    }
    texts = {k: entry[k] for k in ("table", "do", "what", "why", "source", "told", "guard")}
    return Correction(
        id=name, where=where(entry["where"]), set=entry.get("set", {}), named=named, **texts
    )


def _unreadable(correction: Correction) -> Iterator[str]:
    try:
        needed = names_of(correction.guard)
    except LedgerError as error:
        yield f"{correction.id}: {error}"
        return
    for idle in sorted(set(correction.named) - needed):
        yield f"{correction.id}: the guard does not use {idle}"


def _mended(correction: Correction, frames: Frames) -> Iterator[str]:
    """A sentence when the guard of a correction does not hold, or the rows that it speaks of are not there."""
    try:
        values = dict(_values(correction, frames))
        holds = bool(evaluate(correction.guard, values))
    except LedgerError as error:
        yield f"{correction.id}: {error}"
        return
    if not holds:
        found = ", ".join(
            f"{name} {shown(values[name])}" for name in sorted(names_of(correction.guard))
        )
        yield f"{correction.id} in {correction.table}: expected {correction.guard}; found {found}"


def _values(correction: Correction, frames: Frames) -> Iterator[tuple[str, float]]:
    """Values of the names that a guard uses: `rows`, the names declared, else measures of the rows."""
    rows = _rows(frames[correction.table], correction.where)
    for name in names_of(correction.guard):
        if name == "rows":
            yield name, float(len(rows))
        elif name in correction.named:
            named = correction.named[name]
            yield name, _taken(_rows(frames[named.table], named.where), named, name)
        else:
            of_measure = rows[rows["measure"] == name]
            yield name, _taken(of_measure, Named({}, correction.table), name)


def _rows(frame: pd.DataFrame, wanted: Where) -> pd.DataFrame:
    lacking = sorted(set(wanted) - set(frame))
    if lacking:
        raise LedgerError(
            "no such column", found=", ".join(lacking), choices=sorted(map(str, frame))
        )
    return frame[chosen(frame, wanted)]


def _taken(rows: pd.DataFrame, named: Named, name: str) -> float:
    cells = rows[named.column].dropna()
    if named.take == "count":
        return float(len(rows))
    if named.take == "repeats":
        return float(cells.duplicated(keep=False).sum())
    different = len(cells.unique())
    if not different or (named.take == "value" and different > 1):
        found = f"{different} values in {len(rows)} rows"
        raise LedgerError(
            "a name of a guard has no one value",
            where=named.table,
            expected=f"one {name}",
            found=found,
        )
    return float(cells.sum() if named.take == "sum" else cells.iloc[0])


def _corrected(correction: Correction, frame: pd.DataFrame) -> pd.DataFrame:
    here = chosen(frame, correction.where)
    if correction.do == "keep":
        return frame
    if correction.do == "exclude":
        return frame[~here]
    cells = {column: _replaced(frame[column], here, new) for column, new in correction.set.items()}
    return frame.assign(**cells)


def _replaced(column: pd.Series, here: pd.Series, new: object) -> pd.Series:
    fresh = column.map(lambda old: new.get(old, old)) if isinstance(new, Mapping) else new
    return column.where(~here, fresh).astype(column.dtype)
