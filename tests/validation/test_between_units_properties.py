"""What must hold of every comparison of units: order, swapped outcomes, bounds; and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.methods import MethodError, between_unit_variance


@st.composite
def units(draw):
    sizes = draw(st.lists(st.integers(2, 4000), min_size=3, max_size=20))
    events = [draw(st.integers(0, n)) for n in sizes]
    if sum(events) == 0:
        events[0] = 1
    if sum(events) == sum(sizes):
        events[0] -= 1
    return np.array(events), np.array(sizes)


def close(one, other):
    assert other == pytest.approx(one, rel=2e-3, abs=2e-6)


@given(units(), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_does_not_matter(pair, random):
    x, n = pair
    order = list(range(len(x)))
    random.shuffle(order)
    one, other = between_unit_variance(x, n), between_unit_variance(x[order], n[order], names=order)
    for part in ("mean", "variance", "icc", "chance_share"):
        close(getattr(one, part).value, getattr(other, part).value)
    back = other.units.set_index("name").sort_index()
    close(one.units["shrunken"].to_numpy(), back["shrunken"].to_numpy())


@given(units())
@settings(max_examples=25, deadline=None)
def test_counting_those_without_the_event_turns_the_table_over(pair):
    x, n = pair
    one, other = between_unit_variance(x, n), between_unit_variance(n - x, n)
    close(one.icc.value, other.icc.value)
    close(1 - one.mean.value, other.mean.value)
    close(1 - one.units["shrunken"].to_numpy(), other.units["shrunken"].to_numpy())
    k = len(x)
    assert (one.units["rank"] + other.units["rank"]).to_numpy() == pytest.approx(np.full(k, k + 1))


@given(units())
@settings(max_examples=25, deadline=None)
def test_what_it_says_is_possible(pair):
    got = between_unit_variance(*pair, draws=200)
    k = len(pair[0])
    assert 0 <= got.low <= got.value <= got.high <= 1
    assert 0 <= got.p_value <= 0.5
    assert 0 <= got.chance_share.low <= got.chance_share.value <= got.chance_share.high <= 1
    u, r = got.units, got.ranks
    assert u["reliability"].between(0, 1).all()
    assert (u["shrunken_low"] <= u["shrunken_high"]).all()
    assert r["expected_rank"].between(1, k).all()
    assert (r["rank_low"] <= r["rank_high"]).all()
    assert r["expected_rank"].sum() == pytest.approx(k * (k + 1) / 2)
    assert -1e-9 <= got.rank_reliability <= 1 + 1e-9


REFUSED = [
    ([1, 2], [10, 20], "too few units"),
    ([1, 2, np.nan], [10, 20, 30], "column events, row 3"),
    ([1, 2, 40], [10, 20, 30], "column events, row 3"),
    ([1, 2, 3], [10, 20, 0], "column denominators, row 3"),
    ([0, 0, 0], [10, 20, 30], "no event at all"),
    ([10, 20, 30], [10, 20, 30], "nothing but events"),
    ([0, 0, 1], [1, 1, 1], "column denominators.*two outcomes or more"),
]


@pytest.mark.parametrize(("events", "sizes", "words"), REFUSED)
def test_what_cannot_be_used_is_refused_by_place(events, sizes, words):
    with pytest.raises(MethodError, match=words):
        between_unit_variance(events, sizes)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("events", "sizes"),
    [
        ([0, 100, 0, 100], [100] * 4),  # all or nothing: the likelihood climbs to the edge
        ([0, 0, 0, 1], [1, 1, 1, 2]),  # next to nothing is known of the variance between them
        ([1, 1, 2], [3, 4, 10**7]),
    ],
)
def test_edges_pass_without_a_warning(events, sizes):
    got = between_unit_variance(events, sizes)
    assert np.isfinite([got.value, got.low, got.high, got.mean.value]).all()
    assert got.ranks["expected_rank"].notna().all()
