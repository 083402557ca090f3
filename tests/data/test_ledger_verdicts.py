"""The verdicts of the ledger on the results of the built report: all are judged, none is typed, and none is circular.

Inputs are moved, and the verdicts have to follow.
"""

from __future__ import annotations

import csv
import random
from dataclasses import replace

import pytest
from built_ledger import NEEDS_A_BUILD, PRINTED, World, deciding, drawn, moved, world
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_verdicts import WORST_FIRST

from iapt_ledger.errors import Faults
from iapt_ledger.ledger.claims import read_ledger
from iapt_ledger.ledger.deciding import holding
from iapt_ledger.ledger.evidence import INTERESTED, STARTING
from iapt_ledger.ledger.grades import DOCUMENT, GRADES
from iapt_ledger.ledger.verdicts import Verdict
from iapt_ledger.registry import Registry

pytestmark = NEEDS_A_BUILD
CLAIMS = read_ledger().claims
WITH_RULES = sorted(name for name, claim in CLAIMS.items() if claim.rules)
SYNTHESES = sorted(name for name, claim in CLAIMS.items() if claim.needs)


def test_every_claim_of_both_documents_is_judged_with_evidence_that_is_there():
    here = world()
    assert len(here.verdicts) == 39
    for name, verdict in here.verdicts.items():
        assert verdict.verdict in WORST_FIRST, name
        assert (verdict.grade is None) == (verdict.verdict == "untestable"), name
        assert verdict.reason.endswith("."), name
        assert verdict.robustness or verdict.lacking, name
        assert verdict.lines, name
        for one in (one for line in verdict.lines for one in line.line.ids):
            assert here.results[one].status == "computed", one


def test_what_is_printed_is_what_is_computed():
    printed = {row["claim"]: row for row in csv.DictReader(PRINTED.open(encoding="utf-8"))}
    assert {name: row["verdict"] for name, row in printed.items()} == {
        name: verdict.printed for name, verdict in world().verdicts.items()
    }
    assert {name: row["grade"] for name, row in printed.items()} == {
        name: verdict.grade.word if verdict.grade else ""
        for name, verdict in world().verdicts.items()
    }


@pytest.mark.parametrize("name", WITH_RULES)
def test_every_verdict_that_a_rule_can_give_comes_out_for_some_results(name):
    claim = world().ledger.claims[name]
    chance, seen = random.Random(name), set()
    for _ in range(20_000):
        seen.add(holding(claim.rules, drawn(claim, chance)))
        if len(seen) == len(claim.rules):
            break
    silent = [rule.verdict for place, rule in enumerate(claim.rules) if place not in seen]
    assert not silent, f"no result found for which {name} is {silent}"


@pytest.mark.parametrize("name", WITH_RULES)
def test_every_result_said_to_decide_can_turn_a_verdict(name):
    claim = world().ledger.claims[name]
    chance, idle = random.Random(name), set(deciding(claim))
    for _ in range(20_000):
        before, other = drawn(claim, chance), drawn(claim, chance)
        one = chance.choice(sorted(idle))
        if holding(claim.rules, before) != holding(claim.rules, before | {one: other[one]}):
            idle.discard(one)
        if not idle:
            break
    assert not idle


@pytest.mark.parametrize("name", WITH_RULES)
def test_a_deciding_result_on_the_other_side_moves_the_verdict(name):
    """From the results as built, by as few changed results as it takes; judged by the function that judges all."""
    here, chance = world(), random.Random(name)
    claim, was = here.ledger.claims[name], here.verdicts[name]
    place = holding(claim.rules, here.results)
    tries = (drawn(claim, chance) for _ in range(20_000))
    other = min(
        (
            found
            for found in (next(tries) for _ in range(400))
            if holding(claim.rules, found) != place
        ),
        key=lambda found: sum(found[one] != here.results[one] for one in claim.asked),
    )
    now = here.verdict(name, here.results | other)
    assert now.rule != was.rule
    if not claim.needs or WORST_FIRST.index(claim.rules[now.rule - 1].verdict) < WORST_FIRST.index(
        was.verdict
    ):
        assert now.verdict != was.verdict
        assert now.reason != was.reason


@pytest.mark.parametrize("name", ["T06a", "T07a", "T24"])
def test_the_whole_ledger_moves_with_one_result_and_leaves_what_does_not_hang_on_it(name):
    here = world()
    headline = here.ledger.claims[name].headline
    fallen = {headline: moved(here.results[headline], -1000.0, 1.0)}
    after = here.judged(here.results | fallen)
    changed = {one for one in after if after[one].verdict != here.verdicts[one].verdict}
    hang_on_it = {
        n for n, c in here.ledger.claims.items() if headline in c.asked or name in c.needs
    }
    assert name in changed <= hang_on_it


CIRCLES = {
    "compared with a figure under test": ({"status": "compared"}, "expected status computed"),
    "a figure under test": ({"status": "quoted"}, "expected status computed"),
    "read in the editorial": ({"sources": ("timimi_2015",)}, "the document under test timimi_2015"),
    "read in the post": ({"sources": ("dormon_2014",)}, "the document under test dormon_2014"),
}


@pytest.mark.parametrize("circle", CIRCLES)
def test_no_evidence_of_any_claim_may_come_from_a_document_under_test(circle):
    fields, said = CIRCLES[circle]
    here = world()
    chosen = {name: here.ledger.claims[name].evidence[0].ids[0] for name in here.ledger.claims}
    bad = {one: replace(here.results[one], **fields) for one in chosen.values()}
    with pytest.raises(Faults) as caught:
        here.judged(here.results | bad)
    for name, one in chosen.items():
        told = [fault for fault in caught.value.faults if one in fault and f", {name}" in fault]
        assert any(said in fault and fault.rstrip().endswith(".") for fault in told), (name, told)


def test_evidence_that_is_not_there_is_told_claim_by_claim():
    here = world()
    gone = {name: here.ledger.claims[name].evidence[0].ids[0] for name in here.ledger.claims}
    left = {one: r for one, r in here.results.items() if one not in set(gone.values())}
    with pytest.raises(Faults, match="No chapter makes this result") as caught:
        here.judged(left)
    for name, one in gone.items():
        assert any(
            f"found {one}" in fault and f", {name}" in fault for fault in caught.value.faults
        )


@pytest.mark.parametrize("name", SYNTHESES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_conclusion_is_no_stronger_than_what_it_needs(name, data):
    here = world()
    needs = here.ledger.claims[name].needs
    words = {one: data.draw(st.sampled_from(WORST_FIRST), label=one) for one in needs}
    grade = here.verdicts["T06a"].grade
    parts = {
        one: replace(
            here.verdicts[one], verdict=word, grade=None if word == "untestable" else grade, robustness=None
        )
        for one, word in words.items()
    }  # fmt: skip
    found = here.verdict(name, here.results, parts)
    for word in words.values():
        assert WORST_FIRST.index(found.verdict) <= WORST_FIRST.index(word)
    assert (found.grade is None) == (found.verdict == "untestable")


def graded(here: World, how: str) -> dict[str, Verdict]:
    """Verdicts had every publication been read as abstracts alone or in the press, or had every author an interest."""
    if how == INTERESTED:
        part = "An author has a part in what is judged: for this test."
        interests = dict.fromkeys(here.registry, part)
        return here.judged(ledger=replace(here.ledger, interests=interests))
    changed = Registry(
        source if source.how_read == STARTING else replace(source, how_read=how)
        for source in here.registry.values()
    )
    return here.judged(registry=changed)


@pytest.mark.parametrize(
    ("how", "weakness"),
    [
        ("abstract", "read as abstracts only"),
        ("press", "press or second hand"),
        (INTERESTED, INTERESTED),
    ],
)
def test_grades_fall_and_never_rise_when_publications_are_worse(how, weakness):
    here, after = world(), graded(world(), how)
    for name, was in here.verdicts.items():
        now = after[name]
        assert now.verdict == was.verdict, name
        if was.grade is None:
            continue
        assert GRADES.index(now.grade.word) <= GRADES.index(was.grade.word), name
        said = [one.name for one in now.grade.weaknesses]
        assert weakness in said or (how == INTERESTED and now.grade.design == DOCUMENT), name
        lines = [line for line in was.lines if line.line.role == "decides"]
        known = {one.name for line in lines for one in line.grade.weaknesses}
        exempt = how == INTERESTED and any(line.line.design == DOCUMENT for line in lines)
        exchanged = how == "press" and "read as abstracts only" in known
        if weakness not in known and not (was.components or exempt or exchanged):
            fallen = GRADES.index(was.grade.word) - GRADES.index(now.grade.word)
            assert fallen == 1 or was.grade.word == GRADES[0], name


def test_interests_are_told_once_in_the_same_words_and_weigh_on_both_documents():
    here = world()
    told = list(here.ledger.interests.values())
    assert all(one.startswith("An author has a part in what is judged: ") for one in told)
    weighed: dict[str, set[str]] = {}
    for name, verdict in here.verdicts.items():
        names = {
            one for line in verdict.lines if line.line.role == "decides" for one in line.interested
        }
        weighed.setdefault(here.ledger.claims[name].document, set()).update(names)
    assert all(weighed[document] for document in ("timimi2015", "healthfoundation2014"))


def test_a_ledger_with_the_documents_changed_about_is_judged_alike():
    """Which document a claim stands in has no part in its verdict or grade."""
    here = world()
    swap = {"timimi2015": "healthfoundation2014", "healthfoundation2014": "timimi2015"}
    claims = {n: replace(c, document=swap[c.document]) for n, c in here.ledger.claims.items()}
    after = here.judged(ledger=replace(here.ledger, claims=claims))
    assert {n: (v.verdict, v.grade) for n, v in after.items()} == {
        n: (v.verdict, v.grade) for n, v in here.verdicts.items()
    }
