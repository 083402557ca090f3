"""Which stretches of time a series covers: spans without a gap, and how their numbers were read.

First hand is the publisher's own figure, read at the publisher or in a copy of its file; second hand is another's
account of it. How many numbers came through a copy is counted apart, by `read_through`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import evidence

FIRST_HAND, SECOND_HAND, NOT_HELD = "first hand", "second hand", "not held"
DAY = pd.Timedelta(days=1)
THROUGH: Mapping[str, str] = MappingProxyType(
    {
        "publisher file": "publisher_file",
        "copy or re-layout": "copy",
        "third-party data": "compiled",
    }
)
"""How a source was read, as the registry says, to the name of its count; all other ways are "elsewhere"."""


@dataclass(frozen=True)
class Series:
    """A line of the coverage chart: rows of one table.

    Attributes:
        group, label: heading and name on the chart.
        table: tidy table.
        where: column to the values wanted.
        but_not: column to the values left out.
        awaited: whether the edition may hold none of it yet.
    """

    group: str
    label: str
    table: str
    where: Mapping[str, Sequence[object]] = field(default_factory=dict)
    but_not: Mapping[str, Sequence[object]] = field(default_factory=dict)
    awaited: bool = False

    def rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of the table that belong to the series and hold a dated number.

        Raises:
            LedgerError: there is none, and the series is not awaited.
        """
        kept = frame[frame["value"].notna() & frame["period_start"].notna()]
        for column, values in self.where.items():
            kept = kept[kept[column].isin(list(values))]
        for column, values in self.but_not.items():
            kept = kept[~kept[column].isin(list(values))]
        if kept.empty and not self.awaited:
            raise LedgerError("No row belongs to a series", where=f"{self.label}, {self.table}")
        return kept


def spans(rows: pd.DataFrame) -> pd.DataFrame:
    """Stretches of time that rows cover, as few as they join to.

    A day covered first hand is not shown as second hand too. Snapshots (one day) stand apart.

    Args:
        rows: tidy rows with period_start, period_end, second_hand, status and obs_id.

    Returns:
        A row a stretch: start, end (both days included, the same for a snapshot), kind, obs.
    """
    one_day = rows["period_type"].eq("snapshot")
    second = ~rows.index.isin(evidence.first_hand(rows).index)
    first_hand = _joined(rows[~one_day & ~second], FIRST_HAND)
    second_hand = _joined(_outside(rows[~one_day & second], first_hand), SECOND_HAND)
    snapshots = [
        (
            day,
            day,
            FIRST_HAND if len(evidence.first_hand(part)) else SECOND_HAND,
            tuple(part["obs_id"]),
        )
        for day, part in rows[one_day].groupby("period_end")
    ]
    return pd.DataFrame(
        [*first_hand, *second_hand, *snapshots], columns=["start", "end", "kind", "obs"]
    ).sort_values(["start", "kind"], ignore_index=True)


def coverage(frames: Mapping[str, pd.DataFrame], series: Sequence[Series]) -> pd.DataFrame:
    """The stretches of every series, in order; an awaited series that has none yet has one row without dates.

    Returns:
        group, label, start, end, kind, obs.
    """
    parts = []
    for one in series:
        part = spans(one.rows(frames[one.table]))
        if part.empty:
            part = pd.DataFrame(
                {"start": [pd.NaT], "end": [pd.NaT], "kind": [NOT_HELD], "obs": [()]}
            )
        parts.append(part.assign(group=one.group, label=one.label))
    frame = pd.concat(parts, ignore_index=True)
    return frame[["group", "label", "start", "end", "kind", "obs"]]


def read_through(numbers: pd.DataFrame, how_read: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """Numbers by what they were read in: each number is in one part.

    Args:
        numbers: a row a number, with source_id; how_read: source_id to the registry's words for it.

    Returns:
        "publisher_file" (the publisher's own file), "copy" (an intermediary's copy or re-layout of it),
        "compiled" (data that a third party compiled) and "elsewhere" (pages, papers, Hansard, the press).
    """
    way = numbers["source_id"].map(lambda one: THROUGH.get(how_read[one], "elsewhere"))
    return {name: numbers[way.eq(name)] for name in (*THROUGH.values(), "elsewhere")}


Stretch = tuple[pd.Timestamp, pd.Timestamp, str, tuple[str, ...]]


def _joined(rows: pd.DataFrame, kind: str) -> list[Stretch]:
    ordered = rows.sort_values(["period_start", "period_end"])
    reach = ordered["period_end"].cummax().shift()
    number = ordered["period_start"].gt(reach + DAY).cumsum()  # a new stretch after each gap
    return [
        (part["period_start"].min(), part["period_end"].max(), kind, tuple(part["obs_id"]))
        for _, part in ordered.groupby(number)
    ]


def _outside(rows: pd.DataFrame, stretches: Sequence[Stretch]) -> pd.DataFrame:
    """Rows not wholly inside one of the stretches."""
    inside = pd.Series(False, index=rows.index)
    for start, end, *_ in stretches:
        inside |= rows["period_start"].ge(start) & rows["period_end"].le(end)
    return rows[~inside]
