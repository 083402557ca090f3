"""Verdicts derived a second time, from the words of the tests and by plain arithmetic; other readings by hand."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product

import pytest
from built_ledger import NEEDS_A_BUILD, as_given, drawn, world
from plain_verdicts import DERIVED, WORST_FIRST, Numbers

from iapt_ledger.ledger.claims import read_ledger
from iapt_ledger.ledger.deciding import holding

pytestmark = NEEDS_A_BUILD
CLAIMS = read_ledger().claims


@pytest.mark.parametrize("name", DERIVED)
def test_the_words_of_the_test_give_the_verdict_that_is_printed(name):
    assert DERIVED[name](Numbers(as_given(world().results))) == world().verdicts[name].verdict


# What no results can be: a margin below nought, a fall that is a rise, fewer referrals than people, or fewer than none.
POSSIBLE: Mapping[str, Callable[[Numbers], bool]] = {
    "T06b": lambda n: (
        n("prescribing_effect.margin.stopped.per_100") > 0
        and 0 < n("prescribing_effect.published.sreeharan2013.stopped") < 1
    ),
    "H12": lambda n: (
        n("delivered.referrals_per_person.y2014_15") >= 1
        and n("delivered.count.entered_treatment.y2010_11") >= 0
    ),
}


@pytest.mark.parametrize("name", DERIVED)
def test_the_words_give_the_verdict_of_the_rules_wherever_the_results_lie(name):
    claim, chance = world().ledger.claims[name], random.Random(name)
    for _ in range(1500):
        results = drawn(claim, chance)
        counts = [one for one in results if ".count.t" in one]
        results |= {one: replace(results[one], value=float(chance.randrange(4))) for one in counts}
        numbers = Numbers(as_given(results))
        if name not in POSSIBLE or POSSIBLE[name](numbers):
            by_rule = claim.rules[holding(claim.rules, results)].verdict
            given_ = {one: (r.low, r.value, r.high) for one, r in results.items()}
            assert DERIVED[name](numbers) == by_rule, given_


READ_OTHERWISE = sorted(name for name in DERIVED if CLAIMS[name].readings)


def merged(options: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {old: new for option in options for old, new in option.items()}


@pytest.mark.parametrize("name", READ_OTHERWISE)
def test_each_reading_and_the_worst_along_each_dimension_come_out_by_hand(name):
    here = world()
    records, readings = as_given(here.results), here.ledger.claims[name].readings
    spread = here.verdicts[name].robustness

    def by_hand(*options: Mapping[str, str]) -> str:
        return DERIVED[name](Numbers(records, merged(options)))

    for dimension in spread.dimensions:
        alone = [by_hand(option) for option in readings[dimension.name].values()]
        assert [one.verdict for one in dimension.options] == alone, dimension.name
        assert dimension.least == min(alone, key=WORST_FIRST.index), dimension.name
        assert dimension.most == max(alone, key=WORST_FIRST.index), dimension.name
    every = [by_hand(*options) for options in product(*(d.values() for d in readings.values()))]
    assert set(spread.verdicts) == set(every)
    assert spread.tried == len(every)
    assert spread.least == min(every, key=WORST_FIRST.index)


def test_three_spreads_of_readings_are_those_counted_on_paper():
    """T07a: three schemes and spans beside the one as written. H04: seven counts. T06b: two margins by seven lines."""
    found = {name: world().verdicts[name].robustness for name in ("T07a", "H04", "T06b")}
    shape = {
        name: tuple(len(d.options) for d in spread.dimensions) for name, spread in found.items()
    }
    assert shape == {"T07a": (4,), "H04": (7,), "T06b": (2, 7)}
    results = world().results
    growth = [
        results[f"benefits.apart.{one}.mental_growth"]
        for one in ("dla_2002_2020", "incapacity_1999_2014", "incapacity_2006_2014_ifs", "incapacity_2006_2014_study")
    ]  # fmt: skip
    rose = sum(one.low > 0 for one in growth)
    fell = sum(one.high < 0 for one in growth)
    assert found["T07a"].verdicts == {
        word: count
        for word, count in (
            ("contradicted", fell), ("not supported", 4 - rose - fell), ("partly supported", rose)
        )
        if count
    }  # fmt: skip
    share, target = "delivered.reading_share.", results["claims.h04.access_share"].value
    fast, after = "entered_run_rate", "entered_following_year"
    readings = (
        (fast, after, "people_" + fast, "people_" + after),
        *((fast, after), ("people_" + fast, "people_" + after)),
        *(("entered_year",), ("people_entered_year",), ("finished_year",)),
        ("entered_run_rate_less_lift", "entered_run_rate_less_largest_lift"),
    )
    reached = [[results[share + one].value >= target for one in some] for some in readings]
    assert found["H04"].verdicts.get("supported", 0) == sum(map(all, reached))
    assert found["H04"].verdicts.get("not supported", 0) == sum(not any(r) for r in reached)
    assert sum(found["H04"].verdicts.values()) == 7
