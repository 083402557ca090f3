"""The manifest of an edition pins each file by its bytes; nothing is read that does not match it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from iapt_ledger.edition.tables import TABLES, Table
from iapt_ledger.errors import Faults, LedgerError

FILE = "manifest.json"
RECORDS = ("sources.yaml", "acceptance.json", "refresh.json", "changes.json", "before.json")
"""What an edition made by a refresh holds besides tables, pinned with them: publications that data/sources.yaml lacks,
what each file was held to, how each source fared, what is new, revised and withdrawn, and what the report printed from
the edition before."""
ACCEPTED = "accepted.json"
"""Written into an edition when a person accepts it; the only file of an edition that no manifest pins."""


@dataclass(frozen=True)
class Pin:
    """What one stored file must be.

    Attributes:
        path: path inside the edition.
        sha256: checksum of its bytes.
        bytes: size.
        rows: data rows.
        columns: names in order.
        sources: how many different source ids its rows name.
    """

    path: str
    sha256: str
    bytes: int
    rows: int
    columns: tuple[str, ...]
    sources: int


def sha256(data: bytes) -> str:
    """Checksum as lower-case hexadecimal text."""
    return hashlib.sha256(data).hexdigest()


def write_manifest(edition: Path) -> None:
    """Pin every table and every record of a new edition. Called once, when the edition is made."""
    from iapt_ledger.edition.store import decode  # the store verifies with this module

    pins = []
    for table in (t for t in TABLES.values() if t.held_by(edition.name)):
        data = (edition / table.file).read_bytes()
        frame = decode(data, table)
        sources = frame["source_id"] if "source_id" in frame else frame.iloc[:0, 0]
        named = int(sources[sources.ne("")].nunique())
        pins.append(
            Pin(table.file, sha256(data), len(data), len(frame), tuple(frame.columns), named)
        )
    content: dict[str, object] = {"edition": edition.name, "files": [asdict(p) for p in pins]}
    records = [name for name in RECORDS if (edition / name).is_file()]
    if records:  # an edition compiled by hand has none, and its manifest says nothing of them
        content["records"] = [_record_pin(name, edition) for name in records]
    (edition / FILE).write_text(
        json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _record_pin(name: str, edition: Path) -> dict[str, object]:
    data = (edition / name).read_bytes()
    return {"path": name, "sha256": sha256(data), "bytes": len(data)}


def read_manifest(edition: Path) -> Mapping[str, Pin]:
    """Pins of the tables by path.

    Raises:
        LedgerError: there is no manifest, or it cannot be read.
    """
    return {p.path: p for p in _pins(edition) if p.columns}


def read_record(name: str, edition: Path) -> bytes:
    """The bytes of one of an edition's records, checked against the manifest; empty where it has none.

    Raises:
        LedgerError: the record is pinned and missing, or a byte changed.
    """
    pin = {p.path: p for p in _pins(edition)}.get(name)
    if pin is None:
        return b""
    try:
        data = (edition / name).read_bytes()
    except FileNotFoundError:
        where = f"data/editions/{edition.name}/{name}"
        raise LedgerError(
            "a stored file is missing", where=where, fix=f"git checkout -- {where}"
        ) from None
    check_bytes(data, pin, edition)
    return data


def _pins(edition: Path) -> list[Pin]:
    """Every pin of an edition; those of records have no columns."""
    path = edition / FILE
    where = f"data/editions/{edition.name}/{FILE}"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        pins = [Pin(**{**p, "columns": tuple(p["columns"])}) for p in content["files"]]
        pins += [Pin(**p, rows=0, columns=(), sources=0) for p in content.get("records", ())]
    except FileNotFoundError:
        raise LedgerError(
            "the manifest is missing", where=where, fix=f"git checkout -- {where}"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerError(
            "the manifest cannot be read", where=where, found=error, fix=f"git checkout -- {where}"
        ) from None
    return pins


def check_bytes(data: bytes, pin: Pin, edition: Path) -> None:
    """Compare bytes with their pin.

    Raises:
        LedgerError: a byte changed; the message says which file, what was expected and found, and what to do.
    """
    found = sha256(data)
    if found != pin.sha256:
        where = f"data/editions/{edition.name}/{pin.path}"
        raise LedgerError(
            "a stored file is not what the manifest pins",
            where=where,
            expected=f"sha256 {pin.sha256} ({pin.bytes:,} bytes)",
            found=f"sha256 {found} ({len(data):,} bytes)",
            fix=f"git checkout -- {where}, or make a new edition: an edition is never edited",
        )


def verify_edition(edition: Path, tables: Mapping[str, Table] | None = None) -> Mapping[str, Pin]:
    """Check every file of an edition against its manifest, and return the pins of its tables.

    Args:
        edition: its folder.
        tables: those that are declared, `TABLES` unless given; the edition must hold each that it is not too old for.

    Raises:
        Faults: all files that changed, are missing, are not pinned, or are not declared as tables.
    """
    pins = {pin.path: pin for pin in _pins(edition)}
    known = (TABLES if tables is None else tables).values()
    declared = {t.file for t in known if t.held_by(edition.name)} | (set(pins) & set(RECORDS))
    found = {p.relative_to(edition).as_posix() for p in edition.rglob("*") if p.is_file()}
    on_disk = found - {FILE, ACCEPTED}
    folder = f"data/editions/{edition.name}"
    faults: list[LedgerError | str] = []
    for path in sorted(on_disk - set(pins)):
        where = f"{folder}/{path}"
        fix = f"rm {where}, or make a new edition that holds it"
        what = "A file is on disk but not in the manifest"
        faults.append(LedgerError(what, where=where, fix=fix))
    for path in sorted(set(pins) - on_disk):
        where = f"{folder}/{path}"
        what = "A file is in the manifest but not on disk"
        faults.append(LedgerError(what, where=where, fix=f"git checkout -- {where}"))
    for path in sorted(declared ^ set(pins)):
        knows = "the manifest" if path in pins else "edition/tables.py"
        what = f"A file is only known to {knows}"
        fix = "declare the table in edition/tables.py, with `since` if it is a later one, or make a new edition"
        faults.append(LedgerError(what, where=f"{folder}/{path}", fix=fix))
    for path in sorted(on_disk & set(pins)):
        try:
            check_bytes((edition / path).read_bytes(), pins[path], edition)
        except LedgerError as error:
            faults.append(error)
    if faults:
        raise Faults(f"edition {edition.name} is not what its manifest pins", faults)
    return {path: pin for path, pin in pins.items() if pin.columns}
