"""Finding what a publisher has put out, and bringing several files so that one that fails does not lose the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator
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
    """File name to address of every file that a page of a series, or a page below it, links to.

    Args:
        get: brings a page.
        page: address of the series.
        pattern: what the name of a file must be in small letters, whole.
        follow: whether a page below is to be opened, from its path below the series, such as "2024-25/outcomes".
            No more than `MOST_PAGES` are.
        what: the series, for people.

    Raises:
        FetchError: a page cannot be brought.
        ContentError: a page has no links.
    """
    under = page.rstrip("/") + "/"
    waiting = [page]
    opened: set[str] = set()
    found: dict[str, str] = {}
    while waiting and len(opened) <= MOST_PAGES:
        url = waiting.pop(0)
        opened.add(url)
        listed = _links(get, url, f"{what}: page {url.removeprefix(under)}")
        found |= _fitting(listed, pattern)
        below = [u for u in listed if u.startswith(under) and follow(u.removeprefix(under))]
        waiting += [u for u in below if u not in opened and u not in waiting]
    return found


def _links(get: Get, url: str, what: str) -> list[str]:
    raw = get(Request(url=url, what=what, content="html", most=_MOST_PAGE))
    return links(raw.read(), url)


def _fitting(addresses: Iterable[str], pattern: re.Pattern[str]) -> dict[str, str]:
    return {file_name(url): url for url in addresses if pattern.fullmatch(file_name(url).lower())}


def linked_from(
    get: Get,
    pages: Iterable[str],
    pattern: re.Pattern[str],
    follow: Callable[[str], bool],
    what: str,
    finding: str,
) -> tuple[dict[str, str], list[str]]:
    """What several pages link to, as `linked_files` finds it, and a sentence for each page that failed.

    Args:
        get, pattern, follow, what: as for `linked_files`.
        pages: addresses; where two link to files of one name, the later page's counts.
        finding: what fails with a page, in words, such as "the newest year".
    """
    found: dict[str, str] = {}
    failed = []
    for page in pages:
        try:
            found |= linked_files(get, page, pattern, follow, what)
        except (FetchError, ContentError) as error:
            failed.append(f"finding {finding}: {error}")
    return found, failed


def linked_by_period(
    get: Get,
    pages: Iterable[str],
    pattern: re.Pattern[str],
    period_in_name: Callable[[str], str],
    known: Container[str],
    what: str,
    finding: str,
) -> tuple[dict[str, str], list[str]]:
    """Period to address of what several pages link to, and a sentence for each page that failed.

    Args:
        get, pages, pattern, what, finding: as for `linked_from`.
        period_in_name: the period that a name, or a path below a series, says.
        known: periods whose pages below need not be opened.
    """
    files, failed = linked_from(
        get, pages, pattern, lambda path: period_in_name(path) not in known, what, finding
    )
    return {p: url for name, url in files.items() if (p := period_in_name(name))}, failed


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
            said = str(error)
            failed.append(said if request.what in said else f"{request.what}: {said}")
            continue
        yield raw
    tell(failed)


def tell(failed: Iterable[str]) -> None:
    """Tell what failed, once all that could be brought was.

    Raises:
        FetchError: anything did.
    """
    if said := " ".join(failed).rstrip("."):
        raise FetchError(said)
