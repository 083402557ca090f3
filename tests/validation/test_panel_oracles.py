"""`panel_effect` beside other people's programs: pyfixest for the errors, wildboottest for the sign flips."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from iapt_ledger.methods import panel_effect

pyfixest = pytest.importorskip("pyfixest", reason="needs the validation extra")
wildboottest = pytest.importorskip(
    "wildboottest.wildboottest", reason="needs the validation extra"
).wildboottest

NAMES = {"outcome": "y", "exposure": "x", "unit": "unit", "time": "time"}


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    """Eight units over fourteen periods: drifting exposure, control and errors, unequal weights."""
    rng = np.random.default_rng(21)
    shape = (8, 14)
    x, z, e = (rng.normal(size=shape).cumsum(axis=1) for _ in range(3))
    y = 0.35 * x + 0.5 * z + e + rng.normal(size=(8, 1)) + rng.normal(size=14)
    columns = {"x": x, "z": z, "y": y, "w": rng.uniform(0.5, 3, shape)}
    unit, time = np.indices(shape)
    held = {"unit": unit, "time": time} | columns
    return pd.DataFrame({k: v.ravel() for k, v in held.items()})


def error(estimate) -> float:
    """The standard error behind an interval of Student's t on seven degrees of freedom."""
    return (estimate.high - estimate.value) / float(stats.t.ppf(0.975, 7))


@pytest.mark.parametrize("weights", [None, "w"])
def test_coefficient_and_clustered_error_are_those_of_pyfixest(panel, weights) -> None:
    theirs = pyfixest.feols(
        "y ~ x + z | unit + time", panel, weights=weights, vcov={"CRV1": "unit"},
        ssc=pyfixest.ssc(k_adj=True, k_fixef="full", G_adj=True),
    )  # fmt: skip
    ours = panel_effect(panel, **NAMES, controls=["z"], weights=weights, errors="cluster")
    assert ours.value == pytest.approx(theirs.coef()["x"], rel=1e-7)
    assert error(ours.effect) == pytest.approx(theirs.se()["x"], rel=1e-5)


def test_the_cluster_jackknife_is_that_of_pyfixest(panel) -> None:
    """pyfixest leaves out the factor (G - 1) / G of the jackknife."""
    theirs = pyfixest.feols(
        "y ~ x + z | unit + time", panel, vcov={"CRV3": "unit"},
        ssc=pyfixest.ssc(k_adj=False, G_adj=False),
    )  # fmt: skip
    ours = panel_effect(panel, **NAMES, controls=["z"])
    assert error(ours.crv3) == pytest.approx(theirs.se()["x"] * np.sqrt(7 / 8), rel=1e-5)


@pytest.mark.filterwarnings("ignore:2.G < the number of boot iterations")
@pytest.mark.parametrize("tested", [0.0, 0.2, 0.9])
def test_all_sign_flips_are_those_of_wildboottest(panel, tested) -> None:
    """wildboottest counts only ways that are farther, so whether the data themselves count is left to rounding."""
    panel = panel.assign(y=panel["y"] - tested * panel["x"])
    effects = pd.get_dummies(panel["unit"], prefix="u", dtype=float).join(
        pd.get_dummies(panel["time"], prefix="t", dtype=float, drop_first=True)
    )
    full = sm.OLS(panel["y"], panel[["x", "z"]].join(effects)).fit()
    theirs = wildboottest(
        full.model, cluster=panel["unit"].to_numpy(), param="x", B=9999,
        weights_type="rademacher", bootstrap_type="11", show=False, seed=1,
    )["p-value"].iloc[0]  # fmt: skip
    ours = panel_effect(panel, **NAMES, controls=["z"]).sign_flip
    assert min(abs(ours.p_value - theirs), abs(ours.p_value - theirs - 1 / 128)) < 1e-12
    assert 1 / 128 <= ours.p_value < 1
