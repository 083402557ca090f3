"""What the indices of inequality give: slope, ratio of the ends, gap, fit of the line, and limits from drawn rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import stats

from iapt_ledger.methods.base import Estimate, MethodError
from iapt_ledger.methods.columns import refuse_level
from iapt_ledger.methods.groups.inequality_inputs import Groups

Array = npt.NDArray[np.float64]
NO_ERRORS = "no interval: the rates have no standard errors"


@dataclass(frozen=True)
class Linearity:
    """How far the groups depart from the straight line: Cochran's Q of the inverse-variance fit.

    Attributes:
        statistic, df, p_value: None where the rates have no standard errors.
        r_squared: of the line as fitted, by its own weights.
    """

    statistic: float | None
    df: int
    p_value: float | None
    r_squared: float


@dataclass(frozen=True)
class Simulated:
    """Slope and relative index with limits from drawn rates, as in England's public health tools."""

    slope: Estimate
    relative: Estimate
    repetitions: int


@dataclass(frozen=True)
class Inequality:
    """Indices of inequality over ranked groups; see `inequality` for what each is.

    `value`, `low`, `high`, `level` and `p_value` are those of the slope index.

    Attributes:
        groups: the groups in order from the most deprived, with their ridits and shares.
        fitted: the line at the groups, in the unit of the rates.
        slope: slope index; its interval comes from the rates' standard errors, and where there are none
            from the scatter around the line.
        scatter: slope index with the interval of the regression, from the scatter around the line.
        gap: rate of the least deprived group less that of the most deprived group.
        linearity: whether a straight line fits.
    """

    groups: Groups
    fitted: Array
    slope: Estimate
    scatter: Estimate
    gap: Estimate
    linearity: Linearity
    level: float
    unit: str
    line: Array
    covariance: Array
    hat: Array
    reach: float

    @property
    def value(self) -> float:
        """The slope index."""
        return self.slope.value

    @property
    def low(self) -> float:
        """Lower limit of the slope index."""
        return self.slope.low

    @property
    def high(self) -> float:
        """Upper limit of the slope index."""
        return self.slope.high

    @property
    def p_value(self) -> float | None:
        """Of no slope, two-sided."""
        return self.slope.p_value

    @cached_property
    def relative(self) -> Estimate:
        """Ratio of the two fitted ends, least over most deprived, with a log (delta) interval.

        Raises:
            MethodError: a fitted end is not above nought.
        """
        start, slope = self.line
        end = start + slope
        self._refuse_ends((start, end))
        gradient = np.array([1 / end - 1 / start, 1 / end])
        reach = self.reach * _reach(gradient, self.covariance)
        value = end / start
        return self._estimate("Relative index of inequality", value, _about(value, reach), "times")

    @cached_property
    def relative_to_mean(self) -> Estimate:
        """Slope index over the fitted rate in the middle of the population, with a delta interval.

        Raises:
            MethodError: that rate is not above nought.
        """
        start, slope = self.line
        middle = start + slope / 2
        self._refuse_ends((middle,))
        gradient = np.array([-slope, start]) / middle**2
        reach = self.reach * _reach(gradient, self.covariance)
        value = slope / middle
        return self._estimate(
            "Slope index over the mean", value, value + np.array([-reach, reach]), ""
        )

    @cached_property
    def ratio(self) -> Estimate:
        """Rate of the least deprived group over that of the most deprived, with a log interval.

        Raises:
            MethodError: one of the two rates is not above nought.
        """
        first, last = self.groups.rates[[0, -1]]
        self._refuse_ends((first, last))
        errors = self.groups.standard_errors
        reach = (
            np.nan
            if errors is None
            else normal_reach(self.level) * float(np.hypot(errors[0] / first, errors[-1] / last))
        )
        value = last / first
        return self._estimate(
            "Least over most deprived group", value, _about(value, reach), "times",
            NO_ERRORS if errors is None else "",
        )  # fmt: skip

    def simulated(self, *, repetitions: int = 10_000, seed: int = 1) -> Simulated:
        """Both indices with percentile limits over drawn rates.

        Rates are drawn as they are, on the log scale (kind "rate") or the logit scale (kind "share").

        Raises:
            MethodError: the rates have no standard errors, or one has no logarithm or logit.
        """
        lines = self.groups.drawn(repetitions, np.random.default_rng(seed)) @ self.hat.T
        start, slope = self.line
        ends = lines[:, 0] + lines[:, 1]
        self._refuse_ends((start, start + slope, float(lines[:, 0].min()), float(ends.min())))
        tail = (1 - self.level) / 2
        limits = [
            np.quantile(drawn, [tail, 1 - tail]) for drawn in (lines[:, 1], ends / lines[:, 0])
        ]
        kind = f"{self.level:.0%} simulation interval"
        return Simulated(
            self._estimate("Slope index of inequality", slope, limits[0], self.unit, kind),
            self._estimate(
                "Relative index of inequality", (start + slope) / start, limits[1], "times", kind
            ),
            repetitions,
        )

    def summary(self) -> str:
        """The indices in a few lines."""
        fit = f"straight line explains {self.linearity.r_squared:.0%} of the weighted scatter"
        if self.linearity.p_value is not None:
            p = self.linearity.p_value
            fit += f"; departure from it by chance, p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}"
        lines = [self.slope.summary()]
        for index in ("relative", "relative_to_mean", "gap", "ratio"):
            try:
                lines.append(getattr(self, index).summary())
            except MethodError as error:
                lines.append(f"{index.replace('_', ' ')}: none, for {error.what}")
        return "\n".join([*lines, f"{len(self.groups.rates)} groups; {fit}"])

    def _estimate(
        self, name: str, value: float, limits: Sequence[float] | Array, unit: str, kind: str = ""
    ) -> Estimate:
        low, high = (float(limit) for limit in limits)
        return Estimate(
            name,
            float(value),
            low,
            high,
            self.level,
            unit=unit,
            interval=kind or self.slope.interval,
            scale="ratio" if unit == "times" else "difference",
        )

    def _refuse_ends(self, ends: Sequence[float]) -> None:
        if min(ends) <= 0:
            raise MethodError(
                "a fitted end that is not above nought has no ratio",
                expected="rates whose line, and whose draws, stay above nought",
                found=f"{min(ends):.4g}",
                fix="use the slope index, which needs no ratio",
            )


def normal_reach(level: float) -> float:
    """How many standard errors an interval of this level reaches.

    Raises:
        MethodError: the level is no share.
    """
    refuse_level(level)
    return float(stats.norm.ppf(0.5 + level / 2))


def _about(value: float, reach: float) -> Array:
    """Limits of a ratio so far to either side on the log scale; one too large for a number is infinite."""
    with np.errstate(over="ignore"):
        return np.asarray(value * np.exp([-reach, reach]))


def _reach(gradient: Array, covariance: Array) -> float:
    return max(float(gradient @ covariance @ gradient), 0.0) ** 0.5
