"""Recoveries for 100,000 pounds, every way: more is never less, nothing counts twice, like stands with like."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.measures import hundred_multiverse as ways
from iapt_ledger.measures import hundred_readings as reading
from iapt_ledger.methods import multiverse
from iapt_ledger.methods.intervals import Interval

RECOVERY, RELIABLE, IMPROVEMENT = ways.DIMENSIONS[ways.WHAT].values()
SHARES = {ways.PUBLISHED: 0.0, ways.NONE: 0.0, ways.LOWEST: 0.11, ways.HIGHEST: 0.32, ways.ALL: 1.0}
TREATED = (ways.NONE, ways.LOWEST, ways.HIGHEST, ways.ALL)


@st.composite
def counted(draw: st.DrawFn) -> ways.Counts:
    base = draw(st.integers(2, 1_000_000))
    finished = base + draw(st.integers(0, 1_000_000))
    unscored = draw(st.integers(0, base - 1))
    recovered = draw(st.integers(1, base - unscored))
    left = draw(st.integers(0, 1_000_000))
    reached = {RECOVERY: recovered, RELIABLE: recovered, IMPROVEMENT: recovered}
    return ways.Counts(base, finished, unscored, finished + left, left, reached)


@pytest.fixture(scope="module")
def known() -> ways.Held:
    counts = ways.Counts(800, 1000, 50, 1900, 900, {RECOVERY: 400, RELIABLE: 350, IMPROVEMENT: 600})
    bought = {}
    for method in ("course", "treated_finished", "treated_entered", "course_mix", "session_mix"):
        for outcome in counts.reached:
            for year in (ways.EARLY, ways.LATE):
                for pounds in ways.DIMENSIONS[ways.POUNDS]:
                    bought[(method, outcome, year, pounds)] = Interval(40.0, 38.0, 42.0)
    for method in ways.OWN_ACTIVITY:
        for pounds in ways.DIMENSIONS[ways.POUNDS]:
            bought[(method, RECOVERY, "own", pounds)] = Interval(30.0, 29.0, 31.0)
    benchmarks = {ways.LOWEST: 0.11, ways.HIGHEST: 0.32}
    return ways.Held(bought, {ways.EARLY: counts, ways.LATE: counts}, benchmarks, ("t:1",))


@pytest.fixture(scope="module")
def tried(known: ways.Held):
    return ways.all_ways(known)


@given(counted(), st.sampled_from([ways.NOTHING, ways.LOWEST, ways.HIGHEST]))
def test_an_assumption_by_which_more_recover_never_leaves_fewer(counts, anyway):
    left = [ways.left_of_it(counts, RECOVERY, SHARES, one, anyway) for one in TREATED]
    assert left == sorted(left)
    assert min(left) >= 0


@given(counted(), st.sampled_from([ways.PUBLISHED, *TREATED]))
def test_the_more_would_have_come_anyway_the_less_is_left(counts, unknown):
    taken = (ways.NOTHING, ways.LOWEST, ways.HIGHEST)
    left = [ways.left_of_it(counts, RECOVERY, SHARES, unknown, one) for one in taken]
    assert left == sorted(left, reverse=True)


@given(counted())
def test_all_recovered_is_everyone_at_caseness_and_no_more(counts):
    factor = ways.left_of_it(counts, RECOVERY, SHARES, ways.ALL, ways.NOTHING)
    treated = counts.base + counts.left * counts.base / counts.finished
    assert factor * counts.reached[RECOVERY] <= treated * (1 + 1e-9)


@given(counted())
def test_as_published_nothing_is_added_and_nothing_taken_off(counts):
    for unknown in (ways.PUBLISHED, ways.NONE):
        assert ways.left_of_it(counts, RECOVERY, SHARES, unknown, ways.NOTHING) == 1


def test_what_would_have_come_anyway_is_of_those_whose_outcome_is_spoken_of(known):
    counts = known.counts[ways.EARLY]
    finishers, treated = (
        ways.left_of_it(counts, RECOVERY, SHARES, one, ways.LOWEST)
        for one in (ways.PUBLISHED, ways.NONE)
    )
    assert finishers == pytest.approx((400 - 0.11 * 800) / 400)
    assert treated == pytest.approx((400 - 0.11 * (800 + 900 * 0.8)) / 400)


def test_benchmarks_of_remission_are_set_against_recovery_alone(tried):
    other = tried.members[tried.members[ways.WHAT].ne("recovery")]
    assert set(other[ways.ANYWAY]) == {ways.NOTHING}
    assert set(other[ways.UNKNOWN]) == {ways.PUBLISHED, ways.NONE, ways.ALL}


def test_a_cost_with_recoveries_of_its_own_goes_with_no_other_count(tried):
    labels = [name for name, one in ways.DIMENSIONS[ways.COST].items() if one in ways.OWN_ACTIVITY]
    own = tried.members[tried.members[ways.COST].isin(labels)]
    assert set(own[ways.COST]) == set(labels)
    assert set(own[ways.WHAT]) == {"recovery"}
    assert set(own[ways.WHEN]) == {"of the time"}
    assert set(own[ways.UNKNOWN]) == {ways.PUBLISHED}


def test_no_combination_is_counted_twice(tried):
    names = list(tried.options)
    assert not tried.table[names].duplicated().any()
    gross = tried.table[tried.table[ways.ANYWAY].eq(ways.NOTHING)]
    assert ways.NONE not in set(gross[ways.UNKNOWN])
    assert ways.NONE in set(tried.table[ways.UNKNOWN])


def test_the_first_row_is_the_base(tried):
    base = tried.table.iloc[0]
    assert all(base[name] == labels[0] for name, labels in tried.options.items())
    assert (base["value"], base["low"], base["high"]) == (40.0, 38.0, 42.0)


def grid(function, **dimensions):
    return multiverse(function, dimensions, name="made up")


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=4, unique=True), st.integers(1, 9))
def test_on_a_full_grid_without_interplay_shares_are_the_usual_ones(steps, size):
    found = grid(lambda a, b: float(a + b), a=steps, b=[0, size])
    alike = reading.like_with_like(found)
    usual = found.influence.set_index("dimension")["share"]
    assert alike.sum() == pytest.approx(100)
    for name in ("a", "b"):
        assert alike[name] == pytest.approx(100 * usual[name])


def test_a_choice_gains_nothing_from_the_company_it_is_kept_in():
    # b does nothing, but is held at 1 only where a is large
    found = multiverse(
        lambda a, b: float(a),
        {"a": [0, 10], "b": [0, 1]},
        constraint=lambda labels: labels["b"] == "0" or labels["a"] == "10",
        name="made up",
    )
    assert found.influence.set_index("dimension")["share"]["b"] > 0.2
    assert reading.like_with_like(found)["b"] == 0


def test_where_nothing_varies_no_choice_moves_anything():
    assert set(reading.like_with_like(grid(lambda a, b: 3.0, a=[1, 2], b=[1, 2]))) == {0.0}


def test_one_at_a_time_holds_all_else_and_says_at_which_cost(tried):
    alone = reading.one_at_a_time(tried).set_index(["dimension", "option"])
    assert alone.loc[(ways.ANYWAY, ways.NOTHING), "value"] == 40
    assert alone.loc[(ways.UNKNOWN, ways.ALL), "value"] == pytest.approx(40 * 1170 / 400)
    assert set(alone.loc[ways.OVER, "cost"]) == {"two proponents"}
    assert set(alone.loc[ways.POUNDS, "cost"]) == {"study, by course"}
    assert set(alone.index.get_level_values(0)) == set(ways.DIMENSIONS)


def test_spread_by_option_has_every_option_in_the_order_of_what_moves_most(tried):
    shown = reading.spread_by_option(tried, ("t:1",))
    options = [(d, o) for d, labels in tried.options.items() for o in labels]
    assert sorted(zip(shown["dimension"], shown["option"], strict=True)) == sorted(options)
    assert shown["share"].is_monotonic_decreasing
    ordered = shown[["low", "q25", "value", "q75", "high"]]
    assert (ordered.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)


QUOTED = {"iapt": 50.0, "voluntary": 80.0, "counselling": 110.0}


def otherwise(known: ways.Held, **changed: object) -> pd.DataFrame:
    given_ = {"scored": 0.4, "older": 0.9, "costs": (30.0, 90.0)} | changed
    counts = known.counts[ways.EARLY]
    found = reading.quoted_otherwise(QUOTED, counts=counts, benchmarks=known.benchmarks, **given_)
    return found.set_index("reading")


def test_each_assumption_touches_whom_it_is_about(known):
    rows = otherwise(known)
    assert rows.loc["as quoted", list(QUOTED)].to_dict() == QUOTED
    assert rows.loc["improvement", "iapt"] == pytest.approx(50 * 600 / 400)
    assert rows.loc["finishers money", "iapt"] == pytest.approx(50 * 1900 / 1000)
    assert rows.loc["scored alone", "iapt"] == pytest.approx(50 * 800 / 750)
    assert rows.loc["unscored", ["voluntary", "counselling"]].tolist() == pytest.approx([32, 44])
    assert rows.loc["lowest", "voluntary"] == pytest.approx(80 * (1 - 0.11 / 0.5))
    assert rows.loc[["dearest", "cheapest"], "iapt"].tolist() == [30, 90]
    others = rows.loc[["improvement", "finishers money", "scored alone", "dearest", "cheapest"]]
    assert set(others["voluntary"]) == {80.0}


def test_what_survives_is_named(known):
    survives = otherwise(known)["survives"]
    assert survives["as quoted"] == "all"
    assert survives["finishers money"] == survives["cheapest"] == "counselling"
    assert survives["unscored"] == "none"


@given(st.floats(1, 500), st.floats(1, 500), st.floats(1, 500))
def test_surviving_reads_nothing_but_who_is_above(own, one, other):
    said = reading.surviving({"iapt": own, "a": one, "b": other})
    above = [n for n, v in (("a", one), ("b", other)) if v > own]
    assert said == {0: "none", 1: ", ".join(above), 2: "all"}[len(above)]


@given(counted(), st.floats(1, 200), st.floats(0, 1))
def test_the_share_needed_is_the_one_that_reaches_the_figure(counts, bought, share):
    unknown = counts.unscored + counts.left * counts.base / counts.finished
    if unknown == 0:
        return
    shares = {**SHARES, ways.ALL: share}
    target = bought * ways.left_of_it(counts, RECOVERY, shares, ways.ALL, ways.NOTHING)
    needed = reading.unknown_needed(counts, bought, target)
    assert needed == pytest.approx(100 * share, abs=1e-4)
