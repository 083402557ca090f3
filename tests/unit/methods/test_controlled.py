"""A controlled interrupted time series: differences, sides, and what the comparison takes away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.methods import (
    MethodError,
    controlled_interrupted_time_series,
    interrupted_time_series,
)


def noise(n: int, phase: float) -> np.ndarray:
    """Scatter that no trend or break at 12 can take up."""
    t = np.arange(n)
    terms = np.column_stack([np.ones(n), t, t >= 12, (t >= 12) * (t - 12)]).astype(float)
    wave = np.sin(7.0 * t + phase)
    return wave - terms @ np.linalg.lstsq(terms, wave, rcond=None)[0]


def sides(n: int = 20) -> pd.DataFrame:
    """Both sides jump by 3 at period 12; the treated one by 2 more, and bends by 0.5 a period."""
    t = np.arange(n)
    common = 10 + 0.3 * t + 3 * (t >= 12)
    own = common + 0.1 * t + (t >= 12) * (2 + 0.5 * (t - 12))
    return pd.concat(
        [
            pd.DataFrame({"year": 2000 + t, "drug": "control", "items": common + noise(n, 1.0)}),
            pd.DataFrame({"year": 2000 + t, "drug": "treated", "items": own + noise(n, 2.0)}),
        ],
        ignore_index=True,
    )


def run(data: pd.DataFrame, **choices):
    return controlled_interrupted_time_series(
        data, "items", "year", group="drug", treated="treated", start=2012, **choices
    )


def test_what_happened_to_both_is_taken_away() -> None:
    found = run(sides())
    assert found.value == pytest.approx(2.0)
    assert found.difference_in_slope.value == pytest.approx(0.5)
    assert found.difference_in_trend.value == pytest.approx(0.1)
    assert found.treated.level_change.value == pytest.approx(5.0)
    assert found.comparison.level_change.value == pytest.approx(3.0)
    assert found.comparison.slope_change.value == pytest.approx(0.0, abs=1e-9)


def test_the_counterfactual_is_the_treated_series_had_it_changed_as_the_others() -> None:
    found = run(sides())
    t = np.arange(12, 20)
    np.testing.assert_allclose(found.counterfactual["value"], 13 + 0.4 * t)
    assert list(found.counterfactual["time"]) == list(2000 + t)
    assert set(found.fitted["group"]) == {"treated", "control"}


def test_each_side_is_as_if_fitted_alone() -> None:
    data = sides()
    found = run(data, harmonics=1, period=4, hac_lags=1)
    alone = interrupted_time_series(
        data[data["drug"] == "treated"],
        "items",
        "year",
        start=2012,
        harmonics=1,
        period=4,
        hac_lags=1,
    )
    assert found.treated.level_change.value == pytest.approx(alone.value)
    assert found.treated.trend.value == pytest.approx(alone.trend.value)


def test_lags_of_errors_do_not_run_from_one_series_into_the_next() -> None:
    """The variance of a difference of two series fitted apart is the sum of theirs, but for n / (n - k)."""
    data = sides()
    found = run(data, hac_lags=3)
    parts = [
        interrupted_time_series(
            data[data["drug"] == drug], "items", "year", start=2012, hac_lags=3
        ).model.combination({"level_change": 1.0})[1]
        for drug in ("treated", "control")
    ]
    together = found.model.combination({"treated: level_change": 1.0})[1]
    assert together == pytest.approx(np.hypot(*parts))


def test_several_comparisons_share_a_change_and_keep_their_levels() -> None:
    data = sides()
    higher = data[data["drug"] == "control"].assign(drug="third", items=lambda d: d["items"] + 50)
    three = pd.concat([data, higher], ignore_index=True)
    own, pooled = run(three), run(three, own_levels=False)
    assert own.value == pytest.approx(2.0)
    assert pooled.value == pytest.approx(2.0)
    assert pooled.high - pooled.low > 5 * (own.high - own.low)
    assert own.comparison.name == "control, third"
    assert set(own.residuals) == {"treated", "control", "third"}


def test_power_and_scan_speak_of_the_difference() -> None:
    rng = np.random.default_rng(0)
    data = sides().assign(items=lambda d: d["items"] + rng.normal(size=len(d)))
    found = run(data)
    assert found.power(found.detectable(0.8).effect) == pytest.approx(0.8)
    scan = found.break_scan([2008, 2010, 2012, 2014])
    here = scan.table.loc[scan.table["named"]].iloc[0]
    assert here["level"] == pytest.approx(found.value)
    assert "Of 4 break dates, 2012 ranks" in scan.statement


def test_counts_give_a_ratio_of_ratios() -> None:
    data = sides().assign(items=lambda d: (1000 * np.exp(d["items"] / 50)).round())
    found = run(data, family="quasipoisson")
    sides_apart = found.treated.level_change.ratio.value / found.comparison.level_change.ratio.value
    assert found.difference_in_level.ratio.value == pytest.approx(sides_apart)
    assert "treated beside control" in found.summary()


def test_a_series_that_never_varies_is_named() -> None:
    data = sides()
    data["items"] = data["items"].where(data["drug"] == "treated", 3.0)
    with pytest.raises(MethodError, match="column items, series control"):
        run(data)
