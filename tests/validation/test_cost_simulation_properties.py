"""What must not change a cost simulation, what must change it in step, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from iapt_ledger.errors import LedgerError
from iapt_ledger.methods import MethodError, cost_per_outcome
from iapt_ledger.methods.costs.cost_simulation import (
    CostPerOutcome,
    NormalIncremental,
    Uncertain,
    incremental,
)
from iapt_ledger.methods.costs.cost_simulation_plane import from_draws

money = st.floats(10, 5_000)
factor = st.floats(0.01, 100)
few = settings(max_examples=40, deadline=None)


def simulate(scale: float = 1.0, seed: int = 1, **changes: object) -> CostPerOutcome:
    inputs = {
        "unit_cost": Uncertain.uniform("cost", 600 * scale, 1_000 * scale, "a study"),
        "activity": Uncertain.fixed("courses", 1_000, "a register"),
        "success": Uncertain.share("recovery", 500, 1_000, "a register"),
        "without": Uncertain.one_of("anyway", [0.1, 0.2, 0.3], "trials"),
    }
    return cost_per_outcome(**{**inputs, **changes}, draws=400, seed=seed)  # type: ignore[arg-type]


@few
@given(factor)
def test_money_in_another_unit_changes_nothing_but_the_unit(scale: float) -> None:
    plain, scaled = simulate(), simulate(scale)
    assert plain.net is not None and scaled.net is not None
    for one, other in ((plain.gross, scaled.gross), (plain.net, scaled.net)):
        assert (other.value, other.low, other.high) == pytest.approx(
            (one.value * scale, one.low * scale, one.high * scale)
        )
    assert [s.name for s in plain.net_tornado] == [s.name for s in scaled.net_tornado]


@few
@given(factor)
def test_people_counted_in_thousands_cost_as_much_each(scale: float) -> None:
    plain = simulate()
    scaled = simulate(activity=Uncertain.fixed("courses", 1_000 * scale, "a register"))
    assert scaled.gross.low == pytest.approx(plain.gross.low)
    assert scaled.bill.value == pytest.approx(plain.bill.value * scale)


@few
@given(st.integers(0, 2**31))
def test_the_net_cost_is_never_below_the_gross(seed: int) -> None:
    found = simulate(seed=seed)
    assert found.net is not None
    assert found.net.low >= found.gross.low and found.net.high >= found.gross.high
    assert found.gross.low <= found.median <= found.gross.high


@few
@given(st.floats(0.01, 0.99))
def test_an_outcome_and_its_price_turn_over(share: float) -> None:
    found = simulate(success=Uncertain.fixed("recovery", share, "a register"), without=None)
    bought = found.for_money(100_000)
    assert bought.value == pytest.approx(100_000 / found.gross.value)
    assert (bought.low, bought.high) == pytest.approx(
        (100_000 / found.gross.high, 100_000 / found.gross.low), rel=0.01
    )


@few
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=9), st.randoms())
def test_the_order_of_published_values_does_not_matter(values: list[float], random) -> None:
    shuffled = random.sample(values, len(values))
    one, other = (Uncertain.one_of("x", v, "studies") for v in (values, shuffled))
    assert one.point == other.point and one.point in values
    assert np.array_equal(one.drawn(300, 1, 0), other.drawn(300, 1, 0))


@few
@given(
    st.floats(-2_000, 2_000),
    st.floats(1, 500),
    st.floats(-0.2, 0.2),
    st.floats(0.001, 0.1),
    st.floats(-0.95, 0.95),
    st.floats(0, 60_000),
)
def test_swapping_the_services_turns_acceptability_round(
    cost: float, se_cost: float, effect: float, se_effect: float, rho: float, threshold: float
) -> None:
    one = NormalIncremental(cost, se_cost, effect, se_effect, rho)
    other = NormalIncremental(-cost, se_cost, -effect, se_effect, rho)
    assert one.acceptability(threshold) + other.acceptability(threshold) == pytest.approx(1)
    assert one.perfect_information(threshold) == pytest.approx(other.perfect_information(threshold))
    assert one.perfect_information(threshold) >= 0


@few
@given(st.integers(2, 50), st.integers(0, 2**31))
def test_quadrants_hold_every_draw_once_in_any_order(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cost, effect = rng.normal(0, 100, n), rng.normal(0, 0.1, n)
    found = from_draws(cost, effect)
    assert sum(found.shares.values()) == pytest.approx(1)
    order = rng.permutation(n)
    again = from_draws(cost[order], effect[order])
    assert again.shares == found.shares and again.acceptability == found.acceptability
    assert again.value == pytest.approx(found.value, nan_ok=True)


REFUSED = {
    "a share above one": (
        {"success": Uncertain.normal("recovery", 0.9, 0.2, "a register")},
        "argument success, input 'recovery', draw",
        "beta for a share",
    ),
    "a negative cost": (
        {"unit_cost": Uncertain.normal("cost", 100, 100, "a study")},
        "argument unit_cost, input 'cost', draw",
        "gamma for a cost",
    ),
    "a benchmark below nought": (
        {"without": Uncertain.uniform("anyway", -0.2, 0.2, "trials")},
        "argument without",
        "a share from 0 to 1",
    ),
    "no activity": (
        {"activity": Uncertain.fixed("courses", 0, "a register")},
        "argument activity, input 'courses', draw 1",
        "above nought",
    ),
    "no people": (
        {"people": Uncertain.fixed("people", 0, "a register")},
        "argument people",
        "above nought",
    ),
    "no outcome": (
        {"success": Uncertain.fixed("recovery", 0, "a register")},
        "input 'recovery'",
        "above nought",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_inputs_that_cannot_be_are_named(what: str) -> None:
    changes, where, remedy = REFUSED[what]
    with pytest.raises(MethodError) as error:
        simulate(**changes)
    assert isinstance(error.value, ValueError) and isinstance(error.value, LedgerError)
    assert where in str(error.value) and remedy in str(error.value)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Uncertain.fixed("cost", 1, " "), "needs its source"),
        (lambda: Uncertain.fixed("cost", math.nan, "s"), "finite number"),
        (lambda: Uncertain.uniform("cost", 2, 1, "s"), "swap the ends"),
        (lambda: Uncertain.uniform("cost", 1, 1, "s"), "Uncertain.fixed"),
        (lambda: Uncertain.uniform("cost", 1, 2, "s", point=3), "outside its own range"),
        (lambda: Uncertain.triangular("cost", 1, 0.5, 2, "s"), "outside its own range"),
        (lambda: Uncertain.share("rate", 11, 10, "s"), "events from nought to n"),
        (lambda: Uncertain.share("rate", 0, 0, "s"), "n above nought"),
        (lambda: Uncertain.gamma("cost", 5, 0, "s"), "sd of this spread"),
        (lambda: Uncertain.gamma("cost", -5, 1, "s"), "mean of this spread"),
        (lambda: Uncertain.one_of("cost", [], "s"), "at least one"),
        (lambda: Uncertain.one_of("cost", [1, math.inf], "s"), "finite number"),
        (lambda: Uncertain.any_of("cost", [], "s"), "at least one"),
        (lambda: Uncertain.like("cost", 5, "s"), "frozen distribution"),
        (lambda: NormalIncremental(1, 0, 1, 1), "argument se_cost"),
        (lambda: NormalIncremental(1, 1, 1, 1, 1.5), "from -1 to 1"),
        (lambda: from_draws(np.ones(3), np.ones(4)), "3 and 4"),
        (lambda: from_draws(np.array([1.0, math.nan]), np.ones(2)), "argument cost, draw 2"),
        (lambda: from_draws(np.ones(2), np.ones(2), thresholds=(-1,)), "place 1"),
    ],
)
def test_declarations_that_cannot_be_are_named(make, says: str) -> None:
    with pytest.raises(MethodError, match=says):
        make()


@pytest.mark.parametrize(("name", "value"), [("draws", 100), ("level", 1.5), ("level", 0)])
def test_few_draws_and_odd_levels_are_refused(name: str, value: float) -> None:
    one = Uncertain.fixed("x", 0.5, "s")
    with pytest.raises(MethodError, match=f"argument {name}"):
        cost_per_outcome(one, one, one, seed=1, **{name: value})  # type: ignore[arg-type]


def test_no_warning_escapes_where_no_outcome_is_left(recwarn: pytest.WarningsRecorder) -> None:
    simulate(without=Uncertain.fixed("anyway", 1.0, "trials")).summary()
    incremental(Uncertain.normal("c", 0, 1, "s"), Uncertain.fixed("e", 0, "s"), seed=1).summary()
    assert not recwarn.list


def test_a_correlation_is_found_again_in_the_draws() -> None:
    found = incremental(
        Uncertain.gamma("c", 100, 30, "s"),
        Uncertain.normal("e", 0.1, 0.02, "s"),
        correlation=-0.6,
        seed=2,
    )
    rank = stats.spearmanr(found.sample_cost, found.sample_effect).statistic
    assert rank == pytest.approx(6 / math.pi * math.asin(-0.3), abs=0.02)
