"""Bytes as they came: each content once, and a record for each time that it was brought.

    objects/<2 characters>/<sha256>      the bytes
    records/<key>/<time>.json            address, redirects, time, headers, sha256, size, rules of acceptance
    partial/<key>.part, <key>.json       bytes of a file that broke off, and what tells whether they still hold

A key stands for one method, address and body. Nothing under objects and records is overwritten, and nothing gets its
name there before it is whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from requests.utils import parse_header_links

from iapt_ledger import paths
from iapt_ledger.sources.base import RawFile, Request

RAW = paths.DATA / "raw"
BLOCK = 1 << 20
_SIGNATURES = {"signature", "sig", "x-amz-signature", "x-goog-signature"}
_SIGNED = _SIGNATURES | {
    "awsaccesskeyid expires googleaccessid key-pair-id policy se sp sr st sv spr skoid sktid skt ske sks skv",
    *(f"x-{who}-{what}" for who in ("amz", "goog") for what in ("algorithm", "credential", "date")),
    *(f"x-{who}-{what}" for who in ("amz", "goog") for what in ("expires", "signedheaders")),
    "x-amz-security-token",
}
SIGNED = frozenset(word for words in _SIGNED for word in words.split())
"""Parts of a link that is signed for an hour: they tell nothing of the content and may open a door."""


@dataclass(frozen=True)
class Record:
    """One time that a file was brought, or found unchanged.

    Attributes:
        what, content: as asked for.
        method, address, body: of the request; the address as the publisher knows it, without a signature.
        mirror: base address that was asked in the publisher's place; empty where none was.
        redirects: addresses that the host sent us on to.
        asked: when this was, ISO 8601 in UTC.
        fetched: when the bytes came; earlier than `asked` where the host said that nothing had changed.
        status: of the answer.
        headers: those that tell of the content and its age.
        name: the publisher's file name.
        sha256, size: of the bytes.
        accepted: whether every rule of acceptance holds.
        checks: the rules: rule, passed, sentence.
    """

    what: str
    content: str
    method: str
    address: str
    body: str
    mirror: str
    redirects: tuple[str, ...]
    asked: str
    fetched: str
    status: int
    headers: Mapping[str, str]
    name: str
    sha256: str
    size: int
    accepted: bool
    checks: tuple[Mapping[str, object], ...] = field(default=())


class RawStore:
    """The folder of raw bytes; made when something is first kept."""

    def __init__(self, folder: Path = RAW) -> None:
        self.folder = folder
        self.partials = folder / "partial"

    def object(self, sha256: str) -> Path:
        """Where bytes of this hash lie."""
        return self.folder / "objects" / sha256[:2] / sha256

    def records(self, request: Request) -> list[tuple[Path, Record]]:
        """Every record of what was asked for, the newest first; a file that is no record is passed over."""
        folder = self.folder / "records" / key_of(request)
        files = sorted((p for p in folder.glob("*.json") if p.name[0] != "."), reverse=True)
        read = ((file, _read_record(file)) for file in files)
        return [(file, record) for file, record in read if record]

    def held(self, request: Request) -> Record | None:
        """The newest accepted record whose bytes are there and whole."""
        for _, record in self.records(request):
            file = self.object(record.sha256)
            if record.accepted and file.is_file() and sha256_of(file) == record.sha256:
                return record
        return None

    def raw(self, request: Request, record: Record) -> RawFile:
        """What a feed gets of a record."""
        return RawFile(
            path=self.object(record.sha256),
            name=record.name,
            url=record.address,
            sha256=record.sha256,
            fetched=record.fetched,
            request=request,
            next=next_page(record.headers.get("Link", ""), record.address),
        )

    def keep(self, part: Path) -> tuple[str, int]:
        """Move whole bytes to their place; returns their hash and size."""
        with part.open("rb+") as handle:
            os.fsync(handle.fileno())
        sha256, size = sha256_of(part), part.stat().st_size
        place = self.object(sha256)
        if place.is_file() and sha256_of(place) == sha256:
            part.unlink()
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            part.chmod(0o444)
            part.replace(place)
            _sync_folder(place.parent)
        return sha256, size

    def write(self, request: Request, record: Record) -> Path:
        """Write a record beside the earlier ones, whole or not at all."""
        folder = self.folder / "records" / key_of(request)
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(record), ensure_ascii=False, indent=2) + "\n"
        temporary = self._temporary(text)
        try:
            while True:
                place = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.json"
                try:
                    os.link(temporary, place)  # unlike a rename, refuses a name that is taken
                except FileExistsError:
                    continue
                _sync_folder(folder)
                return place
        finally:
            temporary.unlink(missing_ok=True)

    def _temporary(self, text: str) -> Path:
        self.partials.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".tmp", dir=self.partials)
        with os.fdopen(handle, "wb") as stream:
            try:
                write_bytes(stream, text.encode())
                stream.flush()
                os.fsync(stream.fileno())
            except OSError:
                Path(name).unlink()
                raise
        Path(name).chmod(0o444)
        return Path(name)

    @contextmanager
    def partial(self, request: Request) -> Iterator[Partial]:
        """The bytes of what is asked for that have come so far, for one process and thread at a time."""
        self.partials.mkdir(parents=True, exist_ok=True)
        stem = self.partials / key_of(request)
        with stem.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Partial(stem)

    def sweep(self, older: float = 86400) -> None:
        """Remove what killed runs left behind in `partial`, older than so many seconds."""
        before = time.time() - older
        for file in self.partials.glob("*.tmp"):
            if file.stat().st_mtime < before:
                file.unlink(missing_ok=True)


class Partial:
    """A file that is coming.

    Its bytes may be gone on with where the host gave a validator: an ETag or a date that changes with the content.
    """

    def __init__(self, stem: Path) -> None:
        self.path = stem.with_suffix(".part")
        self._about = stem.with_suffix(".json")

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def validator(self) -> str:
        """For If-Range; empty where there are no bytes or nothing tells whether they still hold."""
        try:
            about = json.loads(self._about.read_text(encoding="utf8"))
        except (OSError, ValueError):
            return ""
        validator = about.get("validator") if isinstance(about, dict) else None
        return validator if isinstance(validator, str) and self.size else ""

    def begin(self, validator: str) -> None:
        """Begin anew. The old bytes go before the new validator is written, so that it never vouches for them."""
        self._about.unlink(missing_ok=True)
        with self.path.open("wb"):
            pass
        if validator:
            temporary = self._about.with_suffix(".tmp")
            with temporary.open("wb") as stream:
                write_bytes(stream, json.dumps({"validator": validator}).encode())
            temporary.replace(self._about)

    @contextmanager
    def appending(self) -> Iterator[BinaryIO]:
        """The file, to add bytes to with `write_bytes`."""
        with self.path.open("ab") as stream:
            yield stream

    def drop(self) -> None:
        """Forget the bytes."""
        self._about.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)


def write_bytes(stream: BinaryIO, data: bytes) -> None:
    """Every byte that the store writes goes through here."""
    stream.write(data)


def key_of(request: Request) -> str:
    """What stands for a method, address and body; secrets and signatures are no part of it."""
    method = "GET" if request.body is None else "POST"
    text = f"{method}\n{plain_address(request.url)}\n".encode() + (request.body or b"")
    return hashlib.sha256(text).hexdigest()[:32]


def plain_address(address: str) -> str:
    """The address without fragment, and without the signature of a link that is signed for a while."""
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = parts.query
    if any(name.lower() in _SIGNATURES for name, _ in pairs):
        query = urlencode([(name, value) for name, value in pairs if name.lower() not in SIGNED])
    return urlunsplit(parts._replace(query=query, fragment=""))


def next_page(link: str, address: str) -> str:
    """Address of the next page in a Link header, made whole; empty where it names none.

    >>> next_page('</schema/x?page=2>; rel="next"', "https://host.example/schema/x")
    'https://host.example/schema/x?page=2'
    """
    try:
        links = parse_header_links(link)
        pages = [one["url"] for one in links if one.get("rel") == "next" and one["url"]]
        return urljoin(address, pages[0]) if pages else ""
    except ValueError:  # half an address
        return ""


def sha256_of(file: Path) -> str:
    """Hash of a file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_record(file: Path) -> Record | None:
    try:
        values = json.loads(file.read_text(encoding="utf8"))
        return Record(
            **{
                **values,
                "redirects": tuple(values["redirects"]),
                "checks": tuple(values["checks"]),
            }
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
