"""One short section a claim, as Markdown: claim, test, verdict, evidence, readings, what is lacking, objections.

Pure functions. Numbers stand in the text as shortcodes of results, words of the claims are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from iapt_ledger.ledger.deciding import UNTESTABLE, printed
from iapt_ledger.ledger.grades import GRADES, STARTS, Grade, Weakness
from iapt_ledger.ledger.model import DECIDES, Claim, Ledger
from iapt_ledger.ledger.readings import Dimension, Option, Robustness
from iapt_ledger.ledger.texts import ORDINALS, article, counted, day, listed, markdown
from iapt_ledger.ledger.verdicts import Graded, Verdict
from iapt_ledger.registry import Source
from iapt_ledger.results import Result
from iapt_ledger.tables import markdown_table

MOST_TITLES = {DECIDES: 2, "context": 1}
LONGEST_TITLE = 70
YEAR = re.compile(r"(?:^|[._])y(\d{4})(?:_(\d{2}|\d{4}))?$")
OBSERVATION = re.compile(r"(?P<table>[a-z0-9_]+):(?P<row>\d+)(?::.*)?")
# Units that the number itself shows, or that say nothing to a reader.
UNSAID = ("percent", "percentage points", "p", "ratio", "effect size", "correlation", "times")

EVIDENCE = {"Evidence": 24, "What it is": 42, "Design, chapter and source": 34}
"""Columns of the table of evidence with their widths."""


@dataclass(frozen=True)
class Page:
    """What the sections are made from."""

    ledger: Ledger
    verdicts: Mapping[str, Verdict]
    results: Mapping[str, Result]
    registry: Mapping[str, Source]


def sections(page: Page, document: str) -> str:
    """The sections of one document's claims, in its order."""
    chosen = (c for c in page.ledger.claims.values() if c.document == document)
    return "\n\n".join(section(claim, page) for claim in chosen)


def section(claim: Claim, page: Page) -> str:
    """One claim's section; its anchor is the claim's id."""
    verdict = page.verdicts[claim.id]
    parts = [
        f"### {_family(claim, page)}{claim.id} · {markdown(claim.title)} {{#{claim.id} .unnumbered}}",
        f"**The claim** [@{claim.document}, {claim.place}]. {_text(claim.claim, page)}",
        f"**Test.** {_text(claim.test, page)}",
        _verdict(claim, verdict, page),
        f"::: {{.compact}}\n{_evidence(verdict, page)}\n:::",
        _readings(verdict, page),
        _lacking(verdict, page),
        "**Objections.**\n\n" + "\n".join(f"- {_text(one, page)}" for one in claim.objections),
        f"**What would change it.** {_text(claim.would_change, page)}",
        _fixed(claim),
    ]
    return "\n\n".join(part for part in parts if part)


def _family(claim: Claim, page: Page) -> str:
    """An anchor on the page for claims that share a number, T07 for T07a and T07b, in the heading of the first."""
    family = claim.id.rstrip("ab")
    first = next(name for name in page.ledger.claims if name.startswith(family))
    if not family != claim.id == first:
        return ""
    return f'[[]{{#{family}}}]{{.content-visible when-format="html"}}'  # Typst names nothing that is empty


def _text(text: str, page: Page) -> str:
    return markdown(text, page.ledger.claims)


def _verdict(claim: Claim, verdict: Verdict, page: Page) -> str:
    said = f"**Verdict: {verdict.printed}"
    if verdict.verdict == UNTESTABLE and not verdict.components:
        return f"{said}.** What would decide it is not held; what that is stands below."
    if verdict.grade is None:
        return f"{said}.** {_text(verdict.reason, page)}"
    told = f"{said}**, on evidence graded **{verdict.grade.word}**. {_text(verdict.reason, page)}"
    return f"{told} {_steps(verdict.grade, page)}{_rule(claim, verdict)}"


def _steps(grade: Grade, page: Page) -> str:
    """How the grade came about, a sentence a step."""
    starts = f"{article(grade.design)} starts at {STARTS[grade.design]}"
    downs = [_weakness(one, page) for one in grade.weaknesses]
    if not downs:
        return f"*Grade:* {starts}, and nothing takes it down."
    floor = len(downs) > GRADES.index(STARTS[grade.design])
    lost = f"it loses a level for each of these: {'; '.join(downs)}"
    return f"*Grade:* {starts}; {lost}{'; no grade is below very low' if floor else ''}."


def _weakness(weakness: Weakness, page: Page) -> str:
    """A weakness in words, publications by their titles in place of their ids."""
    if not weakness.why:
        return weakness.name
    parts = re.split(r"(, | and (?=\d+ more))", weakness.why)
    if all(_known(part, page) for part in parts[::2]):
        why = "".join(_named(part, page) if n % 2 == 0 else part for n, part in enumerate(parts))
    else:
        why = markdown(weakness.why)
    return f"{weakness.name} ({why})"


def _known(part: str, page: Page) -> bool:
    return part in page.registry or bool(OBSERVATION.fullmatch(part)) or part.endswith(" more")


def _named(part: str, page: Page) -> str:
    if part in page.registry:
        return _title(page.registry[part])
    row = OBSERVATION.fullmatch(part)
    return f"row {row['row']} of `{row['table']}`" if row else part


def _title(source: Source) -> str:
    """A publication's title, cut at a word where it is long."""
    title = source.title
    if len(title) > LONGEST_TITLE:
        title = title[:LONGEST_TITLE].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    return f"*{markdown(title)}*"


def _rule(claim: Claim, verdict: Verdict) -> str:
    """Which of the claim's rules held, as it stands in the file."""
    if verdict.rule is None:
        return ""
    which = f"Of {counted(len(claim.rules))} rules the {ORDINALS[verdict.rule - 1]} held"
    if not verdict.when:
        return f" {which}, since none before it did."
    return f" {which}: `{' '.join(verdict.when.split())}`."


def _evidence(verdict: Verdict, page: Page) -> str:
    """A table: a row a result, what decides first; what holds for a line of evidence stands in its first row."""
    ordered = sorted(verdict.lines, key=lambda one: one.line.role != DECIDES)
    cells = [
        (
            _number(page.results[one]),
            _made(page.results[one], page),
            "As above." if n else _line(graded),
        )
        for graded in ordered
        for n, one in enumerate(graded.line.ids)
    ]
    frame = pd.DataFrame(cells, columns=list(EVIDENCE))
    return markdown_table(frame, raw=list(EVIDENCE), widths=EVIDENCE)


def _line(graded: Graded) -> str:
    line = graded.line
    role = "**Decides**" if line.role == DECIDES else "Beside it"
    chapters = dict.fromkeys(one.split(".", 1)[0] for one in line.ids)
    where = listed([f"@sec-{topic.replace('_', '-')}" for topic in chapters])
    limits = [text.rstrip(".") for text in (line.indirect, line.one_study) if text]
    said = (
        f"{role}: {article(line.design)}, graded {graded.grade.word}. {where}. {_sources(graded)}"
    )
    return said + "".join(f" {markdown(text)}." for text in limits)


def _sources(graded: Graded) -> str:
    shown = MOST_TITLES[graded.line.role]
    named = [_title(one) for one in graded.sources[:shown]]
    if (more := len(graded.sources) - shown) > 0:
        named.append(f"{counted(more)} more")
    return f"Source{'s' if len(graded.sources) > 1 else ''}: {listed(named)}."


def _number(result: Result) -> str:
    """The number with its unit and its interval."""
    unsaid = result.unit in UNSAID or result.unit.startswith("GBP")
    limits = f" ({{{{< n {result.id} range >}}}})" if result.range_text else ""
    return f"{{{{< n {result.id} >}}}}{'' if unsaid else f' {markdown(result.unit)}'}{limits}"


def _made(result: Result, page: Page) -> str:
    """How it was made, with the year of its id where that does not name it."""
    return f"{_text(result.made.rstrip('.'), page)}{_when(result)}."


def _when(result: Result) -> str:
    match = YEAR.search(result.id)
    if not match:
        return ""
    first, last = match.groups()
    if last is None or len(last) == 2:
        said = f"{first}-{last}" if last else first
        return "" if said in result.made else f", {said}"
    return "" if first in result.made else f", {first} to {last}"


def _readings(verdict: Verdict, page: Page) -> str:
    spread = verdict.robustness
    if spread is None:
        tested = verdict.verdict != UNTESTABLE
        return "**Other readings.** No other reading of the rule is declared." if tested else ""
    moved = f" What moves it most: *{markdown(spread.moves_most)}*." if spread.moves_most else ""
    told = f"**Other readings.** {spread_sentence(verdict.claim, spread)}{moved}"
    items = [_dimension(one, page) for one in spread.dimensions if len(one.options) > 1]
    return "\n\n".join([told, "\n".join(items)])


def spread_sentence(claim: str, spread: Robustness) -> str:
    """How many readings there are and what each came to; the numbers are results of the ledger."""
    every = f"{{{{< n {counts_id(claim, 'all')} >}}}}"
    if len(spread.verdicts) == 1:
        return f"All {every} readings give the same verdict."
    parts = [
        f"{printed(word)} in {{{{< n {counts_id(claim, word)} >}}}}"
        for word in reversed(list(spread.verdicts))
    ]
    return f"Of {every} readings: {', '.join(parts)}."


def counts_id(claim: str, verdict: str) -> str:
    """The id of the result that counts the readings of a claim that gave a verdict, or "all"."""
    return f"ledger.{claim.lower()}.readings.{verdict.replace(' ', '_')}"


def _dimension(one: Dimension, page: Page) -> str:
    """The verdict with each option, all else as written, and the worst and the best of them."""
    component = one.name in page.ledger.claims
    told = "; ".join(
        _option(option, place == 0, component=component) for place, option in enumerate(one.options)
    )
    span = (
        f" (worst: {printed(one.least)}; best: {printed(one.most)})"
        if one.least != one.most
        else ""
    )
    return f"- *{_text(one.name, page)}*{span}. {told[:1].upper()}{told[1:]}."


def _option(option: Option, written: bool, *, component: bool) -> str:
    label = f"were it {option.label}" if component and not written else markdown(option.label)
    return f"{label}{', as written' if written else ''}: {printed(option.verdict)}"


def _lacking(verdict: Verdict, page: Page) -> str:
    if verdict.lacking is None:
        return ""
    lacking = verdict.lacking
    fetch = lacking.fetch if lacking.fetch.startswith("No command") else f"`{lacking.fetch}`."
    return (
        f"**What is lacking.** {_text(lacking.what, page)} *Held by:* {_text(lacking.held_by, page)} "
        f"*To fetch it:* {markdown(fetch)}"
    )


def _fixed(claim: Claim) -> str:
    """When the rule was fixed, its stamp, and what was changed since."""
    changed = "".join(
        f" Changed on {day(one.date)}: {markdown(one.why)} Earlier stamp `{one.stamp[:12]}`."
        for one in claim.history
    )
    stamp = f"Test and rules as of {day(claim.decided)}, stamp `{claim.stamp[:12]}`."
    return f"::: {{.fig-source}}\n{stamp}{changed}\n:::"
