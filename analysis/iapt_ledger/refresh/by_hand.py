"""Read one publisher's file that a person gives, by the same code as a refresh, and say what it comes to."""

from __future__ import annotations

import csv
import hashlib
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from iapt_ledger.acceptance.contents import some
from iapt_ledger.edition.store import find_edition
from iapt_ledger.edition.tables import table
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.files import whole_file
from iapt_ledger.paths import DATA, EDITIONS, edition_name
from iapt_ledger.refresh.bring import Taken, plainly, take
from iapt_ledger.refresh.keys import in_order, periods_of
from iapt_ledger.refresh.merge import NEW, REVISED, merge
from iapt_ledger.registry import plain, read_sources
from iapt_ledger.sources import feed_named, feeds
from iapt_ledger.sources.base import Feed, Held, RawFile, failed

_WIDTH = 100
_LABEL = 12
_MOST = 12


def read_by_hand(path: Path, source: str = "", out: Path | None = None) -> int:
    """Read a file, print what it comes to, and write its observations; 1 where it is refused.

    Raises:
        LedgerError: there is no such file or source, or no source knows the file.
    """
    from iapt_ledger.refresh.transport import checks_by_hand

    file = given(path)
    if out is not None:
        refuse_place(out, path)
    if wrong := failed(checks_by_hand(file)):
        raise Faults(f"the file {file.name} is not read", wrong)
    feed = feed_named(source) if source else recognised(file, feeds())
    edition = find_edition(edition_name())
    held = Held(edition)
    taken = take(feed, file, held, read_sources(edition=edition), checks_by_hand)
    print("\n".join(told(feed, taken, held)))
    if taken.why_not or not taken.parsed:
        print(f"\nRefused: {plain(taken.why_not)}", file=sys.stderr)
        return 1
    if out is not None:
        rows = write_observations(taken.parsed.tables, out)
        print(f"\n{rows:,} rows written to {out}")
    return 0


def refuse_place(out: Path, given_file: Path) -> None:
    """See that observations are not written over the file that was read, or over what the project keeps.

    Raises:
        LedgerError: they would be.
    """
    place = out.resolve()
    kept = any(place.is_relative_to(folder.resolve()) for folder in (EDITIONS, DATA / "raw"))
    if kept or place == given_file.resolve() or place.is_dir():
        raise LedgerError(
            "observations are not written there",
            found=str(out),
            expected="a file of its own, not the one that is read, and not in data/editions or data/raw",
            fix="give another file with --out",
        )


def given(path: Path) -> RawFile:
    """A file that a person gives.

    Raises:
        LedgerError: there is none, it is no file, or it cannot be read.
    """
    if path.exists() and not path.is_file():
        found = "a folder" if path.is_dir() else "a pipe or a device"
        raise LedgerError("this is no file", where=str(path), found=found)
    try:
        with path.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as problem:
        raise LedgerError(
            "the file cannot be read", where=str(path), found=problem.strerror
        ) from None
    return RawFile(path, path.name, sha256=digest)


def recognised(file: RawFile, known: Mapping[str, Feed]) -> Feed:
    """The one feed that knows a file by its content.

    Raises:
        LedgerError: none knows it (with what each had to say of it), or several do.
    """
    found, said = [], []
    for feed in known.values():
        try:
            if feed.recognise(file):
                found.append(feed)
        except Exception as error:  # a file of another kind may be anything
            said.append(f"{feed.name}: {plainly(error)}")
    if len(found) == 1:
        return found[0]
    if found:
        names = [feed.name for feed in found]
        fix = f"say which: --source {names[0]}"
        raise LedgerError("several sources know this file", where=file.name, choices=names, fix=fix)
    kinds = [f"{feed.name}: {some(feed.layouts, 4)}" for feed in known.values()]
    raise Faults(
        f"no source knows the file {file.name} by its content; the layouts known are",
        said or kinds,
        fix="give --source NAME to be told how the file differs from that source's layouts",
    )


def told(feed: Feed, taken: Taken, held: Held) -> Iterator[str]:
    """What a file comes to, as lines."""
    file = taken.file
    yield from _entry("File", [f"{file.name}, {file.path.stat().st_size:,} bytes"])
    yield from _entry("", [f"sha256 {file.sha256}"])
    yield from _entry("Source", [f"{feed.name}: {feed.title}, {feed.publisher}"])
    yield from _entry("Layout", [taken.layout or "none that is known"])
    if taken.parsed:
        parsed = taken.parsed
        kept = [_kept(name, rows) for name, rows in parsed.tables.items()]
        yield from _entry("Kept", kept or ["nothing"])
        yield from _entry("Suppressed", _counted(parsed.suppressed))
        yield from _entry("Refused", _counted(parsed.refused))
        if not taken.why_not:
            yield from _entry("Compared", list(_compared(feed, parsed.tables, held)))
    marks = [f"{'holds' if c.passed else 'FAILS'} – {c.rule}: {c.sentence}" for c in taken.checks]
    yield from _entry("Rules", marks or ["none were put to it"])


def _entry(label: str, lines: Iterable[str]) -> Iterator[str]:
    for i, line in enumerate(lines):
        head = (label if i == 0 else "").ljust(_LABEL)
        yield from textwrap.wrap(
            plain(line), _WIDTH, initial_indent=head, subsequent_indent=" " * (_LABEL + 2)
        )


def _kept(name: str, rows: pd.DataFrame) -> str:
    periods = in_order(periods_of(table(name), rows))
    span = (
        f", {periods[0]} to {periods[-1]}"
        if len(periods) > 1
        else "".join(f", {p}" for p in periods)
    )
    return f"{len(rows):,} rows for {name}{span}"


def _counted(counts: Mapping[str, int]) -> list[str]:
    if not counts:
        return ["nothing"]
    most = Counter(counts).most_common(_MOST)
    lines = [f"{times:,} x {what}" for what, times in most]
    return lines + ([f"and {len(counts) - _MOST} more kinds"] if len(counts) > _MOST else [])


def _compared(feed: Feed, tables: Mapping[str, pd.DataFrame], held: Held) -> Iterator[str]:
    """How a file's figures stand to those of the edition in use."""
    for name, rows in tables.items():
        old = held.table(name)
        owned = feed.owned(name, old)
        merged = merge(table(name), old, rows, owned, feed=feed.name, whole=False)
        counts = merged.changes["change"].value_counts()
        new, revised = (int(counts.get(kind, 0)) for kind in (NEW, REVISED))
        yield (
            f"{name}: {new:,} values new, {revised:,} other than in the edition of {held.edition.name},"
            f" {merged.unchanged:,} the same"
        )


def write_observations(tables: Mapping[str, pd.DataFrame], out: Path) -> int:
    """Write the rows of all tables to one CSV file, the table first; returns how many.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    columns = list(dict.fromkeys(c for rows in tables.values() for c in rows.columns))
    with whole_file(out) as part, part.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["table", *columns])
        for name, rows in tables.items():
            full = rows.reindex(columns=columns, fill_value="")
            writer.writerows(
                [name, *map(_harmless, row)] for row in full.itertuples(index=False, name=None)
            )
    return sum(len(rows) for rows in tables.values())


def _harmless(cell: str) -> str:
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and len(cell) > 1:
        try:
            float(cell)
        except ValueError:
            return f"'{cell}"
    return cell
