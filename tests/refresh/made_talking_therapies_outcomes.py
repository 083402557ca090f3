"""Tables of outcomes by therapy in their published layout, made of what the edition holds."""

from __future__ import annotations

import csv
import io
from functools import cache

import pandas as pd

from iapt_ledger.edition.store import find_edition
from iapt_ledger.sources.base import Held
from iapt_ledger.sources.therapy_outcomes import TABLE

from .made_files import real

HELD = Held(find_edition("2026-11-22"))
FILES = {
    "2019-20": ("ther-based-outcomes1920.zip", "psych-ther-1920-out-ther-csv.csv", "Table1.csv"),
    "2020-21": ("ther-based-outcomes2021.zip", "Table4.csv", "Table 1.csv"),
    "2021-22": ("ther-based-outcomes-2122.zip", "Table4_AllTherapies.csv", "Table1.csv"),
    "2022-23": ("ther-based-outcomes2223.zip", "Table4_AllTherapies.csv", "Table1.csv"),
    "2023-24": (
        "ther-based-outcomes2324.zip",
        "Therapy Based Outcomes Table 4.csv",
        "Therapy Based Outcomes Table 1.csv",
    ),
    "2024-25": (
        "ther-based-outcomes2425-2.zip",
        "Therapy Based Outcomes Table 4-2.csv",
        "Therapy Based Outcomes Table 1.csv",
    ),
}
OURS = {
    "total_finishing_course_treatment": "TotalFinishingCourseTreatment",
    "courses_of_therapy": "CoursesOfTherapy",
    "not_caseness": "NotCaseness",
    "ther_recovery": "TherRecovery",
    "ther_rel_recovery": "TherRelRecovery",
    "ther_improvement": "TherImprovement",
    "ther_deterioration": "TherDeterioration",
    "ther_no_change": "TherNoChange",
}


def published(name: str, statistic: str, time: str) -> str:
    """The publisher's name of a column."""
    score = name.upper()
    if statistic == "effect_size":
        return f"Effect{score}"
    if time:
        return f"{time.title()}_{score}_{'Mean' if statistic == 'mean' else 'StdDev'}"
    return f"{statistic.title()}_{OURS[name]}"


_INDEX = ["org_type", "org_code", "org_name", "variable_a", "variable_b"]


@cache
def large_areas() -> pd.DataFrame:
    """Every year of the tidy files, read once."""
    names = ["measure_name", "measure_statistic", "measure_time"]
    tidy = pd.read_parquet(
        real("nhstt/proms_annual.parquet"),
        columns=["reporting_period", *_INDEX, *names, "value"],
        filters=[("org_type", "in", ["England", "Commissioning Region"])],
    )
    said = tidy[names].fillna("")
    columns = {words: published(*words) for words in set(said.itertuples(index=False, name=None))}
    return tidy.assign(column=[columns[w] for w in said.itertuples(index=False, name=None)])


def table_4(year: str) -> bytes:
    """Table 4 in its published layout, from the tidy files; hidden cells as *."""
    tidy = large_areas()
    tidy = tidy[tidy["reporting_period"].eq(year)]
    wide = tidy.set_index([*_INDEX, "column"])["value"].unstack()  # noqa: PD010 - refuses doubles
    wide = wide.map(lambda v: "*" if pd.isna(v) else f"{v:.0f}" if v == int(v) else f"{v}")
    wide.index.names = [
        "OrganisationType",
        "OrganisationCode",
        "OrganisationName",
        "Diagnosis",
        "TherapyType",
    ]
    return wide.reset_index().to_csv(index=False).encode("cp1252")


def table_1(year: str) -> bytes:
    """Table 1 with the header of its year; its labels of therapies are known from the edition only."""
    old = HELD.table(TABLE)
    start = f"{year[:4]}-04-01"
    old = old[old["breakdown"].eq("therapy_type_appointments") & old["period_start"].eq(start)]
    wide = old.set_index(["category", "measure"])["value"].unstack()  # noqa: PD010 - refuses doubles
    out = io.StringIO()
    writer = csv.writer(out)
    place = {"2019-20": ["OrganisationType"], "2020-21": ["Organisation"]}.get(year, [])
    therapy = "TherapyType" if year == "2019-20" else "Therapy_Type"
    writer.writerow(
        [
            *place,
            therapy,
            "Count_1Therapy",
            "Count_2Therapies",
            "Count_3Therapies",
            "Count_4Therapies",
        ]
    )
    for label, row in wide.iterrows():
        writer.writerow(
            [
                *(["England"] if place else []),
                str(label).replace("_", " ").title(),
                *(f"{float(v):.0f}" for v in row),
            ]
        )
    return out.getvalue().encode()
