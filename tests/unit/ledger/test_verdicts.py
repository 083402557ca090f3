"""Verdicts: worked out from results and from nothing else; change an input and they move."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_ledger import LACKING, a_result, a_synthesis, a_world

from iapt_ledger.errors import Faults
from iapt_ledger.ledger.deciding import ORDER, UNTESTABLE, holding, least, most, weakest
from iapt_ledger.ledger.grades import GRADES, STARTS
from iapt_ledger.ledger.model import Rule
from iapt_ledger.ledger.verdicts import in_order

WORDS = st.sampled_from(ORDER)
# Value and interval of the share that gives each verdict by the rules of the small ledger.
GIVES = {
    "supported": (60.0, 55.0, 65.0),
    "partly supported": (55.0, 45.0, 65.0),
    "not supported": (48.0, 45.0, 52.0),
    "contradicted": (40.0, 35.0, 45.0),
}
FEW = settings(max_examples=25, deadline=None)  # each example judges a ledger or several
by_rule = st.sampled_from(sorted(GIVES))


def lacking(world, name):
    """Make a claim untestable: no rules, and what is lacking."""
    entry = world.claims[name]
    for key in ("rules", "headline", "readings"):
        entry.pop(key, None)
    entry["evidence"][0]["role"] = "context"
    entry["lacking"] = LACKING


def two_and_a_synthesis(first="supported", second="supported"):
    """T01 on one share, T02 on another, and T03 that needs both."""
    world = a_world()
    text = json.dumps(world.claims["T01"]).replace("count.share.", "count.other.")
    world.claims["T02"] = json.loads(text)
    world.claims["T03"] = a_synthesis("T01", "T02")
    for name, verdict in (("share", first), ("other", second)):
        if verdict == UNTESTABLE:
            lacking(world, "T01" if name == "share" else "T02")
        numbers = GIVES.get(verdict, GIVES["supported"])
        for year in ("now", "then"):
            world.share(*numbers, name=f"count.{name}.{year}")
    return world


@pytest.mark.parametrize("verdict", GIVES)
def test_the_verdict_follows_the_result(world, verdict):
    assert world.verdict().verdict == "supported"
    world.share(*GIVES[verdict])
    found = world.verdict()
    assert found.verdict == found.printed == verdict
    rule = world.claims["T01"]["rules"][found.rule - 1]
    assert rule["verdict"] == verdict
    assert found.reason == rule["reason"]
    assert found.when == rule.get("when", "")


def test_the_first_rule_that_holds_decides(world):
    rules = world.claims["T01"]["rules"]
    world.claims["T01"]["rules"] = [rules[1], rules[0], *rules[2:]]
    assert (world.verdict().verdict, world.verdict().rule) == ("partly supported", 1)


def test_a_claim_without_rules_cannot_be_tested(world):
    lacking(world, "T01")
    found = world.verdict()
    assert found.verdict == UNTESTABLE
    assert found.printed == "cannot be tested with public data"
    assert found.reason == "What would decide it is missing: the counts."
    assert (found.grade, found.rule, found.robustness) == (None, None, None)
    assert found.lacking.fetch.startswith("No command")
    assert found.lines[0].grade.word == "high"  # what is held is still graded


def test_a_list_of_rules_of_which_none_holds_is_refused():
    with pytest.raises(Exception, match="No rule holds"):
        holding([Rule("supported", "Never.", "a.b > 2")], {"a.b": a_result("a.b", 1.0)})


def test_a_rule_that_asks_for_an_interval_that_is_not_there_names_the_claim(world):
    world.share(60.0, None, None)
    with pytest.raises(Faults, match=r"an interval of count\.share\.now.*T01"):
        world.judge()


def test_the_grade_comes_from_design_reading_interest_and_directness(world):
    assert world.verdict().grade.word == "high"
    world.share(60.0, 55.0, 65.0, sources=("paper_a",))
    assert world.verdict().grade.word == "moderate"
    world.interests = {"paper_a": "A part."}
    assert world.verdict().grade.word == "low"
    world.claims["T01"]["evidence"][0]["indirect"] = "Another place."
    assert world.verdict().grade.word == "very low"
    world.claims["T01"]["evidence"][0]["one_study"] = "One study."
    assert world.verdict().grade.word == "very low"
    assert world.verdict().grade.steps == (
        "Starts at high: complete count.",
        "One level down: read as abstracts only (paper_a).",
        "One level down: interested author (paper_a).",
        "One level down: indirect (Another place).",
        "One level down: one study only (One study).",
        "No grade is below very low.",
    )


def test_an_estimate_whose_p_value_decides_pays_for_its_interval_as_others_do(world):
    world.share(60.0, 55.0, 65.0)
    world.claims["T01"]["evidence"][0]["imprecise"] = "At its upper end it is beyond chance."
    assert world.verdict().grade.word == "moderate"
    assert world.verdict().grade.steps[1:] == (
        "One level down: imprecise (At its upper end it is beyond chance).",
    )


def test_context_is_graded_and_does_not_bear_on_the_claim(world):
    world.share(58.0, 52.0, 64.0, name="count.share.then", sources=("press_a",))
    found = world.verdict()
    assert [line.grade.word for line in found.lines] == ["high", "moderate"]
    assert found.grade.word == "high"


def test_a_result_whose_interval_holds_another_verdict_is_imprecise(world):
    world.share(*GIVES["partly supported"])
    assert world.verdict().grade.steps[-1].startswith("One level down: imprecise")
    world.share(55.0, 50.5, 65.0)  # by its rule the verdict needs the low end itself above one half
    assert world.verdict().verdict == "supported"
    assert world.verdict().grade.word == "high"


def test_rules_that_were_not_reached_do_not_bear_on_the_grade(world):
    world.claims["T01"]["rules"][1]["when"] = "count.weak.now > 1"
    line = {"ids": ["count.weak.now"], "design": "opinion", "role": "decides"}
    world.claims["T01"]["evidence"].append(line)
    world.put(a_result("count.weak.now", 2.0))
    assert world.verdict().grade.word == "high"
    world.share(*GIVES["partly supported"])
    assert world.verdict().grade.word == "very low"


def test_with_any_of_the_strongest_alternative_that_holds_is_graded(world):
    claim = world.claims["T01"]
    claim["rules"][0]["when"] = "low(count.share.now) > 50 or low(count.weak.now) > 50"
    line = {"ids": ["count.weak.now"], "design": "uncontrolled", "role": "decides"}
    claim["evidence"].append(line)
    world.put(a_result("count.weak.now", 70.0, 60.0, 80.0))
    assert world.verdict().grade.word == "low"
    claim["any_of"] = True
    assert world.verdict().grade.word == "high"
    world.share(*GIVES["contradicted"])  # now the weak line alone carries it
    assert (world.verdict().verdict, world.verdict().grade.word) == ("supported", "low")


def a_weaker(world, how):
    """One thing that weakens the evidence for T01."""
    line = world.claims["T01"]["evidence"][0]
    changes = {
        "abstract": lambda: world.sources.update(count_a="abstract"),
        "press": lambda: world.observations.update({"counts:2": ("press_report", False)}),
        "second hand": lambda: world.observations.update({"counts:2": ("published", True)}),
        "interest": lambda: world.interests.update(count_a="A part."),
        "indirect": lambda: line.update(indirect="Elsewhere."),
        "one study": lambda: line.update(one_study="One."),
        "imprecise": lambda: line.update(imprecise="At an end."),
    }
    changes[how]()


@FEW
@given(
    st.sampled_from(sorted(STARTS)),
    by_rule,
    st.lists(
        st.sampled_from(
            ["abstract", "press", "second hand", "interest", "indirect", "one study", "imprecise"]
        ),
        max_size=7,
    ),
)
def test_whatever_weakens_the_evidence_never_raises_the_grade_nor_moves_the_verdict(
    design, verdict, order
):
    world = a_world().share(*GIVES[verdict])
    world.claims["T01"]["evidence"][0]["design"] = design
    before = world.verdict()
    for how in order:
        a_weaker(world, how)
        after = world.verdict()
        assert after.verdict == verdict
        assert GRADES.index(after.grade.word) <= GRADES.index(before.grade.word)
        before = after


@FEW
@given(by_rule, by_rule, st.sampled_from(sorted(STARTS)))
def test_both_documents_are_treated_alike(first, second, design):
    world = two_and_a_synthesis(first, second)
    world.claims["T01"]["evidence"][0]["design"] = design
    world.interests = {"count_a": "A part."}
    here = world.judge()
    for entry in world.claims.values():
        was = entry["document"]
        entry["document"] = "healthfoundation2014" if was == "timimi2015" else "timimi2015"
    assert world.judge() == here


@given(st.lists(WORDS, min_size=1, max_size=6), WORDS)
def test_a_claim_that_needs_others_is_no_stronger_than_any(words, more):
    found = weakest(words)
    assert all(ORDER.index(found) <= ORDER.index(one) for one in words)
    assert ORDER.index(weakest([*words, more])) <= ORDER.index(found)
    if UNTESTABLE in words:  # what fails already fails whatever the untested part would say
        assert found in (UNTESTABLE, "not supported", "contradicted")
    assert weakest(reversed(words)) == found
    assert weakest([*words, *words]) == found
    assert ORDER.index(least(words)) <= ORDER.index(most(words))


@FEW
@given(st.sampled_from([*GIVES, UNTESTABLE]), st.sampled_from([*GIVES, UNTESTABLE]))
def test_a_synthesis_is_its_weakest_component(first, second):
    found = two_and_a_synthesis(first, second).judge()
    assert [found["T01"].verdict, found["T02"].verdict] == [first, second]
    whole = found["T03"]
    assert whole.verdict == weakest([first, second])
    assert [one.claim for one in whole.components] == ["T01", "T02"]
    if whole.verdict == UNTESTABLE:
        assert whole.grade is None
    else:
        graded = [found[one].grade for one in ("T01", "T02")]
        words = [grade.word for grade in graded if grade is not None]
        assert GRADES.index(whole.grade.word) == min(map(GRADES.index, words))


def test_a_synthesis_says_which_component_it_hangs_on():
    reason = {
        pair: two_and_a_synthesis(*pair).judge()["T03"].reason
        for pair in [
            ("supported", "not supported"),
            ("untestable", "untestable"),
            ("contradicted", "contradicted"),
        ]
    }
    assert reason["supported", "not supported"] == "It needs T02, which is not supported."
    assert reason["untestable", "untestable"] == (
        "It needs T01 and T02, which cannot be tested with public data."
    )
    assert reason["contradicted", "contradicted"] == "It needs T01 and T02, which are contradicted."


def test_a_synthesis_with_rules_of_its_own_is_no_stronger_than_these_either():
    world = two_and_a_synthesis()
    rules = copy.deepcopy(world.claims["T01"]["rules"])
    for rule in rules:
        rule["when"] = rule.get("when", "").replace("share.now", "own.now")
    del rules[-1]["when"]
    line = {"ids": ["count.own.now"], "design": "panel", "role": "decides"}
    world.claims["T03"] |= {"rules": rules, "headline": "count.own.now", "evidence": [line]}
    world.share(*GIVES["partly supported"], name="count.own.now")
    found = world.judge()["T03"]
    assert (found.verdict, found.reason, found.rule) == ("partly supported", "It may be.", 2)
    assert found.grade.word == "very low"
    world.share(*GIVES["supported"], name="count.own.now")
    world.share(*GIVES["contradicted"], name="count.other.now")
    found = world.judge()["T03"]
    assert (found.verdict, found.rule) == ("contradicted", 1)
    assert found.reason == "It needs T02, which is contradicted."


def test_claims_are_judged_after_what_they_need_and_told_in_the_order_of_the_ledger():
    world = two_and_a_synthesis()
    world.claims = dict(reversed(world.claims.items()))
    assert in_order(world.ledger()) == ("T01", "T02", "T03")
    assert list(world.judge()) == ["T03", "T02", "T01"]


def test_a_fault_of_a_component_is_told_once_and_of_the_component():
    world = two_and_a_synthesis().share(60.0, None, None)
    with pytest.raises(Faults) as caught:
        world.judge()
    assert len(caught.value.faults) == 1 and "T01" in caught.value.faults[0]


@FEW
@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_no_verdict_changes_but_of_claims_that_rest_on_what_changed(a, b, c):
    low, value, high = sorted([a, b, c])
    world = two_and_a_synthesis()
    before = world.judge()
    after = world.share(value, low, high, name="count.share.now").judge()
    assert after["T02"] == before["T02"]
    assert after["T03"].verdict == weakest([after["T01"].verdict, after["T02"].verdict])
