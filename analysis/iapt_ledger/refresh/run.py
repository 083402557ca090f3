"""Refresh: every feed is brought and merged, what changed becomes a new edition, and a table says how each fared.

A feed that fails leaves its part of the edition as it was. Nothing new at all makes no edition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from iapt_ledger.edition.tables import TABLES, table
from iapt_ledger.errors import LedgerError
from iapt_ledger.refresh import records
from iapt_ledger.refresh.bring import Brought, FileChecks, bring, plainly
from iapt_ledger.refresh.edition import new_name, write_edition
from iapt_ledger.refresh.merge import COLUMNS, NEW, REVISED, WITHDRAWN, Merged, merge
from iapt_ledger.refresh.providers import LIST, MONTHLY, unlisted
from iapt_ledger.refresh.soundness import SPELLINGS, with_new_spellings
from iapt_ledger.registry import read_sources
from iapt_ledger.sources.base import Feed, Get, Held, RawFile

AT_ONCE = 4
"""Feeds that are brought side by side; how many requests one host sees at a time is the client's to bound."""


@dataclass
class Outcome:
    """How one feed fared.

    Attributes:
        feed: name.
        title, publisher, cadence: for people.
        periods: new periods by table.
        new, revised, withdrawn, unchanged: values.
        failures: sentences; empty where all went well.
        taken: whether anything of the feed counts in this refresh.
        as_of: date of the feed's last success, this refresh's where it had one.
    """

    feed: str
    title: str
    publisher: str
    cadence: str
    periods: dict[str, tuple[str, ...]] = field(default_factory=dict)
    new: int = 0
    revised: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    failures: list[str] = field(default_factory=list)
    taken: bool = False
    as_of: str = ""

    @property
    def state(self) -> str:
        """In a word or two: brought, failed in part, or failed."""
        if not self.failures:
            return "brought"
        return "failed in part" if self.taken else "failed"


@dataclass(frozen=True)
class Refreshed:
    """What a refresh came to.

    Attributes:
        base: name of the edition that it started from.
        edition: folder of the new edition; None where nothing changed.
        outcomes: one a feed.
        changes: every value that is new, revised or withdrawn.
    """

    base: str
    edition: Path | None
    outcomes: tuple[Outcome, ...]
    changes: pd.DataFrame

    @property
    def status(self) -> int:
        """Exit status: 1 where every feed failed."""
        return int(bool(self.outcomes) and all(o.state == "failed" for o in self.outcomes))


def no_checks(_: RawFile) -> tuple[()]:
    """Rules put to the bytes of a file where the client tells of none."""
    return ()


def refresh(
    feeds: Sequence[Feed],
    get: Get,
    base: Path,
    *,
    day: str = "",
    file_checks: FileChecks = no_checks,
    before: bytes = b"",
    at_once: int = AT_ONCE,
) -> Refreshed:
    """Bring every feed and make a new edition beside the base where anything changed.

    Args:
        feeds: in the order of the table at the end.
        get: how files are brought.
        base: folder of the edition to start from.
        day: name of the new edition, today where empty.
        file_checks: rules put to the bytes of a file, for the record.
        before: what the report printed from the base, to be kept with the new edition (see `records.printed`).
        at_once: feeds brought side by side.

    Raises:
        LedgerError: the base is not what its manifest pins, or the new name is not free; told before anything is
            fetched, but where today's edition is refreshed and only what is new shows that a name is wanted.
    """
    today = date.today().isoformat()
    # A second refresh of a day mostly finds nothing new, and then needs no name.
    name = "" if not day and base.name == today else new_name(day, base.name, base.parent)
    held, registry = Held(base), read_sources(edition=base)
    work = _Work({t: held.table(t) for t in TABLES}, day or today)
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        brought = list(pool.map(lambda feed: bring(feed, get, held, registry, file_checks), feeds))
    _refuse_contested(brought, work.tables)
    last = records.last_successes(base)
    outcomes = [work.put(one, last.get(one.feed.name, base.name)) for one in brought]
    work.spell()
    changes = work.changes()
    edition = None
    if work.changed:
        name = name or new_name(day, base.name, base.parent)
        written = records.of_refresh(base, name, brought, outcomes, changes, work.changed)
        written |= {"before.json": before} if before else {}
        edition = write_edition(base, name, work.changed, written)
    return Refreshed(base.name, edition, tuple(outcomes), changes)


class _Work:
    """The tables as they stand while feeds are merged into them one after another."""

    def __init__(self, tables: dict[str, pd.DataFrame], day: str) -> None:
        self.tables, self._day = tables, day
        self.changed: dict[str, pd.DataFrame] = {}
        self._changes: list[pd.DataFrame] = []

    def put(self, brought: Brought, last: str) -> Outcome:
        """Merge all tables of one feed, or none of them."""
        feed = brought.feed
        outcome = Outcome(feed.name, feed.title, feed.publisher, feed.cadence, as_of=last)
        try:
            merged = {name: self._merge(brought, name) for name in brought.tables}
        except Exception as error:  # whatever it is, it costs this feed alone
            brought.failures.append(plainly(error))
            merged = {}
        outcome.failures = list(brought.failures)
        outcome.taken = brought.whole or bool(merged)
        if brought.whole:
            outcome.as_of = self._day
        for name, one in merged.items():
            self._keep(name, one, outcome)
        if MONTHLY in merged:
            self._list_providers(brought, outcome)
        return outcome

    def _list_providers(self, brought: Brought, outcome: Outcome) -> None:
        """Give every provider that is new its entry in the code list, and tell of it as of any new figure."""
        codes = self.tables[LIST]
        rows = unlisted(codes, self.tables[MONTHLY], brought.organisations)
        nobodys = pd.Series(False, index=codes.index)
        listed = merge(table(LIST), codes, rows, nobodys, feed=brought.feed.name, whole=False)
        self._keep(LIST, listed, outcome)

    def _merge(self, brought: Brought, name: str) -> Merged:
        old, feed = self.tables[name], brought.feed
        owned = feed.owned(name, old)
        rows = brought.tables[name]
        whole = brought.whole and not feed.vintages
        return merge(table(name), old, rows, owned, feed=feed.name, whole=whole)

    def _keep(self, name: str, merged: Merged, outcome: Outcome) -> None:
        counts = merged.changes["change"].value_counts()
        outcome.new += int(counts.get(NEW, 0))
        outcome.revised += int(counts.get(REVISED, 0))
        outcome.withdrawn += int(counts.get(WITHDRAWN, 0))
        outcome.unchanged += merged.unchanged
        if merged.new_periods:
            outcome.periods[name] = merged.new_periods
        if len(merged.changes):
            self.tables[name] = self.changed[name] = merged.frame
            self._changes.append(merged.changes)

    def spell(self) -> None:
        """Give every new label of a breakdown its entry in the code list."""
        if "iapt_breakdowns" in self.changed:
            codes = with_new_spellings(self.tables[SPELLINGS], self.changed["iapt_breakdowns"])
            if len(codes) > len(self.tables[SPELLINGS]):
                self.changed[SPELLINGS] = codes

    def changes(self) -> pd.DataFrame:
        """Every change so far."""
        empty = pd.DataFrame(columns=list(COLUMNS), dtype=str)
        return pd.concat(self._changes, ignore_index=True) if self._changes else empty


def _refuse_contested(brought: Sequence[Brought], tables: Mapping[str, pd.DataFrame]) -> None:
    """Where two feeds both say that a row is theirs, neither counts: nobody could say whose figure it is."""
    for name in sorted({name for one in brought for name in one.tables}):
        frames = [tables[name], *(one.tables[name] for one in brought if name in one.tables)]
        claims = [_claims(one.feed, name, frames) for one in brought]
        for (i, one), (j, other) in combinations(enumerate(brought), 2):
            if name in one.tables or name in other.tables:
                _contest(name, one, other, zip(claims[i], claims[j], strict=True))
    for one in brought:
        if any(said.startswith(_CONTESTED) for said in one.failures):
            one.tables.clear()


_CONTESTED = "Two sources claim one row"


def _claims(feed: Feed, name: str, frames: Sequence[pd.DataFrame]) -> list[np.ndarray]:
    """Which rows of each frame a feed says to be its own."""
    out = []
    for frame in frames:
        try:
            out.append(feed.owned(name, frame).to_numpy(dtype=bool))
        except (
            Exception
        ):  # what a feed cannot say of rows it is asked for again when they are merged
            out.append(np.zeros(len(frame), dtype=bool))
    return out


def _contest(
    name: str, one: Brought, other: Brought, claims: Iterable[tuple[np.ndarray, np.ndarray]]
) -> None:
    for mine, theirs in claims:
        if both := int((mine & theirs).sum()):
            said = LedgerError(
                f"{_CONTESTED}: {one.feed.name} and {other.feed.name}",
                where=f"table {name}",
                found=f"{both:,} such rows",
                fix="let `owns` of one of them leave these rows out",
            )
            for each in (one, other):
                each.failures.append(str(said))
            return
