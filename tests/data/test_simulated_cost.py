"""The simulated cost of a recovery, derived a second time from the pinned files with draws of its own."""

from __future__ import annotations

import random
from statistics import median

import pandas as pd
import pytest
from plain_arithmetic import COSTS, GROUPS, MONTHLY, base, count, deflator, one, rows, unscored

from iapt_ledger.measures import missing_cost, recovery_cost
from iapt_ledger.measures import simulated_cost as sim
from iapt_ledger.measures.benchmarks import natural_recovery, one_session_bounds
from iapt_ledger.measures.money import deflator as prices_of
from iapt_ledger.measures.pathway import pathway_counts
from iapt_ledger.measures.session_mix import bottom_up_sessions, session_mixes

YEAR = "2024-25"
TRUSTS = {"source_id": "radhakrishnan_2013"}
ANYWAY = (0.11, 0.15, 0.18, 0.23, 0.32)  # published remission within six months
DRAWS = 20_000


def price(measure: str) -> float:
    return one(COSTS, measure=measure, **TRUSTS)


def sessions() -> tuple[float, float, float]:
    """Low intensity, high intensity and all attended appointments of 2024-25."""
    kinds = rows(GROUPS, "2024-04", breakdown="therapy_type_appointments", measure="position_1")
    kinds = kinds.set_index("category")["value"]
    low = kinds[kinds.index.str.startswith("2")].sum()  # the data set's codes from 20 to 29
    seen = rows(MONTHLY, measure="appointments_attended")
    months = seen["period_start"].between("2024-04-01", "2025-03-01")
    return low, kinds["total"] - low, seen["value"][months].sum()


def pathways() -> tuple[float, float]:
    """Pounds a course by pathway: with all who had both intensities stepped up, and stepped down."""
    kinds = rows(GROUPS, "2024-04", breakdown="stepped_care_pathway", measure="finished_course")
    done = kinds.set_index("category")["value"]
    words = {"low": "only low", "high": "only high", "both": "both high and low"}
    counts = {
        k: done[done.index.str.startswith("Received") & done.index.str.contains(w)].sum()
        for k, w in words.items()
    }
    ends = []
    for step in ("up", "down"):
        each = {
            "low": price("cost per completed course, low intensity"),
            "high": price("cost per completed course, high intensity"),
            "both": price(f"cost per completed course, stepped {step}"),
        }
        ends.append(sum(counts[k] * each[k] for k in counts) / sum(counts.values()))
    return ends[0], ends[1]


def drawn() -> tuple[list[float], list[float]]:
    """Gross and net cost of a recovery, draw by draw, from the files alone."""
    rng = random.Random(5)
    low, high, attended = sessions()
    finished, recovered = count("finished_course", 2024), count("moved_to_recovery", 2024)
    of = base(2024)
    cheap, dear = (price(f"cost per session, {kind} intensity") for kind in ("low", "high"))
    recorded = low * cheap + high * dear
    by_session = [
        recorded / finished,
        recorded * attended / (low + high) / finished,
        (recorded + (attended - low - high) * dear) / finished,
    ]
    up, down = pathways()
    course = price("cost per completed course, all")
    factors = [deflator(y) for y in range(2008, 2012)]
    gross, net = [], []
    for _ in range(DRAWS):
        ways = (
            course,
            rng.triangular(down, up, up),
            rng.triangular(by_session[0], by_session[2], by_session[1]),
        )
        bill = rng.choice(ways) * rng.choice(factors) * finished
        rate = rng.gauss(recovered / of, (recovered * (of - recovered) / of**3) ** 0.5)
        gross.append(bill / (rate * of))
        net.append(bill / ((rate - rng.choice(ANYWAY)) * of))
    return gross, net


@pytest.fixture(scope="module")
def inputs(frames: dict[str, pd.DataFrame]) -> sim.Tables:
    counts = recovery_cost.activity(frames["iapt_national_annual"], frames["iapt_national_monthly"])
    breakdowns = frames["iapt_breakdowns"]
    mixes = session_mixes(breakdowns, counts)
    return sim.Tables(counts, mixes, frames["unit_costs"], breakdowns, prices_of(frames["context"]))


def test_the_simulation_agrees_with_draws_of_our_own(
    inputs: sim.Tables, frames: dict[str, pd.DataFrame]
) -> None:
    spread, obs = sim.anyway(natural_recovery(frames["claims_evidence"]), months=6)
    made = sim.simulate(
        inputs, "moved_to_recovery", YEAR, (YEAR,), without=spread, without_obs=obs
    ).found
    assert made.net is not None and made.none_left == 0
    for name, ours, theirs in zip(
        ("gross", "net"),
        drawn(),
        ((made.median, made.gross), (made.net_median, made.net)),
        strict=True,
    ):
        ordered = sorted(ours)
        ends = ordered[round(0.025 * DRAWS)], ordered[round(0.975 * DRAWS)]
        assert theirs[0] == pytest.approx(median(ours), rel=0.02), name
        assert (theirs[1].low, theirs[1].high) == pytest.approx(ends, rel=0.01), name


def test_the_points_are_plain_arithmetic(inputs: sim.Tables) -> None:
    made = sim.simulate(inputs, "moved_to_recovery", YEAR, (YEAR,)).found
    by_hand = pathways()[0] * deflator(2010) * count("finished_course", 2024)
    assert made.value == pytest.approx(by_hand / count("moved_to_recovery", 2024))
    swings = {s.name: s for s in made.tornado}
    assert swings["Price year of the source"].low == pytest.approx(
        made.value * min(deflator(y) for y in range(2008, 2012)) / deflator(2010)
    )


def test_sessions_by_therapy_agree_with_the_files(
    inputs: sim.Tables, frames: dict[str, pd.DataFrame]
) -> None:
    low, high, attended = sessions()
    mix = inputs.mixes[YEAR]
    assert (mix.low, mix.high, mix.attended) == (low, high, attended)
    frame = bottom_up_sessions(
        inputs.counts, inputs.mixes, frames["unit_costs"], YEAR, inputs.prices
    )
    row = frame.set_index("period").loc[YEAR]
    each = (low * 99 + high * 177) / (low + high)
    assert row["value"] == pytest.approx(
        attended * each * deflator(2010) / count("moved_to_recovery", 2024)
    )
    assert row["low"] < row["value"] < row["high"]
    # the total that is published beside the therapies is what they add up to, in every year
    kinds = rows(GROUPS, breakdown="therapy_type_appointments", measure="position_1")
    for start, of_year in kinds.groupby("period_start"):
        total = of_year.loc[of_year["category"].eq("total"), "value"].iloc[0]
        assert of_year.loc[of_year["category"].ne("total"), "value"].sum() == total, start


def test_the_proponents_price_is_simulated_apart(inputs: sim.Tables) -> None:
    made = sim.simulate(inputs, "moved_to_recovery", YEAR, (YEAR,), basis=sim.PROPONENTS).found
    finished, recovered = count("finished_course", 2024), count("moved_to_recovery", 2024)
    lowest = 650 * min(deflator(2013), deflator(2014)) * finished / recovered
    highest = (
        650 * max(deflator(2013), deflator(2014)) * count("entered_treatment", 2024) / recovered
    )
    assert made.low == pytest.approx(lowest, rel=0.005)
    assert made.high == pytest.approx(highest, rel=0.005)


def test_missing_outcomes_are_bounded_as_counted(frames: dict[str, pd.DataFrame]) -> None:
    pathway = pathway_counts(frames["iapt_national_annual"])
    bounds = missing_cost.recovery_bounds(pathway, YEAR, (0.11, 0.32))
    recovered, of, unknown = count("moved_to_recovery", 2024), base(2024), unscored(2024)
    left = count("ended_one_treatment_only", 2024) * of / count("finished_course", 2024)
    finished, treated = (bounds[name].found for name in ("finished", "treated"))
    assert finished.worst.share.value == pytest.approx(recovered / of)
    assert finished.best.share.value == pytest.approx((recovered + unknown) / of)
    assert treated.worst.share.value == pytest.approx(recovered / (of + left))
    assert treated.best.share.value == pytest.approx((recovered + unknown + left) / (of + left))
    assert treated.value == finished.value == pytest.approx(recovered / (of - unknown))
    assert "treated" not in missing_cost.recovery_bounds(pathway, "2013-14", (0.11,))
    # the chapter on what was delivered gives the same worst case
    other = one_session_bounds(pathway, (11, 32)).set_index(["scenario", "period"])["value"]
    assert 100 * treated.worst.share.value == pytest.approx(other[("none recovers", YEAR)])


def test_fewer_than_two_in_five_scored_leave_the_order_open(
    frames: dict[str, pd.DataFrame],
) -> None:
    pathway = pathway_counts(frames["iapt_national_annual"])
    pathway = missing_cost.with_stand_in(pathway, "2013-14")
    own = missing_cost.recovery_bounds(pathway, "2013-14", ())["treated"].found
    most, least = missing_cost.undecided_from(0.40)
    # neither's worst can be above the other's best
    assert most < own.best.share.value and own.worst.share.value < least
    recovered, of, unknown = count("moved_to_recovery", 2013), base(2013), unscored(2013)
    treated = of * count("entered_treatment", 2013) / count("finished_course", 2013)
    assert own.worst.share.value == pytest.approx(recovered / treated)
    assert own.best.share.value == pytest.approx((recovered + unknown + treated - of) / treated)
