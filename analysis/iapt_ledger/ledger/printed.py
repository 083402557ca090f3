"""The ledger's tables and lists for the page, as Markdown, and its rows for download. Pure functions.

Verdicts are printed as they were computed; no verdict and no number is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from iapt_ledger.ledger.deciding import (
    CONTRADICTED,
    NOT,
    PARTLY,
    SUPPORTED,
    UNTESTABLE,
    printed,
)
from iapt_ledger.ledger.grades import GRADES, STARTS
from iapt_ledger.ledger.model import QUOTED, Claim, Ledger
from iapt_ledger.ledger.readings import Robustness
from iapt_ledger.ledger.texts import article, day, link, listed, markdown, opened, resolved
from iapt_ledger.ledger.verdicts import Verdict
from iapt_ledger.results import Result
from iapt_ledger.tables import markdown_table

Results = Mapping[str, Result]
Verdicts = Mapping[str, Verdict]

COLUMNS: Mapping[str, str] = {
    SUPPORTED: "Supported",
    PARTLY: "Partly supported",
    NOT: "Not supported",
    CONTRADICTED: "Contradicted",
    UNTESTABLE: "Cannot be tested",
}
"""Verdicts as the table by kind orders them."""

AFTER, MOVED = "changed after results had been seen", "moved the verdict from"
"""What the reason of a change says where results were known, and where it gave another verdict."""

SAYS: Mapping[str, str] = {
    **{word: f"is {word}" for word in (SUPPORTED, PARTLY, NOT, CONTRADICTED)},
    UNTESTABLE: printed(UNTESTABLE),
}
"""Verdict to what a sentence says of a claim."""


def verdict_table(claims: Sequence[Claim], verdicts: Verdicts, known: Iterable[str]) -> str:
    """A row a claim: what is claimed with a link to its section, the verdict and its grade, the reason.

    Args:
        claims: of one document, in its order.
        verdicts: by claim.
        known: ids of all claims.
    """
    names = list(known)
    frame = pd.DataFrame(
        {
            "Claim": [link(c.id) for c in claims],
            "What is claimed": [markdown(c.title) for c in claims],
            "Verdict": [f"**{opened(short(verdicts[c.id]))}**" for c in claims],
            "Grade": [grade_word(verdicts[c.id]) for c in claims],
            "Why": [markdown(verdicts[c.id].reason, names) for c in claims],
        }
    )
    widths = {"Claim": 6, "What is claimed": 22, "Verdict": 14, "Grade": 9, "Why": 49}
    return markdown_table(frame, raw=list(frame.columns), widths=widths)


def short(verdict: Verdict) -> str:
    """A verdict in as few words as a table has room for."""
    return COLUMNS[verdict.verdict].lower()


def grade_word(verdict: Verdict) -> str:
    """The grade of a verdict; empty for a claim that cannot be tested."""
    return verdict.grade.word if verdict.grade else ""


def kinds_table(ledger: Ledger, verdicts: Verdicts) -> str:
    """Which claims of each kind got which verdict: ids as links, and no sums, for the claims are of unlike size."""
    kinds = list(dict.fromkeys(claim.kind for claim in ledger.claims.values()))
    cells = {
        heading: [_links_of(ledger, verdicts, kind, word) for kind in kinds]
        for word, heading in COLUMNS.items()
    }
    frame = pd.DataFrame({"Kind of claim": [opened(kind) for kind in kinds], **cells})
    return markdown_table(frame, raw=list(frame.columns), widths=dict.fromkeys(frame.columns, 16))


def _links_of(ledger: Ledger, verdicts: Verdicts, kind: str, word: str) -> str:
    found = (
        name
        for name, claim in ledger.claims.items()
        if claim.kind == kind and verdicts[name].verdict == word
    )
    return ", ".join(link(name) for name in found)


def standards_list(ledger: Ledger) -> str:
    """How verdicts are decided, a paragraph a standard, with the claims that name it."""
    return "\n\n".join(
        f"*{markdown(one.title)}.* {markdown(one.text, ledger.claims)} "
        f"({listed([link(c.id) for c in ledger.claims.values() if name in c.standards])})"
        for name, one in ledger.standards.items()
        if any(name in c.standards for c in ledger.claims.values())
    )


def small_table(ledger: Ledger, verdicts: Verdicts) -> str:
    """Which claims of each document got which verdict, for the summary: a row a verdict, and no sums.

    A claim stands in short words that lead to its section and have its title behind them: ids say nothing to a first
    reader.
    """
    documents = {"timimi2015": "The editorial", "healthfoundation2014": "The blog post"}
    cells = {
        heading: [
            " · ".join(
                f'[{markdown(claim.short or claim.title)}](#{name} "{name}: {_quotable(claim.title)}")'
                for name, claim in ledger.claims.items()
                if claim.document == document and verdicts[name].verdict == word
            )
            for word in COLUMNS
        ]
        for document, heading in documents.items()
    }
    frame = pd.DataFrame({"Verdict": list(COLUMNS.values()), **cells})
    widths = {"Verdict": 13, "The editorial": 54, "The blog post": 33}
    return markdown_table(frame, raw=list(cells), widths=widths)


def _quotable(text: str) -> str:
    """A text as the title of a link, which stands in double quotes."""
    return markdown(text).replace('"', r"\"")


def captioned(table: str, caption: str, label: str) -> str:
    """A table with its caption and label, as the report's own Markdown has them."""
    return f"{table}\n\n: {caption} {{#{label}}}"


def grades_paragraph() -> str:
    """How evidence is graded, from the rules that grade it."""
    starts = "; ".join(
        f"{listed([article(design) for design, word in STARTS.items() if word == level], 'or')} starts at {level}"
        for level in reversed(GRADES)
    )
    return (
        f"*Grades.* {opened(starts)}. Evidence loses a level for each of these: everything behind it was read as "
        "abstracts alone; it was read in the press or at second hand; an author has a part in what is judged, unless "
        "the evidence is what a document contains; it is of another place, time or outcome than the claim; within its "
        "own interval the verdict would be another; one study carries a general claim. No grade is below very low. A "
        "verdict has the grade of the weakest evidence that decided it, or, where several lines would each be enough, "
        "of the strongest of these. A claim that cannot be tested has none."
    )


def changes_list(ledger: Ledger) -> str:
    """An item a change of a rule, a test or what is lacking since it was fixed; one that claims share is told once."""
    changes = _changes(ledger)
    return "\n".join(
        f"- {_whose(of, ledger)}, {day(when)}. {markdown(why, ledger.claims)}{_earlier(of)}"
        for (when, why), of in changes.items()
    )


def _changes(ledger: Ledger) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Day and reason of each change to the claims it was made in, each with its stamp before."""
    changes: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for claim in ledger.claims.values():
        for change in claim.history:
            changes.setdefault((change.date, change.why), []).append((claim.id, change.stamp))
    return changes


def changed_after_results(ledger: Ledger) -> tuple[int, int]:
    """How many rules were changed after results had been seen, and how many of these changes moved a verdict.

    Counted by what the reasons in the record say, each claim that was changed by itself.
    """
    late = [one.why for c in ledger.claims.values() for one in c.history if AFTER in one.why]
    return len(late), sum(MOVED in why for why in late)


def of_every_claim(ledger: Ledger) -> set[tuple[str, str]]:
    """Day and reason of the changes that were made in every claim."""
    return {one for one, of in _changes(ledger).items() if len(of) == len(ledger.claims) > 1}


def _whose(changed: Sequence[tuple[str, str]], ledger: Ledger) -> str:
    if len(changed) == len(ledger.claims) > 1:
        return "Every claim"
    return listed([link(claim) for claim, _ in changed])


def _earlier(changed: Sequence[tuple[str, str]]) -> str:
    """The stamp before the change, where it is of one claim alone; otherwise each stands with its claim."""
    return f" Earlier stamp: `{changed[0][1][:12]}`." if len(changed) == 1 else ""


def rows(ledger: Ledger, verdicts: Verdicts, results: Results) -> pd.DataFrame:
    """The ledger as a table for download: a row a claim, every text with its numbers in it.

    Returns:
        claim, document, place, title, kind, topic, verdict, grade, steps, reason, rule, when, readings, least, most,
        lacking, held_by, fetch, decides, context, decided, stamp.
    """
    return pd.DataFrame(
        [_row(claim, verdicts[name], results) for name, claim in ledger.claims.items()]
    )


def _row(claim: Claim, verdict: Verdict, results: Results) -> dict[str, object]:
    spread, lacking = verdict.robustness, verdict.lacking
    return {
        "claim": claim.id,
        **{k: getattr(claim, k) for k in ("document", "place", "title", "kind", "topic")},
        "verdict": verdict.printed,
        "grade": grade_word(verdict),
        "steps": " ".join(verdict.grade.steps) if verdict.grade else "",
        "reason": resolved(verdict.reason, results),
        "rule": verdict.rule or "",
        "when": verdict.when,
        "readings": spread.distinct if spread else "",
        "least": printed(spread.least) if spread else "",
        "most": printed(spread.most) if spread else "",
        "lacking": resolved(lacking.what, results) if lacking else "",
        "held_by": lacking.held_by if lacking else "",
        "fetch": lacking.fetch if lacking else "",
        "decides": _ids(verdict, "decides"),
        "context": _ids(verdict, "context"),
        "decided": claim.decided,
        "stamp": claim.stamp,
    }


def _ids(verdict: Verdict, role: str) -> str:
    return " ".join(one for g in verdict.lines if g.line.role == role for one in g.line.ids)


def results_behind(verdict: Verdict, results: Results) -> list[Result]:
    """Every result of the evidence for a claim, and of that for the claims that it needs."""
    own = [results[one] for graded in verdict.lines for one in graded.line.ids]
    return own + [one for needed in verdict.components for one in results_behind(needed, results)]


def compared(claim: Claim, ledger: Ledger) -> bool:
    """Whether a figure that a document states stands in the rules of a claim, or of one that it needs."""
    needed = (compared(ledger.claims[one], ledger) for one in claim.needs)
    return any(one.startswith(QUOTED) for one in claim.asked) or any(needed)


def readings_rows(verdicts: Verdicts) -> pd.DataFrame:
    """Every option of every reading, for the chapter on robustness and for download.

    Returns:
        claim, dimension, option, as_written ("yes" or "no"), verdict (all else as written), least and most (over all
        else), share (of the spread of verdicts that lies between the options of the dimension).
    """
    found = [
        {
            "claim": name,
            "dimension": dimension.name,
            "option": option.label,
            "as_written": "yes" if place == 0 else "no",
            "verdict": option.verdict,
            "least": option.least,
            "most": option.most,
            "share": dimension.share,
        }
        for name, verdict in verdicts.items()
        if verdict.robustness
        for dimension in verdict.robustness.dimensions
        for place, option in enumerate(dimension.options)
    ]
    return pd.DataFrame(found)


def spread_rows(verdicts: Verdicts) -> pd.DataFrame:
    """How the verdicts of each claim spread over its readings.

    Returns:
        claim, verdict (as written), moves_most (a dimension, or empty), and a column of counts for each verdict.
    """
    spreads = {name: v.robustness for name, v in verdicts.items() if v.robustness}
    return pd.DataFrame([_spread(name, one) for name, one in spreads.items()])


def _spread(name: str, spread: Robustness) -> dict[str, object]:
    counts = {word: spread.verdicts.get(word, 0) for word in COLUMNS}
    return {"claim": name, "verdict": spread.verdict, "moves_most": spread.moves_most, **counts}
