"""The test for few units: the residuals of whole units turned about in sign, all ways that there are.

The wild cluster bootstrap with the null imposed and Rademacher signs (Cameron, Gelbach and Miller 2008), its t-ratio
clustered by unit. With G units there are 2^G ways, in pairs of the same t-ratio: all of them are gone through up to
`MOST` units, so nothing is drawn by chance; beyond, `DRAWN` ways are drawn from a seed. What a way gives is a ratio of
two short polynomials in the effect under test, found once (Roodman and others 2019), so that an interval by test
inversion costs little more than a p-value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import log2

import numpy as np
import numpy.typing as npt

from iapt_ledger.methods.base import Estimate
from iapt_ledger.methods.panels.panel_design import Fit

Array = npt.NDArray[np.float64]
MOST = 20  # units up to which all ways are gone through: half a million
DRAWN = 9_999
CHUNK = 1 << 14
EQUAL = 1 - 1e-9  # a t-ratio this near counts as equal
LEVEL = 1e-20  # squared scores below this share of the exposure's are nought
FAR = 0.1 * 1.25 ** np.arange(90)  # clustered errors from the estimate at which the test is tried


@dataclass(frozen=True)
class SignFlips:
    """The sign-flip test of one fit.

    Attributes:
        fit: the regression; level: of the interval; seed: used only beyond `MOST` units.
    """

    fit: Fit
    level: float = 0.95
    seed: int = 0

    @property
    def exact(self) -> bool:
        """Whether all ways are gone through."""
        return self.fit.clusters <= MOST

    @property
    def ways(self) -> int:
        """How many ways of different t-ratio are gone through."""
        return 1 << (self.fit.clusters - 1) if self.exact else DRAWN

    @property
    def smallest(self) -> float:
        """The smallest p-value that can come out, however strong the effect."""
        return 1 / self.ways if self.exact else 1 / (DRAWN + 1)

    def p_value(self, effect: float = 0.0) -> float:
        """Share of ways whose t-ratio is as far from nought as that of the data, two-sided.

        Args:
            effect: the effect that is tested.
        """
        return self._share(effect)

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Effects that the test does not refuse; infinite where no effect, however far, is refused."""
        return float(self._limit(-1)), float(self._limit(1))

    def estimate(self, name: str, unit: str = "") -> Estimate:
        """The effect with interval and p-value of the test; without them where no scatter is left to turn about."""
        if self.fit.exact:
            words = "no interval: there are as many parameters as cells"
            value = self.fit.effect
            return Estimate(name, value, np.nan, np.nan, self.level, None, unit, words)
        low, high = self.interval
        return Estimate(
            name, self.fit.effect, low, high, self.level, self.p_value(), unit, self.words
        )

    @property
    def words(self) -> str:
        """What the interval is."""
        g = self.fit.clusters
        if self.smallest >= 1 - self.level:
            return f"no {self.level:.0%} interval: with {g} units the smallest p is {self.smallest:.3g}"
        which = f"all {self.ways:,} sign flips" if self.exact else f"{DRAWN:,} sign flips drawn"
        return f"{self.level:.0%} interval by {which} of {g} units"

    @cached_property
    def _observed(self) -> tuple[float, float]:
        """The effect, and the sum of its squared scores."""
        return self.fit.effect, float(self.fit.scores @ self.fit.scores)

    @cached_property
    def _polynomials(self) -> Array:
        """5 x ways: slope and squared scores of each way as polynomials in the effect under test.

        The slope of a way is a - effect r; its squared scores are u - 2 effect m + effect^2 v.
        """
        of_x, of_y = self.fit.held
        total = self.fit.spread.sum()
        from_y = np.diag(self.fit.product) - of_x @ of_y.T
        from_x = np.diag(self.fit.spread) - of_x @ of_x.T
        parts = []
        for signs in self._signs():
            a, r = self.fit.product @ signs / total, self.fit.spread @ signs / total
            y = from_y @ signs - np.outer(self.fit.spread, a)
            x = from_x @ signs - np.outer(self.fit.spread, r)
            parts.append(np.stack([a, r, (y * y).sum(0), (y * x).sum(0), (x * x).sum(0)]))
        return np.concatenate(parts, axis=1)

    def _signs(self) -> list[Array] | map[Array]:
        """Ways to sign the units, G x some at a time; the first unit keeps its sign when all are gone through."""
        g = self.fit.clusters
        if not self.exact:
            drawn = np.random.default_rng(self.seed).integers(0, 2, size=(g, DRAWN))
            return [np.asarray(2 * drawn - 1, dtype=np.float64)]

        def chunk(first: int) -> Array:
            number = np.arange(first, min(first + CHUNK, self.ways))
            bits = (number[None, :] >> np.arange(g)[:, None]) & 1
            return np.asarray(1 - 2 * bits[::-1], dtype=np.float64)

        return map(chunk, range(0, self.ways, CHUNK))

    def _share(self, effect: float) -> float:
        value, scores = self._observed
        a, r, u, m, v = self._polynomials
        far = (a - effect * r) ** 2 * scores
        spread = np.maximum(u - 2 * effect * m + effect**2 * v, 0.0)
        return self._of((far >= (value - effect) ** 2 * spread * EQUAL).sum())

    def _of(self, count: int) -> float:
        return float(count / self.ways) if self.exact else float((1 + count) / (1 + DRAWN))

    def _limit(self, side: int) -> float:
        """The farthest effect on one side that is not refused."""
        value, scores = self._observed
        alpha = 1 - self.level
        # Far out, only ways that leave the exposure's part of every score at nought keep up with the data.
        level = self._polynomials[4] <= LEVEL * self.fit.spread.sum() ** 2
        if self._of(level.sum()) > alpha:
            return side * np.inf
        error = np.sqrt(scores) / self.fit.spread.sum()
        if error == 0:
            return value
        held = [self._share(value + side * error * far) > alpha for far in FAR]
        last = int(np.flatnonzero(held)[-1]) if any(held) else -1
        if last == len(FAR) - 1:
            return side * np.inf
        inner = 0.0 if last < 0 else FAR[last]
        return value + side * error * _turn(
            lambda far: self._share(value + side * error * far) > alpha, inner, FAR[last + 1]
        )


def _turn(held: Callable[[float], bool], inner: float, outer: float) -> float:
    """Where a statement that holds at `inner` and not at `outer` ceases to hold."""
    for _ in range(max(1, round(log2((outer - inner) / 1e-9)))):
        middle = (inner + outer) / 2
        inner, outer = (middle, outer) if held(middle) else (inner, middle)
    return (inner + outer) / 2


def flips_line(p_value: float | None, smallest: float) -> str:
    """The test in one line for people."""
    if p_value is None:
        return "Sign flips: no scatter is left to turn about"
    return f"Sign flips: p = {p_value:.3g}; the smallest there can be is {smallest:.3g}"
