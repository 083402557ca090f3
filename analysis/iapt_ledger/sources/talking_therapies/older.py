"""Layouts of the annual reports before 2017-18, as described by those who read them; no such file was seen.

Columns of workbooks are counted from 1. What is read from a place is held against its own rates, so that a file
that is laid out otherwise is refused and not misread.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from iapt_ledger.paths import DATA

CATEGORIES = DATA / "annual_categories_older.csv"
ENGLAND = "England total"
AGES = ("Under 16", "16 to 17", "18 to 35", "36 to 64", "65 and over")
ALL_GROUPS = "All ethnic groups"
_FOOTNOTE = re.compile(r"\s*\(\d+\)$")

RATED: Mapping[str, str] = {
    "reliable_improvement": "reliable_improvement_pct",
    "no_reliable_change": "no_reliable_change_pct",
    "reliable_deterioration": "reliable_deterioration_pct",
    "moved_to_recovery": "recovery_rate_pct",
    "reliable_recovery": "reliable_recovery_pct",
}


def _pairs(first: int, step: int = 2) -> dict[str, tuple[int, ...]]:
    """Places of the five outcomes, a count and its rate side by side, from a column on."""
    out: dict[str, tuple[int, ...]] = {}
    for i, (count, rate) in enumerate(RATED.items()):
        out[count], out[rate] = (first + step * i,), (first + step * i + 1,)
    return out


@dataclass(frozen=True)
class Year:
    """A year published as a workbook.

    Attributes:
        received: sheet of referrals; referrals received are in column 3, finished courses in column 5.
        outcomes: sheet of England's outcomes, or a part of its name.
        places: measure to the columns whose sum it is.
        groups: breakdown to its sheet, England's block first.
        people: sheet of people by ethnicity, age and sex, with the first column of males and of females.
        ages: sheet of referrals by age and sex.
        rounding: of the outcomes.
    """

    received: str
    outcomes: str
    places: Mapping[str, tuple[int, ...]]
    groups: Mapping[str, str]
    people: tuple[str, int, int] | None = None
    ages: str = ""
    rounding: str = "not rounded"


WORKBOOKS: Mapping[str, Year] = {
    "2012-13": Year(
        "Table_1a",
        "Table_5a",
        {
            "at_caseness_start": (4,),
            "no_reliable_change": (6, 9),
            "reliable_recovery": (15,),
            "moved_to_recovery": (18,),
            "reliable_improvement": (19,),
            "reliable_deterioration": (20,),
        },
        {},
        people=("Table_8", 7, 13),
        rounding="nearest 10",
    ),
    "2013-14": Year(
        "Table 1a",
        "10a",
        {"at_caseness_start": (4,), **_pairs(6, 3)},
        {},
        people=("Table 17", 12, 6),
    ),
    "2014-15": Year(
        "Table 1a",
        "Table 9a",
        {"at_caseness_start": (4,), "not_at_caseness_start": (5,), **_pairs(6)},
        {
            "ethnic_group": "Table 11b",
            "sexual_orientation": "Table 12b",
            "disability": "Table 13b",
            "religion": "Table 14b",
        },
        ages="Table 10a",
    ),
}
GROUP_PLACES: Mapping[str, tuple[int, ...]] = {
    "finished_course": (5,),
    "at_caseness_start": (6,),
    "not_at_caseness_start": (7,),
    **_pairs(8),
}
"""Places in the sheets of groups of 2014-15; the category stands in column 4."""

PACK_TABLES: Mapping[str, str] = {
    "ethnic_group": "table-9b",
    "sexual_orientation": "table-10b",
    "disability": "table-11b",
    "religion": "table-12b",
    "deprivation_decile_imd": "table-13b",
    "long_term_condition": "table-14",
}
"""Breakdowns to the table of the packs of 2015-16 and 2016-17; the category stands in the third column."""

PACK_NAMES: Mapping[str, tuple[str, ...]] = {
    "finished_course": (
        "FINISH_TREAT",
        "ALL_FIN",
        "FinishedTreatment",
        "FinishedCourseTreatment",
        "AllFinishedCourseTreatment",
    ),
    "at_caseness_start": ("STARTED_CASENESS", "ALL_STARTED_CASENESS"),
    "not_at_caseness_start": (
        "STARTED_NOT_CASENESS",
        "ALL_STARTED_NOT_CASENESS",
        "StartedNoCaseness",
    ),
    "reliable_improvement": ("REL_IMP", "ALL_REL_IMP", "Improvement", "AllImprovement"),
    "reliable_improvement_pct": (
        "REL_IMP_PCNT",
        "ALL_REL_IMP_PCNT",
        "ImprovementRate",
        "AllImprovementRate",
    ),
    "no_reliable_change": (
        "NO_REL_CHANGE",
        "ALL_NO_REL_CHANGE",
        "NoReliableChange",
        "AllNoReliableChange",
        "NoRelibableChange",
    ),
    "no_reliable_change_pct": (
        "NO_REL_CHANGE_PCNT",
        "ALL_NO_REL_CHANGE_PCNT",
        "NoReliableChangeRate",
        "AllNoReliableChangeRate",
        "NoRelibableChangeRate",
    ),
    "reliable_deterioration": ("REL_DET", "ALL_REL_DET", "Deterioration", "AllDeterioration"),
    "reliable_deterioration_pct": (
        "REL_DET_PCNT",
        "ALL_REL_DET_PCNT",
        "DeteriorationRate",
        "AllDeteriorationRate",
    ),
    "moved_to_recovery": ("RECOVERED", "ALL_RECOVERED", "Recovery", "AllRecovery"),
    "recovery_rate_pct": (
        "RECOVERED_PCNT",
        "ALL_RECOVERED_PCNT",
        "RecoveryRate",
        "AllRecoveryRate",
    ),
    "reliable_recovery": ("REL_REC", "ALL_REL_REC", "ReliableRecovery", "AllReliableRecovery"),
    "reliable_recovery_pct": (
        "REL_REC_PCNT",
        "ALL_REL_REC_PCNT",
        "ReliableRecoveryRate",
        "AllReliableRecoveryRate",
    ),
}
"""Measures to their names in the packs, slips of the publisher included."""

RECEIVED = ("RECEIVED", "ReferralsReceived")
BY_SEX: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    sex: {
        "referrals_received": (f"{sex}_REC", f"{sex}ReferralsReceived"),
        "finished_course": (f"{sex}_FIN", f"{sex}FinishedCourseTreatment"),
    }
    for sex in ("All", "Male", "Female")
}
"""Names in table-8a of the packs."""

PACKS = ("2015-16", "2016-17")


@dataclass(frozen=True)
class Known:
    """How the edition holds a category: its level and, for deprivation, the usual decile."""

    level: str
    decile: str


@cache
def known_categories() -> Mapping[tuple[str, str], Known]:
    """Breakdown and category to what it is, from data/annual_categories_older.csv."""
    with CATEGORIES.open(encoding="utf-8", newline="") as file:
        return {
            (row["breakdown"], row["category"]): Known(
                row["level"], row["imd_decile_1_most_deprived"]
            )
            for row in csv.DictReader(file)
        }


def without_footnote(label: str) -> str:
    """A label without its footnote mark.

    >>> without_footnote("Not stated (3)")
    'Not stated'
    """
    return _FOOTNOTE.sub("", label.strip()).strip()


def category(breakdown: str, label: str) -> str:
    """A label as the edition spells it.

    >>> category("ethnic_group", "White - British (2)"), category("religion", "None")
    ('White | British', 'None (published label)')
    """
    text = without_footnote(label)
    if breakdown == "ethnic_group" and " - " in text:
        group, _, detail = text.partition(" - ")
        return f"{group} | {detail}"
    return "None (published label)" if (breakdown, text) == ("religion", "None") else text


def people_category(group: str, label: str) -> str:
    """An ethnic group of the tables of people: under its heading where it has one."""
    return f"{group} | {label}" if group else label


def layout_names() -> Sequence[str]:
    """Names of the layouts, each marked as described and not seen."""
    books = [f"workbook of {year} (as described, not seen)" for year in WORKBOOKS]
    return [*books, *(f"pack of csv of {year} (as described, not seen)" for year in PACKS)]
