"""The funnel beside other people's programs: England's public-health statistics, and meta-analysis."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from iapt_ledger.methods import funnel


@pytest.fixture(scope="module")
def services():
    rng = np.random.default_rng(8)
    n = rng.integers(2000, 20_000, 60)
    return rng.binomial(n, rng.beta(300, 300, 60)), n


def test_tau_squared_is_that_of_dersimonian_and_laird(services):
    """With nothing pulled in, and the target at the mean weighted by precision, the two are one formula."""
    x, n = services
    y, variance = np.arcsin(np.sqrt(x / n)), 1 / (4 * n)
    theirs = combine_effects(y, variance, method_re="chi2")
    centre = np.sin(np.average(y, weights=1 / variance)) ** 2
    ours = funnel(x, n, target=centre, winsorise=0)
    assert ours.tau2 == pytest.approx(theirs.tau2, rel=1e-9)
    assert ours.phi * len(n) == pytest.approx(theirs.q, rel=1e-9)


def test_significance_is_that_of_phstatsmethods(services):
    oracle = pytest.importorskip("PHStatsMethods", reason="the validation extra is not installed")
    x, n = services
    frame = pd.DataFrame({"x": x, "n": n})
    theirs = oracle.assign_funnel_significance(frame, "x", "proportion", "n")["significance"]
    sort = {
        "High (0.001)": (1, 1),
        "High (0.025)": (1, 0),
        "Not significant": (0, 0),
        "Low (0.025)": (-1, 0),
        "Low (0.001)": (-1, -1),
    }
    ours = list(
        funnel(x, n).units[["outside_95", "outside_99_8"]].itertuples(index=False, name=None)
    )
    differ = [i for i, t in enumerate(theirs) if sort[t] != ours[i]]
    assert len(set(theirs)) >= 4
    # They take normal limits for exact ones: only a unit on the very line may differ.
    rate, line = x / n, 1 / n
    drawn = [funnel(x, n).limits(n, level=level) for level in (0.95, 0.998)]
    for i in differ:
        away = min(abs(rate[i] - d[s].iloc[i]) for d in drawn for s in ("low", "high"))
        assert away < 1.5 * line[i]


def test_limits_are_within_two_events_of_phstatsmethods(services):
    oracle = pytest.importorskip("PHStatsMethods", reason="the validation extra is not installed")
    x, n = services
    theirs = oracle.calculate_funnel_limits(
        pd.DataFrame({"x": x, "n": n}), "x", "proportion", 100, "n", metadata=False
    )
    theirs = theirs[theirs.iloc[:, 0] > 200]
    sizes = theirs.iloc[:, 0].to_numpy(dtype=float)
    lines = [c for c in theirs.columns if "limit" in c.lower()]
    assert len(lines) == 4
    ours = funnel(x, n)
    for column in lines:
        side = "low" if "low" in column.lower() else "high"
        level = 0.95 if "2" in column else 0.998
        own = 100 * ours.limits(sizes, level=level)[side].to_numpy()
        assert (np.abs(own - theirs[column].to_numpy()) <= 200 / sizes).all(), column
