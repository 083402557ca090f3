"""Indices of inequality under changes that must not matter, or must turn them round, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.groups.inequalities import inequality

FEW = settings(max_examples=40, deadline=None)
groups = st.lists(
    st.tuples(
        st.floats(5, 95).map(lambda x: round(x, 3)),
        st.integers(10, 100_000),
        st.floats(0.05, 2).map(lambda x: round(x, 3)),
    ),
    min_size=3,
    max_size=10,
)


def indices(rates, populations, order, errors, **options):
    return inequality(rates, populations, order, standard_errors=errors, **options)


def numbers(found):
    return np.array([found.value, found.low, found.high, found.scatter.low, found.gap.value])


def same(expected, **options):
    """About equal; a line that meets every rate has no limits from its scatter."""
    return pytest.approx(expected, rel=1e-6, nan_ok=True, **options)


@FEW
@given(groups, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_names_of_ranks_nor_the_unit_of_people_matters(
    rows, random
):
    rates, populations, errors = zip(*rows, strict=True)
    order = list(range(1, len(rows) + 1))
    plain = numbers(indices(rates, populations, order, errors))
    shuffled = list(zip(rates, populations, order, errors, strict=True))
    random.shuffle(shuffled)
    assert numbers(indices(*zip(*shuffled, strict=True))) == same(plain)
    thousands = [p / 1000 for p in populations]
    ranks = [10 * rank + 3 for rank in order]
    assert numbers(indices(rates, thousands, ranks, errors)) == same(plain)


@FEW
@given(groups, st.floats(0.01, 1000))
def test_another_unit_of_the_rates_scales_the_slope_and_leaves_ratios(rows, factor):
    rates, populations, errors = (np.array(part) for part in zip(*rows, strict=True))
    order = np.arange(len(rows))
    plain = indices(rates, populations, order, errors)
    scaled = indices(factor * rates, populations, order, factor * errors)
    assert numbers(scaled) == same(factor * numbers(plain), abs=1e-9 * factor)
    assert scaled.linearity.p_value == pytest.approx(plain.linearity.p_value, abs=1e-6)
    assert scaled.ratio.low == pytest.approx(plain.ratio.low)
    assert scaled.relative_to_mean.value == pytest.approx(plain.relative_to_mean.value, rel=1e-6)


@FEW
@given(groups)
def test_ranked_the_other_way_the_slope_changes_sign_and_the_ratio_turns_over(rows):
    rates, populations, errors = (np.array(part) for part in zip(*rows, strict=True))
    order = np.arange(len(rows))
    one = indices(rates, populations, order, errors)
    other = indices(rates, populations, -order, errors)
    assert (other.value, other.low, other.high) == pytest.approx(
        (-one.value, -one.high, -one.low), rel=1e-6, abs=1e-9
    )
    if min(one.line[0], one.line.sum()) > 0.5:
        assert one.relative.value * other.relative.value == pytest.approx(1)
        assert one.relative.low * other.relative.high == pytest.approx(1)


@FEW
@given(groups)
def test_population_weights_put_the_middle_of_the_line_at_the_mean_of_all(rows):
    rates, populations, errors = (np.array(part) for part in zip(*rows, strict=True))
    found = indices(rates, populations, np.arange(len(rows)), errors)
    mean = np.average(rates, weights=populations)
    assert found.value == pytest.approx(mean * found.relative_to_mean.value, abs=1e-9)


@FEW
@given(groups)
def test_inverse_variance_weights_give_the_narrowest_interval_of_the_slope(rows):
    rates, populations, errors = (np.array(part) for part in zip(*rows, strict=True))
    order = np.arange(len(rows))
    best = indices(rates, populations, order, errors, weights="inverse variance")
    usual = indices(rates, populations, order, errors)
    assert best.high - best.low <= usual.high - usual.low + 1e-9


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"rates": [1, np.nan, 3]}, "column rates, row 2.*leave the group out"),
        ({"rates": ["a", 2, 3]}, "column rates"),
        ({"rates": [[1, 2, 3]]}, "one dimension"),
        ({"populations": [1, 0, 3]}, "column populations, row 2"),
        ({"populations": [1, 2]}, "populations 2"),
        ({"order": [1, 2, 2]}, "column order, row 3.*add groups of one rank"),
        ({"rates": [1, 2], "populations": [1, 2], "order": [1, 2]}, "3 or more; found 2"),
        ({"standard_errors": [1, -1, 1]}, "column standard_errors, row 2"),
        ({"standard_errors": [0, 1, 1], "weights": "inverse variance"}, "above nought"),
        ({"weights": "inverse variance"}, "standard_errors"),
        (
            {"standard_errors": [0, 0, 0]},
            "column standard_errors, row 1.*leave standard_errors out",
        ),
        ({"order": ["most", "middle", "least"]}, "column order, row 1.*number groups"),
        ({"weights": "equal"}, "valid choices are population"),
        ({"kind": "odds"}, "valid choices are plain"),
        ({"level": 95}, "argument level"),
        ({"counts": [1, 2, 3]}, "argument kind"),
        ({"counts": [1, 2, 3], "kind": "rate", "standard_errors": [1, 1, 1]}, "give one of them"),
        ({"counts": [200, 2, 3], "kind": "share"}, "column counts, row 1"),
        ({"counts": [0, 0, 0], "kind": "rate", "rates": [0, 0, 0]}, "No group has an event"),
        ({"counts": [10, 90, 30], "kind": "share", "rates": [10, 20, 30]}, "column rates, row 2"),
    ],
)
def test_what_cannot_be_ranked_is_refused_with_column_row_and_remedy(changes, told):
    given_ = {"rates": [10.0, 20.0, 30.0], "populations": [100, 100, 100], "order": [1, 2, 3]}
    with pytest.raises(MethodError, match=told):
        inequality(**{**given_, **changes})


def test_no_ratio_is_made_of_a_line_that_ends_below_nought():
    found = inequality([1, 10, 40], [1] * 3, [1, 2, 3], standard_errors=[1] * 3)
    with pytest.raises(MethodError, match="use the slope index"):
        _ = found.relative
    with pytest.raises(MethodError, match="use the slope index"):
        found.simulated(repetitions=100)


def test_shares_are_drawn_only_where_they_have_a_logit():
    with pytest.raises(MethodError, match="argument per"):
        inequality([1, 2, 3], [1] * 3, [1, 2, 3], standard_errors=[1] * 3, kind="share").simulated()
    none = inequality([0, 10, 20], [100] * 3, [1, 2, 3], counts=[0, 10, 20], kind="share")
    with pytest.raises(MethodError, match="group of order 1"):
        none.simulated()
    rate = inequality([0, 10, 20], [100] * 3, [1, 2, 3], standard_errors=[1] * 3, kind="rate")
    with pytest.raises(MethodError, match="logarithm"):
        rate.simulated()
