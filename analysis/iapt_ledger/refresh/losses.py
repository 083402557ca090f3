"""What a release lacks that no publisher withdraws without a word, and a release of another period under a false name.

Single figures may be withdrawn. Where a measure, a breakdown or a kind of organisation is gone from a period as a
whole, or many rows are, it is more likely that a part of the release did not come or was not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pandas as pd

from iapt_ledger.acceptance.contents import some
from iapt_ledger.edition.tables import Table
from iapt_ledger.refresh.keys import key_columns, keys_of, periods_of
from iapt_ledger.sources.base import Check, Feed, Held

KINDS = (
    "series",
    "measure",
    "breakdown",
    "org_type",
    "geography_type",
    "benefit",
    "bnf_scope",
    "bnf_section",
)
"""Columns whose values say what kind of figure a row is."""

MOST_GONE = 0.1
"""Share of a period's rows that a release may lack of those held."""
FEW_OF_KIND = 5
"""Rows of a kind below which it may be withdrawn like any single figure."""
FEW_ROWS = 20
"""Below so many rows of a period a share says nothing."""
_LARGE, _SAME, _ENOUGH = 1000, 0.9, 10
_SAID = {"org_type": "kind of organisation", "geography_type": "kind of area"}


def lost(table: Table, rows: pd.DataFrame, held: pd.DataFrame) -> Iterator[str]:
    """A sentence for each kind of figure, and for each period, of which too much is gone.

    Args:
        table: its declaration.
        rows: all that a source published of it now.
        held: the source's own rows of the edition.
    """
    now, then = periods_of(table, rows), periods_of(table, held)
    before = held.assign(**{_PERIOD: then})
    before = before[before[_PERIOD].isin(set(now))]
    after = rows.assign(**{_PERIOD: now})
    for column in (c for c in KINDS if c in key_columns(table)):
        found = set(zip(after[_PERIOD], after[column], strict=True))
        pairs = Counter(zip(before[_PERIOD], before[column], strict=True))
        told = [
            f"{value} in {period or 'all'} ({n:,})"
            for (period, value), n in sorted(pairs.items())
            if n >= FEW_OF_KIND and (period, value) not in found
        ]
        if told:
            what = _SAID.get(column, column.replace("_", " "))
            yield f"Of {table.name} it holds no row any more of a whole {what}: {some(told)}. {_KEPT}"
    if told := list(_many_gone(table, after, before)):
        yield f"Of {table.name} it holds far fewer rows than the edition: {some(told)}. {_KEPT}"


_PERIOD = "__period"
_KEPT = "Nothing of this source is withdrawn, as more likely a part did not come."


def _many_gone(table: Table, after: pd.DataFrame, before: pd.DataFrame) -> Iterator[str]:
    here = set(keys_of(table, after))
    missing = pd.Series([key not in here for key in keys_of(table, before)], index=before.index)
    for period, which in missing.groupby(before[_PERIOD], sort=True):
        if len(which) >= FEW_ROWS and which.mean() > MOST_GONE:
            yield f"{which.sum():,} of {len(which):,} rows of {period or 'the table'} are gone"


def own_period_checks(feed: Feed, table: Table, rows: pd.DataFrame, held: Held) -> Iterator[Check]:
    """Rule "periods": figures of a year are not those that the edition holds of another year.

    Of a file of a year its name alone tells which. Only large counts are compared, which do not come to the same by
    chance; there is no check where they are too few.
    """
    if table.shape != "long" or not rows["period_type"].eq("financial_year").all():
        return
    before = held.own(feed, table.name)
    new, old = _large(table, rows), _large(table, before)
    pairs = new.merge(old, on="what", suffixes=("", "_held"))
    pairs = pairs[pairs["period"].ne(pairs["period_held"])]
    shares = pairs.assign(same=pairs["value"].eq(pairs["value_held"]))
    groups = shares.groupby(["period", "period_held"])["same"].agg(["mean", "size"])
    alike = groups[(groups["size"] >= _ENOUGH) & (groups["mean"] >= _SAME)]
    if groups.empty:
        return
    if len(alike):
        told = some(f"those of {p} are those that the edition holds of {q}" for p, q in alike.index)
        said = f"The figures for {table.name} are of another period: {told}."
        yield Check("periods", False, said)
        return
    yield Check("periods", True, f"The figures for {table.name} are those of no other period.")


def _large(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Large whole numbers by period and by what they are of."""
    named = [c for c in key_columns(table) if c not in ("period_start", "period_end")]
    value = pd.to_numeric(rows["value"].where(rows["value"].ne(""), None), errors="coerce")
    whole = value.ge(_LARGE) & (value % 1).eq(0)
    chosen = rows[whole]
    return pd.DataFrame(
        {
            "period": periods_of(table, chosen),
            "what": ["\x1f".join(parts) for parts in zip(*(chosen[c] for c in named), strict=True)],
            "value": value[whole].to_numpy(),
        }
    )
