"""Which stored rows are a feed's own, where the publication that they come from tells it."""

from __future__ import annotations

from collections.abc import Iterable

from iapt_ledger.sources.base import Owns


def of_publications(ids: Iterable[str]) -> Owns:
    """Rows of these publications, in every table that the feed extends."""
    known = frozenset(ids)
    return lambda _, rows: rows["source_id"].isin(known)


def of_publications_like(pattern: str) -> Owns:
    """Rows of publications whose whole id fits a pattern, as where each release has an id of its own."""
    return lambda _, rows: rows["source_id"].str.fullmatch(pattern).astype(bool)
