"""Unit and period effects taken out of a panel, and a coefficient with its clustered errors.

All that `panel_effect` needs of a regression with unit effects, period effects, unit trends and controls is what is
left of exposure and outcome once those are taken out of both (Frisch and Waugh 1933, Lovell 1963). Arrays are units
x periods; with weights they are multiplied by the root of the weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import linalg, stats

from iapt_ledger.methods.base import Estimate, MethodError

Array = npt.NDArray[np.float64]
NOTHING = 1e-9  # share of a column's length below which what is left of it is rounding


@dataclass(frozen=True)
class Design:
    """What is taken out of outcome and exposure alike.

    Attributes:
        root: G x T, root of the weights.
        own: G x T x p, orthonormal for each unit: its effect, and its trend where there is one.
        common: G x T x K, orthonormal over all cells: period effects and controls, less what `own` holds.
    """

    root: Array
    own: Array
    common: Array

    @property
    def rank(self) -> int:
        """Parameters other than the effect."""
        return self.own.shape[0] * self.own.shape[2] + self.common.shape[2]

    def within(self, columns: Array) -> Array:
        """Columns (G x T x m, already weighted) less what each unit's own effect and trend hold of them."""
        return columns - np.einsum(
            "gtp,gpm->gtm", self.own, np.einsum("gtp,gtm->gpm", self.own, columns)
        )

    def residual(self, columns: Array) -> Array:
        """Columns (G x T x m, not weighted) less all that the design holds of them."""
        left = self.within(columns * self.root[:, :, None])
        return left - np.einsum(
            "gtk,km->gtm", self.common, np.einsum("gtk,gtm->km", self.common, left)
        )


def build_design(
    shape: tuple[int, int],
    *,
    weights: Array | None = None,
    trends: bool = False,
    controls: Sequence[tuple[str, Array]] = (),
    periods: bool = True,
) -> Design:
    """The design of a balanced panel of G units and T periods.

    Args:
        shape: G, T.
        weights: G x T, above nought.
        trends: whether each unit has a straight line of its own.
        controls: name and G x T values of each.
        periods: whether each period has an effect; False only for designs without a time of their own, such as pairs.

    Raises:
        MethodError: a control is already held by the effects or by the controls before it, or too few periods
            are there for trends.
    """
    units, times = shape
    if trends and times < 4:
        raise MethodError(
            "Trends of units need more periods", expected="four periods or more", found=times,
            fix="leave the trends out",
        )  # fmt: skip
    root = np.sqrt(np.ones(shape) if weights is None else weights)
    line = np.stack([np.ones(times), np.linspace(-1, 1, times)][: 1 + trends], axis=-1)
    own, _ = np.linalg.qr(root[:, :, None] * line)
    empty = Design(root, own, np.zeros((units, times, 0)))
    if not periods:
        return _with_controls(empty, controls)
    dummies = np.broadcast_to(np.eye(times)[:, 1:], (units, times, times - 1))
    left = empty.within(dummies * root[:, :, None]).reshape(units * times, times - 1)
    q, r, _ = linalg.qr(left, mode="economic", pivoting=True)
    size = np.abs(np.diag(r))
    held = q[:, size > NOTHING * size[0]].reshape(units, times, -1)
    return _with_controls(Design(root, own, held), controls)


def _with_controls(design: Design, controls: Sequence[tuple[str, Array]]) -> Design:
    for name, values in controls:
        weighted = values * design.root
        left = design.residual(values[:, :, None])
        if np.linalg.norm(left) <= NOTHING * np.linalg.norm(weighted):
            raise MethodError(
                "A control adds nothing to the model", where=f"column {name}",
                expected="values that the effects, trends and other controls do not already fix",
                fix="leave it out",
            )  # fmt: skip
        left = design.residual(left / design.root[:, :, None])  # once more, against rounding
        common = np.concatenate([design.common, left / np.linalg.norm(left)], axis=2)
        design = Design(design.root, design.own, common)
    return design


@dataclass(frozen=True)
class Fit:
    """The regression of one outcome on one exposure.

    Attributes:
        design: what both were freed of.
        x, y: what is left of exposure and outcome, G x T.
        units: their labels.
    """

    design: Design
    x: Array
    y: Array
    units: tuple[object, ...]

    @property
    def clusters(self) -> int:
        """How many units there are."""
        return len(self.units)

    @cached_property
    def spread(self) -> Array:
        """What each unit adds to the sum of squares of the exposure, G."""
        return np.einsum("gt,gt->g", self.x, self.x)

    @cached_property
    def product(self) -> Array:
        """What each unit adds to the product of exposure and outcome, G."""
        return np.einsum("gt,gt->g", self.x, self.y)

    @property
    def effect(self) -> float:
        """The coefficient."""
        return float(self.product.sum() / self.spread.sum())

    @cached_property
    def scores(self) -> Array:
        """Exposure times residual, added up by unit; they add up to nought."""
        return self.product - self.effect * self.spread

    @property
    def exact(self) -> bool:
        """Whether the exposure fits the outcome wholly, as two units in two periods always do: no scatter is left."""
        scatter = np.linalg.norm(self.y - self.effect * self.x)
        return bool(scatter <= NOTHING * np.linalg.norm(self.y))

    @property
    def cancelled(self) -> bool:
        """Whether the scores of all units are nought, as those of two units are: no clustered error is left then."""
        return bool(np.abs(self.scores).max() <= NOTHING * np.abs(self.product).max())

    @property
    def r_squared(self) -> float:
        """Share of what is left of the outcome that the exposure fits."""
        return float(self.effect * self.product.sum() / np.einsum("gt,gt->", self.y, self.y))

    @cached_property
    def held(self) -> tuple[Array, Array]:
        """Exposure and outcome of each unit on the common part of the design, G x K each."""
        q = self.design.common
        return np.einsum("gtk,gt->gk", q, self.x), np.einsum("gtk,gt->gk", q, self.y)

    @cached_property
    def without(self) -> Array:
        """The coefficient when each unit is left out, G; NaN where nothing tells it then."""
        of_x, of_y = self.held
        total, cross = self.spread.sum(), self.product.sum()
        found = np.full(self.clusters, np.nan)
        for g, q in enumerate(self.design.common):
            rest = np.eye(q.shape[1]) - q.T @ q
            turned = np.linalg.pinv(rest, rcond=NOTHING, hermitian=True) @ of_x[g]
            lower = total - self.spread[g] - turned @ of_x[g]
            if lower > NOTHING * total:
                found[g] = (cross - self.product[g] - turned @ of_y[g]) / lower
        return found

    def jackknife(self, name: str, level: float, unit: str) -> Estimate:
        """The coefficient with the cluster jackknife (CRV3) and t on G - 1 degrees of freedom."""
        g = self.clusters
        if np.isnan(self.without).any():
            alone = self.units[int(np.isnan(self.without).argmax())]
            words = f"no jackknife: without {alone} nothing tells the effect"
            return Estimate(name, self.effect, np.nan, np.nan, level, None, unit, words)
        error = float(np.sqrt((g - 1) / g * np.sum((self.without - self.effect) ** 2)))
        words = f"{level:.0%} cluster-jackknife interval, t with {g - 1} degrees of freedom"
        return t_estimate(name, self.effect, error, g - 1, level, unit, words)


def t_estimate(
    name: str, value: float, error: float, freedom: int, level: float, unit: str, words: str
) -> Estimate:
    """A coefficient with the interval and p-value of Student's t."""
    half = float(stats.t.ppf(0.5 + level / 2, freedom)) * error
    p = float(2 * stats.t.sf(abs(value) / error, freedom)) if error > 0 else 0.0
    return Estimate(name, value, value - half, value + half, level, p, unit, words)


def fit(
    design: Design,
    x: Array,
    y: Array,
    units: tuple[object, ...],
    *,
    outcome: str,
    exposure: str,
) -> Fit:
    """Free exposure and outcome of the design.

    Raises:
        MethodError: nothing is left of the exposure, or of the outcome; or there is no scatter about the fit, though
            there are more cells than parameters.
    """
    left = design.residual(np.stack([x, y], axis=-1))
    for place, (values, name, fix) in enumerate(
        (
            (x, exposure, "use an exposure that moves differently between units over time"),
            (y, outcome, "leave out trends or controls that fit the outcome wholly"),
        )
    ):
        moved = np.linalg.norm(left[:, :, place])
        if moved <= NOTHING * float(np.linalg.norm(values * design.root)):
            raise MethodError(
                "Nothing is left once the effects are taken out", where=f"column {name}",
                expected="values that differ between units in their course over time", fix=fix,
            )  # fmt: skip
    found = Fit(design, left[:, :, 0], left[:, :, 1], units)
    if found.exact and x.size > design.rank + 1:
        raise MethodError(
            "The exposure fits the outcome wholly, so no scatter is left to judge the effect by",
            where=f"columns {outcome} and {exposure}",
            expected="an outcome that varies about the fit",
            fix="look whether one column was computed from the other",
        )
    return found
