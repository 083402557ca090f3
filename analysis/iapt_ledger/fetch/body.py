"""The body of an answer, on its way to a file."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import requests
import urllib3.exceptions as lower

from iapt_ledger.fetch.line import Again
from iapt_ledger.fetch.patience import Patience
from iapt_ledger.fetch.progress import Progress, bytes_in_words
from iapt_ledger.fetch.raw import Partial, write_bytes
from iapt_ledger.fetch.words import TRY_LATER, causes, line_fault
from iapt_ledger.sources.base import FetchError, Request

BLOCK = 1 << 16
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class TooLong(Exception):
    """More bytes than the request allows: how many had come, or how many the host announces."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


@dataclass(frozen=True)
class Way:
    """What receiving a body needs to know.

    Attributes:
        request: what was asked for.
        host: that sends it.
        where: its address, to be told.
        until: time on the monotonic clock when it is given up.
        patience: whose `whole` that comes from.
        progress: where it is told how far it is.
    """

    request: Request
    host: str
    where: str
    until: float
    patience: Patience
    progress: Progress


@dataclass
class Meter:
    """Bytes of the file that are here."""

    came: int


def receive(response: requests.Response, partial: Partial, start: int, way: Way) -> None:
    """Add the body to what is there of the file.

    Args:
        response: of which the body was not read.
        partial: the file; holds `start` bytes.
        start: byte at which the body goes on.
        way: whose body it is.

    Raises:
        TooLong: it is, or says it is, longer than the request allows.
        Again: it broke off.
        FetchError: it is coded in a way that we cannot read, or took too long.
    """
    coded = response.headers.get("Content-Encoding", "").strip().lower()
    if way.request.content == "csv.gz" and coded in ("gzip", "x-gzip"):
        coded = ""  # what the host calls a coding is the file
    length = _announced(response)
    if start + (length or 0) > way.request.most and not coded:
        raise TooLong(start + (length or 0))
    bar = way.progress.begin(
        way.request.what, None if coded or length is None else start + length, start
    )
    try:
        with partial.appending() as stream:
            meter = Meter(start)
            for block in _decoded(_blocks(response, way, meter), coded, way):
                meter.came += len(block)
                if meter.came > way.request.most:
                    raise TooLong(meter.came)
                write_bytes(stream, block)
                bar.advance(len(block))
    finally:
        bar.close()
    whole = start + length if length is not None and not coded else meter.came
    if response.status_code == 206:
        whole = _range(response.headers)[1] or whole
    if meter.came != whole:
        raise Again(_broke_off(way, meter.came, whole), came=meter.came)


def goes_on(headers: Mapping[str, str], partial: Partial) -> bool:
    """Whether a partial answer goes on where the bytes that are here end, and is of the same file.

    A host that knows nothing of If-Range sends a part of whatever the file is now; then its ETag or date differs.
    """
    told = [headers[name] for name in ("ETag", "Last-Modified") if name in headers]
    same = not told or partial.validator in told
    return same and _range(headers)[0] == partial.size


def first_bytes(response: requests.Response, patience: float, most: int = 4000) -> bytes:
    """The start of a body that is no file, as far as it comes in a few seconds."""
    data, until = b"", time.monotonic() + patience
    while len(data) < most and time.monotonic() < until:
        try:
            block = response.raw.read1(most, decode_content=True)
        except Exception:  # whatever is wrong with the words of a refusal, the refusal counts
            break
        if not block:
            break
        data += block
    return data[:most]


def _range(headers: Mapping[str, str]) -> tuple[int | None, int | None]:
    """First byte of a partial answer and the size of the whole, as far as its Content-Range says."""
    match = _RANGE.fullmatch(headers.get("Content-Range", "").strip())
    if not match:
        return None, None
    return int(match[1]), None if match[3] == "*" else int(match[3])


def _announced(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "").strip()
    return int(text) if text.isdecimal() and "Transfer-Encoding" not in response.headers else None


def _blocks(response: requests.Response, way: Way, meter: Meter) -> Iterator[bytes]:
    """The bytes of the line, with its faults as ours."""
    while True:
        try:
            # What is there, and no waiting for a full block: one that drips in would keep us for ever.
            block = response.raw.read1(BLOCK, decode_content=False) or b""
        except lower.ReadTimeoutError:
            fault = FetchError(
                f"{way.host} stopped sending",
                where=way.where,
                found=f"{bytes_in_words(meter.came)} and then nothing for {way.patience.read:g} s",
                fix=TRY_LATER,
            )
            raise Again(fault, came=meter.came) from None
        except (lower.HTTPError, OSError) as error:
            if cut := next((c for c in causes(error) if isinstance(c, lower.IncompleteRead)), None):
                expected = meter.came + (cut.expected or 0)
                raise Again(_broke_off(way, meter.came, expected), came=meter.came) from None
            fault, may_pass = line_fault(error, way.host, way.where)
            raise (Again(fault, came=meter.came) if may_pass else fault) from None
        if not block:
            return
        if time.monotonic() > way.until:
            raise FetchError(
                f"{way.host} is too slow",
                where=way.where,
                expected=f"a file within {way.patience.whole:g} s",
                found=bytes_in_words(meter.came),
                fix=TRY_LATER,
            )
        yield block


def _decoded(blocks: Iterator[bytes], coded: str, way: Way) -> Iterator[bytes]:
    """The bytes of the file; unpacked a little at a time, so that a small body cannot fill the memory."""
    if coded in ("", "identity"):
        yield from blocks
        return
    if coded not in ("gzip", "x-gzip"):
        raise FetchError(
            f"{way.host} sends a coding that was not asked for",
            where=way.where,
            expected="gzip or none",
            found=repr(coded[:40]),
        )
    decoder = zlib.decompressobj(wbits=31)
    for block in blocks:
        try:
            yield from _unpacked(decoder, block)
        except zlib.error:
            fault = FetchError(f"{way.host} sends broken gzip", where=way.where, fix=TRY_LATER)
            raise Again(fault) from None
    if not decoder.eof:
        raise Again(FetchError(f"{way.host} broke off", where=way.where, fix=TRY_LATER))


def _unpacked(decoder: zlib._Decompress, block: bytes) -> Iterator[bytes]:
    while not decoder.eof:
        data = decoder.decompress(block, BLOCK)
        yield data
        block = decoder.unconsumed_tail
        if not block and len(data) < BLOCK:
            return


def _broke_off(way: Way, came: int, expected: int) -> FetchError:
    return FetchError(
        "The file broke off",
        where=way.where,
        expected=f"{expected} bytes",
        found=f"{came} bytes",
        fix=TRY_LATER,
    )
