"""`synthetic_control` in plain cases: labels of every kind and what is said to people."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.methods import MethodError, synthetic_control


def areas(times=range(2000, 2010)) -> pd.DataFrame:
    """T is halfway between A and B, and 4 above from the seventh period on; C is far off."""
    line = np.arange(10.0)
    wave = np.array([0, 2, 1, 3, 2, 5, 3, 4, 6, 5.0])
    rates = {"A": line, "B": wave, "C": 50 + line**2}
    rates["T"] = (rates["A"] + rates["B"]) / 2 + 4 * (line >= 6)
    wide = pd.DataFrame(rates, index=pd.Index(times, name="period"))
    return wide.reset_index().melt("period", var_name="area", value_name="rate")


NAMES = {"unit": "area", "time": "period", "outcome": "rate", "treated": "T"}


def test_halfway_between_two_is_found_and_so_is_what_came_after() -> None:
    found = synthetic_control(areas(), **NAMES, start=2006)
    assert found.weights[["A", "B", "C"]].tolist() == pytest.approx([0.5, 0.5, 0.0])
    assert found.value == pytest.approx(4.0)
    assert list(found.gap.columns) == ["time", "observed", "synthetic", "gap"]
    assert found.gap["gap"].tolist() == pytest.approx([0.0] * 6 + [4.0] * 4, abs=1e-9)
    assert np.isnan(found.low) and np.isnan(found.high)
    assert found.predictor_weights is None


@pytest.mark.parametrize(
    ("times", "start"),
    [
        (pd.date_range("2021-01-01", periods=10, freq="MS"), pd.Timestamp("2021-07-01")),
        (pd.period_range("2021-01", periods=10, freq="M"), pd.Period("2021-07", "M")),
        ([f"{y}-{y % 100 + 1:02d}" for y in range(2010, 2020)], "2016-17"),
    ],
    ids=["dates", "periods", "financial years"],
)
def test_periods_of_every_kind(times, start) -> None:
    found = synthetic_control(areas(times), **NAMES, start=start)
    assert found.value == pytest.approx(4.0)
    assert found.gap["time"].iloc[6] == start
    first = times[0]
    by_slice = synthetic_control(
        areas(times),
        **NAMES,
        start=start,
        predictors=[("rate", slice(first, times[3])), ("rate", first)],
    )
    assert len(by_slice.balance) == 2


def test_results_cannot_be_changed() -> None:
    found = synthetic_control(areas(), **NAMES, start=2006)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.start = 2005  # type: ignore[misc]


def test_the_summary_says_what_was_found_and_how_far_to_trust_it() -> None:
    said = synthetic_control(areas(), **NAMES, start=2006, effect_unit="points").summary()
    for words in (
        "Average gap of T from its synthetic control, 2006 to 2009: 4 points",
        "Gap in 2009: 4 points",
        "A 0.500",
        "B 0.500",
        "0 before 2006 and 4 from then on, ratio of squares without bound",
        "Placebos in space: p = ",
        "the smallest there can be is 0.25",
    ):
        assert words in said


def test_a_predictor_named_alone_is_averaged_over_all_periods_before() -> None:
    data = areas().assign(size=lambda d: d["rate"] + d["area"].map(ord))
    alone = synthetic_control(data, **NAMES, start=2006, predictors=["size"])
    spelt = synthetic_control(data, **NAMES, start=2006, predictors={"size": range(2000, 2006)})
    single = synthetic_control(data, **NAMES, start=2006, predictors="size")
    assert alone.weights.tolist() == spelt.weights.tolist() == single.weights.tolist()
    assert alone.balance["predictor"].tolist() == ["size 2000 to 2005"]


def test_a_start_between_two_periods_is_refused() -> None:
    with pytest.raises(MethodError, match="argument start, column period.*2000 to 2009.*2005.5"):
        synthetic_control(areas(), **NAMES, start=2005.5)
