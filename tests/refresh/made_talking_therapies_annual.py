"""Files of the annual reports: real ones by name, and others in their published layout."""

from __future__ import annotations

from functools import cache

import pandas as pd

from .made_files import real

NEW = "psych-ther-ann-rep-csv-2022-23-main-v2.csv"
FOLDER = "raw_layout/annual/"
NAMES = {
    "referrals_received": "ReferralsReceived",
    "finished_course_treatment": "FinishedCourseTreatment",
    "at_caseness": "AtCaseness",
    "not_at_caseness": "NotAtCaseness",
    "improvement": "Improvement",
    "no_reliable_change": "NoReliableChange",
    "deterioration": "Deterioration",
    "recovery": "Recovery",
    "reliable_recovery": "ReliableRecovery",
}


@cache
def every_year() -> pd.DataFrame:
    """Every year of the tidy files, read once."""
    return pd.read_parquet(
        real("nhstt/measures_annual.parquet"),
        filters=[[("org_type", "==", "England")], [("variable_type", "==", "Total")]],
    )


def year_file(year: str) -> bytes:
    """The rows that a reader needs of a year, from the tidy files, in the published layout."""
    tidy = every_year()
    tidy = tidy[tidy["reporting_period"].eq(year)]
    dash = "" if year <= "2019-20" else "_"
    column = tidy["measure_statistic"].str.capitalize() + dash + tidy["measure_name"].map(NAMES)
    keys = {
        "org_type": "OrgType",
        "org_code": "OrgCode",
        "org_name": "OrgName",
        "variable_type": "VariableType",
        "variable_a": "VariableA",
        "variable_b": "VariableB",
    }
    wide = tidy.assign(column=column).rename(columns=keys)
    wide = wide.set_index([*keys.values(), "column"])["value"].unstack().reset_index()  # noqa: PD010
    return wide.to_csv(index=False).encode("utf-8-sig")
