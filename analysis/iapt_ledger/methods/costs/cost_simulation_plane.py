"""Incremental cost and effect of one service against another: plane, net benefit, acceptability, information.

A ratio of cost to effect is given only where it means one thing: dearer and better (the price of a gain) or
cheaper and worse (the saving for a loss). Elsewhere one service dominates. Decisions are read from net
monetary benefit, threshold x effect less cost (Stinnett and Mullahy 1998), and from its sign over the draws, the
acceptability curve (Fenwick, Claxton and Sculpher 2001).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd
from scipy import stats

from iapt_ledger.methods.base import Estimate, MethodError, printed
from iapt_ledger.methods.columns import refuse_level
from iapt_ledger.methods.costs.cost_simulation_inputs import Array, Uncertain, inside_open
from iapt_ledger.methods.costs.cost_simulation_normal import refuse_correlation

THRESHOLDS = (15_000.0, 20_000.0, 30_000.0)
GRID = tuple(float(k) for k in range(0, 50_001, 1_000))
QUADRANTS = (
    "dearer and better",
    "dearer and no better",
    "cheaper and worse",
    "cheaper and no worse",
)


@dataclass(frozen=True)
class Incremental:
    """Extra cost and extra effect of one service against another, over draws.

    Attributes:
        cost, effect: differences; `value` at the points, limits of the simulation interval.
        icer: extra cost of one more unit of effect, at the points; None where one service dominates there. Limits
            are those of the draws, a draw dearer and no better counted as beyond any price; NaN where more
            draws than the interval leaves out have no gain, since no one interval exists then.
        quadrant: where the points lie; shares: share of draws in each quadrant, by its name.
        acceptability: threshold to share of draws with positive net monetary benefit.
        sample_cost, sample_effect: the draws.
    """

    cost: Estimate
    effect: Estimate
    icer: Estimate | None
    quadrant: str
    shares: Mapping[str, float]
    acceptability: Mapping[float, float]
    level: float
    sample_cost: Array = field(repr=False, compare=False)
    sample_effect: Array = field(repr=False, compare=False)

    @property
    def value(self) -> float:
        """The ratio at the points; NaN where one service dominates."""
        return float("nan") if self.icer is None else self.icer.value

    @property
    def low(self) -> float:
        """Lower end of the ratio, NaN where none can be given."""
        return float("nan") if self.icer is None else self.icer.low

    @property
    def high(self) -> float:
        """Upper end of the ratio, NaN where none can be given."""
        return float("nan") if self.icer is None else self.icer.high

    @property
    def p_value(self) -> None:
        """None: nothing is tested."""
        return None

    def curve(self, thresholds: Sequence[float] = GRID) -> pd.DataFrame:
        """The acceptability curve: columns threshold and probability (share of draws)."""
        shares = [float(np.mean(self._benefit(k) > 0)) for k in thresholds]
        return pd.DataFrame({"threshold": list(thresholds), "probability": shares})

    def perfect_information(self, threshold: float) -> float:
        """Expected value of perfect information for one decision: what never choosing wrongly would be worth."""
        sample = self._benefit(threshold)
        return float(np.maximum(sample, 0).mean() - max(sample.mean(), 0.0))

    def summary(self) -> str:
        """Differences, ratio or dominance, and acceptability at the thresholds."""
        lines = [self.cost.summary(), self.effect.summary()]
        if self.icer is None:
            lines.append(f"No ratio: at the points the service is {self.quadrant}.")
        else:
            lines.append(self.icer.summary())
        lines.append("; ".join(f"{name} {share:.0%}" for name, share in self.shares.items()))
        lines += [
            f"At {printed(k, 'GBP')}: acceptable in {share:.0%} of draws"
            for k, share in self.acceptability.items()
        ]
        return "\n".join(lines)

    def _benefit(self, threshold: float) -> Array:
        return threshold * self.sample_effect - self.sample_cost


def incremental(
    cost: Uncertain,
    effect: Uncertain,
    *,
    correlation: float = 0.0,
    thresholds: Sequence[float] = THRESHOLDS,
    draws: int = 10_000,
    seed: int = 1,
    level: float = 0.95,
) -> Incremental:
    """Simulate the differences in cost and effect between two services.

    Args:
        cost, effect: differences a person, the service less its comparator.
        correlation: of the normal scores behind the two (a Gaussian copula), -1 to 1.
        thresholds: money for one more unit of effect.

    Raises:
        MethodError: the correlation or the level is out of range, or a threshold negative.
    """
    refuse_correlation(correlation)
    refuse_level(level)
    scores = np.random.default_rng([seed, 0]).standard_normal((2, draws))
    second = correlation * scores[0] + np.sqrt(1 - correlation**2) * scores[1]
    return from_draws(
        np.asarray(cost.quantile(inside_open(stats.norm.cdf(scores[0]))), dtype=float),
        np.asarray(effect.quantile(inside_open(stats.norm.cdf(second))), dtype=float),
        points=(cost.point, effect.point),
        thresholds=thresholds,
        level=level,
    )


def from_draws(
    cost: Array,
    effect: Array,
    *,
    points: tuple[float, float] | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
    level: float = 0.95,
) -> Incremental:
    """The comparison from draws of both differences, such as a model's or a bootstrap's.

    Args:
        cost, effect: one value a draw; points: the two differences to report, the means if not given.

    Raises:
        MethodError: the draws differ in number, are fewer than two or not finite, or a threshold is negative.
    """
    _refuse_draws(cost, effect, thresholds)
    at = (float(np.mean(cost)), float(np.mean(effect))) if points is None else points
    quadrant = str(_quadrants(np.array([at[0]]), np.array([at[1]]))[0])
    each = _quadrants(cost, effect)
    shares = {name: float(np.mean(each == name)) for name in QUADRANTS}
    accepted = {float(k): float(np.mean(k * effect - cost > 0)) for k in thresholds}
    return Incremental(
        _difference("Difference in cost", at[0], cost, level, "GBP"),
        _difference("Difference in effect", at[1], effect, level),
        _icer(at, cost, effect, quadrant, level),
        quadrant,
        MappingProxyType(shares),
        MappingProxyType(accepted),
        level,
        cost,
        effect,
    )


def _icer(
    points: tuple[float, float], cost: Array, effect: Array, quadrant: str, level: float
) -> Estimate | None:
    if quadrant not in ("dearer and better", "cheaper and worse"):
        return None
    low = high = float("nan")
    if quadrant == "dearer and better" and np.mean(effect <= 0) < (1 - level) / 2:
        ratio = np.where(effect > 0, cost / np.where(effect > 0, effect, 1.0), np.inf)
        low, high = (float(q) for q in np.quantile(ratio, _tails(level), method="inverted_cdf"))
    name = "Incremental cost per unit of effect"
    if quadrant == "cheaper and worse":
        name = "Saving per unit of effect lost"
    words = f"{level:.0%} simulation interval"
    return Estimate(name, points[0] / points[1], low, high, level, None, "GBP", words)


def _quadrants(cost: Array, effect: Array) -> np.ndarray:
    better, dearer = effect > 0, cost > 0
    return np.select(
        [dearer & better, dearer & ~better, ~dearer & (effect < 0)], QUADRANTS[:3], QUADRANTS[3]
    )


def _difference(name: str, value: float, sample: Array, level: float, unit: str = "") -> Estimate:
    low, high = np.quantile(sample, _tails(level))
    words = f"{level:.0%} simulation interval"
    return Estimate(name, float(value), float(low), float(high), level, None, unit, words)


def _tails(level: float) -> tuple[float, float]:
    return (1 - level) / 2, (1 + level) / 2


def _refuse_draws(cost: Array, effect: Array, thresholds: Sequence[float]) -> None:
    if len(cost) != len(effect) or len(cost) < 2:
        raise MethodError(
            "Draws of cost and effect come in pairs",
            where="arguments cost and effect",
            expected="two or more, as many of one as of the other",
            found=f"{len(cost)} and {len(effect)}",
        )
    for name, values in (("cost", cost), ("effect", effect)):
        if not np.isfinite(values).all():
            place = int(np.flatnonzero(~np.isfinite(values))[0]) + 1
            raise MethodError(
                "A draw is not a number",
                where=f"argument {name}, draw {place}",
                expected="finite numbers",
                found=values[place - 1],
            )
    for place, threshold in enumerate(thresholds, start=1):
        if not threshold >= 0:
            raise MethodError(
                "A threshold is money for a gain",
                where=f"argument thresholds, place {place}",
                expected="nought or more",
                found=threshold,
            )
