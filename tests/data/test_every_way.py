"""Recoveries for 100,000 pounds, every way: combinations derived a second time by plain arithmetic on stored files."""

from __future__ import annotations

import pytest
from plain_arithmetic import COSTS, base, count, deflator, stored, unscored

from iapt_ledger.measures import hundred_multiverse as ways
from iapt_ledger.measures import hundred_readings as reading
from iapt_ledger.measures import hundred_thousand as per
from iapt_ledger.measures import recovery_cost as cost
from iapt_ledger.measures.benchmarks import natural_recovery, remission_range
from iapt_ledger.measures.money import deflator as deflator_of
from iapt_ledger.measures.pathway import pathway_counts

QUOTED = {"iapt": 49.0, "voluntary": 78.0, "counselling": 115.0}
LOWEST, HIGHEST = 0.11, 0.32  # remission within six months, as two reviews print it
COURSE, TREATED, RECOVERED = 877.0, 650.0, 1766.0  # pounds, as published


@pytest.fixture(scope="module")
def known(frames) -> ways.Held:
    pathway = pathway_counts(frames["iapt_national_annual"])
    counts = cost.activity_of(pathway, frames["iapt_national_monthly"])
    years = list(ways.DIMENSIONS[ways.POUNDS])
    prices = deflator_of(frames["context"])
    combined = per.combinations(counts, frames, prices, years, (ways.EARLY, ways.LATE))
    benchmarks = remission_range(natural_recovery(frames["claims_evidence"]))
    return ways.held_from(combined, pathway, benchmarks)


@pytest.fixture(scope="module")
def tried(known):
    return ways.all_ways(known)


def way(tried, **labels: str) -> float:
    """The one combination with these labels, all else as in the base."""
    names = {"what": ways.WHAT, "cost": ways.COST, "over": ways.OVER, "when": ways.WHEN}
    names |= {"unknown": ways.UNKNOWN, "anyway": ways.ANYWAY, "pounds": ways.POUNDS}
    asked = {d: o[0] for d, o in tried.options.items()} | {names[k]: v for k, v in labels.items()}
    rows = tried.table
    for name, label in asked.items():
        rows = rows[rows[name].eq(label)]
    (value,) = rows["value"]
    return float(value)


def pounds(first: int, last: int) -> float:
    """What 100,000 pounds of the last year are in pounds of the first."""
    return 100_000 * deflator(last) / deflator(first)


def left_counted(year: int) -> float:
    """Those who left after one treatment, summed from the months."""
    months = stored("iapt_national_monthly.parquet")
    own = months[months["measure"].eq("ended_one_treatment_only")]
    own = own[own["period_start"].between(f"{year}-04-01", f"{year + 1}-03-31")]
    assert len(own) == 12
    return float(own["value"].sum())


def test_the_unit_costs_are_the_published_ones():
    printed = set(stored(COSTS)["value"].dropna())
    assert {COURSE, TREATED, RECOVERED} <= printed


def test_the_base_by_hand(tried):
    plain = 100_000 / (COURSE * count("finished_course", 2013) / count("moved_to_recovery", 2013))
    assert way(tried) == pytest.approx(plain) == pytest.approx(45.0141, abs=1e-4)


def test_pounds_of_today_by_hand(tried):
    plain = pounds(2010, 2024) * count("moved_to_recovery", 2013)
    plain /= COURSE * count("finished_course", 2013)
    assert way(tried, pounds="2024-25") == pytest.approx(plain)


def test_net_of_the_highest_benchmark_with_the_lowest_for_all_who_are_unknown(tried):
    recovered, cases, done = (
        count("moved_to_recovery", 2013),
        base(2013),
        count("finished_course", 2013),
    )
    left = (count("entered_treatment", 2013) - done) * cases / done
    more, off = LOWEST * (unscored(2013) + left), HIGHEST * (cases + left)
    assert recovered + more < off  # so nothing is left
    assert way(tried, unknown=ways.LOWEST, anyway="the highest") == 0
    plain = 100_000 * (recovered + more - LOWEST * (cases + left)) / (COURSE * done)
    assert way(tried, unknown=ways.LOWEST, anyway="the lowest benchmark") == pytest.approx(plain)


def test_the_proponents_cost_over_all_who_entered_in_2024_25_with_all_unknown_recovered(tried):
    recovered, cases, done = (
        count("moved_to_recovery", 2024),
        base(2024),
        count("finished_course", 2024),
    )
    left = left_counted(2024) * cases / done
    money = TREATED * count("entered_treatment", 2024)
    got = way(
        tried,
        cost="two proponents",
        over="all who entered",
        when="2024-25",
        unknown=ways.ALL,
        pounds="2013-14",
    )
    every = recovered + unscored(2024) + left
    assert got == pytest.approx(pounds(2014, 2013) * every / money)  # their pounds: of 2014-15


def test_the_studys_own_recoveries_net_of_the_lowest_benchmark(tried):
    rate = count("moved_to_recovery", 2013) / base(2013)
    plain = pounds(2010, 2013) / RECOVERED * (1 - LOWEST / rate)
    got = way(tried, cost="study, by recovery", anyway="the lowest benchmark", pounds="2013-14")
    assert got == pytest.approx(plain)


def test_reliable_improvement_with_everyone_unknown_improved(tried):
    done = count("finished_course", 2013)
    every = count("reliable_improvement", 2013) + unscored(2013)
    every += count("entered_treatment", 2013) - done
    got = way(tried, what="reliable improvement", unknown=ways.ALL)
    assert got == pytest.approx(100_000 * every / (COURSE * done))


def test_what_stands_for_those_who_left_is_near_them_where_both_are_counted(known):
    late = known.counts[ways.LATE]
    assert late.left == left_counted(2024)
    early = known.counts[ways.EARLY]
    assert early.left == count("entered_treatment", 2013) - count("finished_course", 2013)
    assert (late.entered - late.finished) / late.left == pytest.approx(1, abs=0.15)


def test_the_published_ways_of_the_time_are_those_of_the_chapter_on_cost(tried):
    counted = reading.as_counted(reading.of_the_time(tried))
    assert per.tally(counted, QUOTED) == {
        "total": 12,
        "below_iapt": 6,
        "across_iapt": 0,
        "above_iapt": 6,
        "reach_voluntary": 0,
        "reach_counselling": 0,
    }


def test_what_the_prose_says_moves_most_does(tried):
    assert reading.like_with_like(tried).index[0] == ways.UNKNOWN
    assert tried.influence["dimension"].iloc[0] == ways.UNKNOWN


def test_alone_no_choice_but_the_unknown_outcomes_reaches_a_quoted_figure(tried):
    most = reading.one_at_a_time(tried).groupby("dimension")["high"].max()
    assert set(most[most >= QUOTED["voluntary"]].index) == {ways.UNKNOWN}
    assert set(most[most >= QUOTED["counselling"]].index) == {ways.UNKNOWN}


def test_which_comparisons_survive_as_the_prose_says(known, tried):
    counted = reading.as_counted(reading.of_the_time(tried))
    older = deflator(2010) / deflator(2005)
    rows = reading.quoted_otherwise(
        QUOTED,
        0.4,
        known.counts[ways.EARLY],
        known.benchmarks,
        older,
        (counted["value"].min(), counted["value"].max()),
    ).set_index("reading")
    assert rows.index[rows["survives"].eq("none")].tolist() == ["unscored"]
    assert rows.index[rows["survives"].eq("counselling")].tolist() == ["finishers money"]
    assert rows["survives"].isin(["all", "none", "counselling"]).all()
    fair = QUOTED["iapt"] * base(2013) / (base(2013) - unscored(2013))
    assert rows.loc["scored alone", "iapt"] == pytest.approx(fair)
