"""The result of a controlled interrupted time series, and the fit behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.methods.base import Estimate
from iapt_ledger.methods.time_series.segmented_checks import ResidualChecks, residual_checks
from iapt_ledger.methods.time_series.segmented_fit import Design, Fit, fit
from iapt_ledger.methods.time_series.segmented_headline import Headline
from iapt_ledger.methods.time_series.segmented_headline import Terms as Changes
from iapt_ledger.methods.time_series.segmented_result import break_positions, dispersion_line
from iapt_ledger.methods.time_series.segmented_scan import BreakScan, scan
from iapt_ledger.methods.time_series.segmented_series import Series, Settings, refuse_break
from iapt_ledger.methods.time_series.segmented_terms import Terms, base_terms, with_covariates

Array = npt.NDArray[np.float64]
FEW = 4  # comparisons that are named one by one
MORE = "treated: "  # before the name of a term: what the treated series has more of it


@dataclass(frozen=True)
class GroupChange:
    """What one side did at the break, from the common model: log ratios in families of counts."""

    name: str
    level_change: Estimate
    slope_change: Estimate | None
    trend: Estimate


@dataclass(frozen=True, eq=False)
class ControlledInterruptedTimeSeries(Headline):
    """A treated series beside a comparison; estimates are log ratios in families of counts (`.ratio`).

    Attributes:
        outcome, start, family: as asked for.
        difference_in_level: how much more the treated series jumped in the first treated period;
            difference_in_slope: how much more its trend changed a period, None when not asked for;
            difference_in_trend: how much more it rose a period before the break. Where that is far from
            nought, the comparison had another trend all along.
        treated, comparison: each side's own changes and trend before.
        dispersion: as in `InterruptedTimeSeries`, common to all series.
        n_before, n_after: periods before the break and from it on.
        series: the treated one first; settings, own_levels, model: what was fitted.
    """

    CHANGES: ClassVar[Changes] = {
        "level": {f"{MORE}level_change": 1.0},
        "slope": {f"{MORE}slope_change": 1.0},
    }

    outcome: str
    start: Any
    family: str
    difference_in_level: Estimate
    difference_in_slope: Estimate | None
    difference_in_trend: Estimate
    treated: GroupChange
    comparison: GroupChange
    dispersion: float
    n_before: int
    n_after: int
    series: tuple[Series, ...]
    settings: Settings
    own_levels: bool
    model: Fit

    @classmethod
    def of(
        cls, model: Fit, outcome: str, series: tuple[Series, ...], at: int, own_levels: bool
    ) -> ControlledInterruptedTimeSeries:
        """The result of a model that was fitted with its break at a position of all series."""
        written = series[0].periods.written(at)
        slope = None
        if model.settings.slope_change:
            slope = model.estimate(
                f"Difference in change of slope from {written}", cls.CHANGES["slope"]
            )
        names = [s.name for s in series[1:]]
        others = ", ".join(names) if len(names) <= FEW else f"{len(names)} other series"
        return cls(
            outcome=outcome,
            start=series[0].periods.labels[at],
            family=model.settings.family,
            difference_in_level=model.estimate(
                f"Difference in change of level at {written}", cls.CHANGES["level"]
            ),
            difference_in_slope=slope,
            difference_in_trend=model.estimate(
                "Difference in trend before, a period", {f"{MORE}trend": 1.0}
            ),
            treated=_change_of(model, series[0].name, written, ("", MORE)),
            comparison=_change_of(model, others, written, ("",)),
            dispersion=model.dispersion,
            n_before=at,
            n_after=len(series[0]) - at,
            series=series,
            settings=model.settings,
            own_levels=own_levels,
            model=model,
        )

    @property
    def headline(self) -> Estimate:
        """The difference in the change of level."""
        return self.difference_in_level

    @cached_property
    def fitted(self) -> pd.DataFrame:
        """Each series and period: group, time, observed, value, low, high (interval of the fitted mean)."""
        design = self.model.design
        value, low, high = self.model.bounds(design.x, design.log_exposure)
        return pd.DataFrame(
            {
                "group": [s.name for s in self.series for _ in range(len(s))],
                "time": [label for s in self.series for label in s.periods.labels],
                "observed": design.y,
                "value": value,
                "low": low,
                "high": high,
            }
        )

    @cached_property
    def counterfactual(self) -> pd.DataFrame:
        """The treated series from the break on, had it changed as the comparison did: time, value, low, high."""
        names = self.model.design.names
        kept = [n not in (f"{MORE}level_change", f"{MORE}slope_change") for n in names]
        x = self.model.design.x[self.n_before : len(self.series[0])] * np.array(kept)
        value, low, high = self.model.bounds(x, self.series[0].log_exposure[self.n_before :])
        labels = list(self.series[0].periods.labels[self.n_before :])
        return pd.DataFrame({"time": labels, "value": value, "low": low, "high": high})

    @cached_property
    def residuals(self) -> dict[str, ResidualChecks]:
        """Autocorrelation of what the model leaves over, by series."""
        return {
            series.name: residual_checks(self.model.residuals[first:last])
            for series, (first, last) in zip(self.series, self.model.design.spans, strict=True)
        }

    def break_scan(self, dates: Sequence[Any] | None = None) -> BreakScan:
        """The same model with the break elsewhere; its level and slope are the differences."""
        first = self.series[0]
        usable = (set(break_positions(one, self.settings, dates)) for one in self.series)
        return scan(
            lambda at: fit_groups_at(self.series, at, self.settings, self.own_levels),
            sorted(set.intersection(*usable)),
            self.n_before,
            lambda at: first.periods.labels[at],
            self.CHANGES["level"],
            None if self.difference_in_slope is None else self.CHANGES["slope"],
        )

    def summary(self) -> str:
        """A few lines for people."""
        shown = [self.difference_in_level, self.difference_in_slope, self.difference_in_trend]
        written = self.series[0].periods.written(self.n_before)
        lines = [
            f"Controlled interrupted time series of {self.outcome} ({self.family}): {self.treated.name} "
            f"beside {self.comparison.name}, {self.n_before} periods before {written}, {self.n_after} from it"
        ]
        lines += [(e.ratio if self.settings.log_link else e).summary() for e in shown if e]
        for side in (self.treated, self.comparison):
            change = side.level_change.ratio if self.settings.log_link else side.level_change
            lines.append(f"{side.name}: {change.summary()}")
        return "\n".join([*lines, dispersion_line(self.model)])


def fit_groups_at(series: Sequence[Series], at: int, settings: Settings, own_levels: bool) -> Fit:
    """The common model with the break of every series at one position; the treated series stands first."""
    for one in series:
        refuse_break(one, at, settings)
    blocks = [_terms(series, n, at, settings, own_levels) for n in range(len(series))]
    names = tuple(blocks[0])
    ends = np.cumsum([0, *(len(s) for s in series)])
    design = Design(
        names,
        np.vstack([np.column_stack(list(block.values())) for block in blocks]),
        np.concatenate([s.y for s in series]),
        np.concatenate([s.log_exposure for s in series]),
        [(int(first), int(last)) for first, last in pairwise(ends)],
    )
    return fit(design, settings)


def _terms(
    series: Sequence[Series], n: int, at: int, settings: Settings, own_levels: bool
) -> Terms:
    """The rows of one series: terms of all, terms of the treated, levels of further comparisons, covariates."""
    one = series[n]
    base = base_terms(one, at, settings)
    treated = float(n == 0)
    terms = {**base, **{f"{MORE}{name}": treated * values for name, values in base.items()}}
    if own_levels:
        for m, other in enumerate(series[2:], start=2):
            terms[f"level of {other.name}"] = np.full(len(one), float(n == m))
    return with_covariates(terms, one, settings)


def _change_of(model: Fit, name: str, written: str, parts: tuple[str, ...]) -> GroupChange:
    """One side's changes: the sum of the common terms and, for the treated, of what it has more."""

    def estimate(words: str, term: str) -> Estimate:
        return model.estimate(words, {f"{part}{term}": 1.0 for part in parts})

    slope = None
    if model.settings.slope_change:
        slope = estimate(f"Change of slope from {written}", "slope_change")
    return GroupChange(
        name=name,
        level_change=estimate(f"Change of level at {written}", "level_change"),
        slope_change=slope,
        trend=estimate("Trend before, a period", "trend"),
    )
