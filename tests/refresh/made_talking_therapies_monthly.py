"""Files of monthly activity: a real one by name, and others in their published layout."""

from __future__ import annotations

import pandas as pd

from iapt_ledger.sources.reading.periods import month_bounds
from iapt_ledger.sources.talking_therapies.monthly import known_measures

from .made_files import real

JUNE = "raw_layout/monthly/nhstalkingtherapies_month_jun_2025_activity_performance.csv.gz"
JUNE_NAME = "nhstalkingtherapies_month_jun_2025_activity_performance.csv"


def month_frame(month: str) -> pd.DataFrame:
    """A month of the tidy files in the published layout."""
    tidy = pd.read_parquet(
        real("nhstt/activity_performance_monthly.parquet"),
        filters=[("reporting_period", "==", month)],
    )
    measures = known_measures()
    names = {
        i: f"{s.capitalize()}_" + "".join(w[0].upper() + w[1:] for w in n.split("_"))
        for i, n, s in tidy[["measure_id", "measure_name", "measure_statistic"]]
        .drop_duplicates(["measure_id", "measure_name"])
        .itertuples(index=False)
        if i in measures
    }
    if month == "2022-07":
        assert any("FirstAssessment" in names[i] for i in ("M031", "M052"))
    value = tidy["value"].map(lambda v: "*" if pd.isna(v) else f"{v:g}" if v < 1e5 else f"{v:.0f}")
    first, last = month_bounds(month)
    names_of = [names[i] for i in tidy["measure_id"]]
    return pd.DataFrame(
        {
            "REPORTING_PERIOD_START": f"{first:%d/%m/%Y}",
            "REPORTING_PERIOD_END": f"{last:%d/%m/%Y}",
            "GROUP_TYPE": tidy["group_type"],
            "ORG_CODE1": tidy["org_code1"],
            "ORG_NAME1": tidy["org_name1"],
            "ORG_CODE2": tidy["org_code2"],
            "ORG_NAME2": tidy["org_name2"],
            "MEASURE_ID": tidy["measure_id"],
            "MEASURE_NAME": names_of,
            "MEASURE_VALUE_SUPPRESSED": value,
        }
    )
