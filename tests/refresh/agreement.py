"""What a file came to against what an edition holds, row by row and value by value."""

from __future__ import annotations

import pandas as pd

from iapt_ledger.edition.tables import table

NOT_KEYS = frozenset(
    [
        "value",
        "low",
        "high",
        "status",
        "rounding",
        "qualifier",
        "second_hand",
        "source_id",
        "locator",
        "note",
        "unit_scale",
    ]
)
"""Stored columns that do not say which observation a row is of."""


def keys_of(name: str) -> list[str]:
    """Columns of a table that say which observation a row is of."""
    declared = table(name)
    return [c for c in declared.columns if c not in NOT_KEYS and c not in declared.measures]


def differences(name: str, new: pd.DataFrame, old: pd.DataFrame) -> list[str]:
    """What differs, one line each; numbers are the same when they are equal as numbers."""
    keys = keys_of(name)
    assert list(new.columns) == list(table(name).columns)
    assert not new.duplicated(keys).any(), "a row twice"
    both = old.merge(new, on=keys, how="outer", indicator=True, suffixes=("_old", "_new"))
    words = {"left_only": "not in the file", "right_only": "not in the edition"}
    out = [
        f"{words[w]}: {k}"
        for w, *k in both.loc[both["_merge"].ne("both"), ["_merge", *keys]].to_numpy()
    ]
    both = both[both["_merge"].eq("both")]
    for column in (c for c in table(name).columns if c not in keys):
        before, after = both[f"{column}_old"], both[f"{column}_new"]
        same = before.eq(after)
        if column == "value" or column in table(name).measures:
            same |= pd.to_numeric(before, errors="coerce").eq(pd.to_numeric(after, errors="coerce"))
        out += [
            f"{column}: {a!r} became {b!r}"
            for a, b in zip(before[~same], after[~same], strict=True)
        ]
    return out


def values(name: str, rows: pd.DataFrame) -> int:
    """How many values the rows hold."""
    measures = table(name).measures
    return len(rows) * (len(measures) or 1)
