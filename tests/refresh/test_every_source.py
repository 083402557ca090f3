"""What can be wrong with any publisher's file, tried on a good file of every source, through a real server and refresh.

All sources are refreshed at once from files that are broken in one way. Each must say what is wrong with its file, in
its line of the table; the edition stays as it was to the byte; and the next refresh, from good files, completes.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from iapt_ledger.fetch.client import Client, Patience
from iapt_ledger.fetch.raw import RawStore
from iapt_ledger.refresh.report import table_of
from iapt_ledger.refresh.run import Outcome, refresh
from iapt_ledger.sources import MODULES, feed_named
from iapt_ledger.sources.base import MEGABYTE, Feed, Get, Held, RawFile, Request

from .made_files import zipped
from .made_up_feed import edition_in
from .samples import Sample, replaced, samples, unzipped

HOST = "files.example"
PAGE = b"<!DOCTYPE html><html><body>Sorry, we are busy</body></html>" * 20
MOST_UNPACKED = 40 * MEGABYTE
MARK = b"\xef\xbb\xbf"
TEXT = ("csv", "json")
"""Files that are text themselves; the others are archives, workbooks among them."""


@dataclass(frozen=True)
class Fared:
    """How all sources fared in one refresh."""

    outcomes: dict[str, Outcome]
    table: str
    unchanged: bool
    made: bool


@dataclass
class World:
    """A server with a file of every source, and a client with a store that all refreshes share."""

    server: HTTPServer
    get: Client
    folder: Path
    good: dict[str, Sample]

    def refresh(self, files: dict[str, bytes], day: str, status: int = 200) -> Fared:
        """Refresh all sources from these files, which the server answers with this status."""
        self.server.clear()
        for name, data in files.items():
            path = f"/x/{name}/{self.good[name].name}"
            self.server.expect_request(path).respond_with_data(data, status=status)
        base = edition_in(self.folder / day)
        before = _contents(base)
        feeds = [_of_one_file(feed_named(name), self.good[name]) for name in files]
        done = refresh(feeds, self.get, base, day=day, at_once=2)
        outcomes = {outcome.feed: outcome for outcome in done.outcomes}
        same = _contents(base) == before
        return Fared(outcomes, table_of(done.outcomes), same, done.edition is not None)


def _contents(edition: Path) -> dict[str, bytes]:
    return {str(p.relative_to(edition)): p.read_bytes() for p in edition.rglob("*") if p.is_file()}


def _of_one_file(feed: Feed, sample: Sample) -> Feed:
    """A source that publishes this file and nothing else."""
    request = Request(
        url=f"https://{HOST}/{feed.name}/{sample.name}".replace(" ", "%20"),
        what=sample.what or f"The file of {feed.name}",
        content=sample.content,
        most_unpacked=MOST_UNPACKED,
    )

    def fetch(get: Get, held: Held) -> Iterator[RawFile]:
        yield get(request)

    return replace(feed, fetch=fetch)


@pytest.fixture(scope="module")
def world(make_httpserver: HTTPServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    good = samples(make_httpserver, folder / "answers")
    patience = Patience(connect=2, read=20, tries=1, first=0.001, longest=0.01, longest_pause=0.2)
    mirrors = {HOST: make_httpserver.url_for("/x")}
    client = Client(RawStore(folder / "raw"), mirrors=mirrors, patience=patience)
    yield World(make_httpserver, client, folder, good)
    client.close()
    make_httpserver.clear()


def _other_bytes(sample: Sample) -> bytes | None:
    """Bytes that are text in no encoding that a publisher uses."""
    if sample.content not in TEXT:
        return None
    return sample.data[:200] + b"\x81\x8d\xff" + sample.data[200:]


def _bomb(sample: Sample) -> bytes:
    """Little that unpacks to more than a file may come to."""
    nothing = b"\0" * (MOST_UNPACKED + MEGABYTE)
    if sample.content in TEXT:
        return gzip.compress(nothing, 1)
    return zipped({**unzipped(sample.data), "a.csv": nothing})


def _cut(sample: Sample) -> bytes:
    """Half of an archive or of a workbook; of a text, up to the middle of a cell."""
    if sample.content == "csv":
        return sample.data[: sample.data.rindex(b",")].rstrip(b'"')[:-1] + b'"'
    return sample.data[: len(sample.data) // 2]


GONE = "no such file"
Broken = Callable[[Sample], bytes | None]
FAULTS: dict[str, tuple[Broken, str]] = {
    "a page": (lambda _: PAGE, "a web page"),
    "nothing": (lambda _: b"", "0 bytes"),
    "another encoding": (_other_bytes, "no encoding|no text|JSON"),
    "a bomb": (_bomb, "gzip|more than 40.0 MB when it is unpacked"),
    "a way out of the folder": (lambda _: zipped({"../../evil.csv": b"a,b\n1,2\n"}), "zip|leaves"),
    "cut short": (
        _cut,
        "damaged|JSON|cells than the header|quotation mark|not two cells|end of data",
    ),
    GONE: (lambda _: b"gone", "404"),
    "a header renamed": (lambda s: replaced(s.data, *s.header[:2]), "header"),
}
EVERY = [(fault, name) for fault in FAULTS for name in MODULES]


@pytest.fixture(scope="module")
def fared(world: World) -> Callable[[str], Fared]:
    """How all sources fared with one fault, found out once."""
    known: dict[str, Fared] = {}

    def look(fault: str) -> Fared:
        if fault not in known:
            broken = {name: FAULTS[fault][0](sample) for name, sample in world.good.items()}
            files = {name: data for name, data in broken.items() if data is not None}
            status = 404 if fault == GONE else 200
            known[fault] = world.refresh(files, f"2027-01-{len(known) + 1:02d}", status)
        return known[fault]

    return look


def test_there_is_a_good_file_of_every_source(world: World) -> None:
    assert set(world.good) == set(MODULES)


@pytest.mark.parametrize(("fault", "name"), EVERY)
def test_a_broken_file_is_told_in_the_sources_own_line(
    fault: str, name: str, world: World, fared: Callable[[str], Fared]
) -> None:
    told = fared(fault)
    if name not in told.outcomes:
        pytest.skip("a file of this kind cannot have the fault")
    outcome = told.outcomes[name]
    said = " ".join(outcome.failures)
    wanted = world.good[name].header[2] if fault == "a header renamed" else FAULTS[fault][1]
    assert outcome.state == "failed"
    assert re.search(wanted, said), said
    assert (outcome.new, outcome.revised, outcome.withdrawn) == (0, 0, 0)
    lines = told.table.splitlines()
    first = next(row for row in lines if row.startswith(f"{name[:28]} "))
    assert first.split()[-5:] == ["-", "-", "-", "-", "FAILED"]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_edition_stays_as_it_was(fault: str, fared: Callable[[str], Fared]) -> None:
    assert fared(fault).unchanged
    assert not fared(fault).made


@pytest.fixture(scope="module")
def whole(world: World, fared: Callable[[str], Fared]) -> Fared:
    """A refresh from good files after one that failed, in the same store."""
    fared("a page")
    return world.refresh({name: s.data for name, s in world.good.items()}, "2027-02-01")


@pytest.mark.parametrize("name", MODULES)
def test_the_next_refresh_completes(name: str, whole: Fared) -> None:
    outcome = whole.outcomes[name]
    assert outcome.failures == []
    assert outcome.new + outcome.revised + outcome.unchanged > 0
    assert whole.unchanged
    assert whole.made


@pytest.mark.parametrize("name", MODULES)
def test_a_byte_order_mark_changes_nothing(name: str, world: World, tmp_path: Path) -> None:
    sample, feed = world.good[name], feed_named(name)
    if sample.content not in TEXT:
        pytest.skip("no text, so that it can have no such mark")
    bare = sample.data.removeprefix(MARK)
    (tmp_path / "bare").write_bytes(bare)
    (tmp_path / "marked").write_bytes(MARK + bare)
    one, other = (RawFile(tmp_path / n, sample.name) for n in ("bare", "marked"))
    assert feed.recognise(one) == feed.recognise(other)
    without, with_mark = feed.parse(one).tables, feed.parse(other).tables
    assert without.keys() == with_mark.keys()
    assert all(without[table].equals(with_mark[table]) for table in without)
