"""Our verdict on a cut-off beside that of the local polynomial density test of Cattaneo, Jansson and Ma (2020).

rddensity takes the values for continuous, so both are given continuous ones: margins of victory, which we read in
whole points with the cut-off on a bin's edge and denominators so large that there is no noise.
"""

from __future__ import annotations

import numpy as np
import pytest

from iapt_ledger.methods import threshold_bunching
from iapt_ledger.methods.thresholds.bunching_caliper import caliper
from iapt_ledger.validation.data import read

rddensity = pytest.importorskip(
    "rddensity", reason="rddensity, of the validation extra, is not installed"
)


def theirs(margins: np.ndarray) -> tuple[float, float]:
    """T and p of the robust test at nought."""
    test = rddensity.rddensity(X=margins, c=0).test
    return float(test["t_jk"]), float(test["p_jk"])


def ours(margins: np.ndarray):
    values = np.floor(margins) + 50
    kept = (values >= 0) & (values <= 100)
    return threshold_bunching(values[kept], 50, denominators=np.full(kept.sum(), 20_000))


@pytest.fixture(scope="module")
def senate() -> np.ndarray:
    return read("senate_margins.csv")["margin"].to_numpy(float)


def test_no_pile_up_at_the_cut_off_of_senate_races(senate: np.ndarray) -> None:
    found = ours(senate)
    assert theirs(senate)[1] > 0.05
    assert found.p_value > 0.05
    assert found.low < 0 < found.high


@pytest.mark.parametrize("reach", [2.0, 3.0])
def test_races_turned_round_at_the_cut_off_are_seen_by_both(
    senate: np.ndarray, reach: float
) -> None:
    turned = np.where((senate < 0) & (senate > -reach), -senate, senate)
    found = ours(turned)
    statistic, p = theirs(turned)
    assert p < 0.05
    assert statistic > 0
    assert found.p_value < 0.05
    assert found.low > 0


def test_both_agree_on_a_smooth_slope_and_on_a_jump() -> None:
    rng = np.random.default_rng(8)
    smooth = rng.normal(3, 12, 3000)
    jumped = np.where((smooth < 0) & (smooth > -3) & (rng.random(3000) < 0.5), -smooth, smooth)
    assert theirs(smooth)[1] > 0.05
    assert ours(smooth).p_value > 0.05
    assert theirs(jumped)[1] < 0.05
    assert ours(jumped).p_value < 0.05


def test_the_caliper_is_their_binomial_test(senate: np.ndarray) -> None:
    binomial = rddensity.rddensity(X=senate, c=0, binoW=1.0, binoWStep=1.0).bino
    for row in range(3):
        near = int(binomial["rightN"][row]), int(binomial["leftN"][row])
        assert caliper(*near).p_value == pytest.approx(float(binomial["pval"][row]), abs=1e-6)
