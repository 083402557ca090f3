"""Answers of OpenPrescribing as it gives them, made of real ones."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .made_files import real

EXPORT = "prescribing/antidepressant_items_by_region_monthly.csv"
Row = dict[str, Any]


def regional() -> list[Row]:
    """The real export as the interface answers, 60 months of it."""
    table = pd.read_csv(real(EXPORT))
    return [
        {
            "items": r["y_items"],
            "quantity": 1.0,
            "actual_cost": r["y_actual_cost"],
            "date": f"{r['date'][6:]}-{r['date'][3:5]}-01",
            "row_id": r["id"],
            "row_name": r["name"],
        }
        for r in table.to_dict("records")
    ]


def national() -> list[Row]:
    frame = pd.DataFrame(regional()).groupby("date")[["items", "actual_cost"]].sum().round(2)
    return [
        {"items": int(i), "quantity": 1.0, "actual_cost": c, "date": d}
        for d, i, c in frame.itertuples()
    ]
