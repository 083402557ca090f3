"""The weights of a synthetic control, by pysyncon with an exact solution of its inner problem.

For given weights of the predictors the donors' weights solve a least-squares problem on the simplex. pysyncon hands it
to a general optimiser, which stops a little short of the solution and takes its time. It is the point of a convex
hull that lies nearest to another, and non-negative least squares finds that exactly (Lawson and Hanson 1974, ch. 23).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pysyncon.synth import Synth
from scipy.optimize import differential_evolution, nnls

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.panels.panel_data import plain
from iapt_ledger.methods.panels.synthetic_inputs import Study

Array = npt.NDArray[np.float64]
# pysyncon's searches for the predictors' weights: optimiser and first guess. The fit has many valleys, so that they
# often end in one that is not the deepest; a thorough search goes over powers of ten too (Becker and Klößner 2018).
SEARCHES = (("Powell", "equal"), ("Powell", "ols"))
POWERS = (-8.0, 0.0)
EVOLUTION = {"maxiter": 60, "popsize": 8, "tol": 1e-8, "polish": False, "rng": 0}
SMALL = 1e-6  # weights below this are rounding
ROUNDING = 1e-10  # gaps below this share of the outcome are nought, so that perfect fits rank alike


@dataclass(frozen=True)
class Weights:
    """Donors' weights, which add up to one, and those of the predictors, which do too (None without predictors)."""

    donors: pd.Series
    predictors: pd.Series | None


class ExactSynth(Synth):
    """pysyncon's synthetic control with its inner problem solved exactly."""

    @staticmethod
    def w_optimize(V_mat: Array, X0: Array, X1: Array, **_: Any) -> tuple[Array, float]:
        """Weights of the columns of X0 (m x c) nearest to X1 (m) in the metric of the diagonal of V_mat."""
        away = np.sqrt(np.diag(V_mat))[:, None] * (X0 - X1[:, None])
        size = np.sqrt((away**2).sum(axis=0).max())
        if not size > 0 or not np.isfinite(size):
            return np.full(X0.shape[1], 1 / X0.shape[1]), float(size)
        lifted = np.vstack([away / size, np.ones(X0.shape[1])])
        target = np.zeros(len(lifted))
        target[-1] = 1.0
        found, _ = nnls(lifted, target)
        weights = found / found.sum()
        return weights, float(((away @ weights) ** 2).sum())


def weigh(study: Study, given: Array | None = None, thorough: bool = True) -> Weights:
    """Donors' weights that make the treated unit before the start.

    Args:
        study: what is matched on what.
        given: weights of the predictors; searched for when None.
        thorough: whether all searches are made, or only the first of `SEARCHES`.

    Raises:
        MethodError: the optimiser finds no solution.
    """
    before, matched = study.before, study.matched
    donors = list(study.donors)
    differs = np.ptp(matched[[study.treated, *donors]].to_numpy(), axis=1) > 0
    matched, given = matched[differs], None if given is None else given[differs]
    if matched.empty:
        raise MethodError(
            "The units do not differ before the start", where="argument outcome",
            expected="outcomes that tell the units apart",
        )  # fmt: skip
    frames = {
        "X0": matched[donors], "X1": matched[study.treated],
        "Z0": before[donors], "Z1": before[study.treated],
    }  # fmt: skip
    if not study.predictors:
        # In the outcome's own scale: the weights of the predictors could not better that.
        best = _fitted(frames, custom_V=_variance(matched[[*donors, study.treated]]))
        return Weights(_series(best.W, donors), None)
    if given is not None and not given.sum() > 0:
        given = None  # what it gave weight to tells no units apart
    if given is None and len(matched) == 1:
        given = np.ones(1)
    best = _fitted(frames, custom_V=given) if given is not None else _searched(frames, thorough)
    shares = np.asarray(best.V, dtype=float)
    return Weights(
        _series(best.W, donors),
        pd.Series(shares / shares.sum(), index=matched.index, name="weight"),
    )


def _variance(matched: pd.DataFrame) -> Array:
    """Variance over units of each row: as weights, they undo pysyncon's scaling of predictors."""
    return matched.var(axis=1).to_numpy(dtype=float)


def _searched(frames: dict[str, Any], thorough: bool) -> ExactSynth:
    found = []
    for method, initial in SEARCHES if thorough else SEARCHES[:1]:
        try:
            with np.errstate(all="ignore"):
                found.append(_fitted(frames, optim_method=method, optim_initial=initial))
        except ValueError:
            if initial == "equal":
                raise
            # Predictors that hang together leave no first guess by regression; the others stand.
    if thorough:
        found.append(_fitted(frames, custom_V=_evolved(frames)))
    return min(found, key=lambda one: float(one.loss_V))


def _evolved(frames: dict[str, Any]) -> Array:
    """Weights of the predictors over powers of ten, by differential evolution from a fixed seed."""
    spread = pd.concat([frames["X0"], frames["X1"]], axis=1).std(axis=1).to_numpy()
    x0, x1 = frames["X0"].to_numpy() / spread[:, None], frames["X1"].to_numpy() / spread
    z0, z1 = frames["Z0"].to_numpy(), frames["Z1"].to_numpy()

    def loss(powers: Array) -> float:
        weights, _ = ExactSynth.w_optimize(np.diag(10.0**powers), x0, x1)
        return float(ExactSynth.calc_loss_V(weights, z0, z1))

    found = differential_evolution(loss, [POWERS] * len(x1), **EVOLUTION)
    shares = 10.0**found.x
    return np.asarray(shares / shares.sum())


def _fitted(frames: dict[str, Any], **options: Any) -> ExactSynth:
    model = ExactSynth()
    try:
        model.fit(**frames, **options)
    except RuntimeError as error:
        raise MethodError(
            "The weights of the donors were not found", expected="a solution of the least squares",
            found=str(error), fix="leave out donors or predictors that repeat others",
        ) from error  # fmt: skip
    return model


def _series(weights: Array, donors: list[Any]) -> pd.Series:
    kept = np.where(weights < SMALL, 0.0, weights)
    series = pd.Series(kept / kept.sum(), index=pd.Index(donors, name="donor"), name="weight")
    return series.sort_values(ascending=False, kind="stable")


def gaps(study: Study, weights: pd.Series) -> pd.Series:
    """Outcome of the treated unit less that of the blend, by period."""
    observed = study.outcome[study.treated]
    away = observed - study.outcome[list(weights.index)].to_numpy() @ weights.to_numpy()
    return away.where(away.abs() > ROUNDING * observed.abs().max(), 0.0)


def balance(study: Study, weights: pd.Series) -> pd.DataFrame:
    """What treated unit, synthetic control and donors (plain average) have of each predictor."""
    matched = study.matched
    return pd.DataFrame(
        {
            "predictor": [plain(label) for label in matched.index],
            "treated": matched[study.treated].to_numpy(),
            "synthetic": (matched[list(weights.index)] @ weights).to_numpy(),
            "donors": matched[list(study.donors)].mean(axis=1).to_numpy(),
        }
    )


def over(after: float, before: float) -> float:
    """A ratio of mean squares; infinite where the fit before was perfect and that after was not."""
    if before > 0:
        return float(after / before)
    return np.inf if after > 0 else 1.0
