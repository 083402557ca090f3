"""A claim's section: what is printed follows from the verdict and its evidence, and from nothing else."""

import re
from dataclasses import replace

import pytest
from small_ledger import LACKING, a_result, a_source, a_synthesis

from iapt_ledger.ledger import sections
from iapt_ledger.ledger.sections import Page
from iapt_ledger.registry import Registry


def page_of(world):
    registry = Registry(a_source(*pair) for pair in world.sources.items())
    return Page(world.ledger(), world.judge(), world.results, registry)


def told(world, name="T01"):
    page = page_of(world)
    return sections.section(page.ledger.claims[name], page)


def paragraph(text, start):
    """The paragraph that starts with these words."""
    (found,) = [part for part in text.split("\n\n") if part.startswith(start)]
    return found


def untested(world, name="T01"):
    """Take a claim's rules away, and name what is lacking."""
    for key in ("headline", "rules", "readings"):
        world.claims[name].pop(key)
    world.claims[name]["evidence"][0]["role"] = "context"
    world.claims[name]["lacking"] = LACKING
    return world


def second(world):
    """A second claim like the first."""
    world.claims["T02"] = dict(world.claims["T01"])
    return world


def test_a_section_has_all_its_parts_in_order(world):
    text = told(world)
    parts = [
        "### T01 · More than half of them {#T01 .unnumbered}",
        "**The claim** [@timimi2015, page 58]. More than half",
        "**Test.** The share against one half.",
        "**Verdict: supported**, on evidence graded **high**. It is more.",
        "**Evidence that decides.** A complete count, graded high (@sec-count). Source: *A title*.",
        "- **{{< n count.share.now >}}** ({{< n count.share.now range >}}). Counted.",
        "**Context, which decides nothing.**",
        "**Other readings.**",
        "**Objections.**\n\n- From the programme's critics: it is too much.\n- From its defenders:",
        "**What would change it.** Another count.",
        "Test and rules as of 22 November 2026, stamp",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("numbers", "verdict", "reason", "which"),
    [
        ((60, 55, 65), "supported", "It is more.", "Of four rules the first held."),
        ((60, 45, 65), "partly supported", "It may be.", "Of four rules the second held."),
        ((40, 35, 45), "contradicted", "It is less.", "Of four rules the third held."),
        ((40, 35, 55), "not supported", "It cannot be told.", "fourth held, since none before"),
    ],
)
def test_another_number_prints_another_verdict(world, numbers, verdict, reason, which):
    text = told(world.share(*numbers))
    assert f"**Verdict: {verdict}**" in text
    assert reason in paragraph(text, "**Verdict:")
    assert which in text


def test_no_id_of_a_result_and_no_rule_stands_in_prose(world):
    text = re.sub(r"\{\{<.*?>\}\}", "", told(world))
    assert "count.share" not in text
    assert "low(" not in text


def test_what_cannot_be_tested_names_what_is_missing_and_who_holds_it(world):
    text = told(untested(world))
    assert "**Verdict: cannot be tested with public data.**" in text
    assert paragraph(text, "**What is lacking.**") == (
        "**What is lacking.** The counts. *Held by:* Nobody. "
        "*To fetch it:* no command can; there are none."
    )
    assert text.index("**What is lacking.**") < text.index("**Context, which decides nothing.**")
    assert "graded" not in paragraph(text, "**Verdict")
    assert "**Other readings.**" not in text
    assert "**Evidence that decides.**" not in text


def test_a_command_that_fetches_what_is_lacking_is_printed_as_code(world):
    world.claims["T01"]["lacking"] = LACKING | {"fetch": "envs/run snakemake --config a: b"}
    assert "*To fetch it:* `envs/run snakemake --config a: b`." in told(world)


def test_a_synthesis_links_the_claims_that_it_needs_in_its_reason(world):
    untested(second(world), "T02")
    world.claims["T03"] = a_synthesis("T01", "T02") | {"lacking": LACKING}
    verdict = paragraph(told(world, "T03"), "**Verdict")
    assert "It needs [T02](#T02), which cannot be tested with public data." in verdict


def test_claims_that_share_a_number_have_one_anchor_for_both(world):
    world.claims = {"T06": world.claims["T01"], "T07a": world.claims["T01"]}
    world.claims["T07b"] = world.claims["T06"]
    page = page_of(world)
    heads = [
        line
        for line in sections.sections(page, "timimi2015").splitlines()
        if line.startswith("### ")
    ]
    assert [len(re.findall(r"\{#T07\}", head)) for head in heads] == [0, 1, 0]
    assert [re.search(r"\{#(\w+) \.unnumbered\}$", head)[1] for head in heads] == [
        "T06",
        "T07a",
        "T07b",
    ]


def test_only_the_claims_of_the_document_are_in_its_part(world):
    second(world).claims["T02"]["document"] = "healthfoundation2014"
    page = page_of(world)
    assert sections.sections(page, "healthfoundation2014").count("### ") == 1
    assert "{#T01 " not in sections.sections(page, "healthfoundation2014")


def test_readings_that_agree_and_readings_that_differ(world):
    assert "All {{< n ledger.t01.readings.all >}} readings give the same verdict." in told(world)
    world.share(40.0, 35.0, 45.0, name="count.share.then")
    text = paragraph(told(world), "**Other readings.**")
    assert text == (
        "**Other readings.** Of {{< n ledger.t01.readings.all >}} readings: "
        "supported in {{< n ledger.t01.readings.supported >}}, "
        "contradicted in {{< n ledger.t01.readings.contradicted >}}. "
        "What moves it most: *year*."
    )
    assert (
        "- *year* (from contradicted to supported). "
        "Now, as written: supported; then: contradicted." in told(world)
    )


def test_the_count_of_readings_of_a_verdict_of_two_words_has_an_id():
    name = sections.counts_id("T06b", "partly supported")
    assert name == "ledger.t06b.readings.partly_supported"


def test_a_grade_tells_every_step_and_where_it_ends(world):
    world.observations["counts:2"] = ("published", True)
    world.claims["T01"]["evidence"][0]["indirect"] = "Another town."
    verdict = paragraph(told(world), "**Verdict")
    assert "graded **low**" in verdict
    assert (
        "*Grade:* a complete count starts at high; it loses a level for each of these: "
        "read in the press or at second hand (one figure); "
        "of another place, time or outcome (another town)." in verdict
    )
    world.claims["T01"]["evidence"][0]["design"] = "panel"
    assert "; no grade is below very low." in paragraph(told(world), "**Verdict")


def test_publications_stand_by_their_titles_and_not_by_their_ids(world):
    world.share(60.0, 55.0, 65.0, sources=("page_a", "press_a"))
    text = told(world)
    assert "read in the press or at second hand (*A title*)" in text
    assert "page_a" not in text
    assert "press_a" not in text


def test_many_numbers_beside_are_cut_and_all_that_decide_are_not(world):
    more = [f"count.more.n{n}" for n in range(9)]
    world.put(*(a_result(one, 1.0) for one in more))
    line = {"ids": more, "design": "panel", "role": "context"}
    world.claims["T01"]["evidence"].append(line)
    text = told(world)
    assert [one for one in more if f"n {one} >" in text] == more[:3]
    assert "- And six more, which the file ledger.csv names." in text
    world.claims["T01"]["rules"][0]["when"] += " and " + " and ".join(f"{n} > 0" for n in more)
    line["role"] = "decides"
    text = told(world)
    assert all(f"n {one} >" in text for one in more)


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [
        (1, "studies", "study"),
        (2, "studies", "studies"),
        (1, "months", "month"),
        (0.5, "d", "standard deviations"),
        (3, "CCGs", "areas"),
        (60, "percent", ""),
        (60, "GBP", ""),
    ],
)
def test_units_print_as_a_reader_says_them(world, value, unit, printed):
    plain = a_result("count.share.then", value, 52.0, 64.0)
    world.put(replace(plain, unit=unit, digits=0, price_base="2014 prices"))
    gap = " " if printed else ""
    assert f"**{{{{< n count.share.then >}}}}{gap}{printed}** (" in told(world)


def test_of_how_a_number_was_made_the_first_sentence_is_told_with_its_year(world):
    made = "Cost at GBP 30,000 per year for T01: Smith et al. 2013. And more of it."
    world.share(58.0, 52.0, 64.0, name="count.share.then", made=made)
    text = told(world)
    assert "Cost at £30,000 per year: Smith et al. 2013." in text
    assert "And more" not in text


def test_a_change_of_a_rule_is_told_with_its_earlier_stamp(world):
    world.claims["T01"]["history"] = [
        {"date": "2026-11-21", "stamp": "ab" * 32, "why": "The margin was too wide."}
    ]
    assert (
        "Changed on 21 November 2026: The margin was too wide. Earlier stamp `abababababab`."
        in told(world)
    )


def test_a_change_of_every_claim_is_told_once_and_not_in_each(world):
    change = {"date": "2026-11-21", "stamp": "ab" * 32, "why": "The margin was too wide."}
    second(world)
    for claim in world.claims.values():
        claim["history"] = [change]
    text = told(world)
    assert "The margin was too wide." not in text
    assert (
        "Changed on 21 November 2026 with every claim (@sec-ledger-changes). "
        "Earlier stamp `abababababab`." in text
    )


@pytest.mark.parametrize("field", ["title", "claim", "test", "would_change", "place"])
def test_hostile_words_of_a_claim_are_escaped(world, field):
    world.claims["T01"][field] = "A <b>{{#x}}</b> [y](z)"
    text = told(world)
    assert r"\<b\>\{\{\#x\}\}\</b\> \[y\](z)" in text
    assert "<b>" not in text


def test_hostile_words_in_lists_are_escaped(world):
    hostile = "<i>|</i>"
    world.claims["T01"]["objections"] = [hostile, hostile]
    world.claims["T01"]["lacking"] = {"what": hostile, "held_by": hostile, "fetch": "envs/run x"}
    world.claims["T01"]["rules"][0]["reason"] = hostile
    world.claims["T01"]["evidence"][0]["indirect"] = hostile
    world.claims["T01"]["readings"] = {
        hostile: {hostile: {}, "then": {"count.share.now": "count.share.then"}}
    }
    text = told(world)
    assert text.count(r"\<i\>\|\</i\>") >= 9
    assert "<i>" not in text
