"""Studies: one row is one finding of a paper, with its interval, design and size."""

from __future__ import annotations

import pandas as pd

from iapt_ledger.edition.tables import Table
from iapt_ledger.tidy.units import scale_in_words, with_base_units

CORE = (
    "obs_id",
    "table",
    "study",
    "design",
    "n",
    "measure",
    "value",
    "low",
    "high",
    "unit",
    "unit_detail",
    "status",
    "second_hand",
    "source_id",
    "locator",
    "note",
)
"""Columns of every tidy table of studies, in this order, before its own."""

SEED_COLUMNS = ("what_the_seed_says", "agrees_seed_reading")
"""A reading of the documents under test is not evidence: these columns go no further than the edition."""


def tidy_studies(table: Table, stored: pd.DataFrame) -> pd.DataFrame:
    """Tidy form of a table of studies: one row for each stored row, core columns, then its other columns as text.

    Words that stand in place of a number, and words after a unit, are in `unit_detail`.
    """
    frame = stored.drop(columns=[c for c in SEED_COLUMNS if c in stored])
    if table.name == "prescribing_studies":
        frame = _prescribing(frame)
    if "unit_scale" not in frame:
        frame = frame.assign(unit_scale=[str(scale_in_words(u)) for u in frame["unit"]])
    numberless = frame["value"].eq("") & frame["low"].eq("") & frame["high"].eq("")
    wordy = numberless & frame["status"].isin(["qualitative", "not_found"])
    words = frame["unit"].where(wordy & ~frame["unit"].str.startswith("GBP"), "")
    frame = with_base_units(frame.assign(unit=frame["unit"].where(words.eq(""), "")))
    frame["unit_detail"] = frame["unit_detail"].where(words.eq(""), words)
    frame["second_hand"] = frame["second_hand"].eq("yes")
    frame["obs_id"] = [f"{table.name}:{i}" for i in range(1, len(frame) + 1)]
    frame["table"] = table.name
    return frame[[*CORE, *(c for c in frame.columns if c not in CORE)]]


def _prescribing(frame: pd.DataFrame) -> pd.DataFrame:
    """Estimates that are one number become values; the text of every estimate and interval is kept."""
    numeric, ordered = frame["estimate_numeric"].eq("yes"), frame["ci_ok"].eq("yes")
    frame = frame.assign(
        study=frame["study_id"],
        measure=frame["effect_measure"],
        value=frame["estimate"].where(numeric, ""),
        low=frame["ci_low"].where(numeric & ordered, ""),
        high=frame["ci_high"].where(numeric & ordered, ""),
        unit="",
        locator=frame["seen_part"],
    )
    names = {c: f"{c}_as_published" for c in ("estimate", "ci_low", "ci_high")}
    dropped = ["study_id", "effect_measure", "seen_part", "estimate_numeric", "ci_ok"]
    return frame.drop(columns=dropped).rename(columns=names)
