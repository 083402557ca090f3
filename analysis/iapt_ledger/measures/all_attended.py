"""Therapy types as a share of every attended appointment, those without a recorded type among them.

The annual tables of types hold only appointments with a type. All that were attended are in the monthly files,
from 2021-22 on. The monthly files count types too, by another rule and nine of them only: more of each than the
annual tables. So each share is given by both counts, the annual one first.

Attended means on time or before the professional was ready. Those seen though late are not told apart: they are
among the one and a half per cent of appointments that were neither attended, missed nor cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from iapt_ledger.measures.endings import months_of_year

ATTENDED = "appointments_attended"
CBT_BASED_MONTHLY = (
    "therapy_appts_cbt",
    "therapy_appts_guided_self_help_book",
    "therapy_appts_guided_self_help_computer",
)
TYPES_MONTHLY = (
    *CBT_BASED_MONTHLY,
    "therapy_appts_brief_psychodynamic",
    "therapy_appts_counselling_for_depression",
    "therapy_appts_couple_therapy_for_depression",
    "therapy_appts_emdr",
    "therapy_appts_ipt",
    "therapy_appts_psychoeducational_peer_support",
)
COUNTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"cbt_based": CBT_BASED_MONTHLY, "without_type": TYPES_MONTHLY}
)


def of_all_attended(cbt_based: pd.DataFrame, monthly: pd.DataFrame) -> pd.DataFrame:
    """CBT-based appointments, and those without a type, over all attended appointments, in per cent.

    Args:
        cbt_based: one row a year, events (annual count) and base (appointments with a type), from
            `therapy_types.by_family`.
        monthly: tidy `iapt_national_monthly`.

    Returns:
        A measure frame, "cbt_based" and "without_type"; low and high are the shares by the annual and by the
        monthly count of types, whichever is smaller and larger.
    """
    sums = months_of_year(monthly, ATTENDED, *TYPES_MONTHLY)
    attended = sums[sums["measure"].eq(ATTENDED)][["period", "value", "obs"]]
    frames = []
    for name, types in COUNTS.items():
        found = sums[sums["measure"].isin(types)].groupby("period", as_index=False)
        by_month = found.agg(value_types=("value", "sum"), obs_types=("obs", "sum"))
        annual = cbt_based[["period", "events", "base", "obs"]].rename(columns={"obs": "obs_year"})
        years = annual.merge(by_month, on="period").merge(attended, on="period")
        ours = years["events"] if name == "cbt_based" else years["base"]
        first, second = (100 * part / years["value"] for part in (ours, years["value_types"]))
        if name == "without_type":
            first, second = 100 - first, 100 - second
        frames.append(
            pd.DataFrame(
                {
                    "measure": name,
                    "period": years["period"],
                    "value": first,
                    "low": np.minimum(first, second),
                    "high": np.maximum(first, second),
                    "unit": "percent",
                    "obs": years["obs_year"] + years["obs_types"] + years["obs"],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
