"""Grades: where they start, and that nothing that weakens evidence ever raises them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.ledger.grades import GRADES, STARTS, Weakness, grade, strongest, weakest

NAMES = (
    "read as abstracts only",
    "press or second hand",
    "interested author",
    "indirect",
    "imprecise",
    "one study only",
)
designs = st.sampled_from(sorted(STARTS))
weaknesses = st.lists(st.sampled_from(NAMES), unique=True).map(lambda n: [*map(Weakness, n)])
every_grade = st.lists(st.builds(grade, designs, weaknesses), min_size=1, max_size=6)


def level(one):
    return GRADES.index(one.word)


@pytest.mark.parametrize(
    ("design", "word"),
    [
        ("complete count", "high"),
        ("randomised", "high"),
        ("published estimate", "moderate"),
        ("controlled", "moderate"),
        ("document", "moderate"),
        ("panel", "low"),
        ("before-after", "low"),
        ("uncontrolled", "low"),
        ("correlation", "low"),
        ("opinion", "very low"),
    ],
)
def test_a_grade_starts_by_design(design, word):
    assert grade(design).word == word


@given(designs, weaknesses, st.sampled_from(NAMES))
def test_a_further_weakness_never_raises_a_grade_and_costs_one_level_at_most(design, known, more):
    before, after = grade(design, known), grade(design, [*known, Weakness(more)])
    assert level(before) - 1 <= level(after) <= level(before)
    new = more not in {one.name for one in known}
    assert level(after) == max(0, level(before) - new)


@given(designs, weaknesses)
def test_a_weakness_counts_once_however_often_it_is_found(design, known):
    assert grade(design, [*known, *known]) == grade(design, known)


@given(designs, weaknesses)
def test_the_steps_tell_the_whole_way(design, known):
    steps = grade(design, known).steps
    assert design in steps[0]
    assert [step for step in steps if step.startswith("One level down")] == [
        f"One level down: {one.name}." for one in known
    ]
    assert ("No grade is below very low." in steps) == (len(known) > level(grade(design)))


def test_a_step_says_what_shows_the_weakness():
    assert grade("panel", [Weakness("indirect", "another country")]).steps[1] == (
        "One level down: indirect (another country)."
    )


@given(every_grade)
def test_the_weakest_is_no_higher_than_any_and_the_strongest_no_lower(grades):
    assert level(weakest(grades)) == min(map(level, grades))
    assert level(strongest(grades)) == max(map(level, grades))
    assert weakest(grades) in grades and strongest(grades) in grades


@given(every_grade, st.builds(grade, designs, weaknesses))
def test_more_that_is_needed_never_raises_and_more_that_is_enough_never_lowers(grades, more):
    assert level(weakest([*grades, more])) <= level(weakest(grades))
    assert level(strongest([*grades, more])) >= level(strongest(grades))


def test_an_interest_weighs_on_what_a_document_says_of_the_world_and_not_on_what_it_contains(world):
    world.share(60.0, 55.0, 65.0, sources=("article_a",))
    world.interests = {"article_a": "A part."}
    assert world.verdict().grade.word == "moderate"  # a complete count, one level down
    world.claims["T01"]["evidence"][0]["design"] = "document"
    assert world.verdict().grade.word == "moderate"  # where a document starts
    assert world.verdict().lines[0].interested == ("article_a",)  # and it is still said


def test_a_rule_that_asks_for_the_end_of_an_interval_is_weighed_like_one_that_does_not(world):
    rules = world.claims["T01"]["rules"]
    world.claims["T01"]["rules"] = [rules[0], rules[3]]  # the whole interval above a half, or not
    world.share(55.0, 45.0, 65.0)
    assert world.verdict().verdict == "not supported"
    assert "imprecise" in [one.name for one in world.verdict().grade.weaknesses]
    world.share(40.0, 35.0, 45.0)
    assert world.verdict().grade.word == "high"
