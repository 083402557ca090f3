"""Sessions by intensity, recoveries for 100,000 pounds, and costs by assumption, on small made-up counts."""

from __future__ import annotations

import math
from types import MappingProxyType

import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import missing_cost
from iapt_ledger.measures import simulated_cost as sim
from iapt_ledger.measures import simulated_hundred as per
from iapt_ledger.measures.money import Deflator
from iapt_ledger.measures.session_mix import SessionMix, session_mixes
from iapt_ledger.measures.unit_costs import PriceYears
from iapt_ledger.methods.costs.cost_simulation import Uncertain
from iapt_ledger.methods.intervals import Interval

YEARS = ("2010-11", "2011-12", "2012-13", "2013-14")
INDEX = dict(zip(YEARS, (80.0, 82.0, 84.0, 86.0), strict=True))
PRICES = Deflator(
    "hmt_defl_2026_03",
    MappingProxyType(INDEX),
    MappingProxyType({y: f"context:{y[:4]}" for y in YEARS}),
)


def counts(**values: float) -> pd.DataFrame:
    rows = [
        {
            "measure": m,
            "period": "2013-14",
            "value": float(v),
            "unit": "referrals",
            "obs": (f"a:{i}",),
        }
        for i, (m, v) in enumerate(values.items(), start=1)
    ]
    return pd.DataFrame(rows)


YEAR = counts(moved_to_recovery=450_000, recovery_denominator=1_000_000, finished_course=1_100_000)


def kinds(**appointments: float) -> pd.DataFrame:
    names = [*appointments, "All"]
    frame = pd.DataFrame({"category": names, "value": [*appointments.values(), 0.0]})
    return frame.assign(
        breakdown="therapy_type_appointments",
        level="overlapping",
        measure="position_1",
        unit="appointments",
        period_start=pd.Timestamp("2013-04-01"),
        obs_id=[f"iapt_breakdowns:{i}" for i in range(len(names))],
    )


def test_a_bill_of_sessions_runs_from_those_recorded_to_all_at_the_dearer_price() -> None:
    mix = SessionMix(low=40, high=60, attended=150, obs=())
    assert (mix.untyped, mix.share_high) == (50, 0.6)
    assert tuple(mix.bill(10, 20)) == (1600 * 1.5, 1600, 1600 + 50 * 20)


def test_therapies_are_sorted_by_intensity_and_an_unknown_one_is_refused() -> None:
    attended = counts(appointments_attended=300)
    table = kinds(
        **{"Psychoeducational peer support": 100, "Cognitive Behaviour Therapy (CBT)": 150}
    )
    mix = session_mixes(table, attended)["2013-14"]
    assert (mix.low, mix.high, mix.untyped) == (100, 150, 50)
    with pytest.raises(LedgerError, match="Art therapy"):
        session_mixes(kinds(**{"Art therapy": 5}), attended)


def test_an_open_price_year_is_drawn_from_its_years() -> None:
    open_years = PriceYears("2011-12", "2010-11", "2012-13", False, "")
    level = sim.price_level(open_years, ("2013-14",), PRICES)
    assert level.point == pytest.approx(86 / 82)
    assert level.interval(0.95) == pytest.approx((86 / 84, 86 / 80))
    assert "not stated" in level.source


def test_only_remission_within_the_time_is_drawn() -> None:
    benchmarks = pd.DataFrame(
        {
            "definition": ["remission", "remission", "response"],
            "months_high": [3.0, 12.0, 3.0],
            "value": [20.0, 50.0, 30.0],
            "obs": [("c:1",), ("c:2",), ("c:3",)],
        }
    )
    spread, obs = sim.anyway(benchmarks, months=6)
    assert spread.interval(0.95) == (0.2, 0.2) and obs == ("c:1",)
    with pytest.raises(LedgerError, match="so short a time"):
        sim.anyway(benchmarks, months=1)


def ways(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["method", "low", "value", "high"])
    return frame.assign(price_year="2010-11", obs=[(f"w:{i}",) for i in range(len(rows))])


def test_the_ways_of_the_time_are_turned_into_costs_and_back() -> None:
    simulated = per.of_the_time(
        ways(("course", 40, 45, 50), ("levels", 30, 30, 30)),
        YEAR,
        PRICES,
        Uncertain.fixed("anyway", 0.15, "trials"),
        ("c:1",),
    )
    frame = per.bought({"then": simulated}).set_index("measure")
    assert frame.loc["gross", "low"] == pytest.approx(30 * 80 / 86, rel=0.01)
    assert 45 < frame.loc["gross", "high"] <= 50
    assert frame.loc["net", "value"] == pytest.approx(
        frame.loc["gross", "value"] * (0.45 - 0.15) / 0.45, rel=0.01
    )
    assert {"w:0", "w:1", "c:1"} <= set(simulated.obs)


def test_between_two_lumps_the_value_is_their_mean_and_no_toss_of_a_coin() -> None:
    """Each way is drawn as often, so that the middle draw is of the one or of the other by luck of the seed."""
    simulated = per.of_the_time(
        ways(("course", 30, 30, 30), ("levels", 60, 60, 60)),
        YEAR,
        PRICES,
        Uncertain.fixed("anyway", 0.15, "trials"),
        (),
    )
    frame = per.bought({"then": simulated}).set_index("measure")
    pounds = sum(INDEX["2010-11"] / INDEX[year] for year in YEARS) / len(YEARS)
    assert frame.loc["gross", "value"] == pytest.approx(45 * pounds, rel=0.02)
    assert frame.loc["net", "value"] == pytest.approx(30 * pounds, rel=0.02)


def test_what_a_quoted_figure_takes_is_arithmetic() -> None:
    frame = per.needed_for({"other": 100.0}, recovered_per_course=0.4, course=800).iloc[0]
    assert (frame["per_course"], frame["recoveries"]) == pytest.approx((400, 80))


def test_the_same_money_over_each_assumption() -> None:
    pathway = counts(
        moved_to_recovery=400,
        recovery_denominator=1000,
        no_paired_scores=100,
        finished_course=1250,
        ended_one_treatment_only=500,
    )
    bounds = missing_cost.recovery_bounds(pathway, "2013-14", (0.25,))
    frame = missing_cost.cost_by_assumption(bounds, Interval(8000.0, 7000.0, 9000.0), ("b:1",))
    treated = frame[frame["group"].eq("treated")].set_index("assumption")
    assert treated.loc["none of the missing", "value"] == pytest.approx(20)
    assert treated.loc["benchmark, 25%", "events"] == pytest.approx(400 + 0.25 * 500)
    assert treated.loc["all of the missing", "value"] == pytest.approx(8000 / 900)
    assert treated["low"].lt(treated["value"]).all()
    assert frame["obs"].map(lambda ids: "b:1" in ids).all()


def test_an_unknown_outcome_or_basis_is_refused() -> None:
    empty = pd.DataFrame({"measure": [], "period": []})
    tables = sim.Tables(empty, {}, empty, empty, PRICES)
    with pytest.raises(LedgerError, match="outcome"):
        sim.simulate(tables, "cured", "2013-14", ("2013-14",))
    with pytest.raises(LedgerError, match="basis"):
        sim.simulate(tables, "moved_to_recovery", "2013-14", ("2013-14",), basis="guess")


def test_net_recoveries_that_may_be_none_have_no_dearest_price() -> None:
    simulated = per.of_the_time(
        ways(("course", 40, 45, 50)),
        YEAR,
        PRICES,
        Uncertain.one_of("anyway", [0.1, 0.6], "trials"),
        (),
    )
    assert simulated.found.net is not None and math.isnan(simulated.found.net.high)
    frame = per.bought({"then": simulated}).set_index("measure")
    assert frame.loc["net", "low"] == 0
