"""Filterable datasets of ONS: finding the newest version of one, and the bulk file of a version."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator

from iapt_ledger.errors import LedgerError, closest
from iapt_ledger.sources.base import MEGABYTE, ContentError, Get, Request

API = "https://api.beta.ons.gov.uk/v1/datasets"
DOWNLOADS = "https://download.ons.gov.uk/downloads/datasets"
PLAIN_NUMBER = r"\d{1,9}(?:\.\d{1,30})?"
_VERSION = r"https?://[^/?#]+/(?:v1/)?datasets/{}/editions/([a-z0-9-]{{1,40}})/versions/(\d{{1,4}})"


def newest_version(get: Get, dataset: str, what: str) -> Request:
    """What to ask for to have the newest version of a dataset as one CSV file.

    Args:
        get: brings the description of the dataset.
        dataset: its id, such as "wellbeing-local-authority".
        what: the dataset, for people.

    Raises:
        ContentError: the description is of another shape.
        FetchError: it cannot be brought.
    """
    url = f"{API}/{dataset}"
    text = get(Request(url, f"{what}: newest version", "json", most=MEGABYTE)).read()
    try:
        href = str(json.loads(text)["links"]["latest_version"]["href"])
    except (ValueError, TypeError, KeyError) as error:
        href = type(error).__name__
    found = re.fullmatch(_VERSION.format(re.escape(dataset)), href)
    if not found:
        raise ContentError(
            "the description of a dataset is of another shape",
            where=url,
            expected=f"the address of a version of {dataset} at links, latest_version, href",
            found=href[:200],
        )
    address = f"{DOWNLOADS}/{dataset}/editions/{found[1]}/versions/{found[2]}.csv"
    # A version that is out never changes: what is held of it need not be asked for again.
    return Request(address, what, "csv", least=100, most=100 * MEGABYTE, fresh=False)


def strangers(found: Iterable[str], known: Collection[str], what: str) -> Iterator[LedgerError]:
    """A fault for each code that is not known."""
    for code in sorted(set(found) - set(known)):
        near = closest(code, known)
        yield LedgerError(
            f"an unknown {what}", found=repr(code), choices=sorted(known), nearest=near
        )
