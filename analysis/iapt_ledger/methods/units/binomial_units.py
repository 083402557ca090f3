"""Counts of several units, such as services, checked once for all methods that compare units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.columns import columns, refuse_rows

Array = npt.NDArray[np.float64]
Counts = Sequence[float] | npt.NDArray[np.generic] | pd.Series
Names = Sequence[object] | pd.Series | pd.Index
WHAT = "A unit's counts cannot be used"


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
    events: Counts,
    denominators: Counts,
    names: Names | None,
    *,
    at_least: int,
    varying: bool = True,
) -> Units:
    """The counts as arrays, when they can be compared.

    Args:
        events, denominators: one count a unit; denominators are whole and above nought, events may be
            fractions where a publisher rounded (a rate times its denominator).
        names: one a unit, each once; 1, 2, 3 ... where none are given.
        at_least: how many units the method needs; varying: whether it needs units with the event and without.

    Raises:
        MethodError: lengths or the order of labels differ, a count is missing, infinite, negative or impossible,
            a name stands twice, there are too few units, or all units have no event or nothing but events.
    """
    given = {"events": events, "denominators": denominators}
    x, n = columns(given, WHAT, fix="leave the unit out of both columns").values()
    labels = pd.Index(range(1, len(x) + 1) if names is None else list(names), name="name")
    _refuse_names(labels, len(x))
    refuse = partial(refuse_rows, WHAT, names=labels)
    refuse("denominators", n, n <= 0, "a number above nought", "leave the unit out")
    whole = np.isclose(n, np.round(n), rtol=0, atol=1e-9)
    refuse("denominators", n, ~whole, "a whole number", "round it to whole referrals")
    refuse("events", x, x < 0, "nought or more", "correct the count or leave the unit out")
    fix = "correct the count or leave the unit out"
    refuse("events", x, x > n, "no more than the denominator", fix)
    _refuse_too_few(x, n, at_least, varying)
    return Units(labels, x, np.round(n))


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


def _refuse_too_few(x: Array, n: Array, at_least: int, varying: bool) -> None:
    if len(x) < at_least:
        raise MethodError(
            "There are too few units to compare",
            where="column denominators",
            expected=f"{at_least} units or more",
            found=len(x),
        )
    if varying and x.sum() in (0, n.sum()):
        raise MethodError(
            "The outcome does not vary",
            where="column events",
            expected="some with the event and some without",
            found="no event at all" if x.sum() == 0 else "nothing but events",
        )
