"""Relations between measures, and parts that add up to wholes: every place where they break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from iapt_ledger.dictionary.expressions import evaluate, names_of, relation
from iapt_ledger.dictionary.faults import Fault, shown
from iapt_ledger.dictionary.model import Identity, Scope, Table, Total, Where

_GRAIN = 1e-6
"""What binary arithmetic may add to a tolerance of decimal numbers."""


def chosen(frame: pd.DataFrame, where: Where) -> pd.Series:
    """Rows that hold one of the values asked for in each column; days are written YYYY-MM-DD."""
    mask = pd.Series(True, index=frame.index)
    for column, values in where.items():
        cells = frame[column]
        if pd.api.types.is_datetime64_any_dtype(cells.dtype):
            mask &= cells.isin(pd.to_datetime([str(v) for v in values]))
        else:
            mask &= cells.isin(list(values))
    return mask


class Places:
    """A frame whose rows are told apart by place and measure: worked out once for all identities of a table."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._given = frame["value"].notna().to_numpy()
        self._codes: dict[tuple[str, ...], np.ndarray] = {}
        self._rows: dict[str, np.ndarray] = {}

    def positions(self, measures: list[str], scope: Scope) -> pd.DataFrame:
        """Row positions of the measures at each place where all of them have a value: places by measures."""
        codes = self._places(tuple(scope.by))
        wanted = chosen(self.frame, scope.where).to_numpy()
        count = int(codes.max(initial=-1)) + 1
        found = {}
        for measure in measures:
            rows = self._of(measure)
            rows = rows[wanted[rows]][::-1]  # of several rows of one place the first stays
            at = np.full(count, -1)
            at[codes[rows]] = rows
            found[measure] = at
        every = np.all([at >= 0 for at in found.values()], axis=0)
        return pd.DataFrame({measure: at[every] for measure, at in found.items()})

    def _places(self, by: tuple[str, ...]) -> np.ndarray:
        """Number of the place of each row."""
        if by not in self._codes:
            groups = self.frame.groupby(list(by), sort=False, dropna=False)
            self._codes[by] = groups.ngroup().to_numpy()
        return self._codes[by]

    def _of(self, measure: str) -> np.ndarray:
        """Rows of a measure that have a value."""
        if not self._rows:
            numbers, names = pd.factorize(self.frame["measure"])
            order = np.argsort(numbers, kind="stable")
            ends = np.searchsorted(numbers[order], np.arange(len(names) + 1))
            for i, name in enumerate(names):
                rows = order[ends[i] : ends[i + 1]]
                self._rows[str(name)] = rows[self._given[rows]]
        return self._rows.get(measure, np.array([], dtype=int))


def identity_faults(
    table: Table, places: Places, identity: Identity, scope: Scope
) -> Iterator[Fault]:
    """Places of one table where an identity does not hold within its tolerance.

    A place where one of the measures is not given is passed over. Rows are numbered by the index of the frame.
    """
    frame = places.frame
    needed = sorted(names_of(identity.rule) | names_of(scope.tolerance))
    positions = places.positions(needed, scope)
    if positions.empty:
        yield _idle(table, f"identities / {identity.id}", f"places with {', '.join(needed)}")
        return
    cells = frame["value"].to_numpy()
    values = {m: cells[positions[m].to_numpy()] for m in needed}
    sides = relation(identity.rule)
    left, right = (
        np.broadcast_to(evaluate(s, values), len(positions)) for s in (sides.left, sides.right)
    )
    tolerance = np.broadcast_to(evaluate(scope.tolerance, values), len(positions)) + _GRAIN
    over = left - right if sides.sign == "<=" else np.abs(left - right)
    for place in np.flatnonzero(over > tolerance):
        rows = positions.iloc[place]
        number = {m: int(frame.index[rows[m]]) + 1 for m in needed}
        found = ", ".join(f"{m} {shown(float(values[m][place]))} (row {number[m]})" for m in needed)
        allowed = float(tolerance[place]) - _GRAIN
        within = f" within {allowed:.4g}" if allowed else ""
        yield Fault(
            table.file,
            number[needed[0]],
            "value",
            f"{identity.rule}{within}",
            found,
            f"identities / {identity.id}",
            str(frame["obs_id"].iloc[rows[needed[0]]]),
        )


def _idle(table: Table, rule: str, expected: str) -> Fault:
    return Fault(table.file, 0, "", expected, "an entry that no data uses", rule)


def total_faults(
    tables: Mapping[str, Table], frames: Mapping[str, pd.DataFrame], total: Total
) -> Iterator[Fault]:
    """Groups whose parts do not add up to their whole within the ratio allowed there."""
    joined, rule = ratios(frames, total), f"totals / {total.id}"
    if joined.empty:
        yield _idle(tables[total.table], rule, "parts and wholes")
        return
    low, high = (pd.Series(float(end), index=joined.index) for end in (total.low, total.high))
    for departure in total.departures:
        here = chosen(joined, departure.where)
        if not here.any():
            yield _idle(tables[total.table], rule, f"groups where {dict(departure.where)}")
        low[here], high[here] = departure.low, departure.high
    bad = (joined["ratio"] < low - _GRAIN) | (joined["ratio"] > high + _GRAIN)
    for place in np.flatnonzero(bad.to_numpy()):
        row = joined.iloc[place]
        where = ", ".join(shown(row[c]) for c in total.by)
        yield Fault(
            tables[total.table].file,
            int(row["row"]) + 1,
            "value",
            f"parts of {where} at {low.iloc[place]:g} to {high.iloc[place]:g} of {row['whole']:.10g}",
            f"{row['part']:.10g}, ratio {row['ratio']:.5f}",
            rule,
        )


def ratios(frames: Mapping[str, pd.DataFrame], total: Total) -> pd.DataFrame:
    """Sum of the parts, the whole and their ratio: one row for each group that has both."""
    parts, whole = _grouped(frames[total.table]), _grouped(frames[total.whole_table])
    parts = parts[chosen(parts, total.where) & parts["value"].notna()]
    whole = whole[chosen(whole, total.whole_where) & whole["value"].notna()]
    parts = parts.assign(row=parts.index)
    sums = parts.groupby(list(total.by), as_index=False).agg(
        part=("value", "sum"), row=("row", "first")
    )
    wholes = whole.groupby(list(total.whole_by), as_index=False).agg(whole=("value", "first"))
    joined = sums.merge(wholes, on=list(total.whole_by))
    joined = joined[joined["whole"] != 0].reset_index(drop=True)
    return joined.assign(ratio=joined["part"] / joined["whole"])


def _grouped(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `category_group`: what stands before the bar of a category with two levels."""
    if "category" not in frame:
        return frame
    names = frame["category"].drop_duplicates()
    groups = {n: n.split(" | ")[0] if " | " in n else "" for n in names}
    return frame.assign(category_group=frame["category"].map(groups))
