"""What went wrong on the way, in sentences: a fault of the line, or an answer that is none."""

from __future__ import annotations

import errno
import html
import json
import re
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as lower

from iapt_ledger.fetch.progress import printable
from iapt_ledger.sources.base import FetchError

LONGEST = 300  # characters of a host's own words
TRY_LATER = "run the refresh again later; what was brought is kept"
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.S | re.I)
_MENDS = {
    400: "the publisher's interface may have changed: see the feed's module in analysis/iapt_ledger/sources",
    401: "see whether the publisher now wants a key",
    403: "open the address in a browser; where that works, ask again from another network or set `mirrors`",
    404: "see on the publisher's page where the file is now",
    410: "the publisher has withdrawn it: see its page for what took its place",
    422: "the publisher's interface may have changed: see the feed's module in analysis/iapt_ledger/sources",
}


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it wraps, the outermost first."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [getattr(one, "reason", None), *one.args, one.__cause__, one.__context__]


def line_fault(error: BaseException, host: str, where: str) -> tuple[FetchError, bool]:
    """A fault of the line as a sentence, and whether asking again may help."""
    found = list(causes(error))

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(one, kinds) for one in found)

    if has(ssl.SSLError, lower.SSLError, requests.exceptions.SSLError):
        return _tls_fault(found, host, where)
    if has(lower.NameResolutionError):
        what, fix = f"The name {host} is not known", "see whether this machine has a network"
    elif any(getattr(one, "errno", None) == errno.ECONNREFUSED for one in found):
        what, fix = f"{host} refused the connection", TRY_LATER
    elif has(requests.exceptions.ConnectTimeout):
        what, fix = f"No connection to {host} came about in time", TRY_LATER
    elif has(lower.NewConnectionError):
        what, fix = f"No connection to {host} came about", "see whether this machine has a network"
    elif has(lower.ReadTimeoutError, requests.exceptions.ReadTimeout):
        what, fix = f"{host} did not answer in time", TRY_LATER
    elif has(requests.exceptions.ProxyError, lower.ProxyError):
        what, fix = f"The proxy did not lead to {host}", "look at HTTPS_PROXY and NO_PROXY"
    else:
        what, fix = f"The connection to {host} broke", TRY_LATER
    return FetchError(what, where=where, fix=fix), True


def _tls_fault(found: list[BaseException], host: str, where: str) -> tuple[FetchError, bool]:
    refused = next((one for one in found if isinstance(one, ssl.SSLCertVerificationError)), None)
    if refused is None:
        fault = FetchError(f"No secure connection to {host} came about", where=where, fix=TRY_LATER)
        return fault, True
    fault = FetchError(
        f"{host} could not prove that it is {host}",
        where=where,
        expected="a certificate that this machine trusts",
        found=(refused.verify_message or "").rstrip(".") or "one that it does not",
        fix="where a proxy of your network answers, set REQUESTS_CA_BUNDLE to its certificate",
    )
    return fault, False


def status_fault(status: int, said: str, where: str, *, key: str = "", fix: str = "") -> FetchError:
    """An answer that is no file: its status, what the host says, and what mends it.

    Args:
        status: of the answer.
        said: the host's own words, see `own_words`.
        where: the address.
        key: name of the key that was sent.
        fix: what mends a refused key.
    """
    if key and status in (401, 403):
        return FetchError(
            f"The key of {key} was refused with status {status}",
            where=where,
            found=said or None,
            fix=fix,
        )
    mend = TRY_LATER if status == 429 or status >= 500 else _MENDS.get(status, _MENDS[400])
    return FetchError(
        f"The host answered with status {status}", where=where, found=said or None, fix=mend
    )


def own_words(kind: str, data: bytes) -> str:
    """What a host says in an answer that is no file: short, on one line, without markup; empty where it is no text.

    Args:
        kind: the Content-Type header.
        data: the first bytes of the body.
    """
    if not re.match(r"\s*(text/|application/([\w.-]+\+)?(json|xml))", kind or "text/plain"):
        return ""
    text = data.decode("utf8", errors="replace")
    if "html" in kind or "xml" in kind or text.lstrip().startswith("<"):
        text = html.unescape(_TAGS.sub(" ", text))
    elif "json" in kind:
        text = _json_words(text)
    text = printable(text)
    return f"“{text[:LONGEST]}{'…' if len(text) > LONGEST else ''}”" if text else ""


def _json_words(text: str) -> str:
    """The message of an answer in JSON, where it has one by a usual name."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    while isinstance(value, dict):
        value = next((value[k] for k in ("error", "message", "detail") if value.get(k)), None)
    return value if isinstance(value, str) else text


def see_address(address: str) -> None:
    """See that an address can be asked.

    Raises:
        FetchError: it is not of the web, or holds a user name.
    """
    try:
        parts = urlsplit(address)
        found, host = parts.scheme, parts.hostname
        plain = bool(host) and "@" not in parts.netloc and parts.port != 0
    except ValueError:  # such as half an address by number, or a port that is none
        found, plain = "", False
    if found not in ("http", "https") or not plain:
        raise FetchError(
            "An address that cannot be asked",
            expected="http:// or https:// and a host, without user name and password",
            found=repr(f"{found}:"),
        )


def after_tries(fault: FetchError, tried: int) -> FetchError:
    """The last fault of several tries."""
    what = f"{fault.what}, {tried} times" if tried > 1 else fault.what
    return FetchError(
        what, where=fault.where, expected=fault.expected, found=fault.found, fix=fault.fix
    )


def not_kept(error: OSError, what: str) -> FetchError:
    """A file that the disk did not take."""
    return FetchError(
        f"{what} could not be kept",
        where="data/raw",
        found=error.strerror or type(error).__name__,
        fix="make room there, or let it be written to, and run the refresh again",
    )
