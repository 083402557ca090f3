"""An interrupted time series: what the result holds, and that it means what its words say."""

from __future__ import annotations

import datetime
import pickle

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.methods import MethodError, interrupted_time_series


def exact(n: int = 20, at: int = 12, jump: float = 5.0, bend: float = 0.5) -> pd.DataFrame:
    """A line that jumps and bends at a period, with a little scatter that no term of the model can take up."""
    t = np.arange(n)
    line = 10 + 0.3 * t + (t >= at) * (jump + bend * (t - at))
    terms = np.column_stack([np.ones(n), t, t >= at, (t >= at) * (t - at)]).astype(float)
    noise = np.sin(7.0 * t)
    noise -= terms @ np.linalg.lstsq(terms, noise, rcond=None)[0]
    return pd.DataFrame({"year": 2000 + t, "items": line + 0.1 * noise})


def test_the_change_of_level_is_the_jump_in_the_first_treated_period() -> None:
    found = interrupted_time_series(exact(), "items", "year", start=2012)
    assert found.level_change.value == pytest.approx(5.0)
    assert found.slope_change is not None
    assert found.slope_change.value == pytest.approx(0.5)
    assert found.trend.value == pytest.approx(0.3)
    assert (found.n_before, found.n_after) == (12, 8)


def test_fitted_and_counterfactual_part_by_the_jump_and_then_by_the_slope() -> None:
    found = interrupted_time_series(exact(), "items", "year", start=2012)
    after = found.fitted.set_index("time")["value"].loc[2012:]
    without = found.counterfactual.set_index("time")["value"]
    assert list(without.index) == list(range(2012, 2020))
    np.testing.assert_allclose(after - without, 5 + 0.5 * np.arange(8))
    late = found.effect_at(2019)
    assert late.value == pytest.approx(8.5)
    assert late.low < 8.5 < late.high


def test_the_headline_is_the_change_of_level() -> None:
    found = interrupted_time_series(exact(), "items", "year", start=2012)
    head = found.level_change
    assert (found.value, found.low, found.high, found.level, found.p_value) == (
        head.value,
        head.low,
        head.high,
        head.level,
        head.p_value,
    )


def test_without_a_change_of_slope_there_is_none() -> None:
    found = interrupted_time_series(exact(), "items", "year", start=2012, slope_change=False)
    assert found.slope_change is None
    assert "slope_change" not in set(found.coefficients["term"])
    assert found.effect_at(2019).value == pytest.approx(found.value)
    with pytest.raises(MethodError, match="no such change"):
        found.power(1.0, of="slope")


def test_counts_give_log_ratios_and_fitted_counts() -> None:
    data = exact().assign(n=lambda d: (100 * d["items"]).round(), people=2000.0)
    found = interrupted_time_series(
        data, "n", "year", start=2012, family="quasipoisson", offset="people"
    )
    ratio = found.level_change.ratio
    assert ratio.low < ratio.value < ratio.high
    assert ratio.value == pytest.approx(float(np.exp(found.value)))
    first = found.fitted.loc[found.fitted["time"] == 2012, "value"].iloc[0]
    assert first / found.counterfactual["value"].iloc[0] == pytest.approx(ratio.value)


@pytest.mark.parametrize(
    "times, start",
    [
        (pd.period_range("2000", periods=20, freq="Y"), pd.Period("2012", "Y")),
        (pd.period_range("2000Q1", periods=20, freq="Q"), "2003Q1"),
        (pd.period_range("2000Q1", periods=20, freq="Q").astype(str), "2003Q1"),
        (pd.date_range("2000-01-01", periods=20, freq="MS"), "2001-01-01"),
        (pd.date_range("2000-01-01", periods=20, freq="MS"), pd.Timestamp("2001-01-01")),
        ([f"{y}-{(y + 1) % 100:02d}" for y in range(1993, 2013)], "2005-06"),
        ([f"{y}" for y in range(1993, 2013)], "2005"),
        ([f"{2000 + m // 12}-{m % 12 + 1:02d}" for m in range(20)], "2001-01"),
        (np.arange(20) * 0.5, 6.0),
    ],
    ids=["years", "quarters", "quarter text", "months", "stamp", "fy", "year text", "ym", "halves"],
)
def test_every_kind_of_time_counts_in_periods(times, start) -> None:
    data = exact().assign(when=list(times))
    found = interrupted_time_series(data, "items", "when", start=start)
    assert found.n_before == 12
    assert found.level_change.value == pytest.approx(5.0)
    assert found.trend.value == pytest.approx(0.3)
    copied = pickle.loads(pickle.dumps(found))  # so that many models can be fitted side by side
    assert copied.break_scan().statement == found.break_scan().statement


def test_residuals_influence_and_power_speak_of_the_same_fit() -> None:
    rng = np.random.default_rng(4)
    data = exact().assign(items=lambda d: d["items"] + rng.normal(size=len(d)))
    found = interrupted_time_series(data, "items", "year", start=2012)
    assert found.influence["leverage"].sum() == pytest.approx(4)  # as many as coefficients
    without = found.influence["level_change_without"]
    assert without.min() < found.value < without.max()
    without_first = interrupted_time_series(data.iloc[1:], "items", "year", start=2012)
    assert found.influence["level_change_without"].iloc[0] == pytest.approx(without_first.value)
    least = found.detectable(0.8)
    assert found.power(least.effect) == pytest.approx(0.8)
    assert found.power(-least.effect) == pytest.approx(0.8)
    assert found.power(0.0) == pytest.approx(0.05)
    assert least.ratios is None
    assert -1 < found.residuals.lag1 < 1


def test_power_in_counts_is_asked_for_as_a_ratio() -> None:
    rng = np.random.default_rng(4)
    data = exact().assign(n=lambda d: rng.poisson(20 * d["items"]))
    found = interrupted_time_series(data, "n", "year", start=2012, family="poisson")
    least = found.detectable(0.9, of="slope")
    assert least.ratios is not None
    assert found.power(ratio=least.ratios[0], of="slope") == pytest.approx(0.9)
    assert least.ratios[0] * least.ratios[1] == pytest.approx(1.0)


def test_a_scan_finds_the_break_that_is_there_and_ranks_the_named_one() -> None:
    found = interrupted_time_series(exact(bend=0.0), "items", "year", start=2009)
    scan = found.break_scan(range(2005, 2016))
    assert scan.best == 2012
    assert scan.rank > 1
    assert "Of 11 break dates, 2009 ranks" in scan.statement
    assert "Andrews" in scan.summary()
    assert list(scan.table["time"]) == list(range(2005, 2016))
    here = scan.table.loc[scan.table["named"]].iloc[0]
    assert here["level"] == pytest.approx(found.value)
    assert (scan.table["p_adjusted"] >= scan.table["p_value"]).all()


def test_a_scan_without_dates_takes_all_that_leave_enough_periods() -> None:
    scan = interrupted_time_series(exact(), "items", "year", start=2012).break_scan()
    assert list(scan.table["time"]) == list(range(2003, 2018))


def test_a_summary_is_for_people() -> None:
    data = exact().assign(n=lambda d: np.random.default_rng(1).poisson(20 * d["items"]))
    text = interrupted_time_series(data, "n", "year", start=2012, family="poisson").summary()
    assert text.startswith("Interrupted time series of n (poisson): 20 periods, 12 before 2012")
    assert "Change of level at 2012, as a ratio" in text
    assert "Dispersion" in text


def test_newey_west_names_its_lags_and_moves_only_the_errors() -> None:
    plain = interrupted_time_series(exact(), "items", "year", start=2012)
    robust = interrupted_time_series(exact(), "items", "year", start=2012, hac_lags=2)
    assert robust.value == plain.value
    assert robust.high != plain.high
    assert (
        robust.level_change.interval == "95% Newey-West interval (2 lags; t, 16 degrees of freedom)"
    )


def test_a_wider_level_gives_a_wider_interval() -> None:
    wide = interrupted_time_series(exact(), "items", "year", start=2012, level=0.99)
    narrow = interrupted_time_series(exact(), "items", "year", start=2012)
    assert wide.low < narrow.low < narrow.high < wide.high
    assert wide.level == 0.99


def test_a_ratio_is_to_be_had_on_the_log_link_alone() -> None:
    data = exact().assign(items=lambda d: (100 * d["items"]).round())
    counted = interrupted_time_series(data, "items", "year", start=2012, family="quasipoisson")
    assert counted.level_change.ratio.scale == "ratio"
    plain = interrupted_time_series(data, "items", "year", start=2012)
    with pytest.raises(MethodError, match="no logarithm"):
        _ = plain.level_change.ratio


@pytest.mark.parametrize(
    ("times", "start"),
    [
        (pd.period_range("2020-01", periods=20, freq="M"), pd.Timestamp("2021-01-01")),
        (pd.period_range("2020-01", periods=20, freq="M"), datetime.date(2021, 1, 1)),
        (pd.period_range("2010Q1", periods=20, freq="Q"), pd.Timestamp("2013-01-01")),
        (np.arange(2000, 2020), "2012"),
        ([str(y) for y in range(2000, 2020)], 2012),
        (pd.Series([str(y) for y in range(2000, 2020)], dtype="category"), "2012"),
    ],
)
def test_a_break_may_be_named_in_any_way_that_names_its_period(times, start) -> None:
    data = exact().assign(year=times)
    assert interrupted_time_series(data, "items", "year", start=start).n_before == 12


def test_a_date_within_a_period_does_not_name_it() -> None:
    data = exact().assign(year=pd.period_range("2020-01", periods=20, freq="M"))
    with pytest.raises(MethodError, match="argument start"):
        interrupted_time_series(data, "items", "year", start=pd.Timestamp("2021-01-15"))


def test_a_time_that_is_the_index_is_told_how_to_become_a_column() -> None:
    with pytest.raises(MethodError, match=r"column year.*reset_index\(\)"):
        interrupted_time_series(exact().set_index("year"), "items", "year", start=2012)
