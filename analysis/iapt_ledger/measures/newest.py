"""The year that the report's headlines speak of: the newest that an annual report gives whole.

Months of a later year may be held and even add up to it. A headline waits for the annual report, because sums of
months have differed from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from iapt_ledger.errors import LedgerError

REPORTED = ("referrals_received", "finished_course", "recovery_denominator", "moved_to_recovery")
"""Counts that a headline on recovery rests on."""


def newest_reported(
    counts: pd.DataFrame,
    measures: Sequence[str] = REPORTED,
    *,
    among: Iterable[str] | None = None,
) -> str:
    """The newest year of which the annual report gives every one of these counts, whole and comparable.

    Args:
        counts: from `pathway.pathway_counts`; measures: its stages.
        among: years to choose from, where something else has to be held for the year too.

    Raises:
        LedgerError: there is no such year.
    """
    rows = counts[
        counts["basis"].eq("annual report")
        & counts["complete"]
        & counts["comparable"]
        & counts["measure"].isin(list(measures))
    ]
    whole = rows.groupby("period")["measure"].nunique().eq(len(measures))
    years = set(whole[whole].index)
    years &= years if among is None else set(among)
    if not years:
        raise LedgerError(
            "No annual report gives every count of a headline",
            where="iapt_national_annual",
            expected=", ".join(measures),
        )
    return str(max(years))
