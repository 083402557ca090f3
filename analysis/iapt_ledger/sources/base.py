"""What every feed of figures is: how it is fetched, how its files are known, and what they come to.

A feed has one module with one `FEED`. It knows its publisher's addresses and layouts and nothing of transport,
storage or editions: it asks for bytes through `Get`, and gives rows as the edition's tables store them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from iapt_ledger.edition.store import read_stored
from iapt_ledger.errors import LedgerError

Content = Literal["csv", "csv.gz", "html", "json", "parquet", "rar", "xlsx", "zip"]
MEGABYTE = 1_000_000


class FetchError(LedgerError):
    """A file could not be brought: the host, the way there, or what it answered.

    Attributes:
        overcome: set by a feed that brought the same in another way, such as in smaller parts; no failure then.
    """

    overcome = False


class ContentError(LedgerError):
    """A file was brought and is not what its publisher is known to put out."""


@dataclass(frozen=True)
class Request:
    """One thing to ask a publisher for.

    Attributes:
        url: address as the publisher knows it; a mirror setting may lead elsewhere.
        what: what it is, for people: "Monthly activity, May 2025".
        content: what the bytes must be, by content and not by name.
        body: of a POST, JSON; None for a GET.
        secret: name of the secret that the host wants ("stat-xplore"); the client adds it and keeps it out of every
            record.
        least, most: bytes; outside of these the file is refused.
        most_unpacked: bytes that an archive or a compressed file may come to.
        members: of an archive: patterns (fnmatch) each of which one member at least must match.
        fresh: ask the host even where the bytes are held, as for a page of links; otherwise bytes that are held for an
            address that never changes its content are taken.
    """

    url: str
    what: str
    content: Content
    body: bytes | None = None
    secret: str = ""
    least: int = 1
    most: int = 200 * MEGABYTE
    most_unpacked: int = 2000 * MEGABYTE
    members: tuple[str, ...] = ()
    fresh: bool = True


@dataclass(frozen=True)
class RawFile:
    """Bytes as a publisher put them out.

    Attributes:
        path: where they lie; the name of the folder or file says nothing of the content.
        name: the publisher's file name, or that of the file given by hand.
        url: address they came from; empty for a file given by hand.
        sha256: of the bytes.
        fetched: date and time, ISO 8601 in UTC; empty for a file given by hand.
        request: what was asked for; None for a file given by hand.
        next: address of the page after this one, where the host told of one in its Link header.
    """

    path: Path
    name: str
    url: str = ""
    sha256: str = ""
    fetched: str = ""
    request: Request | None = None
    next: str = ""

    def read(self) -> bytes:
        """The bytes."""
        return self.path.read_bytes()


Get = Callable[[Request], RawFile]
"""Bring one file. Raises FetchError, or ContentError where a file is no such content as was asked for."""


@dataclass(frozen=True)
class Check:
    """One rule of acceptance put to one file.

    Attributes:
        rule: its name, such as "type by content".
        passed: whether it holds.
        sentence: what was looked at and found, with a full stop.
    """

    rule: str
    passed: bool
    sentence: str


@dataclass(frozen=True)
class Parsed:
    """What a file came to.

    Attributes:
        feed: name of the feed.
        layout: name of the layout that was recognised.
        tables: table of the edition to rows in its stored columns, as text; see `iapt_ledger.edition.tables`.
        suppressed: cells that the publisher hides, by measure.
        refused: rows or cells that are not taken, by reason in words ("unknown commissioner UNKNOWN": 12).
        checks: rules of acceptance put to the content.
        publications: entries for the registry that it does not hold, as data/sources.yaml writes them.
        organisations: code to name of organisations that its rows name by their code alone.
    """

    feed: str
    layout: str
    tables: Mapping[str, pd.DataFrame]
    suppressed: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    publications: tuple[Mapping[str, object], ...] = ()
    organisations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """What the edition holds before a refresh.

    Attributes:
        edition: its folder.
    """

    edition: Path
    _read: dict[str, pd.DataFrame] = field(default_factory=dict, compare=False, repr=False)
    _own: dict[tuple[str, str], pd.DataFrame] = field(
        default_factory=dict, compare=False, repr=False
    )

    def table(self, name: str) -> pd.DataFrame:
        """A stored table as text, read once; it is shared, so never change it in place.

        Raises:
            LedgerError: it is not declared, missing or changed.
        """
        if name not in self._read:
            self._read[name] = read_stored(name, self.edition)
        return self._read[name]

    def own(self, feed: Feed, name: str) -> pd.DataFrame:
        """The rows of a stored table that are a feed's own; shared like the table itself."""
        if (feed.name, name) not in self._own:
            rows = self.table(name)
            self._own[feed.name, name] = rows[feed.owned(name, rows)]
        return self._own[feed.name, name]


Owns = Callable[[str, pd.DataFrame], pd.Series]
"""Of a stored table and its rows, which of them are a feed's own."""


@dataclass(frozen=True)
class Feed:
    """One publisher's series that a refresh brings.

    Attributes:
        name: as a user writes it, such as "talking_therapies_monthly".
        title, publisher: for people.
        cadence: how often and how late it comes out, in words.
        extends: table of the edition to what this feed replaces or extends there, a sentence.
        layouts: names of the layouts that its files are known to have, in words.
        fetch: what there is to bring, given what is held; yields each file as it comes, so that one that fails does not
            lose those before it. Discovery and paging are its own.
        recognise: the layout of a file, from its bytes; None where it is none of this feed's.
        parse: rows of a file that `recognise` knows. Raises ContentError or Faults: unknown measure, marker or column.
        owns: of a table that it extends, the rows that this feed publishes: a boolean series; asked through `owned`.
            What it owns and no longer publishes for a period that it does publish is withdrawn.
        vintages: whether each release stands beside those before it, under a measure of its own name, so that nothing
            is withdrawn because a later release does not hold it.
    """

    name: str
    title: str
    publisher: str
    cadence: str
    extends: Mapping[str, str]
    layouts: tuple[str, ...]
    fetch: Callable[[Get, Held], Iterator[RawFile]]
    recognise: Callable[[RawFile], str | None]
    parse: Callable[[RawFile], Parsed]
    owns: Owns
    vintages: bool = False

    def owned(self, table: str, rows: pd.DataFrame) -> pd.Series:
        """Which rows of a stored table are this feed's own: none of a table that it does not extend."""
        if table not in self.extends:
            return pd.Series(False, index=rows.index)
        return self.owns(table, rows).astype(bool)


def failed(checks: Iterable[Check]) -> list[str]:
    """Sentences of the rules that do not hold."""
    return [f"{check.rule}: {check.sentence}" for check in checks if not check.passed]
