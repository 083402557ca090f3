"""Whether the figures of an annual report hold together."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from iapt_ledger.sources.base import Check
from iapt_ledger.sources.reading import markers
from iapt_ledger.sources.talking_therapies.annual import COUNTS, WHOLE_KINDS


def bounds_check(cells: pd.DataFrame, england: pd.Series) -> Check:
    """Counts whole and not negative, multiples of 5 below England, per cents from 0 to 100.

    Args:
        cells: columns of our measures, as text.
        england: which rows are England's.
    """
    step = england.map({True: 1, False: 5})
    wrong = []
    for name in cells.columns:
        value = markers.numbers(cells[name])
        bad = value < 0
        if name.endswith("_pct"):
            bad |= value > 100
        elif name in COUNTS:
            bad |= (value > 5_000_000) | (value.notna() & (value % step).ne(0))
        wrong += [f"{name} {text}" for text in cells.loc[bad, name]]
    if wrong:
        sentence = f"{len(wrong):,} values are out of bounds, such as {', '.join(wrong[:3])}."
        return Check("bounds", False, sentence)
    return Check("bounds", True, f"All values of {len(cells):,} rows are within bounds.")


def totals_check(frame: pd.DataFrame, columns: Sequence[str] = COUNTS) -> Check:
    """England's totals against its providers, its regions, and its groups by age, sex, ethnicity and deprivation."""
    total = frame["kind"].eq("Total")
    england = frame["org_type"].eq("England")
    apart = []
    for name in columns:
        value = markers.numbers(frame[name])
        whole = float(value[england & total].sum())
        for parts in ("Provider", "Commissioning Region"):
            rows = value[total & frame["org_type"].eq(parts)]
            allowed = 2.5 * rows.notna().sum() + 5 * rows.isna().sum()
            if abs(float(rows.sum()) - whole) > allowed:
                apart.append(f"{name}: {whole:,.0f} against {rows.sum():,.0f} in rows of {parts}")
        for kind in WHOLE_KINDS:
            rows = value[england & frame["kind"].eq(kind) & frame["level"].eq("detail")]
            if float(rows.sum()) != whole:
                apart.append(f"{name}: {whole:,.0f} against {rows.sum():,.0f} by {kind}")
    if apart:
        return Check(
            "totals",
            False,
            f"England's totals are not those of their parts: {'; '.join(apart[:5])}.",
        )
    return Check("totals", True, "England's totals agree with its providers, regions and groups.")
