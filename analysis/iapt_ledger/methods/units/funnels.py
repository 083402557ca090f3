"""Funnel plots: which of many services differ from a target by more than chance, and by more than services do.

Limits follow Spiegelhalter (2005, Statistics in Medicine 24:1185-1202), the allowance for overdispersion
Spiegelhalter (2005, Quality and Safety in Health Care 14:347-351) and Spiegelhalter and others (2012, Journal
of the Royal Statistical Society A 175:1-47). Binomial probabilities are SciPy's.

The z-scores stand on the variance-stabilised arcsine scale of 2012: y = arcsin(sqrt(rate)) with standard deviation
1 / (2 sqrt(n)). On the "score" scale of 2005 they are (rate - target) / sqrt(target (1 - target) / n), and their
squares add up to Pearson's chi-squared when the target is the pooled rate. A tenth of them at each end is pulled in
to the percentile, phi is the mean square of the rest, and tau squared its additive form by moments (DerSimonian and
Laird 1986).

A funnel adjusts for size and for nothing else: not for who is referred to a service. A unit outside the limits
is one to look at, not one that is good or bad.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from scipy import stats

from iapt_ledger.methods.base import MethodError, printed
from iapt_ledger.methods.columns import column, number
from iapt_ledger.methods.intervals import proportion_interval
from iapt_ledger.methods.units.binomial_units import Array, Counts, Names, Units, read_units
from iapt_ledger.methods.units.funnel_limits import Scale, adjusted_limits, exact_limits, tail_below

LEVELS = (0.95, 0.998)  # two and three standard deviations
WINSORISED = 0.1  # of the z-scores, at each end


@dataclass(frozen=True)
class Funnel:
    """Units against the limits of a funnel.

    Attributes:
        target: share against which units are held; pooled: share of all units together.
        units: a row a unit: name, events, denominator, rate, low, high (Wilson, at the first level), z,
            z_winsorised, for each level outside_95 and so on (-1 below, 0 within, 1 above, by the exact
            binomial tail); with overdispersion also z_adjusted and adjusted_95 and so on (of those outside, the
            ones that the variance between units does not bring back in).
        levels: of the limits; scale: of the z-scores; winsorised: share of z-scores pulled in at each end.
        phi: mean square of the winsorised z-scores. Chance alone gives 1 without winsorising and about 0.68
            with a tenth pulled in at each end, so it errs on the low side.
        tau2: variance between units on the scale of the z-scores, beyond chance; None if not asked for.
        p_value: of so large a sum of squared z-scores (not winsorised) if chance alone parted the units.
    """

    target: float
    pooled: float
    units: pd.DataFrame
    levels: tuple[float, ...]
    scale: Scale
    winsorised: float
    phi: float
    tau2: float | None
    p_value: float

    @property
    def level(self) -> float:
        """Level of the interval of the pooled rate and of the units' rates."""
        return self.levels[0]

    @property
    def value(self) -> float:
        """The pooled rate of all units, a share."""
        return self.pooled

    @property
    def low(self) -> float:
        """Lower Wilson limit of the pooled rate."""
        return self._pooled_interval()[0]

    @property
    def high(self) -> float:
        """Upper Wilson limit of the pooled rate."""
        return self._pooled_interval()[1]

    def limits(
        self, n: float | Counts, *, level: float = 0.95, adjusted: bool = False
    ) -> pd.DataFrame:
        """Control limits for units of these sizes, to draw the curves of the funnel.

        Exact limits are binomial quantiles made smooth by Spiegelhalter's interpolation. Adjusted limits add
        the variance between units to that of chance, on the scale of the z-scores.

        Args:
            n: one denominator or several, whole numbers above nought; level: a share; adjusted: with overdispersion.

        Returns:
            Columns n, low and high, shares.

        Raises:
            MethodError: a size or a level cannot be used, or overdispersion was not asked for.
        """
        sizes = column("n", np.atleast_1d(n) if np.isscalar(n) else n, "Limits need sizes")
        if (sizes < 1).any():
            row = int(np.flatnonzero(sizes < 1)[0])
            raise MethodError(
                "Limits need sizes",
                where=f"argument n, row {row + 1}",
                expected="whole numbers above nought",
                found=f"{sizes[row]:g}",
            )
        _refuse_levels((level,))
        low, high = (
            adjusted_limits(self.target, sizes, level, self.scale, self._tau2())
            if adjusted
            else exact_limits(self.target, np.round(sizes), level)
        )
        return pd.DataFrame({"n": sizes, "low": low, "high": high})

    def outside(self, level: float = 0.95, *, adjusted: bool = False) -> pd.DataFrame:
        """The rows of units beyond the limits of one of the funnel's levels."""
        return self.units[self.units[self._column(level, adjusted)].ne(0)]

    def expected_outside(self, level: float = 0.95) -> float:
        """How many units the exact limits would leave outside if only chance parted them: multiplicity, said."""
        _refuse_levels((level,))
        n, tail = self.units["denominator"].to_numpy(), (1 - level) / 2
        return float(
            (tail_below(n, self.target, tail) + tail_below(n, 1 - self.target, tail)).sum()
        )

    def summary(self) -> str:
        """Units, target, overdispersion, and how many lie outside against how many chance would put there."""
        lines = [
            f"{len(self.units)} units against {printed(100 * self.target, 'percent')}",
            f"phi {self.phi:.2f} (winsorised, {self.scale} scale), p "
            + ("< 0.001" if self.p_value < 0.001 else f"= {self.p_value:.3f}"),
        ]
        for level in self.levels:
            lines.append(
                f"outside {100 * level:g}% limits: {len(self.outside(level))},"
                f" by chance {self.expected_outside(level):.1f}"
            )
            if self.tau2 is not None:
                lines[-1] += f"; adjusted limits: {len(self.outside(level, adjusted=True))}"
        if self.tau2 is not None:
            lines.insert(2, f"tau squared {self.tau2:.3g} between units")
        return "\n".join(lines)

    def _pooled_interval(self) -> tuple[float, float]:
        x, n = float(self.units["events"].sum()), float(self.units["denominator"].sum())
        _, low, high = proportion_interval(x, n, level=self.level)
        return low, high

    def _tau2(self) -> float:
        if self.tau2 is None:
            raise MethodError(
                "This funnel has no adjusted limits", fix="ask for it with overdispersion=True"
            )
        return self.tau2

    def _column(self, level: float, adjusted: bool) -> str:
        if adjusted:
            self._tau2()
        if level not in self.levels:
            raise MethodError(
                "Units were not held against this level", found=level, choices=self.levels
            )
        return ("adjusted_" if adjusted else "outside_") + _suffix(level)


def funnel(
    events: Counts,
    denominators: Counts,
    *,
    target: float | None = None,
    overdispersion: bool = True,
    names: Names | None = None,
    levels: float | tuple[float, ...] = LEVELS,
    scale: Scale = "arcsine",
    winsorise: float = WINSORISED,
) -> Funnel:
    """Hold the rates of units against the limits of a funnel.

    A unit is outside a level when its exact binomial tail, the probability under the target of so few events
    or fewer (or so many or more), is under half of what the level leaves. The drawn limit may part from that by
    less than one event.

    Args:
        events, denominators: one count a unit, two units or more.
        target: share against which units are held; the pooled rate of all unless given.
        overdispersion: whether to estimate the variance between units and adjust limits for it.
        names: one a unit, each once.
        levels: shares, increasing; 0.95 and 0.998 are usual.
        scale: of the z-scores; winsorise: share of them pulled in at each end, 0 for none.

    Raises:
        MethodError: see `read_units` (units without any event are held against a target that is given, but have no
            pooled one); or the target, a level, the scale or the share cannot be used.
    """
    units = read_units(events, denominators, names, at_least=2, varying=target is None)
    levels = (levels,) if isinstance(levels, int | float) else tuple(levels)
    centre = units.pooled if target is None else _target(target)
    _refuse_levels(levels)
    _refuse_settings(scale, winsorise)
    gap, spread = _z_parts(units, centre, scale)
    z = gap / spread
    pulled = np.clip(z, *np.quantile(z, [winsorise, 1 - winsorise]))
    phi = float(np.mean(pulled**2))
    tau2 = _between(phi, spread) if overdispersion else None
    frame = _unit_frame(units, centre, levels).assign(z=z, z_winsorised=pulled)
    if tau2 is not None:
        frame = frame.assign(**_adjusted(frame, gap, spread, tau2, levels))
    return Funnel(
        target=centre,
        pooled=units.pooled,
        units=frame,
        levels=levels,
        scale=scale,
        winsorised=winsorise,
        phi=phi,
        tau2=tau2,
        p_value=float(stats.chi2.sf((z**2).sum(), len(z) - (target is None))),
    )


def _z_parts(units: Units, target: float, scale: Scale) -> tuple[Array, Array]:
    """Distance from the target and its standard deviation under the target, on the scale asked for."""
    if scale == "arcsine":
        gap = np.arcsin(np.sqrt(units.rates)) - np.arcsin(np.sqrt(target))
        return gap, 1 / (2 * np.sqrt(units.denominators))
    return units.rates - target, np.sqrt(target * (1 - target) / units.denominators)


def _between(phi: float, spread: Array) -> float:
    """Variance between units by moments: nought unless the z-scores vary more than chance lets them."""
    weight, k = spread**-2, len(spread)
    excess = k * phi - (k - 1)
    return max(0.0, float(excess / (weight.sum() - (weight**2).sum() / weight.sum())))


def _unit_frame(units: Units, target: float, levels: tuple[float, ...]) -> pd.DataFrame:
    shares = proportion_interval(units.events, units.denominators, level=levels[0])
    below = stats.binom.cdf(np.floor(units.events), units.denominators, target)
    above = stats.binom.sf(np.ceil(units.events) - 1, units.denominators, target)
    frame = units.frame().assign(low=shares.low, high=shares.high)
    for level in levels:
        tail = (1 - level) / 2
        frame[f"outside_{_suffix(level)}"] = (above < tail).astype(int) - (below < tail).astype(int)
    return frame


def _adjusted(
    frame: pd.DataFrame, gap: Array, spread: Array, tau2: float, levels: tuple[float, ...]
) -> dict[str, Array]:
    """Units beyond the wider limits; never one that the exact limits hold, from which normal ones part a little."""
    z = gap / np.sqrt(spread**2 + tau2)
    columns: dict[str, Array] = {"z_adjusted": z}
    for level in levels:
        beyond = np.abs(z) > stats.norm.ppf(0.5 + level / 2)
        exact = frame[f"outside_{_suffix(level)}"].to_numpy()
        columns[f"adjusted_{_suffix(level)}"] = np.where(beyond, exact, 0)
    return columns


def _target(target: float) -> float:
    if not 0 < number("target", target, "A target is a share") < 1:
        raise MethodError(
            "A target is a share", where="argument target", expected="between 0 and 1", found=target,
            fix="divide a percentage by 100",
        )  # fmt: skip
    return float(target)


def _refuse_settings(scale: str, winsorise: float) -> None:
    if scale not in get_args(Scale):
        raise MethodError("Unknown scale of z-scores", found=scale, choices=get_args(Scale))
    if not 0 <= winsorise < 0.5:
        raise MethodError(
            "This share cannot be pulled in at each end",
            where="argument winsorise",
            expected="0 or more, below 0.5",
            found=winsorise,
        )


def _refuse_levels(levels: tuple[float, ...]) -> None:
    if not levels or not all(0 < one < 1 for one in levels) or list(levels) != sorted(set(levels)):
        raise MethodError(
            "Levels of limits are shares",
            where="argument levels",
            expected="numbers between 0 and 1, increasing",
            found=levels,
        )


def _suffix(level: float) -> str:
    return f"{100 * level:g}".replace(".", "_")
