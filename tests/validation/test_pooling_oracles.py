"""Combining studies beside PyMARE, a meta-analysis library of its own making."""

from __future__ import annotations

import numpy as np
import pytest

from iapt_ledger.methods import combine_studies

pymare = pytest.importorskip("pymare", reason="comes with the extra `validation`")


@pytest.fixture(scope="module")
def trials() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(31)
    se = rng.uniform(0.05, 0.6, 12)
    return rng.normal(0.3, np.hypot(se, 0.25)), se


@pytest.mark.parametrize(
    ("method", "theirs"),
    [
        ("DL", "DerSimonianLaird"),
        ("REML", "VarianceBasedLikelihoodEstimator"),
    ],
)
def test_mean_variance_and_profile_agree(trials, method, theirs):
    y, se = trials
    estimator = getattr(pymare.estimators, theirs)
    options = {"method": "REML"} if method == "REML" else {}
    data = pymare.Dataset(y=y[:, None], v=se[:, None] ** 2)
    other = estimator(**options).fit_dataset(data).summary()
    fit = combine_studies(y, se, method=method, knapp_hartung=False)
    assert fit.tau2.value == pytest.approx(float(np.ravel(other.tau2)[0]), rel=1e-3)
    assert fit.value == pytest.approx(float(np.ravel(other.get_fe_stats()["est"])[0]), rel=1e-4)
    # get_fe_stats has an error of its own kind there; the one of the model is compared
    tau2 = float(np.ravel(other.tau2)[0])
    _, cov = pymare.stats.weighted_least_squares(
        y[:, None], se[:, None] ** 2, np.ones((len(y), 1)), tau2, return_cov=True
    )
    assert fit.standard_error == pytest.approx(float(np.sqrt(np.ravel(cov)[0])), rel=1e-3)
    profile = other.get_re_stats(method="QP")
    assert (fit.tau2.low, fit.tau2.high) == pytest.approx(
        (float(np.ravel(profile["ci_l"])[0]), float(np.ravel(profile["ci_u"])[0])),
        rel=2e-3,
        abs=1e-4,
    )
    heterogeneity = other.get_heterogeneity_stats()
    assert fit.q == pytest.approx(float(np.ravel(heterogeneity["Q"])[0]), rel=1e-6)
