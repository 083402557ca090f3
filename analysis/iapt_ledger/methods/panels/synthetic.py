"""A unit beside a blend of others that went its way before: the synthetic control and its placebos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from iapt_ledger.methods.base import Estimate, Headlined, MethodError, printed
from iapt_ledger.methods.panels.panel_data import plain
from iapt_ledger.methods.panels.synthetic_fit import balance, gaps, over, weigh
from iapt_ledger.methods.panels.synthetic_inputs import (
    FEWEST_BEFORE,
    Predictors,
    Shares,
    Study,
    read_study,
    shares,
)

SEEN = 0.001  # weight from which a donor is left out in turn


@dataclass(frozen=True)
class How:
    """What was asked for: given predictors' weights, kind of search, who makes placebos, unit of the outcome."""

    given: np.ndarray | None
    thorough: bool
    treated_among_donors: bool
    unit: str


@dataclass(frozen=True)
class SyntheticControl(Headlined):
    """What `synthetic_control` found.

    Attributes:
        outcome, treated, start: column, unit, and first treated period.
        weights: share of each donor, largest first; they add up to one.
        predictor_weights: share of each predictor in the match; None when all outcomes before the start are matched.
        gap: time, observed, synthetic, gap.
        effect: average gap from the start on. It has no interval: placebos judge it.
        rmspe_before, rmspe_after: root of the mean squared gap before the start and from it on.
    """

    outcome: str
    treated: Any
    start: Any
    weights: pd.Series
    predictor_weights: pd.Series | None
    gap: pd.DataFrame
    effect: Estimate
    rmspe_before: float
    rmspe_after: float
    _study: Study = field(repr=False, compare=False)
    _how: How = field(repr=False, compare=False)

    @property
    def ratio(self) -> float:
        """Mean squared gap from the start on, over that before."""
        return over(self.rmspe_after**2, self.rmspe_before**2)

    @property
    def headline(self) -> Estimate:
        """Average gap from the start on, without limits: placebos judge it."""
        return self.effect

    @property
    def p_value(self) -> float:
        """`placebo_p()`: works all placebos in space when first asked for."""
        return self.placebo_p()

    @cached_property
    def balance(self) -> pd.DataFrame:
        """What was matched: predictor, treated, synthetic, donors (their plain average)."""
        return balance(self._study, self.weights)

    @cached_property
    def placebo_gaps(self) -> pd.DataFrame:
        """Gaps of every unit as if it had been the treated one: periods x units, the treated unit first.

        As in the paper each is made of all other units, the treated one among them: all units then stand alike, which
        is what the rank of the treated one rests on. `treated_among_donors=False` leaves it out, for where few donors
        would else carry its effect into their own placebos.
        """
        found = {self.treated: self.gap.set_index("time")["gap"]}
        for donor in self._study.donors:
            others = [d for d in self._study.donors if d != donor]
            others = [self.treated, *others] if self._how.treated_among_donors else others
            study = self._study.of(donor, others)
            blend = weigh(study, self._how.given, self._how.thorough)
            found[donor] = gaps(study, blend.donors)
        return pd.DataFrame(found)

    @cached_property
    def in_space(self) -> pd.DataFrame:
        """Placebos in space: unit, mspe_before, mspe_after, ratio and average gap, largest ratio first."""
        squares = self.placebo_gaps**2
        early = self.placebo_gaps.index < self.start
        before, after = squares[early].mean(), squares[~early].mean()
        table = pd.DataFrame(
            {
                "unit": squares.columns,
                "mspe_before": before.to_numpy(),
                "mspe_after": after.to_numpy(),
                "ratio": [over(a, b) for a, b in zip(after, before, strict=True)],
                "gap": self.placebo_gaps[~early].mean().to_numpy(),
            }
        )
        return table.sort_values("ratio", ascending=False, kind="stable").reset_index(drop=True)

    def placebo_p(self, cut: float | None = None) -> float:
        """Share of units, the treated one among them, whose ratio is as large as that of the treated unit.

        Args:
            cut: leave out units whose mean squared gap before the start is more than this many times that of the
                treated unit: what was never matched tells little.
        """
        table = self.in_space.set_index("unit")
        if cut is not None:
            table = table[table["mspe_before"] <= cut * table.loc[self.treated, "mspe_before"]]
        return float((table["ratio"] >= table.loc[self.treated, "ratio"]).mean())

    @property
    def smallest_p(self) -> float:
        """The smallest `placebo_p()` that there can be with so many donors."""
        return 1 / (1 + len(self._study.donors))

    def moved(self, start: Any) -> SyntheticControl:
        """The study as if it had begun at `start`, before the true one, on periods before the true start only.

        Declared predictors keep their periods before the moved start. Given weights of predictors are searched anew
        where a predictor is dropped.

        Raises:
            MethodError: fewer than two periods are left before, or none between the moved and the true start.
        """
        times = self._study.before.index
        if not (times < start).sum() >= FEWEST_BEFORE or not (times >= start).any():
            raise MethodError(
                "A start in time's place must lie before the true one", where="argument start",
                expected=f"a period from {plain(times[FEWEST_BEFORE])} to {plain(times[-1])}",
                found=plain(start),
            )  # fmt: skip
        return self._again(self._study.moved(start))

    @cached_property
    def in_time(self) -> pd.DataFrame:
        """Placebos in time: start, rmspe_before, rmspe_after, ratio and average gap of each moved start.

        The start is moved to every period in the later half of those before the true start. What follows a moved
        start is looked at for as long as there are treated periods, or up to the true start.
        """
        times = self._study.before.index
        treated = len(self._study.outcome) - len(times)
        rows = []
        for start in times[max(FEWEST_BEFORE, len(times) // 2) :]:
            gaps = self.moved(start).gap.set_index("time")["gap"]
            before, after = gaps[gaps.index < start], gaps[gaps.index >= start].iloc[:treated]
            early, late = (float(np.sqrt((part**2).mean())) for part in (before, after))
            rows.append((start, early, late, over(late**2, early**2), float(after.mean())))
        return pd.DataFrame(rows, columns=["start", "rmspe_before", "rmspe_after", "ratio", "gap"])

    def _again(self, study: Study) -> SyntheticControl:
        same = len(study.predictors) == len(self._study.predictors)
        how = self._how if same else replace(self._how, given=None)
        return _result(study, self.outcome, how)

    def summary(self) -> str:
        """A few lines for people; works all placebos in space."""
        seen = self.weights[self.weights >= SEEN]
        made = ", ".join(f"{plain(donor)} {share:.3f}" for donor, share in seen.items())
        end, last = self.gap["time"].iloc[-1], float(self.gap["gap"].iloc[-1])
        return "\n".join(
            [
                self.effect.summary(),
                f"Gap in {plain(end)}: {printed(last, self.effect.unit)}",
                f"Made of {made}",
                f"Root of mean squared gap {self.rmspe_before:.4g} before {plain(self.start)} and "
                f"{self.rmspe_after:.4g} from then on, ratio of squares "
                + (f"{self.ratio:.4g}" if self.ratio < np.inf else "without bound"),
                f"Placebos in space: p = {self.placebo_p():.3g}; the smallest there can be is "
                f"{self.smallest_p:.3g}",
            ]
        )


def synthetic_control(
    panel: pd.DataFrame,
    *,
    unit: str,
    time: str,
    outcome: str,
    treated: object,
    start: object,
    predictors: Predictors | None = None,
    predictor_weights: Shares | None = None,
    donors: Sequence[object] | None = None,
    thorough: bool = True,
    treated_among_donors: bool = True,
    effect_unit: str = "",
) -> SyntheticControl:
    """A treated unit against the blend of donors that was most like it before the treatment.

    Args:
        panel: one row a unit and period, in any order; the outcome balanced and without a gap.
        unit, time, outcome: names of columns; `time` sorts by value.
        treated: the treated unit; start: its first treated period.
        predictors: what to match on. None: every outcome before the start. Else columns, averaged over all periods
            before it, or pairs of a column and the periods it is averaged over (a period, a list or range of them, or a
            slice with both ends), in a mapping or a sequence: `[("income", range(1980, 1989)), ("sales", 1975)]`.
            All before the start; values may be missing elsewhere.
        predictor_weights: share of each predictor, in their order or by their label ("sales 1975"); None: searched
            for, so that the outcome before the start is met best. Several searches are made, for none is sure to find
            the best of all.
        donors: units to blend; None: all others. Leave out any that were treated too.
        thorough: False makes one search only, for placebos in a hurry.
        treated_among_donors: whether placebos may be made of the treated unit too, as in the paper.
        effect_unit: unit of the outcome, for print.

    Returns:
        Weights and gaps; placebos are worked when they are asked for.

    Raises:
        MethodError: a column, unit or period is missing, the panel is not balanced, the start leaves fewer than two
            periods before or none after, there are fewer than two donors, a predictor reaches into treated periods,
            has gaps or is the same for all units, or weights of predictors do not fit them.

    With more donors than things to match, several blends may fit alike; the one reported is sparse but not the only
    one. Papers: Abadie, Diamond and Hainmueller (2010, 2015).
    """
    study = read_study(panel, unit, time, outcome, treated, start, predictors, donors)
    how = How(shares(study, predictor_weights), thorough, treated_among_donors, effect_unit)
    return _result(study, outcome, how)


def _result(study: Study, outcome: str, how: How) -> SyntheticControl:
    found = weigh(study, how.given, how.thorough)
    away = gaps(study, found.donors)
    observed = study.outcome[study.treated].to_numpy()
    columns = {"time": away.index, "observed": observed, "synthetic": observed - away, "gap": away}
    gap = pd.DataFrame(columns).reset_index(drop=True)
    early = (gap["time"] < study.start).to_numpy()
    before, after = gap["gap"][early], gap["gap"][~early]
    times = gap["time"][~early]
    span = plain(times.iloc[0]) + (f" to {plain(times.iloc[-1])}" if len(times) > 1 else "")
    name = f"Average gap of {plain(study.treated)} from its synthetic control, {span}"
    effect = Estimate(
        name,
        float(after.mean()),
        np.nan,
        np.nan,
        unit=how.unit,
        interval="no interval: see placebos",
    )
    return SyntheticControl(
        outcome, study.treated, study.start, found.donors, found.predictors,
        gap, effect, float(np.sqrt((before**2).mean())),
        float(np.sqrt((after**2).mean())), study, how,
    )  # fmt: skip
