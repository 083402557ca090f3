"""Bring what one feed publishes: fetch, hold each file to the rules, parse. What fails costs no other file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pandas as pd

from iapt_ledger.acceptance import contents
from iapt_ledger.edition.tables import TABLES, Table, table
from iapt_ledger.errors import LedgerError
from iapt_ledger.fetch.raw import plain_address
from iapt_ledger.refresh import losses
from iapt_ledger.refresh.keys import in_order, key_columns, periods_of
from iapt_ledger.refresh.merge import twice
from iapt_ledger.refresh.soundness import sound_checks
from iapt_ledger.registry import Registry, entry_faults
from iapt_ledger.sources.base import (
    Check,
    ContentError,
    Feed,
    Get,
    Held,
    Parsed,
    RawFile,
    Request,
    failed,
)

FileChecks = Callable[[RawFile], tuple[Check, ...]]
"""Rules put to the bytes of a file; those that do not hold were raised when it was brought."""


@dataclass(frozen=True)
class Taken:
    """One file and what came of it.

    Attributes:
        file: the bytes.
        layout: its name, empty where none was recognised.
        checks: all rules put to it.
        why_not: why it does not count, a sentence; empty where it does.
        parsed: what it came to, where it counts.
    """

    file: RawFile
    layout: str = ""
    checks: tuple[Check, ...] = ()
    why_not: str = ""
    parsed: Parsed | None = None


@dataclass
class Brought:
    """What one feed came to.

    Attributes:
        feed: the feed.
        files: each file that was brought, refused ones too.
        tables: rows by table, of all files together.
        publications: entries for the registry.
        organisations: code to name, as the files give them; the later file's name counts.
        failures: what failed, in sentences; empty where all came.
    """

    feed: Feed
    files: list[Taken] = field(default_factory=list)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    publications: list[Mapping[str, object]] = field(default_factory=list)
    organisations: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether everything that the feed publishes came."""
        return not self.failures


def bring(feed: Feed, get: Get, held: Held, registry: Registry, file_checks: FileChecks) -> Brought:
    """Everything that a feed publishes, as far as it can be had.

    Files count in the order in which the feed gives them: where two hold one figure, the later one counts.
    """
    brought = Brought(feed)
    refusals: list[tuple[Request, LedgerError]] = []
    for file in _files(feed, _remembering(get, refusals), held, brought.failures):
        taken = take(feed, file, held, registry, file_checks)
        brought.files.append(taken)
        if taken.why_not:
            brought.failures.append(f"{file.name or file.url}: {taken.why_not}")
    brought.failures = list(_one_by_one(brought.failures, [plainly(e) for _, e in refusals]))
    for request, error in refusals:
        if getattr(error, "overcome", False):
            continue
        said = plainly(error)
        if not any(said.rstrip(".") in told for told in brought.failures):
            brought.failures.append(said)
        if isinstance(error, ContentError):
            file = RawFile(Path(), request.what, plain_address(request.url), request=request)
            brought.files.append(Taken(file, "", file_checks(file), said))
    good = [taken.parsed for taken in brought.files if taken.parsed and not taken.why_not]
    for name in TABLES:
        parts = [one.tables[name] for one in good if name in one.tables]
        if parts:
            brought.tables[name] = _later_counts(table(name), parts)
    if brought.whole and not feed.vintages:
        brought.failures += _losses(brought, held)
    brought.publications = [entry for one in good for entry in one.publications]
    for one in good:
        brought.organisations |= one.organisations
    return brought


def _losses(brought: Brought, held: Held) -> Iterator[str]:
    """What is gone as a whole from what all files together hold."""
    for name, rows in brought.tables.items():
        yield from losses.lost(table(name), rows, held.own(brought.feed, name))


def _files(feed: Feed, get: Get, held: Held, failures: list[str]) -> Iterator[RawFile]:
    """The files of a feed until something fails, which is noted."""
    try:
        yield from feed.fetch(get, held)
    except Exception as error:  # whatever it is, it costs this feed alone
        failures.append(plainly(error))


def _one_by_one(failures: Iterable[str], refusals: Iterable[str]) -> Iterator[str]:
    """Each failure by itself, where a feed tells those of several files in one sentence at its end."""
    ends = [said.rstrip(".") for said in refusals]
    for told in failures:
        cuts = {told.find(end) + len(end) for end in ends if end in told}
        places = [0, *sorted(cuts | {len(told)})]
        parts = (told[i:j].strip(". ") for i, j in pairwise(places))
        yield from (f"{part}." for part in parts if part) if cuts else [told]


def _remembering(get: Get, refusals: list[tuple[Request, LedgerError]]) -> Get:
    """The same way to bring files; what fails is noted even where a feed goes on without the file."""

    def asked(request: Request) -> RawFile:
        try:
            return get(request)
        except LedgerError as error:
            refusals.append((request, error))
            raise

    return asked


def take(
    feed: Feed,
    file: RawFile,
    held: Held | None,
    registry: Registry,
    file_checks: FileChecks,
) -> Taken:
    """What one file comes to under all rules.

    Args:
        feed: whose file it is.
        file: the bytes.
        held: the edition that no period may be lost against; None for a file read by hand.
        registry: of publications.
        file_checks: rules put to the bytes.
    """
    checks: tuple[Check, ...] = ()
    layout = ""
    try:
        checks = file_checks(file)
        if wrong := failed(checks):
            return Taken(file, "", checks, " ".join(wrong))
        layout = feed.recognise(file) or ""
        if not layout:
            return Taken(file, "", checks, _of_no_layout(feed, file))
        parsed = feed.parse(file)
        checks = (*checks, *parsed.checks, *_own_checks(feed, parsed, held, registry))
    except Exception as error:  # a file that no parser foresaw is refused like any other
        return Taken(file, layout, checks, plainly(error))
    wrong = failed(checks)
    return Taken(file, parsed.layout, checks, " ".join(wrong), parsed)


def _of_no_layout(feed: Feed, file: RawFile) -> str:
    """That a file is of no layout, with the difference from the nearest one as the source tells it."""
    known = contents.some(feed.layouts, 6)
    said = f"It is of no layout that is known; known are: {known}."
    try:
        feed.parse(file)
    except LedgerError as error:
        return f"{said} {error}"
    return said


def _own_checks(
    feed: Feed, parsed: Parsed, held: Held | None, registry: Registry
) -> Iterator[Check]:
    """Rules that hold of every feed: known tables, publications in order, bounds, ownership and periods."""
    if faults := entry_faults(parsed.publications):
        yield Check("publications", False, f"{contents.some(faults)}.")
        return
    sources = {*registry.canonical, *(str(entry["id"]) for entry in parsed.publications)}
    for name, rows in parsed.tables.items():
        declared = table(name)
        if tuple(rows.columns) != declared.columns:
            near = contents.difference(list(rows.columns), declared.columns)
            yield Check(
                "columns", False, f"Rows for {name} have other columns: {near or 'the order'}."
            )
            continue
        if told := twice(declared, rows):
            said = f"Of {name}, {len(told):,} figures stand twice: {contents.some(told, 3)}."
            yield Check("once", False, said)
            continue
        yield from sound_checks(declared, rows, sources)
        yield _owned(feed, name, rows)
        if held is not None and len(rows):
            yield from _none_lost(feed, declared, rows, held)
            yield from losses.own_period_checks(feed, declared, rows, held)


def _owned(feed: Feed, name: str, rows: pd.DataFrame) -> Check:
    strange = int((~feed.owned(name, rows)).sum())
    if strange:
        said = f"{strange:,} rows for {name} are of a kind that {feed.name} does not say to be its own."
        return Check("ownership", False, said)
    return Check("ownership", True, f"All {len(rows):,} rows for {name} are of {feed.name}'s own.")


def _none_lost(feed: Feed, declared: Table, rows: pd.DataFrame, held: Held) -> Iterator[Check]:
    """Rule "periods" against what the edition holds, for each kind of period in a file's rows."""
    kinds = sorted(set(rows["period_type"])) if declared.shape == "long" else [""]
    several = {}
    for kind in kinds:
        found = in_order(periods_of(declared, rows[rows["period_type"].eq(kind)] if kind else rows))
        if len(found) > 1:
            several[kind] = found
    if not several:  # a file of one period loses none, and most files are
        return
    before = held.own(feed, declared.name)
    for kind, found in several.items():
        then = before[before["period_type"].eq(kind)] if kind else before
        had = in_order(periods_of(declared, then))
        what = f"file's part for {declared.name}" + (
            f", by {kind.replace('_', ' ')}" if kind else ""
        )
        yield contents.periods((), found, had, what=what)


def _later_counts(declared: Table, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows of several files as one frame: of one figure in two files, the later file's counts.

    A figure twice in one file stays twice; to merge it is a fault then.
    """
    columns = list(key_columns(declared))
    numbered = [part.assign(**{_FILE: i}) for i, part in enumerate(parts)]
    every = pd.concat(numbered, ignore_index=True)
    newest = every.groupby(columns, sort=False, dropna=False)[_FILE].transform("max")
    return every[every[_FILE].eq(newest)].drop(columns=_FILE).reset_index(drop=True)


_FILE = "__file"


def plainly(error: Exception) -> str:
    """What went wrong as one line or a few."""
    if isinstance(error, LedgerError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror or type(error).__name__}."
    said = " ".join(str(error).split())[:300]
    return f"The parser stopped, which is a fault of its own: {type(error).__name__}: {said}."
