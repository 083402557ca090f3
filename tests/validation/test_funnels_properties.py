"""What must hold of every funnel: order, names, swapped outcomes; and what it refuses, saying where."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.methods import MethodError, funnel
from iapt_ledger.methods.units.funnels import LEVELS

FLAGS = ["outside_95", "outside_99_8", "adjusted_95", "adjusted_99_8"]


@st.composite
def units(draw):
    sizes = draw(st.lists(st.integers(1, 5000), min_size=2, max_size=30))
    events = [draw(st.integers(0, n)) for n in sizes]
    if sum(events) in (0, sum(sizes)):
        events[0], sizes[0] = 1, sizes[0] + 1
        events[1] = 0 if sum(events) == sum(sizes) else events[1]
    return events, sizes


@given(units(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_does_not_matter(pair, random):
    x, n = pair
    order = list(range(len(x)))
    random.shuffle(order)
    one, other = funnel(x, n), funnel([x[i] for i in order], [n[i] for i in order], names=order)
    assert other.phi == pytest.approx(one.phi)
    assert other.tau2 == pytest.approx(one.tau2)
    back = other.units.set_index("name").sort_index()
    assert back["z"].to_numpy() == pytest.approx(one.units["z"].to_numpy())
    assert (back[FLAGS].to_numpy() == one.units[FLAGS].to_numpy()).all()


@given(units(), st.sampled_from(["arcsine", "score"]))
@settings(max_examples=60, deadline=None)
def test_counting_those_without_the_event_turns_the_funnel_over(pair, scale):
    x, n = np.array(pair[0]), np.array(pair[1])
    one, other = funnel(x, n, scale=scale), funnel(n - x, n, scale=scale)
    assert other.target == pytest.approx(1 - one.target)
    assert other.phi == pytest.approx(one.phi)
    assert other.tau2 == pytest.approx(one.tau2, abs=1e-12)
    assert other.units["z"].to_numpy() == pytest.approx(-one.units["z"].to_numpy(), abs=1e-9)
    assert (other.units[FLAGS].to_numpy() == -one.units[FLAGS].to_numpy()).all()


@given(units())
@settings(max_examples=60, deadline=None)
def test_what_a_funnel_says_is_possible(pair):
    got = funnel(*pair)
    u = got.units
    assert (u["low"] <= u["rate"]).all()
    assert (u["rate"] <= u["high"]).all()
    assert got.phi >= 0
    assert got.tau2 >= 0
    assert 0 <= got.p_value <= 1
    assert got.low <= got.value <= got.high
    assert (u["outside_99_8"].abs() <= u["outside_95"].abs()).all()
    assert (u["adjusted_99_8"].abs() <= u["adjusted_95"].abs()).all()
    for level in ("95", "99_8"):  # an allowance for more variance puts no unit outside
        assert u[f"adjusted_{level}"].isin([0, 1, -1]).all()
        assert (u[f"adjusted_{level}"].abs() <= u[f"outside_{level}"].abs()).all()
    for level in LEVELS:
        assert 0 <= got.expected_outside(level) <= len(u) * (1 - level) + 1e-9
    drawn = got.limits(u["denominator"])
    assert (drawn["low"] <= drawn["high"]).all()


@given(units(), st.integers(2, 40))
@settings(max_examples=40, deadline=None)
def test_the_same_rates_of_larger_units_are_further_out_by_the_root_of_the_size(pair, times):
    x, n = (np.array(v) for v in pair)
    one, other = funnel(x, n), funnel(x * times, n * times)
    assert other.units["z"].to_numpy() == pytest.approx(
        np.sqrt(times) * one.units["z"].to_numpy(), abs=1e-9
    )
    assert other.phi == pytest.approx(times * one.phi)


REFUSED = [
    ([1, 2], [10, 20, 30], {}, "columns events and denominators"),
    ([1, np.nan], [10, 20], {}, "column events, row 2"),
    ([1, np.inf], [10, 20], {}, "column events, row 2"),
    ([1, -2], [10, 20], {}, r"column events, row 2 \(2\)"),
    ([1, 2], [10, 0], {}, "column denominators, row 2"),
    ([1, 2], [10, 20.5], {}, "column denominators, row 2"),
    ([1, 25], [10, 20], {"names": ["a", "b"]}, r"column events, row 2 \(b\)"),
    ([1, 2], [10, 20], {"names": ["a"]}, "column names"),
    ([1, 2], [10, 20], {"names": ["a", "a"]}, "column names, row 2"),
    ([1], [10], {}, "too few units"),
    ([0, 0], [10, 20], {}, "no event at all"),
    ([10, 20], [10, 20], {}, "nothing but events"),
    (["x", "y"], [10, 20], {}, "column events, row 1"),
    ([1, 2], [10, 20], {"target": "0.5"}, "argument target"),
    ([[1, 2]], [[10, 20]], {}, "2 dimensions"),
    ([1, 2], [10, 20], {"target": 50}, "argument target"),
    ([1, 2], [10, 20], {"target": 0.0}, "argument target"),
    ([1, 2], [10, 20], {"levels": (0.95, 95)}, "argument levels"),
    ([1, 2], [10, 20], {"levels": (0.998, 0.95)}, "increasing"),
    ([1, 2], [10, 20], {"levels": ()}, "argument levels"),
    ([1, 2], [10, 20], {"scale": "logit"}, "valid choices are arcsine, score"),
    ([1, 2], [10, 20], {"winsorise": 0.5}, "argument winsorise"),
]


@pytest.mark.parametrize(("events", "sizes", "options", "words"), REFUSED)
def test_what_cannot_be_used_is_refused_by_place_and_remedy(events, sizes, options, words):
    with pytest.raises(MethodError, match=words) as caught:
        funnel(events, sizes, **options)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, LedgerError)


@pytest.mark.filterwarnings("error")
def test_extremes_pass_without_a_warning():
    got = funnel([0, 1, 5, 100_000], [1, 1, 5, 200_000])
    assert got.units["z"].notna().all()
    assert got.limits([1, 2, 10**7], level=0.998)[["low", "high"]].notna().all().all()


@pytest.mark.parametrize("sizes", [[0], [-1], [np.nan], [[1, 2]]])
def test_limits_of_impossible_sizes_are_refused(sizes):
    with pytest.raises(MethodError, match="(argument|column) n"):
        funnel([1, 2], [10, 20]).limits(sizes)
