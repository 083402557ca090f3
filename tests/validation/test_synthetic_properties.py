"""`synthetic_control`: what must not change it, its best against other solvers, its placebos, what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysyncon.synth import Synth

from iapt_ledger.methods import MethodError, synthetic_control
from iapt_ledger.methods.panels.synthetic_fit import ExactSynth
from iapt_ledger.validation.synthetic import california, panel

NAMES = {"unit": "area", "time": "year", "outcome": "rate", "treated": "T", "start": 2012}
YEARS = range(2000, 2018)


def made(seed: int = 0, donors: int = 6, effect: float = 0.0, noise: float = 0.3) -> pd.DataFrame:
    """Donors A, B, ... that drift by common factors; T is 0.6 A and 0.4 B with noise, moved from 2012 on."""
    rng = np.random.default_rng(seed)
    drift = rng.normal(size=(len(YEARS), 2)).cumsum(axis=0)
    names = [chr(ord("A") + i) for i in range(donors)]
    wide = pd.DataFrame(
        10 + drift @ rng.normal(size=(2, donors)) + noise * rng.normal(size=(len(YEARS), donors)),
        index=pd.Index(YEARS, name="year"), columns=names,
    )  # fmt: skip
    wide["T"] = 0.6 * wide["A"] + 0.4 * wide["B"] + noise * rng.normal(size=len(YEARS))
    wide.loc[2012:, "T"] += effect
    size = pd.Series(rng.uniform(1, 9, size=donors + 1), index=wide.columns)
    long = wide.reset_index().melt("year", var_name="area", value_name="rate")
    return long.assign(size=long["area"].map(size) + 0.01 * (long["year"] - 2000))


def test_a_blend_of_donors_is_found_exactly() -> None:
    found = synthetic_control(made(noise=0.0, effect=3.0), **NAMES)
    # Two factors over six donors: many blends fit wholly, and each of them does so ever after.
    assert found.rmspe_before == pytest.approx(0.0, abs=1e-8)
    assert found.value == pytest.approx(3.0)
    assert found.weights.sum() == pytest.approx(1.0)
    assert (found.weights >= 0).all()


def test_the_gap_is_the_observed_less_the_weighted_donors() -> None:
    data = made(effect=-2.0)
    found = synthetic_control(data, **NAMES, donors=["A", "B", "C"])
    wide = data.pivot_table("rate", "year", "area")
    blend = wide[list(found.weights.index)] @ found.weights
    assert found.gap["gap"].tolist() == pytest.approx((wide["T"] - blend).tolist())
    early = found.gap["time"] < 2012
    assert found.rmspe_before**2 == pytest.approx((found.gap["gap"][early] ** 2).mean())
    assert found.ratio == pytest.approx(found.rmspe_after**2 / found.rmspe_before**2)
    assert found.value == pytest.approx(found.gap["gap"][~early].mean())
    assert set(found.weights.index) == {"A", "B", "C"}


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 5_000), scale=st.sampled_from([1e-4, 3.0, 1e6]))
def test_order_scale_and_what_all_units_share_do_not_change_the_blend(seed, scale) -> None:
    data = made(seed)
    shared = data["year"].map(
        dict(zip(YEARS, np.random.default_rng(seed).normal(size=18), strict=True))
    )
    other = data.assign(rate=scale * (data["rate"] + shared)).sample(frac=1, random_state=seed)
    a, b = (synthetic_control(d, **NAMES) for d in (data, other))
    assert np.allclose(b.weights.reindex(a.weights.index), a.weights, atol=1e-5)
    assert b.value == pytest.approx(a.value * scale, rel=1e-4, abs=1e-5 * scale)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 5_000), rows=st.integers(1, 9), donors=st.integers(2, 30))
def test_no_other_solver_does_better_within_the_inner_problem(seed, rows, donors) -> None:
    rng = np.random.default_rng(seed)
    x0, x1 = rng.normal(size=(rows, donors)), rng.normal(size=rows)
    shares = np.diag(rng.dirichlet(np.ones(rows)))

    def loss(w: np.ndarray) -> float:
        return float((x1 - x0 @ w) @ shares @ (x1 - x0 @ w))

    ours, told = ExactSynth.w_optimize(shares, x0, x1)
    theirs, _ = Synth.w_optimize(shares, x0, x1)
    assert ours.sum() == pytest.approx(1.0) and (ours >= 0).all()
    assert told == pytest.approx(loss(ours), abs=1e-12)
    assert loss(ours) <= loss(np.clip(theirs, 0, None) / np.clip(theirs, 0, None).sum()) + 1e-9
    # Where the nearest point is, no donor lies on the near side of it.
    slope = x0.T @ shares @ (x0 @ ours - x1)
    assert (slope >= ours @ slope - 1e-8).all()


def test_our_search_fits_california_nearer_than_the_printed_weights() -> None:
    found = california()
    printed = pd.Series(
        {"Utah": 0.334, "Nevada": 0.234, "Montana": 0.199, "Colorado": 0.164, "Connecticut": 0.069}
    )
    early = found._study.before
    gap = early["California"] - early[list(printed.index)] @ printed
    assert found.rmspe_before < np.sqrt((gap**2).mean()) < 1.01 * found.rmspe_before
    assert (found.weights > 0.001).sum() == 5


@pytest.mark.slow
def test_no_state_stands_out_as_california_does_when_each_is_searched_anew() -> None:
    found = california()
    quick = synthetic_control(
        panel(), unit="state", time="year", outcome="cigsale", treated="California",
        start=1989, predictors=[(c, p) for _, c, p in found._study.predictors], thorough=False,
    )  # fmt: skip
    assert quick.placebo_p() == pytest.approx(1 / 39)
    assert quick.placebo_p(cut=2) < 0.08
    assert quick.in_space["unit"][0] == "California"


def test_predictors_are_averaged_over_their_periods_and_weighed() -> None:
    data = made()
    predictors = [("size", range(2005, 2010)), ("rate", 2001), ("rate", slice(2008, 2011))]
    found = synthetic_control(data, **NAMES, predictors=predictors)
    assert list(found.balance["predictor"]) == [
        "size 2005 to 2009",
        "rate 2001",
        "rate 2008 to 2011",
    ]
    wide = data.pivot_table("rate", "year", "area")
    assert found.balance["treated"][2] == pytest.approx(wide.loc[2008:2011, "T"].mean())
    assert found.balance["donors"][1] == pytest.approx(wide.loc[2001].drop("T").mean())
    assert found.predictor_weights is not None and found.predictor_weights.sum() == pytest.approx(1)
    again = synthetic_control(
        data, **NAMES, predictors=predictors, predictor_weights=found.predictor_weights[::-1]
    )
    assert np.allclose(again.weights, found.weights.reindex(again.weights.index), atol=1e-6)


def test_a_mapping_and_pairs_are_the_same_and_missing_values_elsewhere_do_no_harm() -> None:
    data = made()
    data["size"] = data["size"].mask(data["year"] < 2005)
    a = synthetic_control(data, **NAMES, predictors={"size": [2006, 2007], "rate": 2011})
    b = synthetic_control(data, **NAMES, predictors=[("size", (2006, 2007)), ("rate", [2011])])
    assert a.weights.equals(b.weights)


def test_placebos_rank_the_treated_unit_among_all() -> None:
    found = synthetic_control(made(effect=6.0, donors=9, noise=0.5), **NAMES)
    assert found.placebo_p() == found.p_value == found.smallest_p == pytest.approx(1 / 10)
    assert set(found.in_space["unit"]) == {"T", *"ABCDEFGHI"}
    nothing = synthetic_control(made(donors=9, noise=0.5, seed=3), **NAMES)
    place = list(nothing.in_space["unit"]).index("T")
    assert nothing.placebo_p() == pytest.approx((1 + place) / 10) and place > 0


def test_a_cut_leaves_out_placebos_that_never_fitted() -> None:
    found = synthetic_control(made(effect=6.0, donors=9), **NAMES)
    kept = found.in_space["mspe_before"] <= 2 * found.rmspe_before**2
    assert found.placebo_p(cut=2) == pytest.approx(1 / kept.sum())


def test_moved_starts_use_no_treated_period() -> None:
    found = synthetic_control(made(effect=6.0), **NAMES)
    assert list(found.in_time["start"]) == list(range(2006, 2012))
    assert found.moved(2008).gap["time"].max() == 2011
    assert found.moved(2008).start == 2008
    assert (found.in_time["ratio"] < found.ratio).all()
    with pytest.raises(MethodError, match="2002 to 2011"):
        found.moved(2012)


def test_moved_starts_cut_predictors_to_what_was_known() -> None:
    predictors = [("size", range(2003, 2011)), ("rate", 2001), ("rate", 2010)]
    found = synthetic_control(made(), **NAMES, predictors=predictors, thorough=False)
    assert [len(p) for _, _, p in found.moved(2008)._study.predictors] == [5, 1]


def test_a_perfect_fit_makes_no_warning_and_an_infinite_ratio(recwarn) -> None:
    data = made()
    data.loc[data["area"].eq("T"), "rate"] = data.loc[data["area"].eq("A"), "rate"].to_numpy()
    data.loc[data["area"].eq("T") & data["year"].ge(2012), "rate"] += 1
    found = synthetic_control(data, **NAMES, treated_among_donors=False)
    assert found.weights["A"] == pytest.approx(1.0)
    assert found.rmspe_before == pytest.approx(0, abs=1e-12)
    assert found.p_value == pytest.approx(1 / 7)
    # Made of the treated unit, its twin has the same gap the other way round.
    assert synthetic_control(data, **NAMES).p_value == pytest.approx(2 / 7)
    assert [str(w.message) for w in recwarn] == []


def test_an_index_that_starts_at_one_hundred_everywhere_is_used(recwarn) -> None:
    data = made()
    first = data[data["year"].eq(2000)].set_index("area")["rate"]
    data["rate"] = 100 * data["rate"] / data["area"].map(first)
    found = synthetic_control(data, **NAMES)
    assert found.weights.sum() == pytest.approx(1) and "Made of" in found.summary()
    assert [str(w.message) for w in recwarn] == []


FIRST = made()
REFUSED = {
    "a treated unit that is not there": ({"treated": "Tee"}, None, ["argument treated", "column area", "'Tee'"]),
    "a donor that is not there": ({"donors": ["A", "Z"]}, None, ["argument donors", "'Z'"]),
    "the treated unit as donor": ({"donors": ["A", "T"]}, None, ["own donors"]),
    "one donor": ({"donors": ["A"]}, None, ["argument donors", "two donors"]),
    "a donor twice": ({"donors": ["A", "A", "B"]}, None, ["each named once"]),
    "no period after": ({"start": 2018}, None, ["argument start", "18 before and 0 from 2018"]),
    "one period before": ({"start": 2001}, None, ["1 before and 17"]),
    "a start of another kind": ({"start": "2012"}, None, ["argument start, column year", "str"]),
    "a cell missing": ({}, FIRST.drop(index=5), ["not balanced", "A in 2005"]),
    "a value missing": ({}, FIRST.assign(rate=FIRST["rate"].mask(FIRST.index == 4)), ["column rate, row 5"]),
    "units all alike": ({}, FIRST.assign(rate=FIRST["year"] * 1.0), ["do not differ", "argument outcome"]),
    "no predictor": ({"predictors": []}, None, ["argument predictors"]),
    "a predictor that is not there": ({"predictors": {"sise": 2001}}, None, ["column sise", "nearest is size"]),
    "a predictor of words": ({"predictors": {"area": 2001}}, None, ["column area", "numbers"]),
    "a predictor of no period": ({"predictors": {"size": 1950}}, None, ["column size", "2000 to 2017", "1950"]),
    "a predictor after the start": ({"predictors": {"size": range(2009, 2014)}}, None, ["before 2012", "2012"]),
    "a predictor twice": ({"predictors": [("size", 2001), ("size", 2001)]}, None, ["size 2001"]),
    "a predictor with a gap": (
        {"predictors": {"size": [2002, 2003]}}, FIRST.assign(size=FIRST["size"].mask(FIRST.index == 20)),
        ["column size", "none for B in 2002"]),
    "a predictor that tells nothing": ({"predictors": {"size": 2001}}, FIRST.assign(size=1.0), ["same for all units"]),
    "weights too many": (
        {"predictors": {"size": 2001}, "predictor_weights": [1, 2]}, None, ["1 numbers", "1, 2"]),
    "weights of other predictors": (
        {"predictors": {"size": 2001}, "predictor_weights": {"rate 2001": 1}}, None, ["size 2001", "rate 2001"]),
    "weights below nought": (
        {"predictors": {"size": 2001}, "predictor_weights": [-1]}, None, ["argument predictor_weights"]),
    "weights without predictors": ({"predictor_weights": {"rate": 1}}, None, ["no weights without predictors"]),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_used_is_refused_with_its_place(what) -> None:
    options, data, said = REFUSED[what]
    with pytest.raises(MethodError) as error:
        synthetic_control(FIRST if data is None else data, **(NAMES | options))
    for words in said:
        assert words in str(error.value), str(error.value)
