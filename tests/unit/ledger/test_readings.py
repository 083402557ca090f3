"""Robustness: every combination of readings, judged by the same rules, and against the long way round."""

import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_ledger import a_result, a_synthesis, a_world

from iapt_ledger.errors import Faults
from iapt_ledger.ledger.deciding import ORDER, UNTESTABLE, holding, least, most
from iapt_ledger.ledger.readings import combined

HOLD = {"first": "r.first.a", "second": "r.second.a"}


def with_readings(values, dimensions):
    """A claim on two results, each read in several ways: `values` by id, `dimensions` by result and option."""
    world = a_world()
    claim = world.claims["T01"]
    claim["rules"] = [
        {"verdict": "supported", "when": "r.first.a > 50 and r.second.a > 50", "reason": "Both."},
        {
            "verdict": "partly supported",
            "when": "r.first.a > 50 or r.second.a > 50",
            "reason": "1.",
        },
        {"verdict": "contradicted", "when": "max(r.first.a, r.second.a) < 20", "reason": "Low."},
        {"verdict": "not supported", "otherwise": True, "reason": "None."},
    ]
    claim["headline"] = "r.first.a"
    others = sorted(set(values) - set(HOLD.values()))
    claim["evidence"] = [{"ids": [*HOLD.values()], "design": "panel", "role": "decides"}]
    if others:
        claim["evidence"].append({"ids": others, "design": "panel", "role": "context"})
    claim["readings"] = dimensions
    return world.put(*(a_result(name, value) for name, value in values.items()))


numbers = st.integers(0, 100)


@st.composite
def worlds(draw):
    """Two dimensions of two to four options each, every option a value of its own."""
    values, dimensions = {}, {}
    for name, base in HOLD.items():
        values[base] = draw(numbers)
        options = {"as written": {}}
        for letter in "bcd"[: draw(st.integers(1, 3))]:
            values[f"r.{name}.{letter}"] = draw(numbers)
            options[letter] = {base: f"r.{name}.{letter}"}
        dimensions[name] = options
    return with_readings(values, dimensions), values, dimensions


def the_long_way(first, second):
    if first > 50 and second > 50:
        return "supported"
    if first > 50 or second > 50:
        return "partly supported"
    return "contradicted" if max(first, second) < 20 else "not supported"


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_the_spread_is_that_of_all_combinations(made):
    world, values, dimensions = made
    read = {
        name: [option.get(HOLD[name], HOLD[name]) for option in options.values()]
        for name, options in dimensions.items()
    }
    every = {
        pair: the_long_way(*(values[one] for one in pair))
        for pair in itertools.product(*read.values())
    }
    found = world.verdict().robustness
    assert found.verdicts == Counter(every.values())
    assert list(found.verdicts) == sorted(found.verdicts, key=ORDER.index)
    assert (found.tried, found.distinct, found.excluded) == (len(every), len(every), 0)
    assert found.verdict == world.verdict().verdict == every[tuple(HOLD.values())]
    assert (found.least, found.most) == (least(every.values()), most(every.values()))
    assert found.firm == (len(set(every.values())) == 1)
    for place, dimension in enumerate(found.dimensions):
        alone = [
            word for pair, word in every.items() if pair[1 - place] == [*HOLD.values()][1 - place]
        ]
        assert [option.verdict for option in dimension.options] == alone
        assert (dimension.least, dimension.most) == (least(alone), most(alone))
        for option, one in zip(dimension.options, [*read.values()][place], strict=True):
            words = [word for pair, word in every.items() if pair[place] == one]
            assert (option.least, option.most) == (least(words), most(words))


def test_the_dimension_that_moves_the_verdict_most_is_named():
    values = {"r.first.a": 60, "r.first.b": 10, "r.second.a": 60, "r.second.b": 55}
    world = with_readings(
        values,
        {
            "of no weight": {"as written": {}, "otherwise": {"r.second.a": "r.second.b"}},
            "of weight": {"as written": {}, "otherwise": {"r.first.a": "r.first.b"}},
        },
    )
    found = world.verdict().robustness
    assert found.moves_most == "of weight"
    assert [one.share for one in found.dimensions] == [0, 1]
    assert [(one.least, one.most) for one in found.dimensions] == [
        ("supported", "supported"),
        ("partly supported", "supported"),
    ]
    assert found.sentence == (
        "Of 4 readings: supported in 2, partly supported in 2. What moves it most: of weight. "
        "These are shares of the readings declared, and no probabilities."
    )
    world.put(a_result("r.first.b", 90.0))
    assert world.verdict().robustness.firm
    assert world.verdict().robustness.moves_most == ""


def test_combinations_that_come_to_one_reading_count_once():
    values = {"r.first.a": 60, "r.first.b": 10, "r.second.a": 60}
    same = {"r.first.a": "r.first.b"}
    dimensions = {"words": {"as written": {}, "one way": same, "another way": dict(same)}}
    found = with_readings(values, dimensions).verdict().robustness
    assert (found.tried, found.distinct) == (3, 2)
    assert found.verdicts == {"partly supported": 1, "supported": 1}


def test_two_dimensions_that_put_the_same_result_in_the_place_come_to_one_reading():
    values = {"r.first.a": 60, "r.first.b": 10, "r.second.a": 60}
    options = {"as written": {}, "then": {"r.first.a": "r.first.b"}}
    found = with_readings(values, {"year": options, "source": options}).verdict().robustness
    assert (found.tried, found.excluded, found.distinct) == (4, 1, 2)
    assert found.verdicts == {"partly supported": 1, "supported": 1}


def test_dimensions_that_replace_one_result_are_told_apart_or_left_out():
    asked = ("a.b", "c.d")
    year, unit = {"a.b": "a.then"}, {"a.b": "a.people"}
    assert combined(asked, [{}, {}]) == {}
    assert combined(asked, [year, {}]) == {"a.b": "a.then"}
    assert combined(asked, [{}, unit]) == {"a.b": "a.people"}
    assert combined(asked, [year, unit]) is None  # nobody says what people then were
    assert combined(asked, [year, {**unit, "a.then": "a.people_then"}]) == {"a.b": "a.people_then"}
    values = {"r.first.a": 60, "r.first.b": 10, "r.first.c": 70, "r.second.a": 60}
    found = (
        with_readings(
            values,
            {
                "year": {"now": {}, "then": {"r.first.a": "r.first.b"}},
                "unit": {"referrals": {}, "people": {"r.first.a": "r.first.c"}},
            },
        )
        .verdict()
        .robustness
    )
    assert (found.tried, found.excluded, found.distinct) == (4, 1, 3)


def test_a_threshold_may_be_read_otherwise():
    world = a_world()
    world.claims["T01"]["rules"][0]["when"] = "low(count.share.now) > claims.t01.half"
    world.claims["T01"]["readings"] = {
        "which half": {"as printed": {}, "as meant": {"claims.t01.half": "claims.t01.more"}}
    }
    world.put(a_result("claims.t01.more", 58.0, status="quoted"))
    assert world.verdict().robustness.least == "partly supported"


def test_a_reading_whose_interval_is_not_there_is_told_by_its_name(world):
    world.share(58.0, None, None, name="count.share.then")
    with pytest.raises(Faults, match=r"year = then.*an interval of count\.share\.then.*T01"):
        world.judge()


def test_a_synthesis_moves_with_the_readings_of_its_components(world):
    world.claims["T02"] = dict(world.claims["T01"])
    world.claims["T03"] = a_synthesis("T01", "T02")
    world.claims["T02"].pop("readings")
    world.share(55.0, 45.0, 65.0, name="count.share.then")
    found = world.verdict("T03").robustness
    assert [one.name for one in found.dimensions] == ["T01", "T02"]
    assert [option.label for option in found.dimensions[0].options] == [
        "supported",
        "partly supported",
    ]
    assert (found.least, found.most, found.moves_most) == ("partly supported", "supported", "T01")


def test_a_synthesis_that_hangs_on_what_cannot_be_tested_does_not_move(world):
    world.claims["T02"] = dict(world.claims["T01"])
    lacks = world.claims["T02"]
    for key in ("rules", "headline", "readings"):
        lacks.pop(key)
    world.claims["T03"] = a_synthesis("T01", "T02")
    world.share(55.0, 45.0, 65.0, name="count.share.then")
    found = world.verdict("T03").robustness
    assert found.verdicts == {UNTESTABLE: 2}
    assert found.firm


def test_nothing_to_read_otherwise_is_no_robustness(world):
    world.claims["T01"].pop("readings")
    assert world.verdict().robustness is None


def test_the_headline_of_the_readings_is_the_verdict(world):
    claim = world.ledger().claims["T01"]
    place = holding(claim.rules, world.results)
    assert world.verdict().robustness.verdict == claim.rules[place].verdict
