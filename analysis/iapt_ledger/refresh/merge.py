"""Put what a feed published into a stored table: what is new, revised, withdrawn and unchanged.

A row that is unchanged stays as it is stored, to the byte: another address or another wording of the note makes no
revision. Rows keep their order; new ones follow, sorted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from iapt_ledger.edition.tables import Table
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.refresh.keys import key_columns, keys_of, periods_of, spoken, value_columns

NEW, REVISED, WITHDRAWN = "new", "revised", "withdrawn"
COLUMNS = ("table", "feed", "change", "period", "measure", "what", "old", "new", "source_id")
_MOST_FAULTS = 20
Row = pd.Series | Mapping[Hashable, Any]
"""One stored row, its cells by column."""


@dataclass(frozen=True)
class Merged:
    """A stored table with a feed's rows put into it.

    Attributes:
        frame: the table as it is now.
        changes: one row for each value that is new, revised or withdrawn; columns COLUMNS, all text.
        unchanged: values that were published again and are the same.
        new_periods: periods that the feed held nothing of before.
    """

    frame: pd.DataFrame
    changes: pd.DataFrame
    unchanged: int
    new_periods: tuple[str, ...]


def merge(
    table: Table, old: pd.DataFrame, rows: pd.DataFrame, owned: pd.Series, *, feed: str, whole: bool
) -> Merged:
    """A table with what a feed published put into it.

    Args:
        table: its declaration.
        old: the stored table.
        rows: what the feed published, in the stored columns, as text.
        owned: of the stored table, the rows that the feed publishes; no other row is touched.
        feed: its name.
        whole: whether everything that the feed publishes came. Where something failed, what is not there may be in
            what did not come, so nothing is withdrawn.

    Raises:
        Faults: a key stands twice among the rows.
        LedgerError: the rows have other columns than the table.
    """
    if tuple(rows.columns) != table.columns:
        raise LedgerError(
            "rows of a source have other columns than the table",
            where=f"{feed}, table {table.name}",
            expected=list(table.columns),
            found=list(rows.columns),
        )
    if told := twice(table, rows):
        what = f"a figure stands twice in what {feed} published ({len(told)} in all)"
        raise Faults(what, told[:_MOST_FAULTS])
    keys = keys_of(table, rows)
    mine = np.flatnonzero(owned.to_numpy(dtype=bool))
    held = _Held(keys_of(table, old.iloc[mine]), mine, old)
    sources = _sources(rows)
    places = [held.place(key, source) for key, source in zip(keys, sources, strict=True)]
    return _merged(
        table, old, rows, _Match(places, held.gone(table, rows, keys) if whole else [], mine), feed
    )


class _Held:
    """The rows of the feed that the table holds already, by key."""

    def __init__(self, keys: list[str], positions: np.ndarray, old: pd.DataFrame) -> None:
        self._old, self._positions, self._keys = old, positions, keys
        self._sources = _sources(old)
        self._by_key: dict[str, list[int]] = {}
        for key, position in zip(keys, positions, strict=True):
            self._by_key.setdefault(key, []).append(int(position))

    def place(self, key: str, source: str) -> int:
        """Position of the row of this key; the one of the same publication where several have it, -1 for none."""
        found = self._by_key.get(key, [])
        same = [position for position in found if self._sources[position] == source]
        return (same or found or [-1])[0]

    def gone(self, table: Table, rows: pd.DataFrame, keys: list[str]) -> list[int]:
        """Positions of rows of a period that is published now, without them."""
        published, here = set(periods_of(table, rows)), set(keys)
        periods = periods_of(table, self._old.iloc[self._positions])
        each = zip(self._positions, self._keys, periods, strict=True)
        return [int(p) for p, key, period in each if period in published and key not in here]


@dataclass(frozen=True)
class _Match:
    """Which stored row each published row is (-1 for none), which stored rows are gone, and which the feed holds."""

    places: list[int]
    gone: list[int]
    mine: np.ndarray


def _merged(
    table: Table, old: pd.DataFrame, rows: pd.DataFrame, match: _Match, feed: str
) -> Merged:
    places = np.array(match.places, dtype=int)
    found = np.flatnonzero(places >= 0)
    added = np.flatnonzero(places < 0)
    values = list(value_columns(table))
    before, after = old.iloc[places[found].tolist()], rows.iloc[found.tolist()]
    differs = _differs(table, before, after, values)
    changed = np.flatnonzero(differs.any(axis=1))
    fresh = rows.iloc[added].sort_values(list(key_columns(table)), kind="stable")
    cells = old.to_numpy(dtype=object, copy=True)
    cells[places[found][changed]] = after.to_numpy(dtype=object)[changed]
    kept = np.delete(cells, match.gone, axis=0)
    frame = pd.DataFrame(
        np.concatenate([kept, fresh.to_numpy(dtype=object)]), columns=list(table.columns), dtype=str
    )
    told = _Telling(table, feed)
    changes = [
        *told.revised(before.iloc[changed], after.iloc[changed], differs[changed]),
        *told.whole_rows(fresh, NEW),
        *told.whole_rows(old.iloc[match.gone], WITHDRAWN),
    ]
    shown = 1 if table.shape != "wide" else len(values)
    revised = int(differs.sum()) if table.shape == "wide" else len(changed)
    held_before = set(periods_of(table, old.iloc[match.mine]))
    new_periods = sorted(set(periods_of(table, fresh)) - held_before - {""})
    return Merged(
        frame,
        pd.DataFrame(changes, columns=list(COLUMNS), dtype=str),
        len(found) * shown - revised,
        tuple(new_periods),
    )


class _Telling:
    """Changes as records, one for each value."""

    def __init__(self, table: Table, feed: str) -> None:
        self._table, self._feed = table, feed

    def revised(
        self, before: pd.DataFrame, after: pd.DataFrame, differs: np.ndarray
    ) -> list[tuple[str, ...]]:
        """Values that differ, old beside new."""
        told, columns = [], value_columns(self._table)
        periods = periods_of(self._table, after)
        for i, (period, which) in enumerate(zip(periods, differs, strict=True)):
            old, new = before.iloc[i], after.iloc[i]
            if self._table.shape == "wide":
                told_of = [c for c, other in zip(columns, which, strict=True) if other]
                pairs = [(c, *self._cells(c, old, new)) for c in told_of]
            else:
                pairs = [(self._measure(new), self._shown(old), self._shown(new))]
            told += self._records(REVISED, period, new, pairs)
        return told

    def _cells(self, column: str, old: pd.Series, new: pd.Series) -> tuple[str, str]:
        """A cell of a wide table before and after, with how far it can be trusted where that differs."""
        judged = self._table.measures[column].reliability
        if not judged or old[judged] == new[judged]:
            return str(old[column]), str(new[column])
        before, after = (f"{row[column]} ({row[judged]})".strip() for row in (old, new))
        return before, after

    def whole_rows(self, rows: pd.DataFrame, change: str) -> list[tuple[str, ...]]:
        """Every value of rows that are new, or gone."""
        told = []
        records = rows.to_dict("records")
        for period, row in zip(periods_of(self._table, rows), records, strict=True):
            if self._table.shape == "wide":
                values = [(c, str(row[c])) for c in self._table.measures]
            else:
                values = [(self._measure(row), self._shown(row))]
            pairs = [(m, "", v) if change == NEW else (m, v, "") for m, v in values]
            told += self._records(change, period, row, pairs)
        return told

    def _records(
        self, change: str, period: str, row: Row, values: list[tuple[str, str, str]]
    ) -> list[tuple[str, ...]]:
        head = (self._table.name, self._feed, change, period)
        what, source = spoken(self._table, row), str(row.get("source_id", ""))
        return [(*head, measure, what, old, new, source) for measure, old, new in values]

    def _measure(self, row: Row) -> str:
        return str(row.get("measure", "entry"))

    def _shown(self, row: Row) -> str:
        """A row's value with its scale; the status where there is no number, the entry in a list of codes."""
        if "value" not in row:
            return "; ".join(str(row[c]) for c in value_columns(self._table))
        scale = row.get("unit_scale", "1")
        number = f"{row['value']}{f' x {scale}' if scale not in ('', '1') else ''}"
        ends = f" ({row['low']} to {row['high']})" if row["low"] or row["high"] else ""
        usual = row["status"] in ("published", "derived")
        return (
            f"{number if row['value'] else ''}{ends}{'' if usual else ' ' + row['status']}".strip()
        )


def _differs(
    table: Table, before: pd.DataFrame, after: pd.DataFrame, columns: list[str]
) -> np.ndarray:
    """Which cells hold another number, or another text where one is no number; shape rows by columns.

    A cell whose number stands but which is judged otherwise, as in a column of its reliability, differs too.
    """
    out = np.zeros((len(after), len(columns)), dtype=bool)
    scales = [_numbers(f["unit_scale"]) if "unit_scale" in f else 1.0 for f in (before, after)]
    for i, column in enumerate(columns):
        one, other = before[column].to_numpy(dtype=object), after[column].to_numpy(dtype=object)
        numeric = table.shape != "code" and column != "status"
        if not numeric:
            out[:, i] = one != other
            continue
        a, b = _numbers(before[column]) * scales[0], _numbers(after[column]) * scales[1]
        same = np.isclose(a, b, rtol=1e-12, atol=0) | ((one == other) & (np.isnan(a) & np.isnan(b)))
        out[:, i] = ~same
        judged = table.measures[column].reliability if column in table.measures else ""
        if judged:
            out[:, i] |= (before[judged].to_numpy() != after[judged].to_numpy()).astype(bool)
    return out


def _numbers(texts: pd.Series) -> np.ndarray:
    return pd.to_numeric(texts.where(texts.ne(""), None), errors="coerce").to_numpy(
        dtype=float, na_value=np.nan
    )


def _sources(rows: pd.DataFrame) -> list[str]:
    return rows["source_id"].tolist() if "source_id" in rows else [""] * len(rows)


def twice(table: Table, rows: pd.DataFrame) -> list[str]:
    """Each figure that stands twice among the rows, in words."""
    keys = keys_of(table, rows)
    many = {key for key, times in Counter(keys).items() if times > 1}
    first = {key: i for i, key in reversed(list(enumerate(keys))) if key in many}
    return [_which(table, rows.iloc[[i]]) for i in sorted(first.values())]


def _which(table: Table, row: pd.DataFrame) -> str:
    """One row in words: table, period, measure and what it is of."""
    only = row.iloc[0]
    parts = [*periods_of(table, row), str(only.get("measure", "")), spoken(table, only)]
    return f"{table.name}: {', '.join(part for part in parts if part)}"


def compare(table: Table, old: pd.DataFrame, new: pd.DataFrame) -> Merged:
    """What one edition's table has that another's has not, whichever feeds they came from.

    Rows of one key and publication are the same observation; what is left over is matched by key alone, as one
    publication can take the place of another.
    """
    keys, sources = keys_of(table, old), _sources(old)
    free: dict[tuple[str, str], list[int]] = {}
    for i, pair in enumerate(zip(keys, sources, strict=True)):
        free.setdefault(pair, []).append(i)
    wanted = list(zip(keys_of(table, new), _sources(new), strict=True))
    places = [free[pair].pop(0) if free.get(pair) else -1 for pair in wanted]
    left: dict[str, list[int]] = {}
    for i in sorted(i for several in free.values() for i in several):
        left.setdefault(keys[i], []).append(i)
    for i, (key, _) in enumerate(wanted):
        if places[i] < 0 and left.get(key):
            places[i] = left[key].pop(0)
    gone = sorted(i for several in left.values() for i in several)
    return _merged(table, old, new, _Match(places, gone, np.arange(len(old))), "")
