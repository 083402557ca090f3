"""Interrupted time series against other programs: R on the tutorial's series, pyfixest on panels of series.

The numbers of R were printed by R 4.2.2 with MASS 7.3-58.2 and sandwich 3.0-2, each glm run with epsilon = 1e-14:
`glm.nb` for the negative binomial, `NeweyWest(prewhite = FALSE, adjust = TRUE)` for the errors, `cooks.distance`,
`hatvalues`, `predict(se.fit = TRUE)`, `dwtest` and `Box.test`.
"""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from iapt_ledger.methods import interrupted_time_series
from iapt_ledger.validation.controlled import proposition_99, states
from iapt_ledger.validation.data import read
from iapt_ledger.validation.segmented import sicily, standard_error

# Periods 1, 37 and 49 of the quasi-Poisson with two harmonics and a change of slope; its line at 37 and 59 without
# the ban, and the errors of that line.
COOKS = [0.0339626590186, 0.0001111875808, 0.1291616923090]
LEVERAGE = [0.1641936996, 0.2158601025, 0.1305630868]
LINE = [6.855640208, 6.966683327]
LINE_ERROR = [0.02342292133, 0.03607111983]


def test_the_negative_binomial_is_that_of_glm_nb() -> None:
    found = sicily(family="negative_binomial", harmonics=2)
    assert found.value == pytest.approx(-0.131204659, abs=1e-8)
    assert standard_error(found, "level_change") == pytest.approx(0.027069794, abs=1e-8)
    assert found.slope_change.value == pytest.approx(0.001464620, abs=1e-9)
    assert standard_error(found, "slope_change") == pytest.approx(0.001732370, abs=1e-9)
    assert 1 / found.dispersion == pytest.approx(861.197871, rel=1e-8)


def test_the_negative_binomial_step_is_that_of_glm_nb() -> None:
    found = sicily(family="negative_binomial", slope_change=False)
    assert found.value == pytest.approx(-0.11280043827, abs=1e-9)
    assert standard_error(found, "level_change") == pytest.approx(0.031556026876, abs=1e-9)
    assert found.p_value == pytest.approx(3.50752493e-04, rel=1e-6)
    assert 1 / found.dispersion == pytest.approx(356.288568, rel=1e-8)


def test_newey_west_errors_of_a_log_link_are_those_of_sandwich() -> None:
    found = sicily(family="quasipoisson", harmonics=2, hac_lags=3)
    assert standard_error(found, "level_change") == pytest.approx(0.01943537842, abs=1e-9)
    assert standard_error(found, "slope_change") == pytest.approx(0.00154090650, abs=1e-9)


def test_diagnostics_of_a_line_are_those_of_r() -> None:
    data = read("sicily_smoking_ban.csv")
    found = interrupted_time_series(data, "aces", "time", start=37)
    assert found.residuals.durbin_watson == pytest.approx(1.56298315, abs=1e-8)
    assert found.residuals.ljung_box == pytest.approx(48.31362, abs=1e-5)
    cooks = found.influence["cooks_distance"]
    np.testing.assert_allclose(cooks[:3], [0.000262525, 0.059820099, 0.021168991], atol=1e-9)


def test_influence_and_counterfactual_of_a_log_link_are_those_of_r() -> None:
    found = sicily(family="quasipoisson", harmonics=2, quantiles="normal")
    influence = found.influence.iloc[[0, 36, 48]]
    np.testing.assert_allclose(influence["cooks_distance"], COOKS, rtol=1e-6)
    np.testing.assert_allclose(influence["leverage"], LEVERAGE, rtol=1e-7)
    ends = found.counterfactual.iloc[[0, -1]]
    np.testing.assert_allclose(np.log(ends["value"]), LINE, rtol=1e-9)
    reach = (np.log(ends["high"]) - np.log(ends["low"])) / (2 * 1.959963984540054)
    np.testing.assert_allclose(reach, LINE_ERROR, rtol=1e-7)


def test_lags_that_join_one_state_to_the_next_give_the_published_p_value() -> None:
    """What parts our 0.137 from the published 0.136 of the controlled case is this and nothing else."""
    design = proposition_99().model.design
    # As published: states in order of name, one run of rows for the lag; the design has California first.
    order = np.argsort(list(dict.fromkeys(["California", *states()["state"]])), kind="stable")
    rows = np.concatenate([np.arange(31) + 31 * n for n in order])
    joined = sm.OLS(design.y[rows], design.x[rows]).fit(
        cov_type="HAC", cov_kwds={"maxlags": 1, "use_correction": True}, use_t=True
    )
    p_value = joined.pvalues[design.names.index("treated: slope_change")]
    assert round(p_value, 3) == 0.136
    assert round(proposition_99().difference_in_slope.p_value, 3) == 0.137


def panel_errors(formula: str, single: bool) -> dict[str, float]:
    """Newey-West errors with one lag by pyfixest, with n / (n - k) in place of its (n - 1) / (n - k)."""
    pf = pytest.importorskip("pyfixest", reason="pyfixest is not installed: extra validation")
    data = states().assign(
        t=lambda d: d["year"] - 1970.0,
        after=lambda d: (d["year"] >= 1989) * 1.0,
        since=lambda d: (d["year"] - 1989.0) * (d["year"] >= 1989),
        z=lambda d: (d["state"] == "California") * 1.0,
        unit=lambda d: d["state"].astype("category").cat.codes,
    )
    data = data[data["z"] == 1] if single else data
    names = {"time_id": "year", "lag": 1} | ({} if single else {"panel_id": "unit"})
    fit = pf.feols(
        formula,
        data,
        vcov="NW",
        vcov_kwargs=names,
        ssc=pf.ssc(k_adj=True, G_adj=False),
    )
    return dict(fit.se() * np.sqrt(len(data) / (len(data) - 1)))


def test_newey_west_errors_of_one_series_are_those_of_pyfixest() -> None:
    theirs = panel_errors("packs ~ t + after + since", single=True)
    found = interrupted_time_series(
        states().query("state == 'California'"), "packs", "year", start=1989, hac_lags=1
    )
    for mine, name in (("level_change", "after"), ("slope_change", "since"), ("trend", "t")):
        assert standard_error(found, mine) == pytest.approx(theirs[name], rel=1e-8)


def test_newey_west_errors_beside_a_comparison_stay_within_a_series_as_in_pyfixest() -> None:
    theirs = panel_errors("packs ~ t + after + since + z + z:t + z:after + z:since", single=False)
    model = proposition_99().model
    for mine, name in (
        ("treated: level_change", "z:after"),
        ("treated: slope_change", "z:since"),
        ("level_change", "after"),
    ):
        assert model.combination({mine: 1.0})[1] == pytest.approx(theirs[name], rel=1e-7)
