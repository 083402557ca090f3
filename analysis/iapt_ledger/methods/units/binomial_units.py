"""Counts of several units, such as services, checked once for all methods that compare units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.methods.base import MethodError

Array = npt.NDArray[np.float64]
Counts = Sequence[float] | npt.NDArray[np.generic] | pd.Series
Names = Sequence[object] | pd.Series | pd.Index


@dataclass(frozen=True)
class Units:
    """Events of denominators, unit by unit, in the order given."""

    names: pd.Index
    events: Array
    denominators: Array

    def __len__(self) -> int:
        return len(self.events)

    @property
    def rates(self) -> Array:
        """Events over denominators, shares."""
        return self.events / self.denominators

    @property
    def pooled(self) -> float:
        """All events over all denominators."""
        return float(self.events.sum() / self.denominators.sum())

    def frame(self) -> pd.DataFrame:
        """Name, events, denominator and rate, a row a unit."""
        return pd.DataFrame(
            {
                "name": self.names,
                "events": self.events,
                "denominator": self.denominators,
                "rate": self.rates,
            }
        )


def read_units(
    events: Counts, denominators: Counts, names: Names | None, *, at_least: int
) -> Units:
    """The counts as arrays, when they can be compared.

    Args:
        events, denominators: one count a unit; denominators are whole and above nought, events may be
            fractions where a publisher rounded (a rate times its denominator).
        names: one a unit, each once; 1, 2, 3 ... where none are given.
        at_least: how many units the method needs.

    Raises:
        MethodError: lengths differ, a count is missing, infinite, negative or impossible, a name stands
            twice, there are too few units, or all units have no event or nothing but events.
    """
    x, n = (_column(c, v) for c, v in (("events", events), ("denominators", denominators)))
    if len(x) != len(n):
        raise MethodError(
            "Each unit needs both counts",
            where="columns events and denominators",
            expected="as many of the one as of the other",
            found=f"{len(x)} and {len(n)}",
        )
    labels = pd.Index(range(1, len(x) + 1) if names is None else list(names), name="name")
    _refuse_names(labels, len(x))
    _refuse("denominators", n, n <= 0, labels, "a number above nought", "leave the unit out")
    whole = np.isclose(n, np.round(n), rtol=0, atol=1e-9)
    _refuse("denominators", n, ~whole, labels, "a whole number", "round it to whole referrals")
    _refuse("events", x, x < 0, labels, "nought or more", "correct the count or leave the unit out")
    fix = "correct the count or leave the unit out"
    _refuse("events", x, x > n, labels, "no more than the denominator", fix)
    _refuse_too_few(x, n, at_least)
    return Units(labels, x, np.round(n))


def _column(name: str, values: Counts) -> Array:
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise MethodError(
            "A count cannot be read as a number", where=f"column {name}", expected="numbers"
        ) from None
    if found.ndim != 1:
        raise MethodError(
            "Counts stand in one column", where=f"column {name}", found=f"{found.ndim} dimensions"
        )
    wrong = np.flatnonzero(~np.isfinite(found))
    if len(wrong):
        raise MethodError(
            "A count is missing or infinite",
            where=f"column {name}, row {wrong[0] + 1}",
            expected="a number",
            found=found[wrong[0]],
            fix="leave the unit out of both columns",
        )
    return found


def _refuse(
    column: str,
    values: Array,
    bad: npt.NDArray[np.bool_],
    names: pd.Index,
    expected: str,
    fix: str,
) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise MethodError(
            "A unit's counts cannot be used",
            where=f"column {column}, row {row + 1} ({names[row]})",
            expected=expected,
            found=f"{values[row]:g}",
            fix=fix,
        )


def _refuse_names(names: pd.Index, units: int) -> None:
    if len(names) != units:
        raise MethodError(
            "Each unit needs a name", where="column names", expected=units, found=len(names)
        )
    twice = names[names.duplicated()]
    if len(twice):
        raise MethodError(
            "A unit stands twice",
            where=f"column names, row {int(np.flatnonzero(names == twice[0])[1]) + 1}",
            expected="each name once",
            found=twice[0],
            fix="add up its counts first",
        )


def _refuse_too_few(x: Array, n: Array, at_least: int) -> None:
    if len(x) < at_least:
        raise MethodError(
            "There are too few units to compare",
            where="column denominators",
            expected=f"{at_least} units or more",
            found=len(x),
        )
    if x.sum() in (0, n.sum()):
        raise MethodError(
            "The outcome does not vary",
            where="column events",
            expected="some with the event and some without",
            found="no event at all" if x.sum() == 0 else "nothing but events",
        )
