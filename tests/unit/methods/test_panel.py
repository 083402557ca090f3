"""`panel_effect` in plain cases: two units, labels of every kind, what is said to people."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.methods import MethodError, panel_effect

NAMES = {"outcome": "deaths", "exposure": "law", "unit": "state", "time": "year"}


def before_and_after() -> pd.DataFrame:
    """Two states over two years: one rises by 2, the other, given the law, by 7."""
    return pd.DataFrame(
        {
            "state": ["A", "A", "B", "B"],
            "year": [2000, 2001, 2000, 2001],
            "law": [0, 0, 0, 1],
            "deaths": [10, 12, 20, 27],
        }
    )


def regions(times=range(30), seed: int = 1, effect: float = 2.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    labels = list(times)
    x = rng.normal(size=(7, len(labels))).cumsum(axis=1)
    y = effect * x + rng.normal(size=x.shape) + rng.normal(size=len(labels))
    other = rng.normal(size=x.shape)
    index = pd.MultiIndex.from_product([list("ABCDEFG"), labels], names=["state", "year"])
    columns = {"law": x.ravel(), "deaths": y.ravel(), "other": other.ravel()}
    return pd.DataFrame(columns, index=index).reset_index()


def test_two_states_and_two_years_are_the_difference_in_differences() -> None:
    found = panel_effect(before_and_after(), **NAMES)
    assert found.value == pytest.approx(5.0)
    assert (found.n_units, found.n_periods) == (2, 2)
    assert found.r_squared_within == pytest.approx(1.0)
    assert found.smallest_p == 0.5


def test_results_cannot_be_changed_and_give_the_headline_by_itself() -> None:
    found = panel_effect(regions(), **NAMES)
    for part in ("value", "low", "high", "level", "p_value"):
        assert getattr(found, part) == getattr(found.effect, part)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.effect = None  # type: ignore[misc]


def test_few_units_get_sign_flips_and_many_the_jackknife() -> None:
    few = panel_effect(regions(), **NAMES)
    assert few.errors == "sign_flip"
    assert few.effect is few.sign_flip
    assert few.effect.interval == "95% interval by all 64 sign flips of 7 units"
    assert few.smallest_p == 1 / 64
    many = pd.concat(
        [regions(seed=s).assign(state=lambda d, s=s: d["state"] + str(s)) for s in range(3)]
    )
    found = panel_effect(many, **NAMES)
    assert found.errors == "crv3" and found.effect == found.crv3
    assert "t with 20 degrees of freedom" in found.crv3.interval


@pytest.mark.parametrize(
    "times",
    [
        [str(2000 + y) for y in range(12)],
        pd.period_range("2021-01", periods=12, freq="M"),
        pd.date_range("2021-01-31", periods=12, freq="ME"),
        pd.date_range("2021-01-04", periods=12, freq="7D"),
        [f"{y}-{y % 100 + 1:02d}" for y in range(2010, 2022)],
    ],
    ids=["words", "periods", "month ends", "weeks", "financial years"],
)
def test_periods_of_every_kind_sort_and_count(times) -> None:
    plain = panel_effect(regions(range(12)), **NAMES, trends=True, lags=1)
    found = panel_effect(
        regions(times).sample(frac=1, random_state=1), **NAMES, trends=True, lags=1
    )
    assert found.value == pytest.approx(plain.value)
    assert found.event_study["value"].tolist() == pytest.approx(plain.event_study["value"].tolist())


def test_uneven_periods_matter_only_where_they_are_counted() -> None:
    weeks = pd.date_range("2021-01-04", periods=12, freq="7D").delete(4)
    panel_effect(regions(weeks), **NAMES)
    with pytest.raises(MethodError, match="another step between 2021-01-25 and 2021-02-08"):
        panel_effect(regions(weeks), **NAMES, trends=True)


def test_leads_and_lags_are_a_number_or_a_choice() -> None:
    shifts = [
        list(panel_effect(regions(), **NAMES, leads=leads, lags=lags).event_study["shift"])
        for leads, lags in ((2, 1), ((2,), 1), (0, (3, 1)))
    ]
    assert shifts == [[-2, -1, 0, 1], [-2, 0, 1], [0, 1, 3]]


def test_the_summary_says_what_was_found_and_how_far_to_trust_it() -> None:
    found = panel_effect(
        regions(), **NAMES, negative_controls=["other"], leads=1, effect_unit="deaths"
    )
    said = found.summary()
    for words in (
        "Effect of law on deaths: ",
        "7 units, 30 periods (0 to 29); unit and period effects",
        "the smallest there can be is 0.0156",
        "Cluster jackknife: ",
        "Exposure paths dealt to the units anew (all 5,040): p = ",
        "Later exposure does not move as far as present exposure",
        "Negative control. Effect of law on other: ",
        "A negative control does not move as far as the outcome",
    ):
        assert words in said


def test_two_units_leave_no_clustered_interval_and_two_cells_more_no_sign_flips() -> None:
    data = regions()
    two = panel_effect(data[data["state"].isin(["A", "B"])], **NAMES, errors="cluster")
    for found in (two.effect, two.cluster_robust):
        assert np.isnan([found.low, found.high]).all() and found.p_value is None
        assert "cancel" in found.interval
    cells = panel_effect(before_and_after(), **NAMES)
    assert cells.p_value is None and np.isnan(cells.low)
    assert "as many parameters as cells" in cells.summary()


def test_an_outcome_computed_from_the_exposure_is_refused() -> None:
    data = regions().assign(deaths=lambda d: 3 * d["law"])
    with pytest.raises(MethodError, match="columns deaths and law.*computed from the other"):
        panel_effect(data, **NAMES)


def test_a_year_that_all_units_skip_is_seen_in_text_and_dates_too() -> None:
    labels = [f"{y}-{(y + 1) % 100:02d}" for y in (2000, 2001, 2002, 2004, 2005, 2006)]
    with pytest.raises(MethodError, match="another step between 2002-03 and 2004-05"):
        panel_effect(regions(labels), **NAMES, trends=True)
    assert (
        panel_effect(regions(labels), **NAMES).n_periods == 6
    )  # without trends nothing is counted
    days = [datetime.date(2020, m, 1) for m in (1, 2, 3, 5, 6, 7)]
    with pytest.raises(MethodError, match="another step"):
        panel_effect(regions(days), **NAMES, leads=1)


def test_one_control_needs_no_list() -> None:
    one = panel_effect(regions(), **NAMES, negative_controls="other")
    assert [e.name for e in one.negative_controls] == ["Effect of law on other"]
    held = panel_effect(regions(), **NAMES, controls="other")
    assert held.value == panel_effect(regions(), **NAMES, controls=["other"]).value


def test_limits_are_plain_numbers() -> None:
    found = panel_effect(regions(), **NAMES)
    assert type(found.low) is float and type(found.high) is float
