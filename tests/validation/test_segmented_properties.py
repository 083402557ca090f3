"""What must not change an interrupted time series (units, labels, order of columns) and what it must refuse."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.methods import MethodError, interrupted_time_series

FEW = settings(max_examples=15, deadline=None)
SEEDS = st.integers(0, 2**20)


def walk(seed: int, n: int = 24) -> pd.DataFrame:
    """A noisy series of plain numbers and of counts with an exposure."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    plain = 5 + 0.2 * t + 2 * (t >= 14) + rng.normal(size=n)
    return pd.DataFrame(
        {
            "t": t,
            "y": plain,
            "n": rng.poisson(30 + 2 * t) + 1,
            "people": rng.uniform(900, 1100, n),
            "x": rng.normal(size=n),
        }
    )


def run(data: pd.DataFrame, outcome: str = "y", start: object = 14, **choices):
    return interrupted_time_series(data, outcome, "t", start=start, **choices)


@FEW
@given(SEEDS, st.floats(1e-6, 1e6), st.floats(-100, 100))
def test_a_change_of_unit_changes_the_unit_of_the_estimates(seed, scale, shift) -> None:
    plain = run(walk(seed), hac_lags=1)
    other = run(walk(seed).assign(y=lambda d: scale * (d["y"] + shift)), hac_lags=1)
    for mine, theirs in (
        (plain.level_change, other.level_change),
        (plain.slope_change, other.slope_change),
    ):
        np.testing.assert_allclose(
            [theirs.value, theirs.low, theirs.high],
            scale * np.array([mine.value, mine.low, mine.high]),
            rtol=1e-6,
            atol=1e-7 * scale,
        )
        assert theirs.p_value == pytest.approx(mine.p_value, abs=1e-6)


@FEW
@given(SEEDS, st.floats(1e-5, 1e5), st.sampled_from(["quasipoisson", "poisson"]))
def test_the_unit_of_the_exposure_moves_only_the_level(seed, scale, family) -> None:
    choices = {"outcome": "n", "family": family, "offset": "people"}
    plain = run(walk(seed), **choices)
    other = run(walk(seed).assign(people=lambda d: scale * d["people"]), **choices)
    for part in ("value", "low", "high", "p_value"):
        assert getattr(other, part) == pytest.approx(getattr(plain, part), rel=1e-6, abs=1e-8)
    np.testing.assert_allclose(other.fitted["value"], plain.fitted["value"], rtol=1e-7)


@FEW
@given(SEEDS, st.floats(1e-3, 1e3))
def test_the_quasi_poisson_bears_any_unit_of_its_outcome(seed, scale) -> None:
    plain = run(walk(seed), "n", family="quasipoisson")
    other = run(walk(seed).assign(n=lambda d: scale * d["n"]), "n", family="quasipoisson")
    assert other.value == pytest.approx(plain.value, rel=1e-6, abs=1e-8)
    assert other.high == pytest.approx(plain.high, rel=1e-6, abs=1e-8)
    assert other.dispersion == pytest.approx(scale * plain.dispersion, rel=1e-6)


@FEW
@given(SEEDS, st.floats(1e-8, 1e8), st.permutations(["t", "y", "n", "people", "x"]))
def test_unit_of_a_covariate_order_of_columns_and_index_do_not_matter(seed, scale, order) -> None:
    plain = run(walk(seed), covariates=["x"])
    moved = walk(seed).assign(x=lambda d: scale * d["x"])[list(order)]
    other = run(moved.set_index(pd.Index(range(100, 124))), covariates=["x"])
    assert other.value == pytest.approx(plain.value, rel=1e-6, abs=1e-9)
    assert other.low == pytest.approx(plain.low, rel=1e-6, abs=1e-9)


@FEW
@given(SEEDS, st.integers(-1000, 1000), st.floats(0.01, 100))
def test_only_the_count_of_periods_matters_not_their_numbers(seed, first, step) -> None:
    plain = run(walk(seed))
    times = first + step * np.arange(24)
    other = run(walk(seed).assign(t=times), start=times[14])
    assert other.value == pytest.approx(plain.value)
    assert other.trend.value == pytest.approx(plain.trend.value)


@FEW
@given(SEEDS)
def test_forwards_or_backwards_the_jump_between_two_lines_is_the_same(seed) -> None:
    """Turned about in time with the break at the same place, the lines are the same two lines."""
    forwards = run(walk(seed))
    turned = walk(seed).iloc[::-1].assign(t=np.arange(24))
    backwards = run(turned, start=10)
    gap = forwards.value - forwards.slope_change.value  # one period before the break
    assert -backwards.value == pytest.approx(gap, rel=1e-6, abs=1e-8)


@FEW
@given(SEEDS, st.floats(0.5, 0.999))
def test_intervals_hold_their_estimates_and_widen_with_the_level(seed, level) -> None:
    found = run(walk(seed), "n", family="quasipoisson", level=level)
    wider = run(walk(seed), "n", family="quasipoisson", level=(1 + level) / 2)
    assert wider.low <= found.low <= found.value <= found.high <= wider.high
    assert (found.p_value < 1 - level) == (found.low > 0 or found.high < 0)
    table = found.fitted
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()


def broken(column: str, row: int, value: object) -> pd.DataFrame:
    """A good series with one bad cell (row from 1)."""
    data = walk(1).astype({column: object})
    data.iloc[row - 1, data.columns.get_loc(column)] = value
    return data


COUNTS = {"outcome": "n", "family": "poisson"}
REFUSED = {
    "no such outcome": (walk(1), {"outcome": "yy"}, "column yy.*nearest is y"),
    "no such family": (walk(1), {"family": "quasi_poisson"}, "choices.*nearest are quasipoisson"),
    "a missing value": (broken("y", 5, None), {}, "column y, row 5.*expected a number"),
    "a word": (broken("y", 6, "twelve"), {}, "column y, row 6.*found twelve"),
    "an infinite value": (broken("y", 7, np.inf), {}, "column y, row 7"),
    "a negative count": (broken("n", 3, -2), COUNTS, "column n, row 3.*nought or more.*found -2"),
    "a rate for a count": (broken("n", 4, 2.5), COUNTS, "column n, row 4.*whole counts"),
    "an exposure of nought": (
        broken("people", 9, 0.0),
        COUNTS | {"offset": "people"},
        "column people, row 9.*above nought",
    ),
    "an offset without a log": (walk(1), {"offset": "people"}, "divide the outcome by people"),
    "a constant outcome": (walk(1).assign(y=3.0), {}, "does not vary.*column y"),
    "a line without scatter": (walk(1).assign(y=lambda d: 2 * d["t"]), {}, "meets every point"),
    "a constant covariate": (walk(1).assign(x=1.0), {"covariates": ["x"]}, "column x.*drop x"),
    "a covariate that is time": (
        walk(1).assign(x=lambda d: 3 * d["t"]),
        {"covariates": ["x"]},
        "repeats.*covariate x",
    ),
    "unsorted periods": (walk(1).iloc[[1, 0, *range(2, 24)]], {}, "out of order.*column t, row 2"),
    "a period twice": (
        pd.concat([walk(1).iloc[:3], walk(1).iloc[2:]], ignore_index=True),
        {},
        "stands twice.*column t, row 4.*found 2",
    ),
    "a period missing": (walk(1).drop(index=6), {}, "is missing.*expected 6; found 7"),
    "a time that is no time": (walk(1).assign(t=True), {}, "column t, row 1.*expected equally"),
    "a start outside": (walk(1), {"start": 99}, "argument start.*from 0 to 23.*found 99"),
    "too few before": (walk(1), {"start": 2}, "before the break.*at least 3; found 2"),
    "too few after": (walk(1), {"start": 22}, "from the break.*at least 3; found 2"),
    "too many terms": (
        walk(1).iloc[:8],
        {"start": 4, "harmonics": 2, "period": 5},
        "too few periods for so many terms.*at least 10",
    ),
    "less than a turn": (walk(1), {"harmonics": 1, "period": 30}, "less than one turn"),
    "a harmonic too fast": (walk(1), {"harmonics": 6}, "argument period"),
    "a lag too long": (walk(1), {"hac_lags": 12}, "argument hac_lags.*half of the 24"),
    "a negative lag": (walk(1), {"hac_lags": -1}, "argument hac_lags"),
    "a level in per cent": (walk(1), {"level": 95}, "argument level.*found 95"),
    "no event before": (
        walk(1).assign(n=lambda d: d["n"] * (d["t"] >= 14)),
        COUNTS,
        "no event before the break",
    ),
    "no event after": (
        walk(1).assign(n=lambda d: d["n"] * (d["t"] < 14)),
        COUNTS,
        "no event from the break",
    ),
    "an event only at the break": (
        walk(1).assign(n=lambda d: d["n"] * (d["t"] <= 14)),
        COUNTS,
        "does not converge|runs to infinity",
    ),
    "less than Poisson scatter": (
        walk(1).assign(n=lambda d: 100 + 3 * d["t"] + d["t"] % 2),
        {"outcome": "n", "family": "negative_binomial"},
        "vary no more than the Poisson.*use the family poisson",
    ),
    "no table": ({"t": [1]}, {}, "not a table.*found dict"),
    "no row": (walk(1).iloc[:0], {}, "no row"),
}


@pytest.mark.parametrize("data, choices, said", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_used_is_refused_with_place_and_remedy(data, choices, said) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(MethodError, match=f"(?i){said}") as refused:
            run(data, **choices)
    assert isinstance(refused.value, ValueError)
    assert isinstance(refused.value, LedgerError)


@pytest.mark.parametrize(
    "times, said",
    [
        (
            ["2010-11", "2011-12", "2013-14"],
            "row 3, after 2011-12; expected 2012-13; found 2013-14",
        ),
        (["2010-01", "2010-02", "2010-04"], "expected 2010-03; found 2010-04"),
        (["2010-11", "2011-12", "2012-14"], "row 3; expected equally.*found 2012-14"),
        (list(pd.to_datetime(["2010-01-01", "2010-02-01", "2010-02-15"])), "row 3.*to_period"),
        (list(pd.PeriodIndex(["2010-01", "2010-02", "2010-05"], freq="M")), "expected 2010-03"),
        ([1, 2, None], "row 3; expected equally"),
        (["spring", "summer", "autumn"], "row 1; expected equally"),
    ],
    ids=["fy gap", "month gap", "no fy", "mid-month", "Period gap", "blank", "words"],
)
def test_a_time_column_is_refused_at_its_row(times, said) -> None:
    data = pd.DataFrame({"t": times, "y": range(3)})
    with pytest.raises(MethodError, match=said):
        run(data, start=times[1])


def test_a_row_label_is_named_beside_the_row() -> None:
    data = broken("y", 5, np.nan).set_index(pd.Index([f"year {n}" for n in range(24)]))
    with pytest.raises(MethodError, match=r"row 5 \(index year 4\)"):
        run(data)


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda r: r.power(), "either effect or ratio"),
        (lambda r: r.power(1.0, ratio=2.0), "either effect or ratio"),
        (lambda r: r.power(ratio=0.9), "gaussian family has no ratio"),
        (lambda r: r.power(np.nan), "argument effect"),
        (lambda r: r.power(1.0, of="trend"), "choices are level, slope"),
        (lambda r: r.detectable(0.01), "argument power"),
        (lambda r: r.detectable(80), "argument power"),
        (lambda r: r.effect_at(3), "before the break.*14 or later"),
        (lambda r: r.effect_at(99), "no such period"),
        (lambda r: r.break_scan([10, 99]), "argument dates.*found 99"),
        (lambda r: r.break_scan([1]), "too few periods before"),
    ],
)
def test_questions_without_an_answer_are_refused(call, said) -> None:
    with pytest.raises(MethodError, match=said):
        call(run(walk(1)))


def test_counts_of_any_size_fit_without_a_warning() -> None:
    """National totals are in tens of millions; the fit must neither warn nor lose its figures."""
    data = walk(3).assign(n=lambda d: (d["n"] * 1_000_000).astype(int))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for family in ("poisson", "quasipoisson", "negative_binomial"):
            found = run(data, "n", family=family, harmonics=1, period=4)
            assert found.low < found.value < found.high
            assert np.isfinite(found.influence["cooks_distance"]).all()
