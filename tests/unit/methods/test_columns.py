"""Columns and numbers as a first user hands them over: what is read, and what is refused by place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iapt_ledger.methods import (
    MethodError,
    between_unit_variance,
    combine_studies,
    equivalence,
    funnel,
    inequality,
    interrupted_time_series,
    missing_outcome_bounds,
    panel_effect,
    proportion_interval,
    rate_interval,
    standardised_change,
    threshold_bunching,
)
from iapt_ledger.methods.base import Estimate, printed
from iapt_ledger.methods.columns import column, number, refuse_level

WHAT = "The counts cannot be used"


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3],
        (1, 2, 3),
        np.array([1, 2, 3], dtype="uint8"),
        pd.Series([1, 2, 3], index=list("abc")),
        pd.Series([1, 2, 3], dtype="Int64"),
        pd.Series([1, 2, 3], dtype="Float64"),
        pd.Series(pd.Categorical([1, 2, 3])),
        pd.Series([1, 2, 3], dtype=object),
        (n for n in (1, 2, 3)),
        range(1, 4),
        ["1", "2", "3"],
    ],
)
def test_whatever_holds_numbers_is_read(values) -> None:
    assert column("events", values, WHAT).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1, None, 3], "column events, row 2;.*known and finite.*leave the row out"),
        (pd.Series([1, pd.NA, 3], dtype="Int64"), "row 2;"),
        (pd.Series([1, pd.NA, 3], dtype=object), "row 2;"),
        (pd.Series([1, np.inf, 3], index=list("abc")), r"row 2 \(index b\)"),
        ([1, "x", 3], "row 2;.*found 'x'"),
        ([1, [2, 3], 3], "column events"),
        ([[1, 2]], "2 dimensions"),
        (5, "one dimension.*found int 5"),
        ("abc", "found a str"),
        ({"a": 1}, "found a dict"),
        (None, "column events"),
    ],
)
def test_what_is_no_column_of_numbers_is_refused_by_place(values, words) -> None:
    with pytest.raises(MethodError, match=words):
        column("events", values, WHAT)


def test_a_single_number_is_no_text_and_no_list() -> None:
    assert number("total", np.int64(3), WHAT) == 3.0
    for odd in ("3", [3], Estimate("x", 1, 0, 2), b"3"):
        with pytest.raises(MethodError, match="argument total"):
            number("total", odd, WHAT)


@pytest.mark.parametrize("level", [0, 1, 95, -0.1, float("nan"), "0.95", None, [0.9, 0.95]])
def test_a_level_is_a_share(level) -> None:
    with pytest.raises(MethodError, match="argument level"):
        refuse_level(level)


LABELS = list("abcd")
ONE = pd.Series([5, 9, 14, 22], index=LABELS)
OTHER = pd.Series([100, 20, 30, 40], index=LABELS[::-1])


@pytest.mark.parametrize(
    "call",
    [
        lambda: funnel(ONE, OTHER),
        lambda: between_unit_variance(ONE, OTHER),
        lambda: inequality(ONE, OTHER, [1, 2, 3, 4]),
        lambda: inequality(ONE, [1, 1, 1, 1], OTHER),
        lambda: combine_studies(ONE, OTHER),
        lambda: proportion_interval(ONE, OTHER),
        lambda: rate_interval(ONE, OTHER),
        lambda: threshold_bunching(
            pd.Series(range(60)), 30, denominators=pd.Series([100] * 60, index=range(60)[::-1])
        ),
    ],
)
def test_series_in_different_orders_are_refused_and_not_paired_by_place(call) -> None:
    with pytest.raises(MethodError, match="same labels in the same order.*take both columns"):
        call()


def test_series_with_other_labels_are_taken_by_place() -> None:
    plain = funnel(ONE.to_numpy(), OTHER.to_numpy())
    assert funnel(ONE, OTHER.reset_index(drop=True)).phi == plain.phi
    assert funnel(ONE, OTHER.set_axis(LABELS)).phi == plain.phi


LEVELS = {
    "proportion_interval": lambda level: proportion_interval(1, 10, level=level),
    "rate_interval": lambda level: rate_interval(1, 10, level=level),
    "between_unit_variance": lambda level: between_unit_variance(
        [1, 2, 3], [9, 9, 9], level=level
    ),
    "combine_studies": lambda level: combine_studies([1, 2, 3], [1, 1, 1], level=level),
    "inequality": lambda level: inequality([1, 2, 4], [1, 1, 1], [1, 2, 3], level=level),
    "missing_outcome_bounds": lambda level: missing_outcome_bounds(1, 2, 3, level=level),
    "standardised_change": lambda level: standardised_change(
        pre_mean=1, post_mean=2, pre_sd=1, level=level
    ),
    "equivalence": lambda level: equivalence(Estimate("x", 0, -1, 1), 2, level=level),
    "panel_effect": lambda level: panel_effect(
        pd.DataFrame({"u": [1], "t": [1], "y": [1.0], "x": [1.0]}),
        outcome="y", exposure="x", unit="u", time="t", level=level,
    ),
    "interrupted_time_series": lambda level: interrupted_time_series(
        pd.DataFrame({"y": [1.0], "t": [1]}), "y", "t", start=1, level=level
    ),
    "threshold_bunching": lambda level: threshold_bunching([1], 50, denominators=[5], level=level),
}  # fmt: skip


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("level", [95, 0, "0.95"])
def test_every_method_refuses_a_level_that_is_no_share(name, level) -> None:
    with pytest.raises(MethodError, match="argument level.*between 0 and 1"):
        LEVELS[name](level)


@pytest.mark.parametrize(
    ("value", "text"),
    [(123456.7, "123,500"), (1e6, "1,000,000"), (-84670.0, "−84,670"), (9999.4, "9,999"),
     (0.00001234, "1.234e−05"), (1.5e12, "1.5e+12")],
)  # fmt: skip
def test_numbers_in_summaries_are_written_out(value, text) -> None:
    assert printed(value) == text


def test_a_ratio_is_made_once_and_of_logarithms_only() -> None:
    ratio = Estimate("Change", 0.1, 0.0, 0.2, scale="log").ratio
    assert (ratio.scale, round(ratio.value, 3)) == ("ratio", 1.105)
    with pytest.raises(MethodError, match="already a ratio"):
        _ = ratio.ratio
    with pytest.raises(MethodError, match="no logarithm"):
        _ = Estimate("Change", 10, 5, 15, scale="difference").ratio
