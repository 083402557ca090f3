"""The rows that the pictures of children's services show: labelled, in sections, each with its observations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import rows_of
from iapt_ledger.measures.young_people import in_note, one

Row = tuple[str, str, str, float, float, float, tuple[str, ...]]
SCORES = "The editorial on CORC (not evidence)"
HELD = "Children’s services held here"
AUDIT = "One audited service"
ADULTS = "The adult programme"
NO_CONTROL = "Outcomes, with nobody compared"
DROPPING_OUT = "Dropping out"
COLUMNS = ["section", "label", "kind", "value", "low", "high", "obs"]
WORDS_OF_BASE = {
    "eligible": "of those found eligible",
    "first_score": "of those with a first score",
    "accepted": "of all accepted",
}


def second_scores(
    cyp: pd.DataFrame,
    audits: pd.DataFrame,
    adults: pd.DataFrame,
    quoted: tuple[float, float],
) -> pd.DataFrame:
    """Who was scored twice, a row a base.

    Args:
        cyp: the tidy table; audits: from `young_people.one_service`, years together; adults: from
            `young_people.adults`; quoted: the range that the editorial states, shown and never used.

    Returns:
        section, label, kind (document, children, derived, adults), value, low, high, obs, unit, measure. The
        row of the document has no observation.
    """
    rows: list[Row] = [(SCORES, "First scores, “for years”", "document", np.nan, *quoted, ())]
    for name, year, label in (
        ("Two CAMHS: cases with repeated HoNOSCA", 2011, "Two services, 2011"),
        ("Two CAMHS: cases with repeated HoNOSCA", 2012, "The same two, 2012-13"),
        ("CYP IAPT matched time 1 and time 2 outcome data completeness", 2014,
         "CYP-IAPT to 2015, base not stated"),
    ):  # fmt: skip
        row = one(cyp, name, year)
        rows.append((HELD, label, "children", row["value"], np.nan, np.nan, (row["obs_id"],)))
    for row in rows_of(audits):
        kind = "children" if row.measure == "eligible" else "derived"
        label = f"{row.period}: {WORDS_OF_BASE[row.measure]}"
        rows.append((AUDIT, label, kind, row.value, row.low, row.high, row.obs))
    of = {"finished": "of courses that finished", "treated": "of courses with any treatment"}
    for row in rows_of(adults):
        label = f"{row.period}: {of[row.measure]}"
        rows.append((ADULTS, label, "adults", row.value, row.low, row.high, row.obs))
    return pd.DataFrame(rows, columns=COLUMNS).assign(measure="second score", unit="percent")


def outcomes(
    cyp: pd.DataFrame, evidence: pd.DataFrame, quoted: tuple[float, float]
) -> pd.DataFrame:
    """What children's services report of their cases, and what reviews say of dropping out.

    Returns:
        section, label, outcome, value, low, high (the range of a review or of two years where value is
        missing), obs, unit, measure. The row of the document has no observation.
    """
    rows = [*_corc(cyp), *_audit(evidence), *_dropout(evidence)]
    rows.append((DROPPING_OUT, "The editorial (not evidence)", "claim", np.nan, *quoted, ()))
    columns = ["section", "label", "outcome", *COLUMNS[3:]]
    return pd.DataFrame(rows, columns=columns).assign(
        measure=lambda f: f["outcome"], unit="percent"
    )


def _corc(cyp: pd.DataFrame) -> list[Row]:
    told = {"CYP-IAPT 2011 to 2015, children’s answers": "self-reported",
            "CYP-IAPT 2011 to 2015, parents’ answers": "parent-reported"}  # fmt: skip
    rows: list[Row] = []
    for label, by in told.items():
        for measure, outcome in (("recovery", "recovery"), ("reliable improvement", "improvement")):
            row = one(cyp, f"CYP IAPT cases, {by} {measure}")
            rows.append(
                (NO_CONTROL, label, outcome, row["value"], np.nan, np.nan, (row["obs_id"],))
            )
    worse = one(cyp, "CYP IAPT cases, deterioration")
    first = next(iter(told))
    rows.append(
        (NO_CONTROL, first, "deterioration", worse["value"], np.nan, np.nan, (worse["obs_id"],))
    )
    return rows


def _audit(evidence: pd.DataFrame) -> list[Row]:
    row = study_row(evidence, "gibbons_2021", "reliable improvement on at least one RCADS subscale")
    low, high = in_note(row, r"total RCADS (\d+)-(\d+)%")
    obs = (row["obs_id"],)
    return [
        (
            NO_CONTROL,
            "One service, any subscale",
            "improvement",
            np.nan,
            row["low"],
            row["high"],
            obs,
        ),
        (NO_CONTROL, "One service, the whole scale", "improvement", np.nan, low, high, obs),
    ]


def _dropout(evidence: pd.DataFrame) -> list[Row]:
    labels = {"kazdin_dropout": "A review of outpatient care",
              "gould_1985_attr": "An older review, second hand"}  # fmt: skip
    rows: list[Row] = []
    for source, label in labels.items():
        row = study_row(evidence, source, "dropout")
        rows.append(
            (DROPPING_OUT, label, "dropout", np.nan, row["low"], row["high"], (row["obs_id"],))
        )
    return rows


def study_row(evidence: pd.DataFrame, source: str, measure: str) -> pd.Series:
    """The one row of a study table with this source and measure.

    Raises:
        LedgerError: there is none, or more than one.
    """
    of_source = evidence[evidence["source_id"].eq(source)]
    rows = of_source[of_source["measure"].eq(measure)]
    if len(rows) != 1:
        raise LedgerError(
            "One row of a study was asked for", where=f"{source}, {measure}", expected=1,
            found=len(rows), choices=sorted(of_source["measure"]),
        )  # fmt: skip
    return rows.iloc[0]


CHANGE_COLUMNS = ["Change", "How it was judged", "Outcomes", "Access and cost", "Said against it"]


def system_change(cyp: pd.DataFrame, evidence: pd.DataFrame) -> pd.DataFrame:
    """Attempts to change whole services for children: what each was judged on, and what was said against it.

    Returns:
        The columns of CHANGE_COLUMNS as printed words, and obs.
    """
    bragg, stark = (study_row(evidence, "bickman_eval", m) for m in (BRAGG, STARK))
    critique = study_row(evidence, "fortbragg_critique", "interpretation")
    feedback = study_row(evidence, "ostergard_2018", "effect of PCOMS on general symptoms")
    rows = [
        ("Fort Bragg, US", f"Not randomised: {_people(bragg)}", "No better than in the comparison service",
         f"{bragg['value'] / 1e6:.0f} million US dollars; dearer than the comparison, and no saving on medical care",
         "Critics: children mildly disturbed, seen little, and measures not sensitive",
         (bragg["obs_id"], critique["obs_id"])),
        ("Stark County, US", f"Randomised: {_people(stark)}",
         "No difference; those who got no service improved as fast",
         "More access to care and more of it. What was read gives no cost", "No critique is held",
         (stark["obs_id"],)),
        _programme(cyp),
        ("PCOMS, and OO-CAMHS which draws on it",
         f"PCOMS: {feedback['design']}. OO-CAMHS: its author’s own cases, nobody compared",
         f"PCOMS: {feedback['value']:.2f} standard deviations better on general symptoms. OO-CAMHS: the author’s "
         "figure is under test and not used", "Called cheap; no cost is held",
         "PCOMS: not shown for children in what was read. OO-CAMHS: its author says that he has an interest",
         (feedback["obs_id"],)),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=[*CHANGE_COLUMNS, "obs"])


BRAGG = "project cost"
STARK = "difference in outcomes, system of care against care as usual"


def _people(row: pd.Series) -> str:
    design = str(row["design"]).split(", ", 1)[1]
    return design if "families" in design else f"{row['n']} taking part, {design}"


def _programme(cyp: pd.DataFrame) -> tuple[str, str, str, str, str, tuple[str, ...]]:
    improved, recovered = (
        one(cyp, f"CYP IAPT cases, self-reported {m}") for m in ("reliable improvement", "recovery")
    )
    audit = "CYP IAPT audit: weeks from referral to first appointment, year"
    first, fifth = one(cyp, f"{audit} 1"), one(cyp, f"{audit} 5")
    total = one(cyp, "CYP IAPT funding in total")
    return (
        "CYP-IAPT, England",
        f"Monitoring, and an audit by the programme of {first['geography'].split(' CYP')[0]} partnerships; nobody "
        "compared",
        f"About {improved['value']:.0f}% of cases with data reliably better and {recovered['value']:.0f}% "
        "recovered, by their own answers",
        f"First appointment after {fifth['value']:.1f} weeks instead of {first['value']:.1f}; "
        f"£{total['value'] / 1e6:.0f} million",
        "The audit’s authors led the programme; the publisher of the outcomes calls its data flawed and sparse",
        tuple(row["obs_id"] for row in (improved, recovered, first, fifth, total)),
    )
