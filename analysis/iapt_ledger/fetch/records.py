"""What a record says of a file that came: from the request, the answer and the rules put to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from iapt_ledger.fetch.line import Answer
from iapt_ledger.fetch.progress import printable
from iapt_ledger.fetch.raw import Record, plain_address
from iapt_ledger.sources.base import Check, Request, failed

TOLD = (
    "Content-Disposition",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "Date",
    "ETag",
    "Last-Modified",
    "Link",
)
"""Headers that a record keeps. Cookies and keys are not among them."""


def record_of(
    request: Request,
    answer: Answer,
    checks: tuple[Check, ...],
    sha256: str,
    size: int,
    mirror: str,
    hide: Callable[[str], str],
) -> Record:
    """The record of bytes that came now.

    Args:
        request: what was asked for.
        answer: what came back.
        checks: rules of acceptance put to the bytes.
        sha256: of the bytes.
        size: their number.
        mirror: base address that was asked in the publisher's place.
        hide: takes keys out of a text.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    headers = answer.response.headers
    return Record(
        what=request.what,
        content=request.content,
        method="GET" if request.body is None else "POST",
        address=hide(plain_address(request.url)),
        body=hide((request.body or b"").decode("utf8", "replace")),
        mirror=mirror,
        redirects=answer.redirects,
        asked=now,
        fetched=now,
        status=answer.response.status_code,
        headers={name: hide(headers[name]) for name in TOLD if name in headers},
        name=hide(file_name(headers.get("Content-Disposition", ""), request.url)),
        sha256=sha256,
        size=size,
        accepted=not failed(checks),
        checks=tuple(asdict(check) for check in checks),
    )


def file_name(disposition: str, address: str) -> str:
    """The publisher's name of a file: that of the header, else the last part of the address; never a path."""
    message = Message()
    message["Content-Disposition"] = disposition or "inline"
    given = message.get_filename() or unquote(urlsplit(address).path)
    name = printable(PurePosixPath(given.replace("\\", "/")).name)
    return name[:200] if name.strip(".") else "unnamed"


def validator_of(headers: Mapping[str, str]) -> str:
    """What tells whether a file is still the same, for If-Range: a strong ETag, else a date."""
    if headers.get("Content-Encoding", "identity") != "identity":
        return ""
    etag = headers.get("ETag", "")
    return etag if etag.startswith('"') else headers.get("Last-Modified", "")
