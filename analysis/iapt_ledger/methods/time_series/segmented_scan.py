"""A scan of break dates: whether the named one stands out from others that nobody named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from iapt_ledger.methods.base import printed
from iapt_ledger.methods.time_series.segmented_fit import Fit

CAVEAT = (
    "The best of many dates is chosen by its statistic, so its own p-value means nothing (Andrews 1993); "
    "p_adjusted multiplies by the number of dates, which is safe but blunt. A series that bends slowly gives "
    "large statistics at many dates."
)


@dataclass(frozen=True, eq=False)
class BreakScan:
    """The same model with the break at one date after another.

    Attributes:
        table: one row a date, in order of time: time, named (whether it is the date of the model), level and
            its low, high, statistic; the same for slope (NaN without a change of slope); joint (the Wald
            statistic of both together, per degree of freedom), p_value of it and p_adjusted for the number
            of dates.
        named: the date of the model; best: the date with the largest joint statistic.
        rank, level_rank, slope_rank: place of the named date by size of each statistic, 1 the largest;
            slope_rank None without a change of slope.
        caveat: why the best date cannot be tested as if it had been named.
    """

    table: pd.DataFrame
    named: Any
    best: Any
    rank: int
    level_rank: int
    slope_rank: int | None
    caveat: str = CAVEAT

    @property
    def statement(self) -> str:
        """How the named date ranks, in one sentence."""
        n = len(self.table)
        joint = self.table.set_index("time")["joint"]
        text = (
            f"Of {n} break dates, {_said(self.named)} ranks {self.rank} by the joint statistic "
            f"({printed(float(joint[self.named]))}), {self.level_rank} by the change of level"
        )
        if self.slope_rank is not None:
            text += f", {self.slope_rank} by the change of slope"
        if self.best != self.named:
            text += f"; the largest joint statistic is at {_said(self.best)} ({printed(float(joint[self.best]))})"
        return text + "."

    def summary(self) -> str:
        """The statement and what it cannot show."""
        return f"{self.statement}\n{self.caveat}"


def scan(
    refit: Callable[[int], Fit],
    positions: Sequence[int],
    named: int,
    label: Callable[[int], Any],
    level: dict[str, float],
    slope: dict[str, float] | None,
) -> BreakScan:
    """Refit with the break at each position, the named one among them.

    Args:
        refit: position of a break -> fitted model; label: position -> the period as the data name it.
        level, slope: the combinations of coefficients that are the two changes.
    """
    order = sorted({*positions, named})
    rows = [_row(refit(p), level, slope) for p in order]
    table = pd.DataFrame(rows)
    table.insert(0, "named", [p == named for p in order])
    table.insert(0, "time", [label(p) for p in order])
    table["p_adjusted"] = np.minimum(table["p_value"] * len(table), 1.0)
    here = table["named"].to_numpy()

    def rank(column: str) -> int:
        sizes = table[column].abs().to_numpy()
        return int((sizes > sizes[here][0]).sum()) + 1

    return BreakScan(
        table=table,
        named=label(named),
        best=table["time"].iloc[int(table["joint"].argmax())],
        rank=rank("joint"),
        level_rank=rank("level_statistic"),
        slope_rank=None if slope is None else rank("slope_statistic"),
    )


def _said(label: Any) -> str:
    return f"{label:%Y-%m}" if isinstance(label, date) else str(label)


def _row(model: Fit, level: dict[str, float], slope: dict[str, float] | None) -> dict[str, float]:
    row: dict[str, float] = {}
    changes = {"level": level, "slope": slope}
    for name, weights in changes.items():
        if weights is None:
            row |= dict.fromkeys((name, f"{name}_low", f"{name}_high", f"{name}_statistic"), np.nan)
            continue
        found = model.estimate(name, weights)
        error = model.combination(weights)[1]
        row |= {
            name: found.value,
            f"{name}_low": found.low,
            f"{name}_high": found.high,
            f"{name}_statistic": found.value / error,
        }
    joint, p_value = model.joint([w for w in changes.values() if w is not None])
    return row | {"joint": joint, "p_value": p_value}
