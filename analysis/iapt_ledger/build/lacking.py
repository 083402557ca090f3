"""What the edition lacks, in words made from what it holds, so that a refresh that fills a gap ends its entry."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from iapt_ledger.build.holdings import BY_MONTH, MISSING
from iapt_ledger.measures import coverage_words
from iapt_ledger.measures.coverage import coverage
from iapt_ledger.measures.money import deflator
from iapt_ledger.measures.spending import spent, years_in_words

Frames = Mapping[str, pd.DataFrame]


def missing(frames: Frames) -> pd.DataFrame:
    """What the edition lacks, what it would settle, and who has it.

    Args:
        frames: tidy tables by name, those of money and of context among them.
    """
    brought = set(spent(frames["expenditure"])["measure"])
    told = {
        "prices": deflator(frames["context"]).years[-1],
        "months": coverage_words.gaps_in_words(_months_lacking(frames)),
        "patients": _years_without_patients(frames["antidepressants_annual"]),
    }
    lacks = [
        m
        for m in MISSING
        if m.awaited not in brought and all(told[name] for name in told if f"{{{name}}}" in m.what)
    ]
    return pd.DataFrame(
        {
            "Not held": [m.what.format(**told) for m in lacks],
            "It would settle": [m.settles for m in lacks],
            "Who has it": [m.fills for m in lacks],
        }
    )


def _months_lacking(frames: Frames) -> list[coverage_words.Gap]:
    """Gaps between the months of which England's activity is held."""
    return coverage_words.gaps(coverage(frames, [BY_MONTH]), BY_MONTH.label)


FIRST_PATIENTS = 2015
"""The publisher's tables count patients from the financial year that begins here."""


def _years_without_patients(annual: pd.DataFrame) -> str:
    """Financial years whose patients the publisher counts and the edition lacks; empty where there are none."""
    rows = annual[
        annual["measure"].eq("patients")
        & annual["geography"].eq("England")
        & annual["period_type"].eq("financial_year")
        & annual["value"].notna()
    ]
    held = {int(year) for year in rows["period_start"].dt.year}
    lacking = {*range(FIRST_PATIENTS, max(held, default=FIRST_PATIENTS))} - held
    return years_in_words([f"{year}-{(year + 1) % 100:02d}" for year in lacking])
