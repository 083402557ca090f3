"""Finding what a publisher has put out, and bringing several files so that one that fails does not lose the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote, urlsplit

from iapt_ledger.sources.base import MEGABYTE, ContentError, FetchError, Get, RawFile, Request
from iapt_ledger.sources.reading.links import links

MOST_PAGES = 8
_MOST_PAGE = 20 * MEGABYTE


def file_name(url: str) -> str:
    """The last part of an address, blanks written out."""
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1])


def linked_files(
    get: Get,
    page: str,
    pattern: re.Pattern[str],
    follow: Callable[[str], bool],
    what: str,
) -> dict[str, str]:
    """File name to address of every file that a page of a series, or a publication listed there, links to.

    Args:
        get: brings a page.
        page: address of the series.
        pattern: what the name of a file must be, whole.
        follow: whether a publication listed under the series is to be opened, from the last part of its address.
        what: the series, for people.

    Raises:
        FetchError: a page cannot be brought.
        ContentError: a page has no links.
    """
    listed = _links(get, page, f"{what}: list of publications")
    under = page.rstrip("/") + "/"
    below = [url for url in listed if url.startswith(under) and follow(file_name(url.rstrip("/")))]
    found = _fitting(listed, pattern)
    for url in below[:MOST_PAGES]:
        found |= _fitting(_links(get, url, f"{what}: page {file_name(url.rstrip('/'))}"), pattern)
    return found


def _links(get: Get, url: str, what: str) -> list[str]:
    raw = get(Request(url=url, what=what, content="html", most=_MOST_PAGE))
    return links(raw.read(), url)


def _fitting(addresses: Iterable[str], pattern: re.Pattern[str]) -> dict[str, str]:
    return {file_name(url): url for url in addresses if pattern.fullmatch(file_name(url).lower())}


def bring(get: Get, requests: Iterable[Request], before: Iterable[str] = ()) -> Iterator[RawFile]:
    """Each file that can be brought; those that cannot are told together at the end.

    Args:
        get: brings one.
        requests: what to bring.
        before: sentences on what failed already, such as finding the newest.

    Raises:
        FetchError: after the last file, if any failed.
    """
    failed = list(before)
    for request in requests:
        try:
            raw = get(request)
        except (FetchError, ContentError) as error:
            failed.append(f"{request.what}: {error}")
            continue
        yield raw
    if failed:
        raise FetchError(" ".join(failed).rstrip("."))
