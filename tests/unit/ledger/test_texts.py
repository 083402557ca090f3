"""Texts of the claims as Markdown: nothing that is written in them is read as markup, and claims become links."""

import json
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_ledger import a_result

from iapt_ledger.ledger.texts import (
    article,
    counted,
    inside,
    listed,
    markdown,
    opened,
    resolved,
)
from render.pandoc import program

HOSTILE = [
    "<script>alert(1)</script>",
    "<!-- not seen -->",
    "[a link](https://example.org)",
    "![a picture](x.png)",
    "**bold** and _slanted_",
    "$94 million and $5",
    "a | b | c",
    "a heading {#sec-mine .unnumbered}",
    "::: {.question}",
    "@smith2014 and -@smith2014 and @{smith}",
    "H~2~O and x^2^",
    "\\newpage",
    "&lt;b&gt;",
    "a line\n\n# a heading",
    "{{< include ../secret.md >}}",
    "{{< var ledger.says.t01 >}}",
    "footnote[^1] and ^[one]",
    "dashes -- and --- and ...",
    "``` {=html}",
]


def parts(element):
    """The kinds of all elements that Pandoc reads in a text, and the text."""
    if isinstance(element, dict):
        if "t" in element:
            yield element["t"], element.get("c") if element["t"] == "Str" else ""
        for value in element.values():
            yield from parts(value)
    elif isinstance(element, list):
        for value in element:
            yield from parts(value)


def read(text):
    """What Pandoc reads, as Quarto calls it."""
    told = subprocess.run(
        [program(), "--from", "markdown", "--to", "json"],
        input=f"Before it. {text}",
        capture_output=True,
        check=True,
        encoding="utf8",
    )
    return list(parts(json.loads(told.stdout)["blocks"]))


PLAIN = {"Para", "Str", "Space", "Quoted", "SingleQuote", "DoubleQuote"}


@pytest.mark.parametrize("text", HOSTILE)
def test_what_could_be_markup_prints_as_it_stands(text):
    found = read(markdown(text))
    assert {kind for kind, _ in found} <= PLAIN
    letters = "".join(word for kind, word in found if kind == "Str").removeprefix("Beforeit.")
    assert letters == "".join(text.split())


@settings(max_examples=25, deadline=None)
@given(st.text("ab*_[](){}<>#|~^$@&`\\!-.'\" \n", max_size=25).filter(lambda t: "`" not in t))
def test_no_mix_of_marks_is_markup(text):
    assert {kind for kind, _ in read(markdown(text))} <= PLAIN


def test_shortcodes_of_results_citations_and_code_are_kept():
    kept = (
        "{{< n count.share.now >}} ({{< n count.share.now range >}}), [@timimi2015, page 58], `a_b`"
    )
    assert markdown(kept) == kept


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("It needs T01 and H09.", "It needs [T01](#T01) and H09."),
        ("T07a, not T07", "[T07a](#T07a), not T07"),
        ("XT01 and T012", "XT01 and T012"),
    ],
)
def test_names_of_claims_that_have_a_section_become_links(text, printed):
    assert markdown(text, {"T01", "T07a"}) == printed
    assert "](" not in markdown(text)


def test_numbers_take_the_place_of_shortcodes_in_files():
    results = {"a.b": a_result("a.b", 60.0, 55.0, 65.0)}
    text = "It is {{< n a.b >}}\n({{< n a.b range >}})."
    assert resolved(text, results) == "It is 60.0% (55.0% to 65.0%)."
    with pytest.raises(KeyError):
        resolved("{{< n a.c >}}", results)


def test_words_for_lists_and_numbers():
    assert [listed(one) for one in (["a"], ["a", "b"], ["a", "b", "c"])] == [
        "a",
        "a and b",
        "a, b and c",
    ]
    assert listed(["a", "b"], "or") == "a or b"
    assert (counted(0), counted(10), counted(11), counted(1200)) == ("no", "ten", "11", "1,200")
    assert (opened("low"), inside("Low"), opened(""), inside("")) == ("Low", "low", "", "")


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ("complete count", "a complete count"),
        ("uncontrolled", "an uncontrolled comparison"),
        ("randomised", "a randomised comparison"),
        ("opinion", "an opinion"),
    ],
)
def test_a_design_stands_with_its_article(design, said):
    assert article(design) == said
