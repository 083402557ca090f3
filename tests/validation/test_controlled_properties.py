"""What must not change a controlled interrupted time series, and what it must refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.methods import MethodError, controlled_interrupted_time_series

FEW = settings(max_examples=12, deadline=None)
SEEDS = st.integers(0, 2**20)


def sides(seed: int, names: tuple[str, ...] = ("a", "b", "c"), n: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    return pd.concat(
        [
            pd.DataFrame({"t": t, "who": name, "y": rng.poisson(40 + 3 * i + t)})
            for i, name in enumerate(names)
        ],
        ignore_index=True,
    )


def run(data: pd.DataFrame, treated: object = "a", start: object = 12, **choices):
    return controlled_interrupted_time_series(
        data, "y", "t", group="who", treated=treated, start=start, **choices
    )


@FEW
@given(SEEDS, st.randoms(use_true_random=False))
def test_series_may_lie_one_in_the_other(seed, chance) -> None:
    """Rows of different series may be mixed; within a series the order of time is kept."""
    data = sides(seed)
    mixed = data.assign(key=[chance.random() for _ in range(len(data))])
    mixed["key"] = mixed.groupby("who")["key"].transform(lambda k: np.sort(k))
    plain, other = run(data, hac_lags=1), run(mixed.sort_values("key", kind="stable"), hac_lags=1)
    assert other.value == pytest.approx(plain.value)
    assert other.high == pytest.approx(plain.high)


@FEW
@given(SEEDS, st.sampled_from(["gaussian", "poisson", "quasipoisson"]))
def test_treated_and_comparison_exchanged_turn_the_sign(seed, family) -> None:
    data = sides(seed, ("a", "b"))
    one, other = run(data, "a", family=family), run(data, "b", family=family)
    assert other.value == pytest.approx(-one.value, rel=1e-6, abs=1e-8)
    assert other.low == pytest.approx(-one.high, rel=1e-6, abs=1e-8)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-5, abs=1e-9)


@FEW
@given(SEEDS, st.floats(1e-4, 1e4))
def test_a_change_of_unit_changes_the_unit_of_the_differences(seed, scale) -> None:
    plain = run(sides(seed))
    other = run(sides(seed).assign(y=lambda d: scale * d["y"]))
    np.testing.assert_allclose(
        [other.value, other.low, other.high],
        scale * np.array([plain.value, plain.low, plain.high]),
        rtol=1e-6,
        atol=1e-9 * scale,
    )


@FEW
@given(SEEDS)
def test_a_twin_of_the_treated_series_leaves_no_difference(seed) -> None:
    a = sides(seed, ("a",))
    found = run(pd.concat([a, a.assign(who="b")], ignore_index=True))
    assert found.value == pytest.approx(0.0, abs=1e-8)
    assert found.p_value == pytest.approx(1.0)


@FEW
@given(SEEDS)
def test_own_levels_move_the_errors_and_not_the_differences(seed) -> None:
    """All series have all periods, so levels of their own can take nothing from the changes."""
    own, pooled = run(sides(seed)), run(sides(seed), own_levels=False)
    assert own.value == pytest.approx(pooled.value, rel=1e-6, abs=1e-8)
    assert own.difference_in_slope.value == pytest.approx(
        pooled.difference_in_slope.value, rel=1e-6, abs=1e-8
    )


REFUSED = {
    "no such group": (sides(1), {"treated": "A"}, "column who; found A; valid choices are a, b, c"),
    "nobody beside": (sides(1, ("a",)), {}, "no series to compare with.*interrupted_time_series"),
    "a row of nobody": (sides(1).assign(who=lambda d: d["who"].where(d.index != 4)), {}, "row 5"),
    "another span": (sides(1).iloc[:-2], {}, "same periods.*series c, period 18"),
    "a gap in one": (sides(1).drop(index=25), {}, "missing.*row 26.*expected 5; found 6"),
    "a bad cell in one": (
        sides(1).assign(y=lambda d: d["y"].where(d.index != 45)),
        {},
        "column y, row 46",
    ),
    "a constant comparison": (
        sides(1, ("a", "b")).assign(y=lambda d: d["y"].where(d["who"] == "a", 7)),
        {},
        "does not vary",
    ),
    "too few before": (sides(1), {"start": 2}, "too few periods before"),
    "no event in the comparison": (
        sides(1, ("a", "b")).assign(y=lambda d: d["y"] * ((d["who"] == "a") | (d["t"] > 14))),
        {"family": "poisson"},
        "no event before the break of b",
    ),
}


@pytest.mark.parametrize("data, choices, said", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_compared_is_refused(data, choices, said) -> None:
    with pytest.raises(MethodError, match=f"(?i){said}"):
        run(data, **choices)
