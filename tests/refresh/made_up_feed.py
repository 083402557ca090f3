"""A made-up feed over two real tables of an edition: its files are JSON that a test writes, and it can fail."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from iapt_ledger.edition.store import find_edition, read_stored
from iapt_ledger.edition.tables import TABLES
from iapt_ledger.sources.base import (
    Check,
    ContentError,
    Feed,
    FetchError,
    Get,
    Held,
    Parsed,
    RawFile,
    Request,
)

BASE = "2026-11-22"
LONG, WIDE = "iapt_national_quarterly", "iapt_providers_monthly"
LAYOUT = "made up, version 1"


def edition_in(folder: Path) -> Path:
    """A copy of the first edition in a folder of editions of the test's own."""
    source = find_edition(BASE)
    return Path(shutil.copytree(source, folder / "editions" / source.name))


def rows_of(edition: Path, name: str, owned: Callable[[pd.DataFrame], pd.Series]) -> pd.DataFrame:
    """What the edition holds of a feed's own."""
    held = read_stored(name, edition)
    return held[owned(held)].reset_index(drop=True)


class Publisher:
    """A publisher's files by address, as tables; `get` brings them, and fails where it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, bytes] = {}
        self.broken: dict[str, Exception] = {}
        self.asked: list[str] = []

    def put(self, url: str, tables: Mapping[str, pd.DataFrame], **more: object) -> None:
        """Publish a file of tables; `more` goes into it as it is."""
        content = {name: frame.to_dict("records") for name, frame in tables.items()}
        self.files[url] = json.dumps({"tables": content, **more}).encode()

    def get(self, request: Request) -> RawFile:
        """As a client brings it."""
        self.asked.append(request.url)
        if request.url in self.broken:
            raise self.broken[request.url]
        if request.url not in self.files:
            raise FetchError("The host has no such file (404)", where=request.url)
        data = self.files[request.url]
        digest = hashlib.sha256(data).hexdigest()
        self.folder.mkdir(exist_ok=True)
        path = self.folder / digest
        path.write_bytes(data)
        name = request.url.rsplit("/", 1)[-1]
        return RawFile(path, name, request.url, digest, "2026-12-01T00:00:00+00:00", request)


def feed(
    name: str,
    urls: Sequence[str],
    owned: Mapping[str, Callable[[pd.DataFrame], pd.Series]],
    *,
    go_on: bool = False,
) -> Feed:
    """A feed of files of that kind.

    Args:
        name: of the feed.
        urls: what it asks for, in turn.
        owned: table to the rows of it that are the feed's.
        go_on: whether it goes on with the next file where one cannot be had.
    """
    return Feed(
        name,
        f"The series {name}",
        "Nobody",
        "monthly",
        dict.fromkeys(owned, "all of it"),
        (LAYOUT,),
        partial(_fetch, urls, go_on),
        _recognise,
        partial(_parse, name),
        lambda table, rows: owned[table](rows),
    )


def _fetch(urls: Sequence[str], go_on: bool, get: Get, held: Held) -> Iterator[RawFile]:
    assert held.edition.is_dir()
    for url in urls:
        try:
            yield get(Request(url, f"File {url}", "json"))
        except FetchError:
            if not go_on:
                raise


def _recognise(file: RawFile) -> str | None:
    try:
        return LAYOUT if "tables" in json.loads(file.read()) else None
    except ValueError:
        return None


def _parse(name: str, file: RawFile) -> Parsed:
    content = json.loads(file.read())
    if "stop" in content:
        raise KeyError(content["stop"])
    if "unknown" in content:
        raise ContentError("an unknown marker", found=content["unknown"], choices=["*", "-"])
    tables = {
        table: pd.DataFrame(rows, columns=list(TABLES[table].columns), dtype=str)
        for table, rows in content["tables"].items()
    }
    return Parsed(
        name,
        LAYOUT,
        tables,
        suppressed=content.get("suppressed", {}),
        refused=content.get("refused", {}),
        checks=tuple(Check(*check) for check in content.get("checks", [])),
        publications=tuple(content.get("publications", [])),
        organisations=content.get("organisations", {}),
    )


def publication(name: str) -> dict[str, str]:
    """An entry for the registry."""
    return {
        "id": name,
        "title": "A made-up publication",
        "publisher": "Nobody",
        "published": "2026-12-01",
        "licence": "Open Government Licence v3.0",
        "address": "https://example.org/made-up",
        "how_read": "publisher file",
        "cadence": "monthly",
    }
