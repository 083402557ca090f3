"""What the test of a pile-up near a standard found."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from iapt_ledger.methods.base import Estimate
from iapt_ledger.methods.thresholds.bunching_placebos import Search, placebo_table, rank_p_value
from iapt_ledger.numbers import MINUS

FEW_CLUSTERS = 30  # under which the words warn
POOR_FIT = 0.05


@dataclass(frozen=True)
class Bunching:
    """A pile-up near a standard, or none.

    The headline is the null, of all that were fitted, under which the pile-up is the least surprising.

    Attributes:
        threshold: the printed standard; window: printed rates on either side of it that are compared.
        excess: units at or just above the standard beyond what the null places there of those in the window.
        ratio: odds of lying above among the window's units, seen over expected.
        caliper: the plain test that takes both sides for equally likely, for comparison.
        headline: name of the null; p_above: its one-sided p-value, for a pile-up alone.
        by_flexibility: one row a null: flexibility, parameters, expected_share (of the window's units, above),
            observed_above, observed_below, expected_above, expected_below (scaled to the units outside the
            window), excess, low, high, ratio, ratio_low, ratio_high, standard_error, statistic, p_value,
            p_above, fit_p_value (of the fit outside the window), headline.
        bins: one row a null and printed rate: flexibility, bin, side (above, below or outside), observed,
            expected (scaled to the units outside the window), low, high (the middle `level` of simulations).
        rounded_up: of the units expected to print the standard, the share below it before rounding.
        correlation: of two printed rates of one cluster, on the normal scale; 0 without clusters.
        n: units used; n_dropped: with too small a denominator; n_clusters: None without clusters.
        simulations: under each null; unit: what a unit is.
    """

    threshold: int
    window: int
    excess: Estimate
    ratio: Estimate
    caliper: Estimate
    headline: str
    p_above: float
    by_flexibility: pd.DataFrame
    bins: pd.DataFrame
    rounded_up: float
    correlation: float
    n: int
    n_dropped: int
    n_clusters: int | None
    min_denominator: int
    simulations: int
    unit: str
    search: Search = field(repr=False, compare=False)

    @property
    def value(self) -> float:
        """The excess."""
        return self.excess.value

    @property
    def low(self) -> float:
        """Its lower limit."""
        return self.excess.low

    @property
    def high(self) -> float:
        """Its upper limit."""
        return self.excess.high

    @property
    def level(self) -> float:
        """The level of the interval."""
        return self.excess.level

    @property
    def p_value(self) -> float:
        """The largest two-sided p-value of all nulls."""
        return float(self.by_flexibility["p_value"].max())

    @cached_property
    def placebos(self) -> pd.DataFrame:
        """The same test at other thresholds, under the headline's kind of null.

        Columns: threshold, round_number (a multiple of five), standard (the real one), observed_above,
        observed_below, expected_share, excess, standard_error, statistic. The real standard's window is kept
        out of every fit.
        """
        return placebo_table(self.search)

    @property
    def placebo_p_value(self) -> float:
        """Share of thresholds, the real one among them, whose statistic is as far from nought; rounds left out."""
        return rank_p_value(self.placebos)

    def summary(self) -> str:
        """What was found, in a few lines."""
        return "\n".join([*self._counted(), *self._judged(), *self._cautions()])

    def _counted(self) -> list[str]:
        row = self._row
        top, bottom = self.threshold + self.window - 1, self.threshold - self.window
        clusters = f" of {self.n_clusters:,} clusters" if self.n_clusters else ""
        return [
            f"A pile-up near the standard of {self.threshold}%? {self.n:,} {self.unit}{clusters} with "
            f"denominators of {self.min_denominator} or more; {self.n_dropped:,} dropped.",
            f"{row.observed_above:,.0f} print {self.threshold}% to {top}%, {row.observed_below:,.0f} print "
            f"{bottom}% to {self.threshold - 1}%; the {self.headline} null places "
            f"{row.expected_share:.1%} of these at or above the standard ({row.expected_above:,.0f} and "
            f"{row.expected_below:,.0f} were expected).",
            self.excess.summary() + ".",
        ]

    def _judged(self) -> list[str]:
        others = self.by_flexibility[~self.by_flexibility["headline"]]
        lines = []
        if len(others):
            each = "; ".join(
                f"{name} {excess:,.0f}, p = {p:.3f}".replace(" -", f" {MINUS}")
                for name, excess, p in zip(
                    others["flexibility"], others["excess"], others["p_value"], strict=True
                )
            )
            lines.append(f"Excess under the other nulls: {each}.")
        poor = self.by_flexibility.loc[self.by_flexibility["fit_p_value"] < POOR_FIT, "flexibility"]
        if len(poor):
            lines.append(f"Nulls that fit poorly outside the window: {', '.join(poor)}.")
        compared = self.placebos[~self.placebos["standard"] & ~self.placebos["round_number"]]
        if len(compared):
            lines.append(
                f"Among {len(compared)} other thresholds that are no round numbers: "
                f"p by rank = {self.placebo_p_value:.3f}."
            )
        return lines

    def _cautions(self) -> list[str]:
        row = self._row
        lines = [
            f"Of units expected to print {self.threshold}%, {self.rounded_up:.0%} lie below it before "
            f"rounding: a move within half a point of the standard leaves no trace in print.",
        ]
        if row.observed_above > row.expected_above and row.observed_below > row.expected_below:
            lines.append(
                "Both sides hold more than expected: a peak sharper than the null's may be seen, "
                "besides a move across the standard."
            )
        if self.n_clusters is not None and self.n_clusters < FEW_CLUSTERS:
            lines.append(f"With {self.n_clusters} clusters the interval is a rough one.")
        lines.append(
            "A pile-up near the standard cannot tell gaming from effort, or from ending treatment when "
            "people have recovered."
        )
        return lines

    @property
    def _row(self) -> pd.Series:
        return self.by_flexibility[self.by_flexibility["headline"]].iloc[0]
