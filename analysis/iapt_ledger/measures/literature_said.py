"""What the documents say set beside what the studies say, in neutral words; and who has a part in it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import rows_of
from iapt_ledger.measures.literature import WORDS, Coding
from iapt_ledger.measures.literature_words import number
from iapt_ledger.numbers import format_value
from iapt_ledger.registry import Source
from iapt_ledger.results import ResultBook

QUOTE = re.compile(r"\{\{<\s*n\s+([\w.]+)\s*>\}\}")
PART = "An author has a part in what is judged: "

# Claim to what the studies held say of it, with short names for numbers, and what is not held.
ADULTS: Mapping[str, tuple[str, str]] = {
    "T01": (
        "A later paper of the same team on one site finds a small gain in quality of life at "
        "higher cost. Outcomes at either time are not in its abstract.",
        "The evaluation itself",
    ),
    "T02": (
        "The same paper: higher cost.",
        "Cost per patient at the sites and their neighbours",
    ),
    "T11": (
        "Alliance and outcome correlate at {alliance_fluckiger} face to face and "
        "{alliance_internet} in internet therapy; the review that the editorial could know "
        "has {alliance_horvath}. Therapies differ on average by {models_wampold} standard "
        "deviations at most, by one review of 1997. A reply: alliance is often measured late, "
        "and may follow improvement.",
        "Other things inside treatment by the same measure; experiments",
    ),
    "T12": (
        "A trial found no evidence that the full treatment does better than its parts, a "
        "review little evidence that work on thoughts adds to the rest.",
        "Any number; trials of other features than work on thoughts",
    ),
    "T13": (
        "Differences between therapies: on average {models_wampold} standard deviations at most "
        "in one review, {models_luborsky} in another. Supportive therapy less others: "
        "{supportive_against_others}, gone when researchers’ allegiance is allowed for. In "
        "the programme people changed by {practice_pybis_cbt} in CBT and "
        "{practice_pybis_counselling} in counselling; in NHS services before it, approach "
        "made no significant difference. A reply: in anxiety disorders some therapies do "
        "better.",
        "The result of the one randomised trial of counselling against CBT in the programme",
    ),
    "T14": (
        "Two papers by leaders of the programme report {leaders_clark} recovered and "
        "{leaders_gyani} reliably recovered. Neither abstract has a comparison service.",
        "Their other papers and reports",
    ),
    "T25": (
        "One meta-analysis gives what lies outside therapy {outside_cuijpers} of improvement,"
        " what therapies have in common {common_cuijpers} and what is specific "
        "{specific_cuijpers}. A book’s judgement, read second hand: {outside_lambert}, then "
        "{relationship_lambert} for the relationship and {expectation_lambert} for "
        "expectation, and {technique_lambert}.",
        "An interval; a measure of life outside therapy",
    ),
    "H05": (
        "Internet-based therapy changed the PHQ-9 by {waiting_list_phq9} points against "
        "waiting, in one trial. Supportive therapy did better than control by "
        "{supportive_against_control} standard deviations. Change without a comparison: "
        "{practice_wakefield_depression} in the programme and {practice_gaskell_depression} "
        "elsewhere, for depression.",
        "Trials of the other interventions in the programme; the guidance itself",
    ),
}
YOUTH: Mapping[str, tuple[str, str]] = {
    "T15": (
        "A review says {dropout_kazdin} of cases in outpatient care; an older one, second "
        "hand, {dropout_gould}.",
        "“Against advice”; any English figure",
    ),
    "T16": (
        "Trials find {youth_trials} standard deviations on average. A review finds little "
        "benefit in everyday practice, on sparse evidence; in Stark County children without "
        "services improved as fast. What English services report of themselves has no "
        "comparison, and is in the next chapter.",
        "The number behind “close to zero”; any controlled English study",
    ),
    "T17": (
        "Against usual care the advantage is {youth_usual_care_2013} standard deviations; an "
        "earlier review calls it small to medium, and says that neither severity nor minority"
        " status took it away. A re-analysis, known by one sentence, lays it to confounded "
        "designs.",
        "The advantage in trials not run by the developer",
    ),
    "T18": (
        "One meta-analysis: no significant benefit of the full treatment over parts of it. "
        "The same one: CBT does better than treatments that were not meant to work.",
        "Any number",
    ),
    "T19": (
        "The evaluators: {fort_bragg_cost}, dearer, and outcomes no better. "
        "Critics: children mildly disturbed and atypical, little time in the new services, "
        "measures not sensitive.",
        "Outcomes as numbers",
    ),
    "T20": (
        "No differences found in a randomised study; access to care, and the amount of it, "
        "were better.",
        "The extra cost; outcomes as numbers",
    ),
    "T23": (
        "PCOMS improves general symptoms by {pcoms_ostergard} standard deviations over trials"
        " and other studies; two small samples and a second-hand summary agree in direction.",
        "The review on children and adolescents: aims were readable, results were not",
    ),
}


def set_beside(
    said: Mapping[str, tuple[str, str]], studies: pd.DataFrame, coding: Coding, quoted: ResultBook
) -> pd.DataFrame:
    """What the document says beside what the studies say, a row a claim.

    Returns:
        Claim, The document says, The studies held say, Not held, obs.

    Raises:
        LedgerError: a study that the words name is not coded, or has no number.
    """
    printed = {
        row.slug: _short(studies.loc[row.slug]) for row in rows_of(studies) if row.kind != WORDS
    }
    rows = []
    for claim, (studied, lacking) in said.items():
        behind = [s.obs for s in rows_of(studies) if claim in s.findings]
        rows.append(
            {
                "Claim": claim,
                "The document says": QUOTE.sub(
                    lambda found: quoted[found[1]].text, coding.claims[claim]["claim"]
                ),
                "The studies held say": _filled(claim, studied, printed),
                "Not held": lacking,
                "obs": tuple(sorted({one for ids in behind for one in ids})),
            }
        )
    return pd.DataFrame(rows)


def _filled(claim: str, words: str, printed: Mapping[str, str]) -> str:
    try:
        return words.format_map(printed)
    except KeyError as missing:
        raise LedgerError(
            "A study that the words name has no number", where=f"what studies say of {claim}",
            found=missing.args[0], choices=sorted(printed),
        ) from None  # fmt: skip


def _short(row: pd.Series) -> str:
    if row["unit"] == "USD":
        return format_value(row["value"], row["unit"], digits=0)
    return number(row)


def interests(coding: Coding, sources: Mapping[str, Source]) -> pd.DataFrame:
    """Who has a part in what is judged: the publication, and the part in the same words for all."""
    rows = [
        (sources[name].title, sentence.removeprefix(PART).rstrip("."))
        for name, sentence in coding.interests.items()
    ]
    return pd.DataFrame(rows, columns=["Publication", "An author"])
