"""The registry of sources: data/sources.yaml as records, every text in them plain.

Titles and notes were copied from pages of strangers. They are given back without control characters and on one
line; whoever prints them escapes them for the format at hand.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from iapt_ledger.edition.manifest import read_record
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.paths import DATA, EDITIONS, edition_name

FILE = DATA / "sources.yaml"
RECORD = "sources.yaml"
"""Of an edition: the publications that it adds."""
HOW_READ = (
    "publisher file",
    "copy or re-layout",
    "web page",
    "article",
    "abstract",
    "parliamentary record",
    "press",
    "third-party page",
    "third-party data",
    "starting document",
)
CADENCES = ("annual", "quarterly", "monthly", "twice a year", "irregular", "once")
ATTRIBUTIONS: Mapping[str, str] = {
    "Open Government Licence v3.0": (
        "Contains public sector information licensed under the Open Government Licence v3.0."
    ),
    "Open Parliament Licence v3.0": (
        "Contains Parliamentary information licensed under the Open Parliament Licence v3.0."
    ),
}
"""Licence to the sentence that its terms ask us to print."""

_ID = re.compile(r"[A-Za-z0-9_]+")
_PUBLISHED = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?|not seen")
_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?")
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Source:
    """One publication. The header of data/sources.yaml says what each field holds."""

    id: str
    title: str
    publisher: str
    published: str
    licence: str
    address: str
    how_read: str
    cadence: str
    original_address: str = ""
    aliases: tuple[str, ...] = ()
    note: str = ""
    unused: str = ""

    @property
    def link(self) -> str:
        """The address when it is a web address without surprises, else empty text."""
        return self.address if _LINK.fullmatch(self.address) else ""

    @property
    def attribution(self) -> str:
        """The sentence that the licence asks for, empty when it asks for none."""
        return ATTRIBUTIONS.get(self.licence, "")

    @property
    def citation(self) -> str:
        """One line of plain text: publisher, title and date."""
        date = f" ({self.published})" if self.published != "not seen" else ""
        return f"{self.publisher}: {self.title}{date}"


class Registry(Mapping[str, Source]):
    """Sources by id. A lookup also takes an alias; iterating gives each source once."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = {s.id: s for s in sources}
        self.canonical: Mapping[str, str] = {
            name: s.id for s in self._sources.values() for name in (s.id, *s.aliases)
        }

    def __getitem__(self, name: str) -> Source:
        """The source of an id or alias.

        Raises:
            LedgerError: it is not in the registry; the message names the nearest ids.
        """
        try:
            return self._sources[self.canonical[name]]
        except KeyError:
            near = difflib.get_close_matches(str(name), self.canonical, n=3)
            raise LedgerError(
                "no such source",
                where="data/sources.yaml",
                found=repr(name),
                choices=near,
                fix="add an entry to data/sources.yaml",
            ) from None

    def get(self, name: str, default: Any = None) -> Any:
        """The source of an id or alias, or the default."""
        known = name in self.canonical
        return self[name] if known else default

    def __contains__(self, name: object) -> bool:
        return name in self.canonical

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


def plain(text: object) -> str:
    """Text on one line, without control, format or private characters.

    >>> plain("a\\u202eb\\n c")
    'ab c'
    """
    kept = (c for c in str(text) if c.isspace() or not unicodedata.category(c).startswith("C"))
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def read_sources(path: Path = FILE, *, edition: Path | None = None) -> Registry:
    """Read and check the registry; the same files are parsed once in a process.

    A refresh keeps the publications that it adds inside the edition that it makes. They stand beside those of
    data/sources.yaml; where both have an id, the one of data/sources.yaml counts, as it is edited by hand.

    Args:
        path: the registry; without `edition`, another one than data/sources.yaml is read alone.
        edition: folder of the edition whose publications count; the one in use unless given.

    Raises:
        Faults: every entry out of order, not unique, incomplete or with a value that is not allowed.
        LedgerError: a file is missing, is not YAML, or is not what the edition's manifest pins.
    """
    try:
        stamp = path.stat().st_mtime_ns
    except FileNotFoundError:
        raise LedgerError(
            "the registry is missing", where=path.name, fix="git checkout -- data/sources.yaml"
        ) from None
    if edition is None and path == FILE:
        edition = EDITIONS / edition_name()
    return _read(path, stamp, read_record(RECORD, edition) if edition else b"")


def edition_entries(edition: Path) -> list[dict[str, Any]]:
    """The publications that an edition itself adds to the registry, as entries; mostly none.

    Raises:
        LedgerError: the record is not YAML, or not what the manifest pins.
    """
    return _entries(read_record(RECORD, edition), f"data/editions/{edition.name}/{RECORD}")


def written(entries: Iterable[Mapping[str, object]]) -> bytes:
    """Entries as YAML in order of id, as data/sources.yaml has them."""
    ordered = sorted(
        (dict(entry) for entry in entries),
        key=lambda entry: (str(entry["id"]).casefold(), str(entry["id"])),
    )
    head = "# Publications that this edition adds to data/sources.yaml, whose head says what the fields hold.\n"
    text = yaml.safe_dump(ordered, allow_unicode=True, sort_keys=False, width=1000)
    return (head + text).encode("utf-8")


def entry_faults(entries: Iterable[object]) -> list[str]:
    """What is wrong inside each of these entries, before they are put into a registry."""
    return [fault for i, entry in enumerate(entries, 1) for fault in _entry_faults(i, entry)]


@lru_cache(maxsize=8)
def _read(path: Path, stamp: int, added: bytes) -> Registry:
    entries = _entries(path.read_bytes(), path.name)
    faults = entry_faults(entries) or _list_faults(entries)
    if faults:
        raise Faults("the registry has faults", faults, fix="edit data/sources.yaml")
    registry = Registry(_source(e) for e in entries)
    more = _entries(added, RECORD)
    if faults := entry_faults(more) or _list_faults(more):
        raise Faults(f"the edition's own {RECORD} has faults", faults)
    mine = (_source(e) for e in more if e["id"] not in registry)
    return Registry([*registry.values(), *mine]) if more else registry


def _entries(data: bytes, where: str) -> list[dict[str, Any]]:
    """Entries of a registry file, unchecked; none where there is no file."""
    if not data:
        return []
    try:
        entries = yaml.load(data.decode("utf-8"), Loader=_YAML)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LedgerError("the registry is not YAML", where=where, found=error) from error
    if not isinstance(entries, list):
        raise LedgerError("the registry is not a list of entries", where=where)
    return entries


def _source(entry: Mapping[str, object]) -> Source:
    texts = {k: plain(v) for k, v in entry.items() if k != "aliases"}
    aliases = entry.get("aliases", ())
    return Source(**texts, aliases=tuple(aliases))  # type: ignore[arg-type]


def _entry_faults(number: int, entry: object) -> list[str]:
    """What is wrong inside one entry."""
    if not isinstance(entry, dict):
        return [f"entry {number} is not a mapping"]
    name = f"entry {number} ({entry.get('id', 'no id')})"
    known = {f.name: f.default is MISSING for f in fields(Source)}
    faults = [f"{name}: unknown field {k}" for k in entry if k not in known]
    faults += [
        f"{name}: {k} is missing" for k, needed in known.items() if needed and not entry.get(k)
    ]
    for key, value in entry.items():
        good = isinstance(value, list) if key == "aliases" else isinstance(value, str) and value
        if not good:
            faults.append(
                f"{name}: {key} must be {'a list' if key == 'aliases' else 'text'}, found {value!r}"
            )
    for key, pattern in (("id", _ID), ("published", _PUBLISHED)):
        if isinstance(entry.get(key), str) and not pattern.fullmatch(entry[key]):
            faults.append(f"{name}: {key} {entry[key]!r} does not match {pattern.pattern}")
    for key, choices in (("how_read", HOW_READ), ("cadence", CADENCES)):
        if entry.get(key) and entry[key] not in choices:
            faults.append(f"{name}: {key} {entry[key]!r} is not one of {', '.join(choices)}")
    return faults


def _list_faults(entries: list[dict[str, object]]) -> list[str]:
    """What is wrong between entries: order and uniqueness of ids and aliases."""
    ids = [str(e["id"]) for e in entries]
    faults = [
        f"{b} stands after {a}: entries are in order of id, capitals ignored"
        for a, b in pairwise(ids)
        if a.casefold() > b.casefold()
    ]
    seen: set[str] = set()
    for entry in entries:
        aliases = entry.get("aliases", [])
        for name in (entry["id"], *(aliases if isinstance(aliases, list) else ())):
            if name in seen:
                faults.append(f"{name} stands twice, as an id or alias")
            seen.add(str(name))
    return faults
