"""A cost simulation: what its points give, what its words say, and what it will not say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from iapt_ledger import methods
from iapt_ledger.methods import cost_per_outcome
from iapt_ledger.methods.costs.cost_simulation import (
    CostPerOutcome,
    NormalIncremental,
    Uncertain,
    incremental,
)
from iapt_ledger.methods.costs.cost_simulation_plane import from_draws

COURSE = Uncertain.fixed("cost of a course", 800, "a study")
COURSES = Uncertain.fixed("courses", 1_000, "a register")
RECOVERY = Uncertain.fixed("recovery", 0.5, "a register")


def simulate(**changes: object) -> CostPerOutcome:
    given = {
        "unit_cost": COURSE,
        "activity": COURSES,
        "success": RECOVERY,
        "seed": 1,
        "draws": 2_000,
    }
    return cost_per_outcome(**{**given, **changes})  # type: ignore[arg-type]


def test_known_inputs_give_plain_arithmetic() -> None:
    found = simulate(
        people=Uncertain.fixed("people", 900, "a register"),
        price=Uncertain.fixed("price", 1.25, "an index"),
        without=Uncertain.fixed("anyway", 0.2, "a trial"),
    )
    assert found.bill.value == 800 * 1.25 * 1_000
    assert found.outcomes.value == 450
    assert found.gross.value == found.gross.low == found.gross.high == pytest.approx(1e6 / 450)
    assert found.net is not None and found.net.value == pytest.approx(1e6 / 270)
    assert (found.none_left, found.monte_carlo_error) == (0.0, 0.0)
    assert found.tornado == found.net_tornado == ()
    assert (found.value, found.low, found.high, found.p_value) == (
        found.gross.value,
        found.gross.low,
        found.gross.high,
        None,
    )


def test_without_a_benchmark_there_is_no_net_figure() -> None:
    found = simulate()
    assert found.net is None and found.none_left == 0
    with pytest.raises(ValueError, match="what would have come anyway"):
        _ = found.net_tornado


def test_activity_cancels_where_people_are_the_units_of_activity() -> None:
    open_activity = Uncertain.uniform("courses", 500, 1_500, "two registers")
    found = simulate(activity=open_activity)
    assert found.gross.low == pytest.approx(found.gross.high) == 1600
    assert found.bill.low < found.bill.value < found.bill.high
    assert found.tornado[0].width == pytest.approx(0, abs=1e-9)


def test_a_net_cost_that_reaches_nought_has_no_upper_end() -> None:
    anyway = Uncertain.one_of("anyway", [0.1, 0.2, 0.3, 0.6], "four trials", point=0.2)
    found = simulate(without=anyway)
    assert found.net is not None
    assert found.none_left == pytest.approx(0.25, abs=0.03)
    assert found.net.value == pytest.approx(800 / 0.3) and math.isnan(found.net.high)
    assert found.net.low == pytest.approx(800 / 0.4)
    assert found.net_median == pytest.approx(800 / 0.2) or found.net_median == pytest.approx(
        800 / 0.3
    )
    swing = found.net_tornado[0]
    assert swing.name == "anyway" and math.isnan(swing.high) and swing.low == pytest.approx(2000)
    assert "no upper end" in found.summary() and "leave no outcome" in found.summary()
    assert found.for_money(100_000, net=True).low == 0
    assert found.share_within(3000, net=True) == pytest.approx(0.5, abs=0.04)


def test_few_draws_without_an_outcome_leave_the_interval_whole() -> None:
    anyway = Uncertain.like("anyway", stats.beta(20, 80), "a trial")
    found = simulate(success=Uncertain.fixed("recovery", 0.29, "a register"), without=anyway)
    assert found.net is not None
    assert 0 < found.none_left < 0.025 and math.isfinite(found.net.high)


def test_a_benchmark_above_success_at_the_points_has_no_value() -> None:
    found = simulate(without=Uncertain.uniform("anyway", 0.4, 0.9, "trials"))
    assert found.net is not None and math.isnan(found.net.value)
    assert found.for_money(1e5, net=True).value == 0
    assert math.isnan(found.net_median)


def test_the_tornado_moves_one_input_at_a_time_and_puts_the_widest_first() -> None:
    found = simulate(
        unit_cost=Uncertain.uniform("cost of a course", 600, 1_000, "two studies"),
        success=Uncertain.share("recovery", 500, 1_000, "a register"),
        price=Uncertain.one_of("price", [1.0, 1.1], "an index", point=1.0),
    )
    assert [s.name for s in found.tornado] == ["cost of a course", "recovery", "price"]
    widest = found.tornado[0]
    assert (widest.low, widest.high) == pytest.approx((610 / 0.5, 990 / 0.5))
    assert widest.inputs == pytest.approx((610, 990)) and widest.source == "two studies"


def test_one_more_input_changes_no_other_draw() -> None:
    wide = Uncertain.uniform("cost of a course", 600, 1_000, "two studies")
    plain, more = simulate(unit_cost=wide), simulate(unit_cost=wide, without=RECOVERY)
    assert np.array_equal(plain.sample["bill"], more.sample["bill"])


def test_the_same_seed_gives_the_same_answer_and_another_seed_another() -> None:
    wide = Uncertain.gamma("cost of a course", 800, 200, "a study")
    assert simulate(unit_cost=wide).gross == simulate(unit_cost=wide).gross
    assert simulate(unit_cost=wide).gross != simulate(unit_cost=wide, seed=2).gross


def test_every_spread_keeps_its_point_and_its_ends() -> None:
    spreads = {
        "uniform": (Uncertain.uniform("x", 2, 6, "s"), 4, (2.1, 5.9)),
        "triangular": (Uncertain.triangular("x", 0, 1, 2, "s"), 1, (0.2236, 1.7764)),
        "share": (
            Uncertain.share("x", 30, 100, "s"),
            0.3,
            proportion_confint(30, 100, method="jeffreys"),
        ),
        "gamma": (Uncertain.gamma("x", 10, 2, "s"), 10, stats.gamma.interval(0.95, 25, scale=0.4)),
        "normal": (Uncertain.normal("x", 0, 1, "s"), 0, (-1.95996, 1.95996)),
        "one_of": (Uncertain.one_of("x", [3, 1, 2], "s"), 2, (1, 3)),
        "like": (Uncertain.like("x", stats.expon(), "s"), 1, (0.025318, 3.688879)),
        "fixed": (Uncertain.fixed("x", 5, "s"), 5, (5, 5)),
    }
    for kind, (one, point, ends) in spreads.items():
        assert one.point == point, kind
        assert one.interval(0.95) == pytest.approx(ends, abs=2e-4), kind
    parts = [Uncertain.fixed("a", 1, "s"), Uncertain.uniform("b", 10, 20, "s")]
    mixed = Uncertain.any_of("x", parts, "two ways")
    assert mixed.point == 1 and mixed.interval(0.95) == pytest.approx((1, 19.5), abs=0.01)
    draws = mixed.drawn(10_000, 1, 0)
    assert np.mean(draws == 1) == pytest.approx(0.5, abs=0.02) and draws.max() <= 20


def test_a_simulation_interval_is_called_one() -> None:
    found = simulate(unit_cost=Uncertain.gamma("cost of a course", 800, 200, "a study"))
    assert found.gross.interval == "95% simulation interval"
    assert "not of sampling" in found.summary()


def test_a_dominant_service_has_no_ratio() -> None:
    better = incremental(
        Uncertain.normal("cost", -50, 10, "s"), Uncertain.normal("effect", 0.1, 0.01, "s"), seed=1
    )
    assert better.icer is None and better.quadrant == "cheaper and no worse"
    assert math.isnan(better.value) and better.acceptability[20_000.0] == 1.0
    worse = from_draws(np.array([5.0, 6.0]), np.array([-1.0, -2.0]))
    assert worse.icer is None and worse.shares["dearer and no better"] == 1.0
    assert "No ratio" in worse.summary()


def test_a_saving_for_a_loss_is_named_as_one() -> None:
    found = from_draws(np.array([-200.0, -100.0]), np.array([-0.01, -0.01]))
    assert found.icer is not None and found.icer.value == pytest.approx(15_000)
    assert found.icer.name.startswith("Saving") and math.isnan(found.icer.high)


def test_two_simulated_services_are_compared_a_person() -> None:
    dear = simulate(unit_cost=Uncertain.fixed("cost of a course", 900, "a study"))
    cheap = simulate(success=Uncertain.fixed("recovery", 0.4, "a register"))
    worth = Uncertain.fixed("QALYs of a recovery", 0.05, "a trial")
    found = dear.against(cheap, worth=worth)
    assert found.cost.value == pytest.approx(100) and found.effect.value == pytest.approx(0.005)
    assert found.value == pytest.approx(20_000)
    assert found.perfect_information(30_000) == pytest.approx(0)
    with pytest.raises(ValueError, match="as many draws"):
        dear.against(simulate(draws=500))


def test_the_curve_stands_at_its_thresholds() -> None:
    found = incremental(
        Uncertain.normal("cost", 1000, 300, "s"),
        Uncertain.normal("effect", 0.05, 0.02, "s"),
        seed=4,
    )
    curve = found.curve((0, 20_000, 50_000))
    assert list(curve["threshold"]) == [0, 20_000, 50_000]
    assert curve["probability"].is_monotonic_increasing
    assert set(found.acceptability) == {15_000.0, 20_000.0, 30_000.0}


def test_fieller_limits_are_where_net_benefit_touches_nought() -> None:
    trial = NormalIncremental(1000, 324.3, 0.01, 0.001925, correlation=-0.7106)
    found = trial.ratio()
    for limit, side in ((found.low, -1), (found.high, 1)):
        mean = limit * trial.effect - trial.cost
        variance = (
            (limit * trial.se_effect) ** 2
            + trial.se_cost**2
            - 2 * limit * trial.correlation * trial.se_cost * trial.se_effect
        )
        assert side * mean / math.sqrt(variance) == pytest.approx(1.959964, abs=1e-5)
        assert trial.acceptability(limit) == pytest.approx(0.5 + side * 0.475, abs=1e-6)


def test_an_effect_that_may_be_nought_has_no_ratio_limits() -> None:
    found = NormalIncremental(1000, 300, 0.01, 0.01).ratio()
    assert found.value == 100_000 and math.isnan(found.low) and math.isnan(found.high)


def test_a_plain_number_is_refused_with_the_way_to_declare_it() -> None:
    with pytest.raises(ValueError, match=r"argument unit_cost.*Uncertain.*680.*Uncertain\.fixed"):
        cost_per_outcome(680, COURSES, RECOVERY)  # type: ignore[arg-type]


def test_inputs_are_to_be_had_beside_the_method() -> None:
    assert methods.Uncertain is Uncertain


def test_the_same_call_gives_the_same_draws_without_a_seed() -> None:
    one, other = (cost_per_outcome(COURSE, COURSES, RECOVERY, draws=500.0) for _ in range(2))  # type: ignore[arg-type]
    assert (one.value, one.low, one.high) == (other.value, other.low, other.high)
    assert one.draws == 500


@pytest.mark.parametrize("draws", [10, 1000.5, "1000", None])
def test_draws_are_counted(draws: object) -> None:
    with pytest.raises(ValueError, match="argument draws"):
        simulate(draws=draws)


def test_text_is_no_input() -> None:
    with pytest.raises(ValueError, match="'cost'"):
        Uncertain.fixed("cost", "800", "a study")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="argument level"):
        incremental(COURSE, RECOVERY, level=95)


def test_an_end_that_leaves_no_outcome_is_said_to_have_none() -> None:
    found = simulate(without=Uncertain.uniform("without", 0.4, 0.6, "a trial"))
    assert "no end" in found.summary() and "not known" not in found.summary().split("\n", 2)[2]
