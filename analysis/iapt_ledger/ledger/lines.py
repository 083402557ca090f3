"""The evidence for a claim as Markdown: a list a line of evidence, what decides first.

Pure functions. Numbers stand in the text as shortcodes of results.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from iapt_ledger.ledger.model import DECIDES, Ledger
from iapt_ledger.ledger.texts import article, counted, listed, markdown, opened
from iapt_ledger.ledger.verdicts import Graded, Verdict
from iapt_ledger.registry import Source
from iapt_ledger.results import Result

MOST_TITLES = {DECIDES: 2, "context": 1}
LONGEST_TITLE = 70
YEAR = re.compile(r"(?:^|[._])y(\d{4})(?:_(\d{2}|\d{4}))?$")
CLAIM_OF_COUNT = re.compile(r" for [TH]\d{2}[ab]?(?=:)")
POUNDS = re.compile(r"GBP (\d[\d,]*)|(\d[\d,]*) GBP")
FIRST_SENTENCE = re.compile(r"\. (?=[A-Z])")
# Units that the number itself shows, or that say nothing to a reader.
UNSAID = ("percent", "percentage points", "p", "r", "ratio", "correlation", "times")
MONEY = ("GBP", "USD")
UNITS: Mapping[str, str] = {
    **dict.fromkeys(("d", "g", "effect size"), "standard deviations"),
    "outcomes per £100k": "outcomes for £100,000",
    "CCGs": "areas",
}
"""Units that print in other words than the results have them in."""

ROLES: Mapping[str, str] = {
    DECIDES: "Evidence that decides.",
    "context": "Context, which decides nothing.",
}
MOST_BESIDE = 4
"""Numbers of a line that decides nothing which are printed; of more than these the first but one."""


@dataclass(frozen=True)
class Page:
    """What the sections are made from."""

    ledger: Ledger
    verdicts: Mapping[str, Verdict]
    results: Mapping[str, Result]
    registry: Mapping[str, Source]


def evidence(verdict: Verdict, page: Page) -> str:
    """What decides, then what stands beside it: a list a line of evidence."""
    blocks = []
    for role, heading in ROLES.items():
        if lines := [graded for graded in verdict.lines if graded.line.role == role]:
            first, *others = [_line(graded, page) for graded in lines]
            blocks += [f"**{heading}** {first}", *others]
    told = "\n\n".join(blocks)
    return f"::: {{.evidence}}\n{told}\n:::"


def _line(graded: Graded, page: Page) -> str:
    """What holds for a line of evidence as a whole, and its numbers."""
    line = graded.line
    chapters = dict.fromkeys(one.split(".", 1)[0] for one in line.ids)
    where = listed([f"@sec-{topic.replace('_', '-')}" for topic in chapters])
    limits = [text.rstrip(".") for text in (line.indirect, line.one_study) if text]
    lead = [
        f"{opened(article(line.design))}, graded {graded.grade.word} ({where}).",
        *(f"{markdown(text)}." for text in limits),
        _sources(graded),
    ]
    return f"{' '.join(lead)}\n\n{_numbers(graded, page)}"


def _numbers(graded: Graded, page: Page) -> str:
    """An item a number; of many that decide nothing the first few, and where the others are."""
    ids = graded.line.ids
    cut = graded.line.role != DECIDES and len(ids) > MOST_BESIDE
    shown = ids[: MOST_BESIDE - 1] if cut else ids
    items = [f"{_number(page.results[one])} {_made(page.results[one], page)}" for one in shown]
    if cut:
        items.append(f"And {counted(len(ids) - len(shown))} more, which the file ledger.csv names.")
    return "\n".join(f"- {item}" for item in items)


def _sources(graded: Graded) -> str:
    titles = list(dict.fromkeys(title(one) for one in graded.sources))
    named = titles[: MOST_TITLES[graded.line.role]]
    if (more := len(graded.sources) - len(named)) > 0:
        named.append(f"{counted(more)} more")
    told = f"Source{'s' if len(graded.sources) > 1 else ''}: {listed(named)}"
    return told if told.endswith("…*") else f"{told}."


def _number(result: Result) -> str:
    """The number with its unit and its interval."""
    number = f"{{{{< n {result.id} >}}}}{_unit(result)}"
    if not result.range_text:
        return f"**{number}.**"
    return f"**{number}** ({{{{< n {result.id} range >}}}})."


def _unit(result: Result) -> str:
    unit = UNITS.get(result.unit, result.unit)
    if unit in UNSAID or unit.startswith(MONEY):
        return ""
    if result.text == "1":
        unit = re.sub(r"(ies|s)$", lambda end: "y" if end[0] == "ies" else "", unit)
    return f" {markdown(unit)}"


def _made(result: Result, page: Page) -> str:
    """How it was made, in its first sentence, with the year of its id where that does not name it."""
    made = FIRST_SENTENCE.split(result.made.rstrip("."))[0]
    made = POUNDS.sub(r"£\1\2", CLAIM_OF_COUNT.sub("", made))
    return f"{markdown(made, page.ledger.claims)}{_when(result)}."


def _when(result: Result) -> str:
    match = YEAR.search(result.id)
    if not match:
        return ""
    first, last = match.groups()
    if last is None or len(last) == 2:
        said = f"{first}-{last}" if last else first
        return "" if said in result.made else f", {said}"
    return "" if first in result.made else f", {first} to {last}"


def title(source: Source) -> str:
    """A publication's title, cut at a word where it is long."""
    text = source.title
    if len(text) > LONGEST_TITLE:
        text = text[:LONGEST_TITLE].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    return f"*{markdown(text)}*"
