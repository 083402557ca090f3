"""Names and rules of the annual reports' main CSV: what it may hold, and whether its figures hold together."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd

from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.paths import DATA

CATEGORIES = DATA / "annual_categories.csv"
FIRST_YEAR = "2017-18"

COLUMNS: Mapping[str, str] = {
    "OrgType": "org_type",
    "OrgCode": "org_code",
    "OrgName": "org_name",
    "VariableType": "kind",
    "VariableA": "a",
    "VariableB": "b",
    "CountReferralsReceived": "referrals_received",
    "CountFinishedCourseTreatment": "finished_course",
    "CountAtCaseness": "at_caseness_start",
    "CountNotAtCaseness": "not_at_caseness_start",
    "CountImprovement": "reliable_improvement",
    "PercentageImprovement": "reliable_improvement_pct",
    "CountNoReliableChange": "no_reliable_change",
    "PercentageNoReliableChange": "no_reliable_change_pct",
    "CountDeterioration": "reliable_deterioration",
    "PercentageDeterioration": "reliable_deterioration_pct",
    "CountRecovery": "moved_to_recovery",
    "PercentageRecovery": "recovery_rate_pct",
    "CountReliableRecovery": "reliable_recovery",
    "PercentageReliableRecovery": "reliable_recovery_pct",
    "CountFirstTreatment": "entered_treatment",
    "CountAccessingServices": "entered_treatment",
    "CountEndedReferrals": "ended_referrals",
    "MeanTreatmentAppointments": "mean_sessions",
    "MeanApptsFinishedCourseTreatment": "mean_sessions",
}
"""Columns that are taken, to ours. Underscores and capitals of a name do not count."""

_NOT_TAKEN = """
CountAppropriatePairedADSM CountApptsFinishedCourseTreatment CountBAFIndicatorCompletion
CountEndedAfterOneTreatment CountEndedBeforeTreatment CountFinishedCourseTreatmentContactDuration
CountFinishedCourseTreatmentwithEmpSup CountFinishedTreatmentFirst6Months
CountFinishedTreatmentFirst6MonthsFollowUp CountPairedADSM CountSecondTreatment MeanContactDuration
MeanTotalContactDurationPerReferral MeanTreatmentAppointmentsDeterioration
MeanTreatmentAppointmentsImprovement MeanTreatmentAppointmentsNoChange
MeanTreatmentAppointmentsRecovery MeanTreatmentAppointmentsReliableRecovery
MeanWaitAccessingServices MeanWaitEnteredTreatment MeanWaitFinishedCourseTreatment
MedianContactDuration MedianTotalContactDurationPerReferral PercentageAppropriatePairedADSM
PercentageBAFIndicatorCompletion PercentageFinishedCourseTreatment PercentageFollowUpAppointment
PercentagePairedADSM PercentageVariablewithFCT PercentageVariablewithFCTandES SumContactDuration
"""
NOT_TAKEN = tuple(_NOT_TAKEN.split())
"""Columns that are known and for which the edition has no yearly measure."""

KEYS = ("org_type", "org_code", "kind", "a", "b")
COUNTS = (
    "referrals_received",
    "finished_course",
    "at_caseness_start",
    "not_at_caseness_start",
    "moved_to_recovery",
    "reliable_improvement",
    "reliable_recovery",
    "no_reliable_change",
    "reliable_deterioration",
)
RATES = (
    "reliable_improvement_pct",
    "no_reliable_change_pct",
    "reliable_deterioration_pct",
    "recovery_rate_pct",
    "reliable_recovery_pct",
)
ONLY_TOTAL = ("entered_treatment", "ended_referrals", "mean_sessions")
"""Measures that the edition has for England as a whole only; files made anew by others lack them."""

ORG_TYPES = {
    "England": True,
    "Commissioning Region": True,
    "STP": True,
    "CCG": True,
    "ICB": True,
    "Provider": True,
    "SubICB": False,
    "Sub ICB": False,
    "Sub-ICB": False,
}
"""Kinds of organisation, and whether the edition has a place for them."""

TYPES_BY_YEAR = (("STP", "", "2021-22"), ("CCG", "", "2021-22"), ("ICB", "2022-23", ""))
"""Kinds that were published up to or from a year on."""

NO_AREA = frozenset({"UNKNOWN", "13Q", "14R"})
"""Codes of commissioning hubs and of referrals whose commissioner is not known."""

KINDS_NOT_TAKEN = frozenset(
    {
        "Age Group / Gender",
        "Consultation Medium",
        "Disability",
        "Ethnic Group / Gender",
        "Ex-British Armed Forces and Dependants",
        "Sexual Orientation",
    }
)
WAITS = {
    "<=28 days": "28_days_or_less",
    "29-56 days": "29_to_56_days",
    "57-90 days": "57_to_90_days",
    ">90 days": "over_90_days",
    "<6 weeks": "under_6_weeks",
    "<18 weeks": "under_18_weeks",
}
FIRST_WAITS = ("first treatment", "accessing services")
SECOND_WAITS = "first to second treatment"
OTHER_WAITS = "no second treatment appointment"
CELLS = {"*": "suppressed", "NULL": "not_applicable", "Null": "not_applicable", "": "missing"}
WHOLE_KINDS = ("Age Group", "Ethnic Group", "Gender", "Indices of Deprivation Decile")
"""Kinds whose categories share out all referrals, so that they sum to England's total to the last one."""

KEPT_NAMES = {("2023-24", "TAF90"): "KINGSTON SMS"}
"""Code that a file has twice, the figures the same, under two names: the name that is kept."""


@dataclass(frozen=True)
class Category:
    """How the edition holds a published category: its breakdown, its level, and for deprivation the usual decile."""

    breakdown: str
    level: str
    decile: str


@cache
def known_categories() -> Mapping[tuple[str, str], tuple[tuple[str, Category], ...]]:
    """Kind and category to what it is, with the year since which it is that, from data/annual_categories.csv."""
    known: dict[tuple[str, str], list[tuple[str, Category]]] = {}
    with CATEGORIES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            category = Category(row["breakdown"], row["level"], row["imd_decile_1_most_deprived"])
            key = (row["variable_type"], row["category"])
            known.setdefault(key, []).append((row["since"], category))
    return {key: tuple(sorted(rows, key=lambda r: r[0])) for key, rows in known.items()}


def category_of(kind: str, label: str, year: str) -> Category:
    """What a published category is in a year."""
    rows = known_categories()[kind, label]
    return [rows[0][1], *(c for since, c in rows if since <= year)][-1]


def label(kind: str, a: str, b: str) -> str:
    """A category as the edition spells it.

    >>> label("Ethnic Group", "White", "British"), label("Religion", "None", "NULL")
    ('White | British', 'None (published label)')
    """
    if kind == "Religion" and a == "None":
        return "None (published label)"
    return a if CELLS.get(b) in ("not_applicable", "missing") else f"{a} | {b}"


def refuse_unknown(frame: pd.DataFrame, where: str, year: str) -> None:
    """Unknown kinds of organisation and category, unknown categories of England, and kinds out of their years."""
    faults: list[LedgerError | str] = []
    for name in sorted(set(frame["org_type"]) - set(ORG_TYPES)):
        faults.append(LedgerError("an unknown OrgType", found=repr(name), choices=list(ORG_TYPES)))
    for name, since, until in TYPES_BY_YEAR:
        if name in set(frame["org_type"]) and (year < since or (until and year > until)):
            faults.append(f"the file is of {year} by its name, and has rows of {name}")
    kinds = {kind for kind, _ in known_categories()} | {"Total", "Waiting Time"} | KINDS_NOT_TAKEN
    for name in sorted(set(frame["kind"]) - kinds):
        faults.append(
            LedgerError(
                "an unknown VariableType",
                found=repr(name),
                choices=sorted(kinds),
                nearest=closest(name, kinds),
            )
        )
    england = frame[frame["org_type"].eq("England")]
    faults += [
        f for row in england[["kind", "a", "b"]].itertuples(index=False) if (f := _unknown(*row))
    ]
    if faults:
        raise Faults(f"{where} holds what is not known", faults)


def _unknown(kind: str, a: str, b: str) -> LedgerError | None:
    labels = [text for k, text in known_categories() if k == kind]
    text = label(kind, a, b)
    if labels and text not in labels:
        return LedgerError(
            f"an unknown category of {kind}",
            found=repr(text),
            nearest=closest(text, labels),
            fix=f"add it to data/{CATEGORIES.name}",
        )
    if kind == "Waiting Time":
        first = a.lower()
        spans = {*(w.lower() for w in WAITS), "mean wait"}
        known = first == OTHER_WAITS or (
            first in (*FIRST_WAITS, SECOND_WAITS) and b.lower() in spans
        )
        if not known:
            return LedgerError(
                "an unknown wait", found=repr(f"{a} | {b}"), choices=[*WAITS, "Mean wait"]
            )
    return None


def without_doubles(frame: pd.DataFrame, where: str, year: str) -> tuple[pd.DataFrame, int]:
    """The rows without those known to come twice, and how many were left out.

    Raises:
        Faults: a row comes twice that is not known to.
    """
    keys = list(KEYS)
    again = frame.duplicated(keys, keep=False)
    kept = frame["org_code"].map(lambda code: KEPT_NAMES.get((year, code), ""))
    cells = [c for c in frame.columns if c not in (*keys, "org_name")]
    same = frame.duplicated([*keys, *cells], keep=False)
    known = again & same & kept.ne("")
    out = frame[~(known & frame["org_name"].ne(kept))]
    left = out[out.duplicated(keys)]
    if not left.empty:
        rows = left[keys].head(5).agg(", ".join, axis=1)
        faults = [f"a row comes twice: {row}" for row in rows]
        raise Faults(f"{where} has {len(left):,} rows twice", faults)
    return out, len(frame) - len(out)
