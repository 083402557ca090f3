"""Rules on bytes: what a file is by its content, how large it is, and whether an archive is sound.

Nothing is unpacked to disk, and sizes are measured while reading: what an archive says of itself is not believed.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path

from iapt_ledger.acceptance.archives import (
    Bomb,
    Unsound,
    missing_members,
    rar_contents,
    zip_contents,
    zip_names,
)
from iapt_ledger.fetch.progress import bytes_in_words
from iapt_ledger.sources.base import Check, RawFile, Request

TYPE, NOT_EMPTY, SIZE = "type by content", "not empty", "size"
ARCHIVE, UNPACKED = "archive", "unpacked size"
HEAD = 1 << 16
BLOCK = 1 << 16
NAMES = {
    "csv": "a text of separated values",
    "csv.gz": "a gzip file",
    "html": "a web page (HTML)",
    "json": "JSON",
    "parquet": "a Parquet file",
    "rar": "a RAR archive",
    "xlsx": "an Excel workbook",
    "zip": "a zip archive",
    "empty": "nothing",
    "xls": "an Excel workbook of before 2007, or one with a password",
    "pdf": "a PDF",
    "xml": "XML",
    "utf16": "a text in UTF-16",
    "broken zip": "a damaged zip archive",
    "other": "bytes of no kind that is known here",
}
_MAGIC = (
    (b"Rar!\x1a\x07", "rar"),
    (b"\x1f\x8b", "csv.gz"),
    (b"%PDF-", "pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    (b"\xff\xfe", "utf16"),
    (b"\xfe\xff", "utf16"),
)
_PAGE = (
    b"<!doctype html",
    b"<html",
    b"<head",
    b"<body",
    b"<title",
    b"<meta",
    b"<script",
    b"<div",
    b"<p>",
)


def checks_of(file: RawFile) -> tuple[Check, ...]:
    """The rules put to a file that was asked for.

    Raises:
        ValueError: it was given by hand, so that nobody said what it must be.
    """
    if file.request is None:
        raise ValueError("a file given by hand has no request")
    return check_file(file.path, file.request)


def check_file(path: Path, request: Request) -> tuple[Check, ...]:
    """Every rule that can be put to the bytes; rules that make no sense after a failure are left out.

    Args:
        path: the file, by any name.
        request: what it must be.
    """
    size = path.stat().st_size
    kind = kind_of(path)
    if kind == "broken zip" and request.content in ("xlsx", "zip"):
        kind = request.content  # the rule on archives says what is wrong with it
    if not size or kind == "empty":
        return (Check(NOT_EMPTY, False, f"The file holds {bytes_in_words(size)} and no content."),)
    checks = [Check(NOT_EMPTY, True, "The file holds something."), _type_check(kind, request)]
    checks.append(_size_check(size, request))
    if checks[1].passed and checks[2].passed:
        checks += _inside_checks(path, kind, request)
    return tuple(checks)


def too_large(size: int, request: Request) -> Check:
    """The rule on size, for a file that was given up because of it while it came."""
    return _size_check(max(size, request.most + 1), request)


def kind_of(path: Path) -> str:
    """What a file is, from its bytes: a word of NAMES."""
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        size = stream.seek(0, 2)
        stream.seek(max(size - 4, 0))
        tail = stream.read(4)
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf"):
        return "empty"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"PAR1") and tail == b"PAR1":
        return "parquet"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    return _text_kind(path, head)


def _zip_kind(path: Path) -> str:
    """A workbook is a zip that says so."""
    try:
        names = set(zip_names(path))
    except Unsound:
        return "broken zip"
    return "xlsx" if {"[Content_Types].xml", "xl/workbook.xml"} <= names else "zip"


def _text_kind(path: Path, head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    lower = start[:2000].lower()
    if lower.startswith(_PAGE) or (lower.startswith(b"<") and b"<html" in lower):
        return "html"
    if lower.startswith(b"<"):
        return "xml"
    if b"\0" in head:
        return "utf16" if head[1::2].count(0) > len(head) / 4 else "other"
    if start[:1] in (b"{", b"[") and _is_json(path):
        return "json"
    control = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return "other" if control > len(head) / 100 else "csv"


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    return True


def _type_check(kind: str, request: Request) -> Check:
    found, wanted = NAMES[kind], NAMES[request.content]
    if kind == request.content:
        return Check(TYPE, True, f"It is {wanted}.")
    more = ""
    if kind == "html":
        more = ": the host put a page in the place of the file"
    elif request.content == "json" and kind == "csv":
        more = " that does not parse as JSON"
    return Check(TYPE, False, f"It is {found}{more}; expected {wanted}.")


def _size_check(size: int, request: Request) -> Check:
    passed = request.least <= size <= request.most
    band = f"{bytes_in_words(request.least)} to {bytes_in_words(request.most)}"
    verb = "has" if size <= request.most else "has more than is allowed:"
    return Check(SIZE, passed, f"It {verb} {bytes_in_words(size)}; expected {band}.")


def _inside_checks(path: Path, kind: str, request: Request) -> list[Check]:
    """The rules on what is packed in a file, where anything is."""
    readers: dict[str, Callable[[Path, int], tuple[list[str], int]]] = {
        "zip": zip_contents,
        "xlsx": zip_contents,
        "rar": rar_contents,
        "csv.gz": _gzip_contents,
    }
    if kind not in readers:
        return []
    try:
        names, size = readers[kind](path, request.most_unpacked)
    except Unsound as fault:
        return [Check(ARCHIVE, False, str(fault))]
    except Bomb:
        most = bytes_in_words(request.most_unpacked)
        return [Check(UNPACKED, False, f"It comes to more than {most} when it is unpacked.")]
    missing = missing_members(names, request.members)
    if missing:
        held = ", ".join(repr(name) for name in names[:8]) + (" …" if len(names) > 8 else "")
        sentence = f"No member is named like {', '.join(missing)}; it holds {held or 'none'}."
        return [Check(ARCHIVE, False, sentence)]
    sound = f"Its {len(names)} members are whole and stay in their folder."
    return [
        Check(ARCHIVE, True, sound if names else "It unpacks whole."),
        Check(UNPACKED, True, f"It comes to {bytes_in_words(size)} when it is unpacked."),
    ]


def _gzip_contents(path: Path, most: int) -> tuple[list[str], int]:
    """Unpack every part of a gzip file, keeping nothing; zlib compares the sums at the end of each."""
    size, decoder, data = 0, zlib.decompressobj(wbits=31), b""
    with path.open("rb") as stream:
        while True:
            data = data or stream.read(BLOCK)
            try:
                size += len(decoder.decompress(data, BLOCK))
            except zlib.error as error:
                raise Unsound(f"It is damaged: {error}.") from None
            if size > most:
                raise Bomb
            ended = not data
            data = decoder.unconsumed_tail
            if decoder.eof:
                data = (decoder.unused_data or stream.read(BLOCK)).lstrip(b"\0")
                if not data:
                    return [], size
                decoder = zlib.decompressobj(wbits=31)
            elif ended and not data:
                raise Unsound("It is damaged: it ends in the middle.")
