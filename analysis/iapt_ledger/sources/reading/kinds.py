"""What bytes are, by what they hold and not by their name."""

from __future__ import annotations

import io
import zipfile

from iapt_ledger.sources.base import ContentError

ZIP, RAR, GZIP = b"PK\x03\x04", b"Rar!\x1a\x07", b"\x1f\x8b"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOOKED_AT = 4096


def kind(data: bytes) -> str:
    """One of empty, workbook, old workbook, zip, rar, gzip, html, json, text, binary."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        return "empty"
    if data.startswith(RAR):
        return "rar"
    if data.startswith(GZIP):
        return "gzip"
    if data.startswith(OLD_WORKBOOK):
        return "old workbook"
    if data.startswith(ZIP):
        return "workbook" if _is_workbook(data) else "zip"
    return _kind_of_text(data[:_LOOKED_AT])


def expect(data: bytes, wanted: tuple[str, ...], where: str) -> str:
    """The kind of the bytes, which must be one of those wanted.

    Raises:
        ContentError: it is another; the message names both.
    """
    found = kind(data)
    if found not in wanted:
        said = {"html": "a web page", "empty": "nothing", "binary": "bytes that are no text"}
        raise ContentError(
            "the file is not of the kind that is published here",
            where=where,
            expected=" or ".join(wanted),
            found=said.get(found, found),
        )
    return found


def _is_workbook(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return b"[Content_Types].xml" in data[:_LOOKED_AT]


def _kind_of_text(start: bytes) -> str:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    if b"\x00" in start:
        return "binary"
    words = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if words.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<!--")):
        return "html"
    if words.startswith((b"{", b"[")):
        return "json"
    return "text"
