"""The ledger's tables, lists and files: each row follows from a verdict, and no sum of verdicts is made."""

import re

import pytest
from small_ledger import LACKING, a_synthesis

from iapt_ledger.ledger import printed
from iapt_ledger.ledger.grades import STARTS


def table(world):
    ledger = world.ledger()
    return printed.verdict_table(list(ledger.claims.values()), world.judge(), ledger.claims)


def rows(markdown):
    """The cells of a pipe table, head first."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in (lines[0], *lines[2:])
    ]


def untested(world, name="T01"):
    for key in ("headline", "rules", "readings"):
        world.claims[name].pop(key)
    world.claims[name]["evidence"][0]["role"] = "context"
    world.claims[name]["lacking"] = LACKING
    return world


def two_documents(world):
    world.claims["H01"] = world.claims["T01"] | {
        "document": "healthfoundation2014",
        "kind": "target",
    }
    return world


@pytest.mark.parametrize(
    ("numbers", "cells"),
    [
        ((60, 55, 65), ["**Supported**", "high", "It is more."]),
        ((60, 45, 65), ["**Partly supported**", "moderate", "It may be."]),
        ((40, 35, 45), ["**Contradicted**", "high", "It is less."]),
        ((40, 35, 55), ["**Not supported**", "moderate", "It cannot be told."]),
    ],
)
def test_a_row_prints_the_verdict_that_the_numbers_give(world, numbers, cells):
    (_, row) = rows(table(world.share(*numbers)))
    assert row == ["[T01](#T01)", "More than half of them", *cells]


def test_what_cannot_be_tested_has_no_grade_and_a_reason_in_a_sentence(world):
    (_, row) = rows(table(untested(world)))
    assert row[2:] == ["**Cannot be tested**", "–", "What would decide it is missing: the counts."]


def test_a_synthesis_links_in_its_reason_what_it_needs(world):
    world.claims["T02"] = dict(world.claims["T01"])
    untested(world, "T02")
    world.claims["T03"] = a_synthesis("T01", "T02")
    assert rows(table(world))[3][4] == (
        "It needs [T02](#T02), which cannot be tested with public data."
    )


def test_hostile_words_of_a_claim_stay_words_in_the_table(world):
    world.claims["T01"]["title"] = "<b>one</b> | two {{< include x >}}"
    world.claims["T01"]["rules"][0]["reason"] = "[here](javascript:x) | *there*"
    (_, row) = rows(table(world))
    assert row[1] == r"\<b\>one\</b\> \| two \{\{\< include x \>\}\}"
    assert row[4] == r"\[here\](javascript:x) \| \*there\*"


def test_the_table_by_kind_names_each_claim_once_and_holds_no_number(world):
    two_documents(world).claims["T02"] = untested_copy(world)
    head, *body = rows(printed.kinds_table(world.ledger(), world.judge()))
    assert head == ["Kind of claim", *printed.COLUMNS.values()]
    assert body == [
        ["Share", "[T01](#T01)", "–", "–", "–", "[T02](#T02)"],
        ["Target", "[H01](#H01)", "–", "–", "–", "–"],
    ]
    left = re.sub(r"\[\w+\]\(#\w+\)", "", "".join(cell for row in body for cell in row))
    assert not re.search(r"\d", left)


def untested_copy(world):
    claim = {
        key: value
        for key, value in world.claims["T01"].items()
        if key not in ("headline", "rules", "readings")
    }
    held = [line | {"role": "context"} for line in claim["evidence"]]
    return claim | {"evidence": held, "lacking": LACKING}


def test_the_small_table_sets_the_documents_side_by_side_without_sums(world):
    world = two_documents(world)
    world.claims["T01"] |= {"title": 'A "quoted" title', "short": "In short"}
    title = world.claims["H01"]["title"]
    head, *body = rows(printed.small_table(*judged(world)))
    assert head == ["Verdict", "The editorial", "The blog post"]
    assert [row[0] for row in body] == list(printed.COLUMNS.values())
    quoted = r'[In short](#T01 "T01: A \"quoted\" title")'
    assert body[0][1:] == [quoted, f'[{title}](#H01 "H01: {title}")']
    assert all(row[1:] == ["–", "–"] for row in body[1:])


def judged(world):
    return world.ledger(), world.judge()


def test_a_standard_names_the_claims_that_it_decides_and_unused_ones_are_left_out(world):
    text = printed.standards_list(two_documents(world).ledger())
    assert text == "*Differences.* It is said plainly. ([T01](#T01) and [H01](#H01))"
    for claim in world.claims.values():
        claim["standards"] = []
    assert printed.standards_list(world.ledger()) == ""


def test_the_paragraph_on_grades_names_every_design_with_its_start():
    text = printed.grades_paragraph().replace(" comparison", "")
    first, _ = text.split(" Evidence loses", 1)
    assert first.startswith("*Grades.* A complete count or a randomised starts at high;")
    for design, start in STARTS.items():
        (part,) = [one for one in first.split(";") if f" {design}" in f" {one.lower()}"]
        assert f"starts at {start}" in part


def test_changes_are_listed_claim_by_claim_with_day_reason_and_stamp(world):
    assert printed.changes_list(world.ledger()) == ""
    change = {"date": "2026-11-21", "stamp": "cd" * 32, "why": "As T01 was <too> wide."}
    world.claims["T01"]["history"] = [change]
    assert printed.changes_list(world.ledger()) == (
        r"- [T01](#T01), 21 November 2026. As [T01](#T01) was \<too\> wide. "
        "Earlier stamp: `cdcdcdcdcdcd`."
    )


def test_a_change_that_claims_share_is_told_once(world):
    world = two_documents(world)
    for number, claim in enumerate(world.claims.values()):
        claim["history"] = [
            {"date": "2026-11-21", "stamp": f"{number}" * 64, "why": "More counts."}
        ]
    assert printed.changes_list(world.ledger()) == "- Every claim, 21 November 2026. More counts."
    world.claims["H01"]["history"][0]["why"] = "Less."
    assert printed.changes_list(world.ledger()).count("Earlier stamp") == 2


def test_the_file_holds_every_claim_with_its_numbers_in_words(world):
    world.claims["T01"]["rules"][0]["reason"] = "It is {{< n count.share.now >}}."
    frame = printed.rows(*judged(two_documents(world)), world.results)
    row = frame.set_index("claim").loc["T01"]
    assert (row["verdict"], row["grade"], row["rule"]) == ("supported", "high", 1)
    assert row["reason"] == "It is 60.0%."
    assert row["when"] == "low(count.share.now) > 50"
    assert (row["decides"], row["context"]) == ("count.share.now", "count.share.then")
    assert (row["least"], row["most"]) == ("supported", "supported")
    assert list(frame["claim"]) == ["T01", "H01"]


def test_the_file_says_what_is_lacking_of_a_claim_that_cannot_be_tested(world):
    (row,) = printed.rows(*judged(untested(world)), world.results).to_dict("records")
    assert row["verdict"] == "cannot be tested with public data"
    assert (row["grade"], row["rule"], row["readings"]) == ("", "", "")
    assert (row["lacking"], row["held_by"]) == ("The counts.", "Nobody.")


def test_readings_are_offered_an_option_a_row(world):
    world.share(40.0, 35.0, 45.0, name="count.share.then")
    frame = printed.readings_rows(world.judge())
    assert frame[["claim", "dimension", "option", "as_written", "verdict"]].to_numpy().tolist() == [
        ["T01", "year", "now", "yes", "supported"],
        ["T01", "year", "then", "no", "contradicted"],
    ]
    (spread,) = printed.spread_rows(world.judge()).to_dict("records")
    assert spread["supported"] == spread["contradicted"] == 1
    assert spread["not supported"] == 0
    assert spread["moves_most"] == "year"


def test_what_a_synthesis_rests_on_is_what_its_claims_rest_on(world):
    world.claims["T02"] = dict(world.claims["T01"])
    world.claims["T03"] = a_synthesis("T01", "T02")
    behind = printed.results_behind(world.judge()["T03"], world.results)
    assert {one.id for one in behind} == {"count.share.now", "count.share.then"}


def test_a_claim_is_compared_where_a_stated_figure_stands_in_its_rules_or_in_what_it_needs(world):
    assert not printed.compared(world.ledger().claims["T01"], world.ledger())
    world.claims["T02"] = dict(world.claims["T01"])
    world.claims["T02"]["rules"] = [
        {"verdict": "supported", "when": "count.share.now > claims.t01.half", "reason": "More."},
        {"verdict": "not supported", "otherwise": True, "reason": "Less."},
    ]
    world.claims["T03"] = a_synthesis("T01", "T02")
    ledger = world.ledger()
    assert [printed.compared(ledger.claims[one], ledger) for one in ("T01", "T02", "T03")] == [
        False,
        True,
        True,
    ]


def test_changes_made_with_results_known_are_counted_and_of_them_those_that_moved_a_verdict(world):
    late = "It was changed after results had been seen, and moved"
    whys = ["A limit was put better.", f"{late} no verdict.", f"{late} the verdict from a to b."]
    world.claims["T01"]["history"] = [
        {"date": "2026-11-23", "stamp": "0" * 64, "why": why} for why in whys
    ]
    assert printed.changed_after_results(world.ledger()) == (2, 1)
