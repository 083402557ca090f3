"""What the edition holds, series by series, and what it lacks. The methods chapter prints both."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from iapt_ledger.measures.coverage import Series
from iapt_ledger.measures.money import newest
from iapt_ledger.measures.spending import ACTUAL


@dataclass(frozen=True)
class Missing:
    """Something that the edition does not hold.

    Attributes:
        what, settles, fills: what it is, with the last year of prices as {prices}, months that are lacking as {months}
            and years without patients as {patients}, and no entry where there are none; what it would
            settle, who has it.
        awaited: a measure of the table of money that a refresh may bring; what is held is not missing.
    """

    what: str
    settles: str
    fills: str
    awaited: str = ""


_YEARLY = {"series": ("sum of monthly files",)}
_PROGRAMME, _DRUGS, _BENEFITS = (
    "Talking therapies",
    "Antidepressants",
    "Benefits for a mental health problem",
)
BY_MONTH = Series(
    _PROGRAMME,
    "Entered treatment, by month",
    "iapt_national_monthly",
    {"measure": ("entered_treatment",)},
)
SPENDING = "Yearly spending on the programme"
COVERAGE = (
    Series(
        _PROGRAMME,
        "Entered treatment, by year",
        "iapt_national_annual",
        {"measure": ("entered_treatment",)},
    ),
    BY_MONTH,
    Series(
        _PROGRAMME,
        "Finished and recovered, by year",
        "iapt_national_annual",
        {"measure": ("moved_to_recovery",)},
        _YEARLY,
    ),
    Series(
        _PROGRAMME,
        "Recovered, by month",
        "iapt_national_monthly",
        {"measure": ("moved_to_recovery",)},
    ),
    Series(
        _PROGRAMME,
        "Recovered, by deprivation",
        "iapt_breakdowns",
        {"breakdown": ("deprivation_decile_imd",), "measure": ("moved_to_recovery",)},
    ),
    Series(
        _PROGRAMME,
        "Recovered, by ethnic group",
        "iapt_breakdowns",
        {"breakdown": ("ethnic_group",), "measure": ("moved_to_recovery",)},
    ),
    Series(
        _PROGRAMME,
        "Recovered, by therapy",
        "iapt_breakdowns",
        {"breakdown": ("therapy_type",), "measure": ("therapy_recovery",)},
    ),
    Series(
        _PROGRAMME,
        "By provider, by year",
        "iapt_organisations_annual",
        {"measure": ("finished_course",), "org_type": ("Provider",)},
    ),
    Series(
        _PROGRAMME,
        "By provider, by month",
        "iapt_providers_monthly",
        {"measure": ("referrals_received",)},
    ),
    Series(
        _PROGRAMME,
        SPENDING,
        "expenditure",
        {"measure": (ACTUAL,), "geography_type": ("country",)},
        awaited=True,
    ),
    Series(
        _DRUGS,
        "Items, by year",
        "antidepressants_annual",
        {"measure": ("items",), "geography": ("England",)},
        {"status": ("study_estimate",)},
    ),
    Series(
        _DRUGS,
        "Patients, by year",
        "antidepressants_annual",
        {"measure": ("patients",), "geography": ("England",)},
        {"status": ("study_estimate",)},
    ),
    Series(
        _DRUGS, "Items, by region and month", "prescribing_region_monthly", {"measure": ("items",)}
    ),
    Series(
        _BENEFITS,
        "DLA or PIP, people",
        "benefits_annual",
        {"measure": ("caseload",), "benefit": ("DLA", "PIP", "DLA+PIP")},
        {"condition_group": ("all",)},
    ),
    Series(
        _BENEFITS,
        "IB or ESA, people",
        "benefits_annual",
        {"measure": ("caseload",), "benefit": ("IB", "IB/SDA", "ESA", "IB+ESA")},
        {"condition_group": ("all", "alcoholism", "drug abuse")},
    ),
    Series(
        "To compare with",
        "Population of England",
        "context",
        {
            "measure": ("Mid-year population, all ages (series of the mid-2024 release)",),
            "geography": ("England",),
        },
    ),
)
"""Lines of the coverage chart but for that of prices; one that is awaited may not be held yet."""


def lines(context: pd.DataFrame) -> tuple[Series, ...]:
    """Every line of the coverage chart; prices are those of the release that deflates."""
    release = {"source_id": (newest(context).source,), "status": ("published",)}
    return (*COVERAGE, Series("To compare with", "Prices, outturn", "context", release))


MISSING = (
    Missing(
        "What the programme spent in each year",
        "What a recovery cost, top-down, without a guess at how announced money was used",
        "NHS England, mental health dashboard, spending on talking therapies by area",
        ACTUAL,
    ),
    Missing(
        "National activity from January 2012 to March 2013",
        "Whether the reorganisation of 2013 set the programme back",
        "Department of Health and HSCIC, quarterly KPI files, in the web archive",
    ),
    Missing(
        "National activity by month {months}",
        "The fall and return of activity in the pandemic, month by month",
        "NHS Digital, monthly activity data files of those months",
    ),
    Missing(
        "Patients on antidepressants in {patients}",
        "Whether more people or longer treatment made items rise",
        "NHS Business Services Authority, Medicines Used in Mental Health, first editions",
    ),
    Missing(
        "Yearly counts of benefits by condition, one series",
        "The claims on disability benefits under each scheme",
        "Department for Work and Pensions, Stat-Xplore, and its retired tabulation tool in the web archive",
    ),
    Missing(
        "Prices after {prices} that are outturn",
        "Real terms for the newest year",
        "HM Treasury, GDP deflators, next release",
    ),
    Missing(
        "Adults in each year, one vintage",
        "Rates per adult over the years instead of per head of all ages",
        "Office for National Statistics, mid-year estimates by single year of age",
    ),
    Missing(
        "Comparators outside England over all these years, nation by nation",
        "A controlled comparison of prescribing, benefits and mental health",
        "Public Health Scotland, NHS Wales, Department of Health in Northern Ireland",
    ),
    Missing(
        "Scores at the start by group, and breakdowns crossed with each other",
        "How much of a gap between groups is severity",
        "NHS England, patient-level data set, on application",
    ),
    Missing(
        "What became of people afterwards, and of those who left after one session",
        "Whether recovery lasted, and the true rate among everyone who began",
        "Linked records of health, work and benefits, on application",
    ),
    Missing(
        "People like them without the programme",
        "What the programme caused",
        "No publication. A trial, or a rollout by lot, would have been needed",
    ),
)
