"""Addresses of files whose place cannot be worked out from their period: data/addresses.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.paths import DATA
from iapt_ledger.sources.base import Content

FILE = DATA / "addresses.yaml"
_CONTENTS = ("csv", "csv.gz", "html", "json", "parquet", "rar", "xlsx", "zip")
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Address:
    """Where one file of a series lies.

    Attributes:
        period: the month or year that it is of, such as "2025-06" or "2024-25".
        url: the publisher's own address.
        content: what is there.
        inside: of an archive: patterns of the members that are read.
    """

    period: str
    url: str
    content: Content
    inside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Series:
    """The files of one feed.

    Attributes:
        pages: addresses of the pages that list what comes out.
        files: known files, in order of period.
        evidence: where the addresses were read.
    """

    pages: tuple[str, ...]
    files: tuple[Address, ...]
    evidence: str
    known: Mapping[str, Address] = field(default_factory=dict)


@cache
def series(feed: str, file: Path = FILE) -> Series:
    """The addresses of one feed.

    Raises:
        LedgerError: the file is not there, or has no such feed.
        Faults: entries are not as they should be.
    """
    try:
        entries = yaml.load(file.read_text(encoding="utf-8"), Loader=_YAML)
    except (OSError, yaml.YAMLError) as error:
        raise LedgerError("the addresses cannot be read", where=file.name, found=error) from None
    if feed not in entries:
        raise LedgerError("no addresses", where=file.name, found=feed, choices=sorted(entries))
    entry = entries[feed]
    faults: list[str] = []
    files = tuple(_address(str(p), e, faults) for p, e in sorted(entry["files"].items()))
    if faults:
        raise Faults(f"data/{file.name}, {feed}, is not sound", faults)
    return Series(tuple(entry["pages"]), files, entry["evidence"], {a.period: a for a in files})


def _address(period: str, entry: Mapping[str, Any], faults: list[str]) -> Address:
    url, content = entry.get("url", ""), entry.get("content", "")
    if not str(url).startswith("https://"):
        faults.append(f"{period}: no address that starts with https://, but {url!r}")
    if content not in _CONTENTS:
        faults.append(f"{period}: content {content!r} is none of {', '.join(_CONTENTS)}")
    return Address(period, url, content, tuple(entry.get("inside", ())))
