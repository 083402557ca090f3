"""One specification of `panel_effect`, fitted to any outcome of the panel, with the errors that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from linearmodels.panel import PanelOLS

from iapt_ledger.methods.base import Estimate
from iapt_ledger.methods.panels.panel_data import Cells
from iapt_ledger.methods.panels.panel_design import Design, Fit, build_design, fit, t_estimate
from iapt_ledger.methods.panels.panel_flips import SignFlips

Array = npt.NDArray[np.float64]
FEW = 20  # units below which errors clustered by unit are not to be trusted
ERRORS = ("auto", "sign_flip", "crv3", "cluster")


@dataclass(frozen=True)
class Model:
    """What stays the same from one outcome to the next.

    Attributes:
        cells: the panel; exposure, controls, weights: names of its columns.
        trends: whether units have straight lines of their own.
        errors: one of sign_flip, crv3, cluster.
        level: of the intervals; seed: for signs that are drawn; effect_unit: of the coefficient.
    """

    cells: Cells
    exposure: str
    controls: tuple[str, ...]
    weights: str | None
    trends: bool
    errors: str
    level: float
    seed: int
    effect_unit: str

    @cached_property
    def design(self) -> Design:
        """What outcome and exposure are freed of."""
        return self.design_of(self.cells, [(c, self.cells.columns[c]) for c in self.controls])

    def design_of(self, cells: Cells, controls: Sequence[tuple[str, Array]]) -> Design:
        """The same for a part of the periods, or with other controls."""
        weights = cells.columns[self.weights] if self.weights else None
        return build_design(cells.shape, weights=weights, trends=self.trends, controls=controls)

    def fit(self, values: Array, name: str) -> Fit:
        """The regression of an outcome (G x T) on the exposure."""
        return fit(
            self.design, self.cells.columns[self.exposure], values, self.cells.units,
            outcome=name, exposure=self.exposure,
        )  # fmt: skip

    def flips(self, found: Fit) -> SignFlips:
        """The sign-flip test of a fit."""
        return SignFlips(found, self.level, self.seed)

    def estimate(self, found: Fit, name: str) -> Estimate:
        """The coefficient with the errors that were asked for."""
        if self.errors == "sign_flip":
            return self.flips(found).estimate(name, self.effect_unit)
        if self.errors == "crv3":
            return found.jackknife(name, self.level, self.effect_unit)
        return self.clustered(found, name)

    def clustered(self, found: Fit, name: str) -> Estimate:
        """The coefficient with errors clustered by unit (CRV1) and Student's t, from the sums of each unit.

        The factor is G / (G - 1) x (N - 1) / (N - K), where K counts all effects, trends and controls.
        """
        g, n = found.clusters, found.x.size
        k = found.design.rank + 1
        factor = g / (g - 1) * (n - 1) / max(n - k, 1)
        error = float(np.sqrt(factor * (found.scores @ found.scores)) / found.spread.sum())
        return self._by_t(found, name, found.effect, error)

    def _by_t(self, found: Fit, name: str, value: float, error: float) -> Estimate:
        """With Student's t on units less 1; without limits where the scores of the units cancel."""
        level, unit, freedom = self.level, self.effect_unit, found.clusters - 1
        if found.cancelled:
            words = f"no clustered interval: the scores of {freedom + 1} units cancel"
            return Estimate(name, value, np.nan, np.nan, level, None, unit, words)
        words = f"{level:.0%} cluster-robust interval, t with {freedom} degrees of freedom"
        return t_estimate(name, value, error, freedom, level, unit, words)

    def by_linearmodels(self, values: Array, name: str) -> Estimate:
        """The same coefficient and clustered error from `linearmodels.PanelOLS`, an independent route to them."""
        found = self.fit(values, name)
        if found.cancelled:  # PanelOLS would refuse it, or give an error that is rounding
            return self._by_t(found, name, found.effect, 0.0)
        frame = self._frame(values)
        weights = frame.pop("weights") if self.weights else None
        outcome = frame.pop("outcome")
        result = PanelOLS(
            outcome, frame, entity_effects=True, time_effects=True, weights=weights
        ).fit(
            cov_type="clustered", cluster_entity=True, debiased=True, group_debias=True,
            auto_df=False, count_effects=True,
        )  # fmt: skip
        value, error = float(result.params.iloc[0]), float(result.std_errors.iloc[0])
        return self._by_t(found, name, value, error)

    def _frame(self, values: Array) -> pd.DataFrame:
        units, times = self.cells.shape
        index = pd.MultiIndex.from_product([range(units), range(times)], names=["unit", "time"])
        columns = {self.exposure: self.cells.columns[self.exposure].ravel()}
        columns |= {c: self.cells.columns[c].ravel() for c in self.controls}
        if self.trends:  # the first unit's line is already held by the effects of the periods
            for g in range(1, units):
                line = np.zeros((units, times))
                line[g] = np.linspace(-1, 1, times)
                columns[f"trend {g}"] = line.ravel()
        if self.weights:
            columns["weights"] = self.cells.columns[self.weights].ravel()
        return pd.DataFrame(columns | {"outcome": values.ravel()}, index=index)


def chosen(errors: str, units: int) -> str:
    """The errors that "auto" stands for."""
    if errors != "auto":
        return errors
    return "sign_flip" if units < FEW else "crv3"
