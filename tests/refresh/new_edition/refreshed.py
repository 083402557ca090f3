"""A refresh of an edition from two made-up files, and what it came to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from iapt_ledger.refresh.run import Outcome, Refreshed, refresh
from iapt_ledger.sources.base import Feed

from ..made_up_feed import LONG, WIDE, Publisher, feed

DAY = "2026-12-01"
LONG_URL, WIDE_URL = "https://example.org/long.json", "https://example.org/wide.json"
OWNED = {
    LONG: lambda rows: rows["source_id"].str.startswith("FINGERTIPS_90799"),
    WIDE: lambda rows: rows["month"].ge("2025-04"),
}


def one_feed(
    name: str = "made_up", urls: tuple[str, ...] = (LONG_URL, WIDE_URL), **more: Any
) -> Feed:
    return feed(name, urls, OWNED, **more)


def contents(edition: Path) -> dict[str, bytes]:
    return {str(p.relative_to(edition)): p.read_bytes() for p in edition.rglob("*") if p.is_file()}


def run(publisher: Publisher, base: Path, *feeds: Feed, day: str = DAY) -> Refreshed:
    return refresh(feeds or (one_feed(),), publisher.get, base, day=day, at_once=1)


def only(done: Refreshed) -> Outcome:
    assert len(done.outcomes) == 1
    return done.outcomes[0]


def with_planted_changes(quarters: pd.DataFrame) -> pd.DataFrame:
    """One value revised, one row withdrawn, and one new quarter."""
    rows = quarters.copy()
    rows.loc[0, "value"] = "1234"
    newest = rows[rows["period_start"].eq(rows["period_start"].max())].assign(
        period_start="2019-10-01", period_end="2019-12-31"
    )
    return pd.concat([rows.drop(index=1), newest], ignore_index=True)
