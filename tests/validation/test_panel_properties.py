"""`panel_effect` against the long way round, what must not change it, and what it refuses."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.methods import MethodError, panel_effect
from iapt_ledger.methods.panels.panel_flips import SignFlips

NAMES = {"outcome": "y", "exposure": "x", "unit": "region", "time": "month"}


def made(units: int = 5, times: int = 8, seed: int = 0, effect: float = 0.5) -> pd.DataFrame:
    """A panel with unit and period effects, drifting exposure and errors, a control, weights and another outcome."""
    rng = np.random.default_rng(seed)
    shape = (units, times)
    x, e, z, other = (rng.normal(size=shape).cumsum(axis=1) for _ in range(4))
    y = effect * x + 0.3 * z + e + rng.normal(size=(units, 1)) * 3 + rng.normal(size=times) * 3
    index = pd.MultiIndex.from_product(
        [[f"R{i}" for i in range(units)], pd.date_range("2021-01-01", periods=times, freq="MS")],
        names=["region", "month"],
    )
    w = rng.uniform(0.5, 2.0, size=shape)
    columns = {"x": x, "y": y, "z": z, "other": other, "w": w}
    return pd.DataFrame({k: v.ravel() for k, v in columns.items()}, index=index).reset_index()


def dummies(data: pd.DataFrame, trends: bool, controls: tuple[str, ...]) -> np.ndarray:
    """Exposure first, then controls, unit and period dummies, and unit trends, written out."""
    units = pd.get_dummies(data["region"], dtype=float).to_numpy()
    months = pd.get_dummies(data["month"], dtype=float).to_numpy()[:, 1:]
    line = data["month"].rank(method="dense").to_numpy()[:, None]
    parts = [data[["x", *controls]].to_numpy(), units, months]
    return np.hstack([*parts, *([units[:, 1:] * line] if trends else [])])


def long_way(
    data: pd.DataFrame, y: np.ndarray, trends: bool, controls: tuple[str, ...], weighted: bool
) -> tuple[float, float]:
    """Coefficient and its clustered t-ratio from the whole regression."""
    root = np.sqrt(data["w"].to_numpy()) if weighted else np.ones(len(data))
    full = dummies(data, trends, controls) * root[:, None]
    beta, *_ = np.linalg.lstsq(full, y * root, rcond=None)
    residual = y * root - full @ beta
    bread = np.linalg.pinv(full.T @ full)
    scores = [full[rows].T @ residual[rows] for rows in data.groupby("region").indices.values()]
    meat = sum(np.outer(s, s) for s in scores)
    return float(beta[0]), float(beta[0] / np.sqrt((bread @ meat @ bread)[0, 0]))


SPECIFICATIONS = list(product((False, True), ((), ("z",)), (False, True)))


@pytest.mark.parametrize(("trends", "controls", "weighted"), SPECIFICATIONS)
def test_the_coefficient_is_that_of_the_regression_written_out(trends, controls, weighted) -> None:
    data = made()
    found = panel_effect(
        data, **NAMES, trends=trends, controls=controls, weights="w" if weighted else None
    )
    expected, _ = long_way(data, data["y"].to_numpy(), trends, controls, weighted)
    assert found.value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("trends", "controls", "weighted"), SPECIFICATIONS)
def test_clustered_errors_are_those_of_linearmodels(trends, controls, weighted) -> None:
    data = made(units=9)
    found = panel_effect(
        data, **NAMES, trends=trends, controls=controls, weights="w" if weighted else None,
        errors="cluster",
    )  # fmt: skip
    for part in ("value", "low", "high", "p_value"):
        assert getattr(found.effect, part) == pytest.approx(
            getattr(found.cluster_robust, part), rel=1e-7
        )


@pytest.mark.parametrize(("trends", "controls", "weighted"), SPECIFICATIONS)
@pytest.mark.parametrize("tested", [0.0, 0.8])
def test_sign_flips_are_the_wild_bootstrap_written_out(trends, controls, weighted, tested) -> None:
    data = made(units=4, times=7, seed=3)
    found = panel_effect(
        data, **NAMES, trends=trends, controls=controls, weights="w" if weighted else None
    )
    root = np.sqrt(data["w"].to_numpy()) if weighted else np.ones(len(data))
    y = data["y"].to_numpy() - tested * data["x"].to_numpy()
    restricted = dummies(data, trends, controls)[:, 1:] * root[:, None]
    beta, *_ = np.linalg.lstsq(restricted, y * root, rcond=None)
    residual = y * root - restricted @ beta
    unit = data["region"].str[1:].astype(int).to_numpy()
    _, observed = long_way(data, y, trends, controls, weighted)
    far = []
    for signs in product((1, -1), repeat=4):
        flipped = (restricted @ beta + np.array(signs)[unit] * residual) / root
        far.append(long_way(data, flipped, trends, controls, weighted)[1])
    expected = np.mean(np.abs(far) >= abs(observed) * (1 - 1e-7))
    assert SignFlips(found._fit).p_value(tested) == pytest.approx(expected)


def test_limits_are_where_the_test_turns() -> None:
    found = panel_effect(made(units=7, times=20, seed=2), **NAMES)
    flips, nudge = SignFlips(found._fit), 1e-6
    assert found.low < found.value < found.high
    for limit, inward in ((found.low, nudge), (found.high, -nudge)):
        assert flips.p_value(limit + inward) > 0.05 >= flips.p_value(limit - inward)


@pytest.mark.parametrize("trends", [False, True])
def test_the_jackknife_leaves_out_each_unit(trends) -> None:
    data = made(units=5, times=9)
    found = panel_effect(data, **NAMES, trends=trends, controls=["z"], weights="w")
    left = [
        panel_effect(
            data[data["region"] != r], **NAMES, trends=trends, controls=["z"], weights="w"
        ).value
        for r in sorted(data["region"].unique())
    ]
    assert found.leave_one_out["value"].tolist() == pytest.approx(left, rel=1e-8)
    error = np.sqrt(4 / 5 * np.sum((np.array(left) - found.value) ** 2))
    assert (found.crv3.high - found.value) / 2.776445 == pytest.approx(error, rel=1e-6)


def test_permutations_are_regressions_on_the_paths_of_other_units() -> None:
    data = made(units=4, times=7)
    found = panel_effect(data, **NAMES, controls=["z"], weights="w")
    paths = data["x"].to_numpy().reshape(4, 7)
    slopes = [
        panel_effect(
            data.assign(x=paths[list(deal)].ravel()), **NAMES, controls=["z"], weights="w"
        ).value
        for deal in permutations(range(4))
    ]
    expected = np.mean(np.abs(slopes) >= abs(found.value) - 1e-12)
    assert found.permutation.exact and found.permutation.deals == 24
    assert found.permutation.p_value == pytest.approx(expected)
    assert found.permutation.smallest == pytest.approx(1 / 24)


def test_drawn_deals_and_signs_are_the_same_from_one_seed_and_never_nought() -> None:
    data = made(units=22, times=6, effect=20)
    first = panel_effect(data, **NAMES, errors="sign_flip", permutations=99, seed=5)
    again = panel_effect(data, **NAMES, errors="sign_flip", permutations=99, seed=5)
    assert first.permutation == again.permutation
    assert not first.permutation.exact and first.permutation.p_value >= 0.01
    assert first.effect == again.effect
    assert first.smallest_p == 1e-4 and first.p_value >= 1e-4


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    of_x=st.sampled_from([0.001, -1.0, 250.0]),
    of_y=st.sampled_from([1e-4, -2.0, 1e5]),
    trends=st.booleans(),
)
def test_units_of_measure_order_of_rows_and_fixed_differences_do_not_matter(
    seed, of_x, of_y, trends
) -> None:
    data = made(seed=seed)
    rng = np.random.default_rng(seed)
    shifts = dict(zip(sorted(data["region"].unique()), rng.normal(size=5) * 4, strict=True))
    line = data["month"].rank(method="dense") if trends else 1.0
    other = data.assign(
        x=of_x * data["x"] + data["region"].map(shifts),
        y=of_y * (data["y"] + data["region"].map(shifts) * line + data["month"].dt.month),
    ).sample(frac=1, random_state=seed)
    a = panel_effect(data, **NAMES, trends=trends)
    b = panel_effect(other, **NAMES, trends=trends)
    factor = of_y / of_x
    ends = sorted((a.low * factor, a.high * factor))
    assert b.value == pytest.approx(a.value * factor, rel=1e-6, abs=1e-9 * abs(factor))
    assert b.p_value == a.p_value
    finite = np.isfinite(ends)
    spread = abs(factor) * (abs(a.value) + 1)
    assert np.array_equal(np.isfinite([b.low, b.high]), finite)
    assert np.allclose(
        np.array([b.low, b.high])[finite], np.array(ends)[finite], atol=1e-5 * spread
    )


def test_the_difference_from_a_negative_control_is_exact_and_cancels_by_the_stated_rule() -> None:
    data = made(units=7, times=30, effect=3.0)
    data["same"] = data["y"] + np.random.default_rng(1).normal(size=len(data))
    found = panel_effect(data, **NAMES, negative_controls=["other", "same"])
    for control, gap in zip(found.negative_controls, found.differences, strict=True):
        assert gap.value == pytest.approx(found.value - control.value)
    far, near = found.differences
    assert far.low > 0 and near.low < 0 < near.high
    assert found.cancelled is True
    assert panel_effect(data, **NAMES, negative_controls=["other"]).cancelled is False
    assert panel_effect(data, **NAMES).cancelled is None


def test_later_exposure_shows_a_design_that_looks_back() -> None:
    data = made(units=7, times=40, effect=0.0, seed=4)
    wide = data.pivot_table("x", "region", "month")
    later = wide.shift(-3, axis=1).ffill(axis=1).to_numpy().ravel()
    data["y"] = later + 1e-3 * np.random.default_rng(5).normal(size=len(data))
    found = panel_effect(data, **NAMES, leads=(3,), lags=1)
    assert found.leads_move_as_far is True
    rows = found.event_study.set_index("shift")
    assert rows.loc[-3, "value"] == pytest.approx(1.0, abs=0.001)
    assert rows.loc[0, "value"] == pytest.approx(0.0, abs=0.001)
    assert list(rows["role"]) == ["lead", "present", "lag"]


def test_an_event_study_without_leads_and_lags_is_the_effect() -> None:
    found = panel_effect(made(), **NAMES, trends=True)
    (row,) = found.event_study.to_dict("records")
    assert row["value"] == row["alone"] == found.value
    assert found.leads_move_as_far is None


def test_too_few_units_give_no_interval_and_say_so() -> None:
    found = panel_effect(made(units=4, times=20), **NAMES)
    assert (found.low, found.high) == (-np.inf, np.inf)
    assert found.effect.interval == "no 95% interval: with 4 units the smallest p is 0.125"
    assert found.smallest_p == 0.125


def test_the_jackknife_says_when_one_unit_is_all_there_is() -> None:
    data = made(units=4)
    data["x"] = data["x"].where(data["region"].eq("R2"), 0.0)
    found = panel_effect(data, **NAMES, errors="crv3")
    assert np.isnan(found.low) and found.p_value is None
    assert found.effect.interval == "no jackknife: without R2 nothing tells the effect"


def changed(**columns) -> pd.DataFrame:
    return made().assign(**columns)


FIRST = made()
REFUSED = {
    "a column that is not there": (FIRST, {"outcome": "items"}, ["column items", "columns region"]),
    "a column twice": (FIRST, {"controls": ["x"]}, ["column x", "twice|two parts"]),
    "a value missing": (changed(y=FIRST["y"].mask(FIRST.index == 6)), {}, ["column y, row 7", "none"]),
    "a value infinite": (changed(x=FIRST["x"].mask(FIRST.index == 2, np.inf)), {}, ["column x, row 3"]),
    "words for numbers": (changed(x="many"), {}, ["column x", "numbers"]),
    "a unit missing": (changed(region=FIRST["region"].mask(FIRST.index == 0)), {}, ["column region, row 1"]),
    "labels of two kinds": (
        changed(region=[1, *FIRST["region"][1:]]), {}, ["column region", "str"]),
    "one unit": (FIRST[FIRST["region"].eq("R1")], {}, ["column region", "interrupted time series"]),
    "one period": (FIRST[FIRST["month"].eq(FIRST["month"][0])], {}, ["column month", "two periods"]),
    "a cell missing": (FIRST.drop(index=9), {}, ["not balanced", "R1 in 2021-02-01"]),
    "a cell twice": (pd.concat([FIRST, FIRST.iloc[[4]]]), {}, ["row 41", "R0 in 2021-05-01", "twice"]),
    "a weight of nought": (changed(w=FIRST["w"].mask(FIRST.index == 3, 0)), {"weights": "w"}, ["column w, row 4"]),
    "an exposure that stands still": (
        changed(x=FIRST["region"].str[1:].astype(float)), {}, ["column x", "differ between units"]),
    "an exposure that all share": (
        changed(x=FIRST["month"].dt.month.astype(float)), {}, ["column x"]),
    "an outcome that stands still": (changed(y=3.0), {}, ["column y"]),
    "a control that repeats": (
        changed(z=2 * FIRST["month"].dt.month.astype(float)), {"controls": ["z"]}, ["column z", "leave it out"]),
    "a month skipped under trends": (
        FIRST[FIRST["month"].ne(pd.Timestamp("2021-04-01"))], {"trends": True},
        ["column month", "2021-03-01 and 2021-05-01"]),
    "trends over three months": (
        FIRST[FIRST["month"] < pd.Timestamp("2021-04-01")], {"trends": True}, ["four periods"]),
    "too many leads": (FIRST, {"leads": 6}, ["leads and lags", "three periods"]),
    "a lead of minus one": (FIRST, {"leads": (-1,)}, ["argument leads"]),
    "minus one lag": (FIRST, {"lags": -1}, ["argument lags"]),
    "errors of no known kind": (FIRST, {"errors": "white"}, ["'white'", "sign_flip"]),
    "a level above one": (FIRST, {"level": 95}, ["argument level"]),
    "no permutations": (FIRST, {"permutations": 0}, ["argument permutations"]),
    "no table": ([1, 2], {}, ["DataFrame", "list"]),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_used_is_refused_with_its_place(what) -> None:
    data, options, said = REFUSED[what]
    with pytest.raises(MethodError) as error:
        panel_effect(data, **(NAMES | options))
    for words in said:
        assert any(part in str(error.value) for part in words.split("|")), str(error.value)


def test_no_warning_escapes(recwarn) -> None:
    panel_effect(
        made(),
        **NAMES,
        trends=True,
        controls=["z"],
        weights="w",
        negative_controls=["other"],
        leads=1,
    ).summary()
    assert [str(w.message) for w in recwarn] == []
