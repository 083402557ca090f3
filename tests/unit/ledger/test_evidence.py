"""Evidence: circles are refused for both documents alike, and what weakens it is found in the records."""

from typing import ClassVar

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_ledger import World, a_result, a_source, a_world

from iapt_ledger.chapter import Chapter
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.ledger.evidence import behind, expand_observations, standing_of
from iapt_ledger.registry import Registry
from iapt_ledger.results import Result, ResultBook, compact_observations

REGISTRY = Registry(a_source(*pair) for pair in World().sources.items())


def published(observation):
    return "published", False


def weaknesses(*sources, interests=(), standing=published, observations=("counts:1",)):
    result = a_result("a.b", 1.0, sources=sources, observations=observations)
    found = behind(result, REGISTRY, dict.fromkeys(interests, "A part."), standing)
    return [str(one) for one in found.weaknesses]


def test_sound_evidence_has_no_weakness():
    assert weaknesses("count_a", "article_a") == []


def test_abstracts_weaken_only_where_nothing_else_was_read():
    assert weaknesses("paper_a", "paper_b") == ["read as abstracts only (paper_a, paper_b)"]
    assert weaknesses("paper_a", "article_a") == []


@pytest.mark.parametrize("poor", ["press_a", "page_a"])
def test_one_source_of_the_press_or_of_a_third_party_weakens(poor):
    assert weaknesses("count_a", poor) == [f"press or second hand ({poor})"]


@pytest.mark.parametrize("standing", [("press_report", False), ("published", True)])
def test_an_observation_read_at_second_hand_weakens_though_its_source_is_sound(standing):
    rows = {"counts:2": standing}
    found = weaknesses(
        "count_a",
        standing=lambda one: rows.get(one, ("published", False)),
        observations=("counts:1-3",),
    )
    assert found == ["press or second hand (counts:2)"]


def test_an_author_with_a_part_in_the_matter_weakens_whichever_side_it_is():
    assert weaknesses("article_a", interests=["article_a", "paper_a"]) == [
        "interested author (article_a)"
    ]


def test_kinds_of_weakness_add_up():
    assert len(weaknesses("paper_a", interests=["paper_a"])) == 2


def test_long_lists_are_cut():
    found = weaknesses(
        "count_a", standing=lambda one: ("published", True), observations=("counts:1-9",)
    )
    assert found == ["press or second hand (counts:1, counts:2, counts:3, counts:4 and 5 more)"]


def test_the_standing_of_an_observation_is_that_of_its_row_and_tables_are_read_once():
    class Tables:
        read: ClassVar[list] = []

        def table(self, name):
            self.read.append(name)
            rows = [("counts:1", "published", False), ("counts:2", "press_report", True)]
            return pd.DataFrame(rows, columns=["obs_id", "status", "second_hand"])

    standing = standing_of(Tables())
    assert standing("counts:2") == ("press_report", True)
    assert standing("counts:1") == ("published", False)
    assert Tables.read == ["counts"]
    with pytest.raises(LedgerError, match="Unknown observation; expected an obs_id of counts"):
        standing("counts:3")


@given(
    st.sets(
        st.builds(
            lambda table, row, column: f"{table}:{row}{column}",
            st.sampled_from(["counts", "wide"]),
            st.integers(1, 40),
            st.sampled_from(["", ":a", ":b_2"]),
        )
    )
)
def test_expanding_is_the_way_back_of_joining(observations):
    assert set(expand_observations(compact_observations(observations))) == observations
    assert len(expand_observations(compact_observations(observations))) == len(observations)


CIRCLES = {
    "a figure of the editorial": ({"status": "quoted"}, "expected status computed"),
    "a number that one went into": ({"status": "compared"}, "found status compared"),
    "read in the editorial": ({"sources": ("count_a", "seed_t")}, "document under test seed_t"),
    "read in the blog post": ({"sources": ("seed_h",)}, "document under test seed_h"),
    "read in it under another name": ({"sources": ("timimi2015",)}, "document under test timimi2"),
    "a row that repeats a claim": ({"observations": ("counts:9",)}, "observation counts:9"),
    "a source that nobody knows": ({"sources": ("unknown_1",)}, "unknown source unknown_1"),
}


@pytest.mark.parametrize("role", ["decides", "context", "another reading"])
@pytest.mark.parametrize("name", CIRCLES)
def test_no_document_is_evidence_for_itself(world, name, role):
    fields, said = CIRCLES[name]
    target = "count.share.now" if role == "decides" else "count.share.then"
    if role == "context":
        world.claims["T01"].pop("readings")
    world.observations["counts:9"] = ("claim_under_test", True)
    assert world.verdict().verdict == "supported"
    world.put(a_result(target, 60.0, 55.0, 65.0, **fields))
    with pytest.raises(Faults, match=said) as caught:
        world.judge()
    assert "T01" in str(caught.value) and target in str(caught.value)


@pytest.mark.parametrize("document", ["timimi2015", "healthfoundation2014"])
def test_the_document_s_own_key_is_no_source_either(world, document):
    world.claims["T01"]["document"] = document
    world.sources["healthfoundation2014"] = "article"  # as if somebody had registered it anew
    world.share(60.0, 55.0, 65.0, sources=(document,))
    with pytest.raises(Faults, match="document under test"):
        world.judge()


def test_a_figure_under_test_may_be_a_threshold(world):
    world.claims["T01"]["rules"][0]["when"] = "low(count.share.now) > claims.t01.half"
    assert world.verdict().verdict == "supported"
    world.put(a_result("claims.t01.half", 56.0, status="quoted"))
    assert world.verdict().verdict == "partly supported"


def test_a_threshold_that_only_looks_quoted_is_refused(world):
    world.claims["T01"]["rules"][0]["when"] = "low(count.share.now) > claims.t01.half"
    world.put(a_result("claims.t01.half", 50.0))
    with pytest.raises(Faults, match="named like a quoted figure and is none"):
        world.judge()


def test_evidence_that_no_chapter_makes_is_told_with_the_nearest_name(world):
    world.put(a_result("count.share.know", 1.0))
    del world.results["count.share.now"]
    with pytest.raises(Faults, match=r"found count\.share\.now; nearest .*count\.share\.know"):
        world.judge()


@pytest.mark.parametrize("key", ["test", "would_change", "claim"])
def test_a_text_that_prints_an_unknown_number_is_told(world, key):
    world.claims["T01"][key] = "It was {{< n count.nothing.now range >}} then."
    with pytest.raises(Faults, match=r"count\.nothing\.now"):
        world.judge()


def test_an_interest_of_nobody_known_is_told(world):
    world.interests = {"artikle_a": "A part."}
    with pytest.raises(Faults, match="nearest .*article_a"):
        world.judge()


def test_faults_of_several_claims_are_told_together():
    world = a_world()
    world.claims["T02"] = world.claims["T01"]
    world.share(60.0, 55.0, 65.0, status="compared")
    with pytest.raises(Faults) as caught:
        world.judge()
    assert {"T01" in one for one in caught.value.faults} == {True, False}
    assert len(caught.value.faults) == 2


def test_a_compared_number_needs_observations_like_any_computed_one():
    compared = Result("a.b", 1.0, "percent", "Compared.", status="compared")
    with pytest.raises(Faults, match="no observation stands behind it"):
        ResultBook([compared])


def test_a_status_that_is_none_is_refused():
    with pytest.raises(Faults, match="status is one of computed, compared, quoted"):
        ResultBook([a_result("a.b", 1.0, status="Computed")])


def test_a_chapter_cannot_make_a_quoted_figure(tmp_path):
    with pytest.raises(LedgerError, match="makes no quoted figure"):
        Chapter("here", tidy=tmp_path, out=tmp_path).result("here.number", obs=(), status="quoted")
