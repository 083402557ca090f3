"""The publishers' series, one module each: how a feed is fetched and what its files come to.

A new feed is a module here with a `FEED`, and its name in `MODULES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from iapt_ledger.errors import LedgerError, closest

if TYPE_CHECKING:
    from iapt_ledger.sources.base import Feed

MODULES = (
    "talking_therapies_annual",
    "talking_therapies_annual_older",
    "talking_therapies_monthly",
    "talking_therapies_time_series",
    "therapy_outcomes",
    "mental_health_dashboard",
    "nhsbsa_epd",
    "nhsbsa_pca",
    "ons_population",
    "medicines_mental_health",
    "stat_xplore",
    "nomis",
    "openprescribing",
    "treasury_deflators",
    "ons_deflator",
    "scotland_prescribing",
    "fingertips",
    "ons_wellbeing",
    "ons_suicides",
)
"""Modules of this package with a FEED, in the order in which a refresh takes them."""


@cache
def feeds() -> Mapping[str, Feed]:
    """Every feed by name. A module that cannot be imported says so itself.

    Raises:
        LedgerError: two modules name their feed alike.
    """
    found: dict[str, Feed] = {}
    for module in MODULES:
        feed: Feed = import_module(f"{__name__}.{module}").FEED
        if feed.name in found:
            raise LedgerError(
                "two feeds have one name", where=f"sources/{module}.py", found=feed.name
            )
        found[feed.name] = feed
    return MappingProxyType(found)


def feed_named(name: str) -> Feed:
    """One feed.

    Raises:
        LedgerError: there is none of this name; the message lists those there are.
    """
    try:
        return feeds()[name]
    except KeyError:
        raise LedgerError(
            "no such source", found=name, choices=list(feeds()), nearest=closest(name, feeds())
        ) from None
