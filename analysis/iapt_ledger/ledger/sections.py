"""One short section a claim, as Markdown: claim, test, verdict, evidence, readings, what is lacking, objections.

Pure functions. Numbers stand in the text as shortcodes of results, words of the claims are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from iapt_ledger.ledger.deciding import UNTESTABLE, printed
from iapt_ledger.ledger.grades import GRADES, STARTS, Grade, Weakness
from iapt_ledger.ledger.lines import Page, evidence, title
from iapt_ledger.ledger.model import Claim
from iapt_ledger.ledger.printed import of_every_claim
from iapt_ledger.ledger.readings import Dimension, Option, Robustness
from iapt_ledger.ledger.texts import (
    ORDINALS,
    article,
    counted,
    day,
    inside,
    listed,
    markdown,
)
from iapt_ledger.ledger.verdicts import Verdict

OBSERVATION = re.compile(r"[a-z0-9_]+:\d+(?::.*)?")
MORE = re.compile(r"(\d+) more")
NO_COMMAND = "No command can"
WEAKNESSES: Mapping[str, str] = {
    "read as abstracts only": "read as abstracts alone",
    "press or second hand": "read in the press or at second hand",
    "interested author": "an author has a part in what is judged",
    "indirect": "of another place, time or outcome",
    "one study only": "one study carries it",
}
"""Weaknesses as the paragraph on grades names them."""


def sections(page: Page, document: str) -> str:
    """The sections of one document's claims, in its order."""
    chosen = (c for c in page.ledger.claims.values() if c.document == document)
    return "\n\n".join(section(claim, page) for claim in chosen)


def section(claim: Claim, page: Page) -> str:
    """One claim's section; its anchor is the claim's id."""
    verdict = page.verdicts[claim.id]
    shown, lacking = evidence(verdict, page), _lacking(verdict, page)
    parts = [
        f"### {_family(claim, page)}{claim.id} · {markdown(claim.title)} {{#{claim.id} .unnumbered}}",
        f"**The claim** [@{claim.document}, {markdown(claim.place)}]. {_text(claim.claim, page)}",
        f"**Test.** {_text(claim.test, page)}",
        _verdict(verdict, page),
        *([lacking, shown] if _awaits(verdict) else [shown, _readings(verdict, page), lacking]),
        "**Objections.**\n\n" + "\n".join(f"- {_text(one, page)}" for one in claim.objections),
        f"**What would change it.** {_text(claim.would_change, page)}",
        _fixed(claim, verdict, page),
    ]
    return "\n\n".join(part for part in parts if part)


def _awaits(verdict: Verdict) -> bool:
    """Whether nothing but missing data decides a claim, so that these are its reason and stand first."""
    return verdict.verdict == UNTESTABLE and not verdict.components


def _family(claim: Claim, page: Page) -> str:
    """An anchor on the page for claims that share a number, T07 for T07a and T07b, in the heading of the first."""
    family = claim.id.rstrip("ab")
    first = next(name for name in page.ledger.claims if name.startswith(family))
    if not family != claim.id == first:
        return ""
    return f'[[]{{#{family}}}]{{.content-visible when-format="html"}}'  # Typst names nothing that is empty


def _text(text: str, page: Page) -> str:
    return markdown(text, page.ledger.claims)


def _verdict(verdict: Verdict, page: Page) -> str:
    said = f"**Verdict: {verdict.printed}"
    if _awaits(verdict):
        return f"{said}.** What would decide it is missing."
    if verdict.grade is None:
        return f"{said}.** {_text(verdict.reason, page)}"
    told = f"{said}**, on evidence graded **{verdict.grade.word}**. {_text(verdict.reason, page)}"
    return f"{told} {_steps(verdict.grade, page)}"


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
    """A weakness in words, with publications by their titles."""
    name = WEAKNESSES.get(weakness.name, weakness.name)
    if not weakness.why:
        return name
    parts = re.split(r", | and (?=\d+ more)", weakness.why)
    known = all(_known(part, page) for part in parts)
    why = _behind(parts, page) if known else inside(markdown(weakness.why))
    return f"{name} ({why})"


def _known(part: str, page: Page) -> bool:
    return part in page.registry or bool(OBSERVATION.fullmatch(part) or MORE.fullmatch(part))


def _behind(parts: Sequence[str], page: Page) -> str:
    """Publications by title, once each, and how many single figures and others there are."""
    titles = dict.fromkeys(title(page.registry[part]) for part in parts if part in page.registry)
    figures = sum(bool(OBSERVATION.fullmatch(part)) for part in parts)
    more = [f"{counted(int(found[1]))} more" for part in parts if (found := MORE.fullmatch(part))]
    single = [f"{counted(figures)} figure{'s' if figures > 1 else ''}"] if figures else []
    return listed([*titles, *single, *more])


def _rule(claim: Claim, verdict: Verdict) -> str:
    """Which of the claim's rules held; the rules themselves are in the file of claims."""
    if verdict.rule is None:
        return ""
    which = f" Of {counted(len(claim.rules))} rules the {ORDINALS[verdict.rule - 1]} held"
    return f"{which}." if verdict.when else f"{which}, since none before it did."


def _readings(verdict: Verdict, page: Page) -> str:
    spread = verdict.robustness
    if spread is None:
        tested = verdict.verdict != UNTESTABLE
        return "**Other readings.** None is declared." if tested else ""
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
    """The verdict with each option, all else as written, and the least and the most of them."""
    component = one.name in page.ledger.claims
    told = "; ".join(
        _option(option, place == 0, component=component) for place, option in enumerate(one.options)
    )
    span = f" (from {printed(one.least)} to {printed(one.most)})" if one.least != one.most else ""
    return f"- *{_text(one.name, page)}*{span}. {told[:1].upper()}{told[1:]}."


def _option(option: Option, written: bool, *, component: bool) -> str:
    label = f"were it {option.label}" if component and not written else markdown(option.label)
    return f"{label}{', as written' if written else ''}: {printed(option.verdict)}"


def _lacking(verdict: Verdict, page: Page) -> str:
    if verdict.lacking is None:
        return ""
    lacking = verdict.lacking
    fetch = f"`{lacking.fetch}`."
    if lacking.fetch.startswith(NO_COMMAND):
        fetch = inside(lacking.fetch).replace(": ", "; ", 1)
    return (
        f"**What is lacking.** {_text(lacking.what, page)} *Held by:* {_text(lacking.held_by, page)} "
        f"*To fetch it:* {markdown(fetch)}"
    )


def _fixed(claim: Claim, verdict: Verdict, page: Page) -> str:
    """When the rule was fixed, its stamp, and what was changed since; a change of every claim is told elsewhere."""
    shared = of_every_claim(page.ledger)
    changed = "".join(
        f" Changed on {day(one.date)}"
        f"{' with every claim (@sec-ledger-changes).' if (one.date, one.why) in shared else f': {markdown(one.why)}'}"
        f" Earlier stamp `{one.stamp[:12]}`."
        for one in claim.history
    )
    stamp = f"Test and rules as of {day(claim.decided)}, stamp `{claim.stamp[:12]}`."
    return f"::: {{.stamp}}\n{stamp}{_rule(claim, verdict)}{changed}\n:::"
