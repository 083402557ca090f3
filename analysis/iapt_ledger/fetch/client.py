"""The client of all feeds: a request in, bytes of the right kind out, kept and recorded."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import requests

from iapt_ledger.acceptance.files import check_file, too_large
from iapt_ledger.fetch.body import TooLong, Way, first_bytes, goes_on, receive
from iapt_ledger.fetch.line import Again, Answer, Errand, Line
from iapt_ledger.fetch.mirrors import Mirrors
from iapt_ledger.fetch.patience import RESETS, Patience, Pauses, Reset, retry_after, too_long
from iapt_ledger.fetch.progress import Progress, Silent, printable
from iapt_ledger.fetch.raw import Partial, RawStore, Record, plain_address
from iapt_ledger.fetch.records import record_of, validator_of
from iapt_ledger.fetch.secrets import Secrets
from iapt_ledger.fetch.words import after_tries, not_kept, own_words, see_address, status_fault
from iapt_ledger.sources.base import Check, ContentError, FetchError, RawFile, Request, failed

__all__ = ["Brought", "Client", "Patience"]

PER_HOST = 2
PACKED = ("csv.gz", "html", "json")  # as asked for, or as a text that packing makes small
MAY_PASS = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Brought:
    """What one request came to.

    Attributes:
        request: what was asked for.
        how: "fetched", "unchanged" (the host said so), "held" (not asked), "refused" or "failed".
        sentence: of the fault; empty where there is none.
        checks: rules of acceptance put to the bytes.
        sha256: of the bytes; empty where none came.
    """

    request: Request
    how: str
    sentence: str = ""
    checks: tuple[Check, ...] = ()
    sha256: str = ""


class Client:
    """Brings files: `client(request)` gives a RawFile, for any thread.

    Two requests for one address wait for each other. What breaks off is gone on with, also by a later run.

    Args:
        store: where bytes and records are kept.
        mirrors: host to the base address that is asked in its place.
        secrets: the keys.
        progress: where it is told how far the files are.
        patience: how long to wait, and how often to ask.
        resets: host to what its headers say of being left alone, see `patience.Reset`.
        per_host: requests to one host at a time.
        verify: file of certificates to trust; the machine's where it is None.
    """

    def __init__(
        self,
        store: RawStore,
        *,
        mirrors: Mapping[str, str] | None = None,
        secrets: Secrets | None = None,
        progress: Progress | None = None,
        patience: Patience | None = None,
        resets: Mapping[str, Reset] = RESETS,
        per_host: int = PER_HOST,
        verify: Path | None = None,
    ) -> None:
        self.store = store
        self.secrets = secrets or Secrets()
        self.brought: list[Brought] = []
        self._progress = progress or Silent()
        self._patience = patience or Patience()
        self._mirrors = Mirrors(mirrors or {})
        self._pauses = Pauses(self._patience, self._progress.say)
        self._line = Line(self._mirrors, self._patience, self._pauses, resets, per_host, verify)
        self._lock = threading.Lock()
        self._silent: set[str] = set()
        store.sweep()

    def close(self) -> None:
        """Close every connection."""
        self._line.close()

    def __call__(self, request: Request) -> RawFile:
        """Bring one file.

        Raises:
            FetchError: it could not be brought, or not be kept.
            ContentError: it is no such content as was asked for.
        """
        try:
            return self._in_turn(request)
        except (FetchError, ContentError) as fault:
            if not isinstance(fault, _Refused):
                self._note(Brought(request, "failed", self.secrets.redact(str(fault))))
            raise
        except OSError as error:
            unkept = not_kept(error, request.what)
            self._note(Brought(request, "failed", str(unkept)))
            raise unkept from None

    def _in_turn(self, request: Request) -> RawFile:
        see_address(request.url)
        if self.secrets.inside(request.url.encode() + (request.body or b"")):
            raise FetchError("A key stands in an address or a query", fix="set `secret` instead")
        with self.store.partial(request) as partial:
            held = self.store.held(request)
            if held and not request.fresh:
                return self._take(request, held, "held")
            return self._patiently(request, partial, held)

    def _patiently(self, request: Request, partial: Partial, held: Record | None) -> RawFile:
        tried, furthest, host = 0, partial.size, urlsplit(request.url).hostname or ""
        until = time.monotonic() + self._patience.whole
        while True:
            try:
                file = self._once(request, partial, held, until)
            except Again as again:
                tried = 1 if again.came > furthest else tried + 1
                furthest = max(furthest, again.came)
                given_up = again.silent and host in self._silent
                if given_up or tried >= self._patience.tries or time.monotonic() > until:
                    if again.silent:  # the next file of this host is asked for once
                        self._silent.add(host)
                    raise after_tries(again.fault, tried) from None
                self._wait(request, again, tried)
            else:
                self._silent.discard(host)
                return file

    def _wait(self, request: Request, again: Again, tried: int) -> None:
        seconds = self._patience.pause(tried) if again.after is None else again.after
        if seconds > self._patience.longest_pause:
            raise too_long(urlsplit(request.url).hostname or "", seconds, self._patience)
        self._progress.say(f"{request.what}: {again.fault} Asking again in {seconds:.0f} s.")
        time.sleep(seconds)

    def _once(
        self, request: Request, partial: Partial, held: Record | None, until: float
    ) -> RawFile:
        """Ask once."""
        errand = self._errand(request, partial, held)
        with self._line.ask(errand, self.secrets.redact) as answer:
            response = answer.response
            if response.status_code == 304 and held and "Range" not in errand.headers:
                return self._unchanged(request, held, answer)
            if response.status_code == 416:
                partial.drop()
                raise Again(self._fault(request, response))
            if response.status_code not in (200, 203, 206):
                self._give_up(request, answer)
            self._receive(request, partial, answer, until)
        return self._keep(request, partial, answer)

    def _errand(self, request: Request, partial: Partial, held: Record | None) -> Errand:
        headers = {
            "Accept": "*/*",
            "Accept-Encoding": "gzip" if request.content in PACKED else "identity",
        }
        if request.body is None and partial.validator:
            headers |= {
                "Accept-Encoding": "identity",
                "Range": f"bytes={partial.size}-",
                "If-Range": partial.validator,
            }
        elif request.body is None and held:
            headers |= {
                asked: held.headers[told]
                for asked, told in (
                    ("If-None-Match", "ETag"),
                    ("If-Modified-Since", "Last-Modified"),
                )
                if told in held.headers
            }
        key: tuple[str, str] | None = None
        hosts: tuple[str, ...] = ()
        if request.secret:
            place = self.secrets.place(request.secret)
            key, hosts = (place.header, self.secrets.value(request.secret)), place.hosts
        return Errand(request.url, headers, request.body, key, hosts)

    def _give_up(self, request: Request, answer: Answer) -> None:
        """Raise what an answer that is no file comes to."""
        response = answer.response
        fault = self._fault(request, response)
        if response.status_code not in MAY_PASS:
            raise fault
        seconds = retry_after(response.headers)
        if seconds is not None:
            self._pauses.ask(answer.host, seconds)
        raise Again(fault, after=seconds)

    def _fault(self, request: Request, response: requests.Response) -> FetchError:
        start = first_bytes(response, self._patience.connect)
        said = self.secrets.redact(own_words(response.headers.get("Content-Type", ""), start))
        fix = self.secrets.place(request.secret).get if request.secret else ""
        where = self._where(request)
        return status_fault(response.status_code, said, where, key=request.secret, fix=fix)

    def _receive(self, request: Request, partial: Partial, answer: Answer, until: float) -> None:
        response, start = answer.response, 0
        if response.status_code == 206:
            if not goes_on(response.headers, partial):
                partial.drop()
                fault = FetchError(
                    "The host sent another part than was asked for", where=self._where(request)
                )
                raise Again(fault)
            start = partial.size
        else:
            partial.begin(validator_of(response.headers))
        where = self._where(request)
        way = Way(request, answer.host, where, until, self._patience, self._progress)
        try:
            receive(response, partial, start, way)
        except TooLong as error:
            partial.drop()
            raise self._refuse(request, (too_large(error.size, request),)) from None

    def _keep(self, request: Request, partial: Partial, answer: Answer) -> RawFile:
        """Judge, keep and record what has come whole."""
        if request.secret and self.secrets.inside(partial.path.read_bytes()):
            partial.drop()
            raise FetchError("The answer repeats the key and is not kept", where=request.url)
        checks = check_file(partial.path, request)
        sha256, size = self.store.keep(partial.path)
        partial.drop()
        record = self._record(request, answer, checks, sha256, size)
        self.store.write(request, record)
        if not record.accepted:
            raise self._refuse(request, checks, sha256)
        return self._take(request, record, "fetched")

    def _unchanged(self, request: Request, held: Record, answer: Answer) -> RawFile:
        """The host says that what is held still stands; the rules are those of today."""
        checks = check_file(self.store.object(held.sha256), request)
        new = self._record(request, answer, checks, held.sha256, held.size)
        headers = {**held.headers, **new.headers}
        headers["Content-Length"] = held.headers.get("Content-Length", str(held.size))
        new = replace(new, fetched=held.fetched, name=held.name, headers=headers)
        self.store.write(request, new)
        if not new.accepted:
            raise self._refuse(request, checks, held.sha256)
        return self._take(request, new, "unchanged")

    def _record(
        self, request: Request, answer: Answer, checks: tuple[Check, ...], sha256: str, size: int
    ) -> Record:
        mirror, hide = self._mirrors.base(request.url), self.secrets.redact
        return record_of(request, answer, checks, sha256, size, mirror, hide)

    def _take(self, request: Request, record: Record, how: str) -> RawFile:
        checks = tuple(Check(**check) for check in record.checks)  # type: ignore[arg-type]
        self._note(Brought(request, how, checks=checks, sha256=record.sha256))
        return self.store.raw(request, record)

    def _refuse(
        self, request: Request, checks: tuple[Check, ...], sha256: str = ""
    ) -> ContentError:
        fault = _Refused(
            f"{request.what} is not what was asked for",
            where=self._where(request),
            found=" ".join(failed(checks)).rstrip("."),
            fix="open the address in a browser and see what the publisher has there now",
        )
        self._note(Brought(request, "refused", str(fault), checks, sha256))
        return fault

    def _note(self, brought: Brought) -> None:
        with self._lock:
            self.brought.append(brought)

    def _where(self, request: Request) -> str:
        base = self._mirrors.base(request.url)
        through = f" (asked through the mirror {base})" if base else ""
        return printable(self.secrets.redact(plain_address(request.url))) + through


class _Refused(ContentError):
    """Already noted."""
