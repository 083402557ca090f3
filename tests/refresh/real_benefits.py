"""Real counts of benefits from the folder beside the checkout; without it the tests that ask are skipped."""

from __future__ import annotations

import csv
from functools import cache

from .made_files import real

REAL_DLA = "dla-main-condition-c2011/dla_by_main_disabling_condition_gb.csv"
REAL_INCAP = "statxplore-benefit-combinations/benefit_combinations_tidy.csv"


@cache
def real_dla() -> dict[str, int]:
    """People by main disabling condition as of about May 2011; what the stored copy cuts off stands as Other."""
    with real(REAL_DLA).open(encoding="utf8", newline="") as file:
        counts = {row["main_condition"]: int(row["total"]) for row in csv.DictReader(file)}
    whole = counts.pop("TOTAL")
    return counts | {"Other": whole - sum(counts.values())}


@cache
def real_incapacity() -> dict[str, int]:
    """All claimants of incapacity benefits by quarter (201302)."""
    with real(REAL_INCAP).open(encoding="utf8", newline="") as file:
        return {
            row["quarter_end"].replace("-", "")[:6]: int(row["people"])
            for row in csv.DictReader(file)
            if row["pip_dla_aa"] == "Total" and row["incap"] == "INCAP"
        }
