"""What a change between two readings gives: effect sizes by denominator, reliable change, regression to the mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from iapt_ledger.methods.base import Estimate, MethodError, printed

# What an effect size may be divided by, and who is known for it.
DENOMINATORS = {
    "start": "Glass and Becker: the spread at the start",
    "end": "the spread at the end",
    "average": "Cohen's d_av: the root of the mean variance",
    "change": "d_z: the spread of the change itself",
}


@dataclass(frozen=True)
class Readings:
    """Two readings as given; `sign` is 1 where a rise is better, -1 where a fall is."""

    pre_mean: float
    post_mean: float
    pre_sd: float
    post_sd: float | None
    n: int | None
    correlation: float | None
    reliability: float | None
    sign: float
    level: float
    unit: str

    @property
    def spread_of_change(self) -> float | None:
        """Standard deviation of the change; None without both spreads and their correlation."""
        if self.post_sd is None or self.correlation is None:
            return None
        both = 2 * self.correlation * self.pre_sd * self.post_sd
        return float(np.sqrt(max(self.pre_sd**2 + self.post_sd**2 - both, 0.0)))

    @property
    def spreads(self) -> dict[str, float]:
        """What the change may be divided by, of what is known."""
        found = {"start": self.pre_sd}
        if self.post_sd is not None:
            mean_variance = (self.pre_sd**2 + self.post_sd**2) / 2
            found |= {"end": self.post_sd, "average": float(np.sqrt(mean_variance))}
        if self.spread_of_change:
            found["change"] = self.spread_of_change
        return found


@dataclass(frozen=True)
class EffectSize:
    """A change in units of one spread.

    Attributes:
        denominator: a key of `DENOMINATORS`; spread: its value, in points.
        d: change over the spread; g: corrected for small samples, None where that cannot be done.
    """

    denominator: str
    spread: float
    d: Estimate
    g: Estimate | None


@dataclass(frozen=True)
class ReliableChange:
    """What a score's error allows one person's change to be.

    Attributes:
        standard_error: of measurement; standard_difference: of the difference of two scores.
        criterion: the least change that is more than error at this level.
    """

    standard_error: float
    standard_difference: float
    criterion: float
    level: float

    def index(self, first: float, last: float) -> float:
        """Jacobson and Truax's index of one person's change; beyond 1.96 either way it is reliable."""
        return (last - first) / self.standard_difference


@dataclass(frozen=True)
class Regression:
    """What a second reading shows of those chosen by the first, if nobody changed.

    Attributes:
        selected: share at or beyond the cut-off at the first reading.
        first_mean, second_mean: of those; effect: how far their mean comes back, in points.
        back: share of those who are on the other side of the cut-off at the second reading.
    """

    selected: float
    first_mean: float
    second_mean: float
    effect: float
    back: float


@dataclass(frozen=True)
class StandardisedChange:
    """A change between two readings; see `iapt_ledger.methods.scores.change.standardised_change`.

    `value`, `low`, `high`, `level` and `p_value` are those of the effect in spreads of the start.

    Attributes:
        readings: as given.
        change: in points, positive where it is for the better, with a paired interval if it can be had.
        effects: one for each denominator that can be had.
        reliable: None without a reliability.
    """

    readings: Readings
    change: Estimate
    effects: tuple[EffectSize, ...]
    reliable: ReliableChange | None

    @property
    def value(self) -> float:
        """Effect in spreads of the start."""
        return self.effects[0].d.value

    @property
    def low(self) -> float:
        """Its lower limit."""
        return self.effects[0].d.low

    @property
    def high(self) -> float:
        """Its upper limit."""
        return self.effects[0].d.high

    @property
    def level(self) -> float:
        """Level of the intervals."""
        return self.readings.level

    @property
    def p_value(self) -> float | None:
        """Of no change, from the paired t-test."""
        return self.change.p_value

    def effect(self, denominator: str) -> EffectSize:
        """The effect size with this denominator.

        Raises:
            MethodError: it is unknown, or an input for it was not given.
        """
        found = {effect.denominator: effect for effect in self.effects}
        if denominator in found:
            return found[denominator]
        if denominator not in DENOMINATORS:
            raise MethodError("Unknown denominator", found=denominator, choices=tuple(DENOMINATORS))
        needed = "post_sd and correlation" if denominator == "change" else "post_sd"
        raise MethodError(
            "An effect size lacks an input", where=f"denominator {denominator}", expected=needed
        )

    def used_by(
        self, published: float, *, decimals: int = 1, input_decimals: int = 1
    ) -> tuple[str, ...]:
        """Which denominators give a published effect size, within the rounding of print.

        Args:
            published: the effect size; decimals: how many it was printed with.
            input_decimals: decimals of the means and spreads that were given here.
        """
        half, own = 0.5 * 10.0**-input_decimals, 0.5 * 10.0**-decimals
        matching = []
        for effect in self.effects:
            ends = [
                (self.change.value + 2 * a * half) / (effect.spread + b * half)
                for a in (-1, 1)
                for b in (-1, 1)
            ]
            if min(ends) - own <= published <= max(ends) + own:
                matching.append(effect.denominator)
        return tuple(matching)

    def selected(self, cutoff: float, *, recovered_at: float | None = None) -> Regression:
        """Regression to the mean of those at or beyond a cut-off, if nobody changed.

        Both readings are normal with the mean and spread of the first, and correlate by the reliability.
        Where a fall is better those at or above the cut-off are chosen, where a rise is, those at or below.

        Args:
            cutoff: for whole-number scores half a point beyond the last that is not chosen.
            recovered_at: where the other side begins at the second reading; the same cut-off if None.

        Raises:
            MethodError: no reliability was given, or hardly anybody would be chosen.
        """
        r = self.readings
        reliability = self._reliability()
        z = -r.sign * (cutoff - r.pre_mean) / r.pre_sd
        line = cutoff if recovered_at is None else recovered_at
        back_z = -r.sign * (line - r.pre_mean) / r.pre_sd
        chosen = float(stats.norm.sf(z))
        if chosen < 1e-12:
            raise MethodError(
                "Hardly anybody lies beyond the cut-off", where="argument cutoff", found=cutoff
            )
        ahead = -r.sign * r.pre_sd * float(stats.norm.pdf(z)) / chosen
        both = stats.multivariate_normal([0, 0], [[1, reliability], [reliability, 1]])
        return Regression(
            selected=chosen,
            first_mean=r.pre_mean + ahead,
            second_mean=r.pre_mean + reliability * ahead,
            effect=abs((1 - reliability) * ahead),
            back=float(np.clip(1 - both.cdf([-z, -back_z]) / chosen, 0.0, 1.0)),
        )

    def explained_from(self) -> float:
        """The usual score people would have to come back to for regression alone to give the whole change.

        Those who come when their score is `ahead` of what is usual for them come back (1 - reliability) of the
        way. A usual score that nobody has, such as one below nought, rules the explanation out.

        Raises:
            MethodError: no reliability was given.
        """
        r = self.readings
        return float(r.pre_mean + r.sign * self.change.value / (1 - self._reliability()))

    def summary(self) -> str:
        """The change, its effect sizes and the criterion of reliable change, one line each."""
        lines = [self.change.summary()]
        for effect in self.effects:
            lines.append(f"{effect.d.summary()} ({DENOMINATORS[effect.denominator]})")
        if self.reliable:
            points = printed(self.reliable.criterion, self.readings.unit)
            lines.append(f"One person's change is more than error from {points}")
        return "\n".join(lines)

    def _reliability(self) -> float:
        if self.readings.reliability is None:
            raise MethodError(
                "Regression to the mean needs a reliability",
                where="argument reliability",
                expected="from 0 to below 1",
                fix="give the correlation of two readings of people who did not change",
            )
        return self.readings.reliability
