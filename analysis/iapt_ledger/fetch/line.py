"""One exchange with a host: sessions, how many at a time, and where a redirect may lead."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions as lower
from requests.adapters import HTTPAdapter

from iapt_ledger.fetch.mirrors import Mirrors
from iapt_ledger.fetch.patience import Patience, Pauses, Reset
from iapt_ledger.fetch.progress import printable
from iapt_ledger.fetch.raw import plain_address
from iapt_ledger.fetch.words import line_fault, see_address
from iapt_ledger.sources.base import FetchError

AGENT = "iapt-ledger (rebuilds a report from public statistics; a few requests, one reader)"
MOST_REDIRECTS = 10
REDIRECTS = (301, 302, 303, 307, 308)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Again(Exception):
    """Asking again may help.

    Attributes:
        fault: what to say when the tries are used up.
        after: seconds that the host asks for; None where it asks for none.
        came: bytes that have come of the file by now.
        silent: whether the host did not answer at all.
    """

    def __init__(
        self,
        fault: FetchError,
        after: float | None = None,
        came: int = 0,
        silent: bool = False,
    ) -> None:
        super().__init__(str(fault))
        self.fault, self.after, self.came, self.silent = fault, after, came, silent


@dataclass(frozen=True)
class Errand:
    """What is sent: the address as the publisher knows it, and a key with the hosts that may see it."""

    address: str
    headers: Mapping[str, str]
    body: bytes | None = None
    key: tuple[str, str] | None = None
    key_hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came back, its body not yet read.

    Attributes:
        response: of the last host.
        host: as the publisher's address names it.
        redirects: addresses on the way, without signatures.
    """

    response: requests.Response
    host: str
    redirects: tuple[str, ...] = field(default=())


class Line:
    """The connections to all hosts, kept open between files.

    Args:
        mirrors: hosts that are asked elsewhere.
        patience: how long to wait.
        pauses: until when each host wants to be left alone.
        resets: host to what its headers say of that.
        per_host: requests to one host at a time.
        verify: file of certificates to trust; the machine's where it is None.
    """

    def __init__(
        self,
        mirrors: Mirrors,
        patience: Patience,
        pauses: Pauses,
        resets: Mapping[str, Reset],
        per_host: int,
        verify: Path | None,
    ) -> None:
        self._mirrors, self._patience, self._pauses = mirrors, patience, pauses
        self._resets, self._per_host, self._verify = resets, per_host, verify
        self._sessions: dict[str, requests.Session] = {}
        self._gates: dict[str, threading.BoundedSemaphore] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for session in self._sessions.values():
                session.close()
            self._sessions.clear()

    @contextmanager
    def ask(self, errand: Errand, hide: Callable[[str], str]) -> Iterator[Answer]:
        """Send it and follow redirects; the body is read inside the block.

        Args:
            errand: what to send.
            hide: takes keys out of a text.

        Raises:
            FetchError: redirects that lead in a circle or to where we do not go; no trust in the host.
            Again: the line failed in a way that may pass.
        """
        address, body, seen = errand.address, errand.body, [errand.address]
        while True:
            with ExitStack() as open_:
                response = open_.enter_context(self._send(errand, address, body, hide))
                if response.status_code not in REDIRECTS or "Location" not in response.headers:
                    on_the_way = tuple(hide(plain_address(one)) for one in seen[1:])
                    yield Answer(response, _host(address), on_the_way)
                    return
                if response.status_code not in (307, 308):
                    body = None
                target = self._target(address, response.headers["Location"], seen, hide)
            seen.append(target)
            address = target

    @contextmanager
    def _send(
        self, errand: Errand, address: str, body: bytes | None, hide: Callable[[str], str]
    ) -> Iterator[requests.Response]:
        asked, host = self._mirrors.lead(address), _host(address)
        session, gate = self._session(urlsplit(asked).netloc)
        headers = dict(errand.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if errand.key and host in errand.key_hosts:
            headers |= [_guarded(errand.key, asked)]
        with gate:
            self._pauses.wait(host)
            try:
                response = self._exchange(session, asked, headers, body)
            except (requests.RequestException, lower.HTTPError, UnicodeError) as error:
                fault, may_pass = line_fault(error, urlsplit(asked).netloc, hide(address))
                raise (Again(fault, silent=True) if may_pass else fault) from None
            try:
                self._listen(host, response)
                yield response
            finally:
                response.close()

    def _exchange(
        self, session: requests.Session, asked: str, headers: Mapping[str, str], body: bytes | None
    ) -> requests.Response:
        """Send and read the head of the answer.

        Not by `session.request`: that reads the body of a redirect, however long it is, before anyone can refuse.
        """
        method = "GET" if body is None else "POST"
        prepared = session.prepare_request(
            requests.Request(method, asked, headers=dict(headers), data=body)
        )
        verify = str(self._verify) if self._verify else None
        settings = session.merge_environment_settings(asked, {}, True, verify, None)
        timeout = (self._patience.connect, self._patience.read)
        adapter = session.get_adapter(asked)
        return adapter.send(prepared, timeout=timeout, **settings)  # type: ignore[arg-type]

    def _listen(self, host: str, response: requests.Response) -> None:
        reset = self._resets.get(host)
        seconds = reset(response.headers) if reset else None
        if seconds:
            self._pauses.ask(host, seconds)

    def _target(
        self, address: str, location: str, seen: list[str], hide: Callable[[str], str]
    ) -> str:
        """Where a redirect leads, if we go there."""
        fault = {
            "where": hide(plain_address(seen[0])),
            "fix": "see on the publisher's page where the file is now",
        }
        try:
            target = urljoin(
                address, location.encode("latin1", "replace").decode("utf8", "replace")
            )
            see_address(target)
        except (ValueError, FetchError):
            raise FetchError(
                "The host leads to an address that is not of the web",
                found=repr(location.split(":")[0][:40]),
                **fault,
            ) from None
        secure = [urlsplit(self._mirrors.lead(one)).scheme for one in (address, target)]
        if secure == ["https", "http"]:
            raise FetchError(
                "The host leads from a secure address to one that is not",
                found=printable(hide(plain_address(target))),
                **fault,
            )
        if target in seen:
            raise FetchError("The host's redirects lead in a circle", **fault)
        if len(seen) > MOST_REDIRECTS:
            raise FetchError(
                "The host leads on and on", expected=f"at most {MOST_REDIRECTS} redirects", **fault
            )
        return target

    def _session(self, netloc: str) -> tuple[requests.Session, threading.BoundedSemaphore]:
        with self._lock:
            if netloc not in self._sessions:
                self._sessions[netloc] = _new_session(self._per_host)
                self._gates.setdefault(netloc, threading.BoundedSemaphore(self._per_host))
            return self._sessions[netloc], self._gates[netloc]


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").lower()


def _guarded(key: tuple[str, str], asked: str) -> tuple[str, str]:
    """The header of a key, if the way is safe enough for it."""
    parts = urlsplit(asked)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise FetchError(
            "A key would go over a line that anyone may read",
            where=parts.netloc,
            expected="https, or a mirror on this machine",
            fix="give the mirror an address with https",
        )
    return key


def _new_session(connections: int) -> requests.Session:
    session = requests.Session()
    session.headers.clear()
    session.headers["User-Agent"] = AGENT
    # A rule of our own in place of "none", so that no password is taken from ~/.netrc or an address.
    session.auth = lambda prepared: prepared
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_maxsize=connections, max_retries=0, pool_block=True)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session
