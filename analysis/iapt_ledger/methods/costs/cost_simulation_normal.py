"""Incremental cost and effect from a trial's summary, in closed form: differences that are jointly normal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from iapt_ledger.methods.base import Estimate, MethodError


@dataclass(frozen=True)
class NormalIncremental:
    """Extra cost and extra effect of one service against another, known by means and standard errors.

    Attributes:
        cost, effect: differences of means; se_cost, se_effect: their standard errors; correlation: of the two.
    """

    cost: float
    se_cost: float
    effect: float
    se_effect: float
    correlation: float = 0.0

    def __post_init__(self) -> None:
        """Refuse standard errors and correlations that cannot be."""
        for name in ("se_cost", "se_effect"):
            if not getattr(self, name) > 0:
                raise MethodError(
                    "A standard error lies above nought",
                    where=f"argument {name}",
                    expected="above nought",
                    found=getattr(self, name),
                )
        refuse_correlation(self.correlation)

    def acceptability(self, threshold: float) -> float:
        """Probability that net monetary benefit is above nought."""
        mean, sd = self._benefit(threshold)
        return float(stats.norm.cdf(mean / sd))

    def perfect_information(self, threshold: float) -> float:
        """Expected value of perfect information: the unit normal loss, times the standard deviation."""
        mean, sd = self._benefit(threshold)
        away = abs(mean) / sd
        return float(sd * (stats.norm.pdf(away) - away * stats.norm.sf(away)))

    def ratio(self, *, level: float = 0.95, df: float | None = None) -> Estimate:
        """Cost over effect with Fieller's limits (1954); NaN where the effect's own interval holds nought.

        Args:
            level: of the interval; df: degrees of freedom of the standard errors, the normal where not given.
        """
        z = float(
            stats.norm.isf((1 - level) / 2) if df is None else stats.t.isf((1 - level) / 2, df)
        )
        a = self.effect**2 - (z * self.se_effect) ** 2
        b = self.effect * self.cost - z**2 * self.correlation * self.se_cost * self.se_effect
        c = self.cost**2 - (z * self.se_cost) ** 2
        low = high = float("nan")
        if a > 0:
            root = float(np.sqrt(max(b**2 - a * c, 0.0)))
            low, high = (b - root) / a, (b + root) / a
        value = self.cost / self.effect if self.effect else float("nan")
        words = f"{level:.0%} Fieller interval"
        return Estimate("Incremental cost per unit", value, low, high, level, None, "GBP", words)

    def _benefit(self, threshold: float) -> tuple[float, float]:
        variance = (
            (threshold * self.se_effect) ** 2
            + self.se_cost**2
            - 2 * threshold * self.correlation * self.se_cost * self.se_effect
        )
        return threshold * self.effect - self.cost, float(np.sqrt(variance))


def refuse_correlation(correlation: float) -> None:
    """Refuse a correlation beyond -1 or 1."""
    if not -1 <= correlation <= 1:
        raise MethodError(
            "A correlation is out of range",
            where="argument correlation",
            expected="from -1 to 1",
            found=correlation,
        )
