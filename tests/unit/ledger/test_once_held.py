"""Rules fixed beforehand for data that an edition may come to hold: they decide as soon as it does, and not before."""

import copy
import json
from dataclasses import replace

import pytest
from small_ledger import LACKING, a_source, a_world

from iapt_ledger.errors import Faults
from iapt_ledger.ledger.claims import read_ledger
from iapt_ledger.ledger.held import as_held
from iapt_ledger.ledger.stamp import stamp_of
from iapt_ledger.ledger.verdicts import judge
from iapt_ledger.registry import Registry

BETTER, BESIDE = "count.share.better", "count.share.beside"
INSTEAD = {
    "headline": BETTER,
    "rules": [
        {"verdict": "contradicted", "when": f"high({BETTER}) < 50", "reason": "The better is less."},
        {"verdict": "supported", "otherwise": True, "reason": "The better is not less."},
    ],
    "evidence": [
        {"ids": [BETTER], "design": "complete count", "role": "decides"},
        {"ids": [BESIDE, "count.share.now"], "design": "panel", "role": "context"},
    ],
    "readings": {
        "count": {"better": {}, "beside": {BETTER: BESIDE}, "as before": {BETTER: "count.share.now"}}
    },
    "would_change": "A better one still.",
}  # fmt: skip


@pytest.fixture
def world():
    made = a_world()
    made.claims["T01"] |= {"lacking": LACKING, "once_held": [copy.deepcopy(INSTEAD)]}
    return made


def resolved(world):
    return as_held(world.ledger(), world.results)


def verdict(world):
    registry = Registry(a_source(*pair) for pair in world.sources.items())
    ledger = resolved(world)
    return judge(ledger, world.results, registry=registry, standing=world.standing)["T01"]


def test_without_the_results_the_claim_stays_as_it_is(world):
    assert resolved(world).claims["T01"] == world.ledger().claims["T01"]
    assert verdict(world).verdict == "supported"
    assert verdict(world).lacking is not None


def test_with_them_the_other_rules_decide_and_nothing_is_lacking_any_more(world):
    world.share(40.0, 35.0, 45.0, name=BETTER).share(60.0, 55.0, 65.0, name=BESIDE)
    found = verdict(world)
    assert (found.verdict, found.reason) == ("contradicted", "The better is less.")
    assert found.lacking is None
    claim = resolved(world).claims["T01"]
    assert claim.would_change == "A better one still."
    assert claim.objections == world.ledger().claims["T01"].objections
    assert found.robustness.verdicts == {"contradicted": 1, "supported": 2}


def test_context_and_readings_that_the_edition_does_not_give_are_left_out(world):
    world.share(60.0, 55.0, 65.0, name=BETTER)
    claim = resolved(world).claims["T01"]
    assert list(claim.readings["count"]) == ["better", "as before"]
    assert [line.ids for line in claim.evidence] == [(BETTER,), ("count.share.now",)]
    assert verdict(world).verdict == "supported"


def test_a_dimension_without_a_choice_left_is_none(world):
    del world.claims["T01"]["once_held"][0]["readings"]["count"]["as before"]
    world.share(60.0, 55.0, 65.0, name=BETTER)
    assert resolved(world).claims["T01"].readings == {}
    assert verdict(world).robustness is None


def test_the_first_that_can_be_decided_is_taken(world):
    second = json.loads(json.dumps(INSTEAD).replace(BETTER, "count.share.part"))
    world.claims["T01"]["once_held"].append(second)
    world.share(40.0, 35.0, 45.0, name="count.share.part")
    assert resolved(world).claims["T01"].headline == "count.share.part"
    world.share(60.0, 55.0, 65.0, name=BETTER)
    assert resolved(world).claims["T01"].headline == BETTER


FAULTS = {
    "a rule that is none": (lambda one: one["rules"][0].update(when=f"{BETTER} == 5"), "cannot be read"),
    "what decides in no rule": (
        lambda one: one["evidence"][1].update(role="decides"), "stands in no rule"),
    "a reading of what no evidence holds": (
        lambda one: one["readings"]["count"]["beside"].update({BETTER: "count.share.none"}),
        "takes what no evidence holds"),
    "a figure in a reason": (lambda one: one["rules"][0].update(reason="It is 12."), "typed in a reason"),
    "nothing of its own": (
        lambda one: one.update(
            headline="count.share.now", rules=a_world().claims["T01"]["rules"],
            evidence=a_world().claims["T01"]["evidence"], readings=a_world().claims["T01"]["readings"]),
        "asks nothing of its own"),
    "neither readings nor what is lacking": (lambda one: one.pop("readings"), "Neither says how else"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_stands_instead_is_checked_like_the_claim_itself(world, name, tmp_path):
    break_it, said = FAULTS[name]
    break_it(world.claims["T01"]["once_held"][0])
    file = tmp_path / "claims.yaml"
    file.write_text(world.text(), encoding="utf8")
    with pytest.raises(Faults, match=said):
        read_ledger(file)


def test_it_is_read_whole_and_stamped_with_the_claim(world, tmp_path):
    file = tmp_path / "claims.yaml"
    file.write_text(world.text(), encoding="utf8")
    read = read_ledger(file).claims["T01"]
    assert read == replace(world.ledger().claims["T01"], stamp=read.stamp)
    entry = world.claims["T01"]
    before = stamp_of(entry)
    assert before != stamp_of({k: v for k, v in entry.items() if k != "once_held"})
    entry["once_held"][0]["rules"][0]["reason"] = "Put better."
    assert stamp_of(entry) == before
    turned = list(reversed(entry["once_held"][0]["readings"]["count"].items()))
    entry["once_held"][0]["readings"]["count"] = dict(turned)
    assert stamp_of(entry) != before
    entry["once_held"][0]["rules"][0]["when"] = f"high({BETTER}) < 51"
    assert stamp_of(entry) != before
