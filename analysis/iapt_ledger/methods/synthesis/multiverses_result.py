"""What a multiverse shows: its spread, its worst verdicts, what moves it most, and the curve to draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from iapt_ledger.methods.base import printed

# The worst first.
ORDER = ("contradicted", "not supported", "undecided", "partly supported", "supported")
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True)
class Distribution:
    """Where the estimates lie. Shares of specifications; not probabilities.

    Attributes:
        n: specifications, each counted once.
        quantiles: of the estimates, from the least (0) to the greatest (1).
        below, at, above: shares of estimates on each side of the reference, and on it.
        clearly_below, clearly_above: shares whose whole interval lies on that side; NaN without intervals.
    """

    n: int
    quantiles: dict[float, float]
    below: float
    at: float
    above: float
    clearly_below: float
    clearly_above: float

    @property
    def minimum(self) -> float:
        """The least estimate."""
        return self.quantiles[0.0]

    @property
    def median(self) -> float:
        """The middle estimate."""
        return self.quantiles[0.5]

    @property
    def maximum(self) -> float:
        """The greatest estimate."""
        return self.quantiles[1.0]


@dataclass(frozen=True)
class Multiverse:
    """All specifications and what they gave.

    `value` is the middle estimate, `low` and `high` the least and the greatest: a range over choices, so there is
    neither a level nor a p-value.

    Attributes:
        table: one row a specification, in the order of the declaration: a column a dimension (label), value, low,
            high, p_value, level (NaN where the function gave none), combinations (how many came to it) and, where
            verdicts were asked for, verdict.
        members: one row an allowed combination: a column a dimension, and `row`, its place in the table from 0.
        options: dimension to its labels, as declared; the first of each is the base.
        tried: combinations declared; excluded: of them, those that the constraint refused.
        reference: of no effect; order: of the verdicts, the worst first; name, unit: of the estimates.
    """

    name: str
    table: pd.DataFrame
    members: pd.DataFrame
    options: dict[str, tuple[str, ...]]
    tried: int
    excluded: int
    reference: float
    order: tuple[str, ...]
    unit: str
    level: None = None
    p_value: None = None

    @property
    def value(self) -> float:
        """The middle estimate."""
        return self.distribution.median

    @property
    def low(self) -> float:
        """The least estimate."""
        return self.distribution.minimum

    @property
    def high(self) -> float:
        """The greatest estimate."""
        return self.distribution.maximum

    @property
    def duplicates(self) -> int:
        """Allowed combinations that came to a specification already counted."""
        return self.tried - self.excluded - len(self.table)

    @cached_property
    def distribution(self) -> Distribution:
        """Quantiles, and shares on each side of the reference."""
        values, low, high = (self.table[c].to_numpy(float) for c in ("value", "low", "high"))
        known = np.isfinite(low).all() and np.isfinite(high).all()
        return Distribution(
            len(values),
            {q: float(np.quantile(values, q)) for q in QUANTILES},
            float((values < self.reference).mean()),
            float((values == self.reference).mean()),
            float((values > self.reference).mean()),
            float((high < self.reference).mean()) if known else float("nan"),
            float((low > self.reference).mean()) if known else float("nan"),
        )

    @cached_property
    def curve(self) -> pd.DataFrame:
        """The table in order of the estimates, with `rank` from 1: for drawing a specification curve."""
        ordered = self.table.sort_values("value", kind="stable").reset_index(drop=True)
        return ordered.assign(rank=np.arange(1, len(ordered) + 1))

    @cached_property
    def along(self) -> pd.DataFrame:
        """What each dimension does by itself: the base varied along it alone, all else as in the base.

        Returns:
            One row a dimension: dimension, specifications (how many are met), minimum, median, maximum, worst and
            best verdict (None without verdicts).
        """
        rows = []
        for dimension in self.options:
            same = pd.Series(True, index=self.members.index)
            for name, labels in self.options.items():
                if name != dimension:
                    same &= self.members[name].eq(labels[0])
            rows.append({"dimension": dimension, **self._spread(same)})
        return pd.DataFrame(rows)

    def _spread(self, members: pd.Series) -> dict[str, object]:
        held = self.table.iloc[sorted(set(self.members.loc[members, "row"]))]
        values = held["value"]
        return {
            "specifications": len(held),
            "minimum": values.min(),
            "median": values.median(),
            "maximum": values.max(),
            "worst": self._extreme(held, min),
            "best": self._extreme(held, max),
        }

    @cached_property
    def influence(self) -> pd.DataFrame:
        """What moves the estimate most: the first row. Over all allowed combinations, as declared.

        Returns:
            One row a dimension, the strongest first: dimension, share (of the variance, lying between the means of its
            options; shares overlap where a constraint leaves the combinations unbalanced) and range (greatest less
            least mean of its options).
        """
        values = self._values
        total = float(((values - values.mean()) ** 2).sum())
        rows = []
        for dimension in self.options:
            groups = values.groupby(self.members[dimension], sort=False)
            between = float((groups.size() * (groups.mean() - values.mean()) ** 2).sum())
            share = between / total if total > 0 else 0.0
            span = float(np.ptp(groups.mean().to_numpy()))
            rows.append({"dimension": dimension, "share": share, "range": span})
        order = ["share", "range"]
        found = pd.DataFrame(rows).sort_values(order, ascending=False, kind="stable")
        return found.reset_index(drop=True)

    @cached_property
    def interplay(self) -> float:
        """Share of the variance that no adding up of the dimensions explains: choices that matter together."""
        values = self._values.to_numpy(float)
        total = float(((values - values.mean()) ** 2).sum())
        if total == 0:
            return 0.0
        marks = [pd.get_dummies(self.members[d], dtype=float).to_numpy() for d in self.options]
        design = np.hstack([np.ones((len(values), 1)), *marks])
        fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
        return max(0.0, float(((values - fitted) ** 2).sum()) / total)

    @property
    def _values(self) -> pd.Series:
        return self.table["value"].iloc[self.members["row"]].reset_index(drop=True)

    @cached_property
    def verdicts(self) -> dict[str, int]:
        """How many specifications came to each verdict, the worst first; empty without verdicts."""
        if "verdict" not in self.table:
            return {}
        found = self.table["verdict"].value_counts()
        return {word: int(found[word]) for word in self.order if word in found}

    @property
    def worst(self) -> str | None:
        """The worst verdict of all."""
        return self._extreme(self.table, min)

    def _extreme(self, held: pd.DataFrame, pick: Callable[[Iterable[int]], int]) -> str | None:
        if "verdict" not in held or held.empty:
            return None
        return self.order[pick(self.order.index(word) for word in held["verdict"])]

    def summary(self) -> str:
        """Counts, spread, verdicts and what moves the estimate most; and that nothing here is a probability."""
        d = self.distribution
        first = self.influence.iloc[0]
        lines = [
            f"{self.name}: {d.n:,} specifications ({self.tried:,} combinations, {self.excluded:,} that make no sense, "
            f"{self.duplicates:,} counted already).",
            f"Middle {printed(d.median, self.unit)}, from {printed(d.minimum, self.unit)} to "
            f"{printed(d.maximum, self.unit)}; {d.above:.0%} above {self.reference:g}, {d.below:.0%} below.",
            f"What moves it most: {first['dimension']} ({first['share']:.0%} of the variance)."
            if d.minimum < d.maximum
            else "No choice moves it.",
        ]
        if self.verdicts:
            lines.append(
                "Verdicts: " + ", ".join(f"{w} {n:,}" for w, n in self.verdicts.items()) + "."
            )
        lines.append("Shares are of the choices declared. They are not probabilities.")
        return "\n".join(lines)
