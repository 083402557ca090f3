"""The benefits, how each publisher's data sets of them are known, and what their counts count."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from iapt_ledger.sources.benefits import conditions


@dataclass(frozen=True)
class Scheme:
    """One benefit on Stat-Xplore.

    Attributes:
        benefit: as the edition names it.
        databases: ids that are known, the older first.
        label: what the label of a database of it holds, where the id is not known.
        unit: what its counts count.
        conditions: its list of conditions.
        months: of its quarters.
        source_id: of the publication.
    """

    benefit: str
    databases: tuple[str, ...]
    label: re.Pattern[str]
    unit: str
    conditions: Mapping[str, str]
    months: tuple[int, ...]
    source_id: str


QUARTERS = (2, 5, 8, 11)
_IB, _SDA = r"incapacity benefit|\bIB\b", r"severe disablement allowance|\bSDA\b"


def _label(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_NO_STOCK = _label(r"flow|combination|assessment|\bWCA\b|sanction|clearance|registration|reassess")
SCHEMES = (
    Scheme(
        "DLA",
        ("DLA_In_Payment", "DLA_In_Payment_New"),
        _label(r"(disability living allowance|\bDLA\b).*in payment"),
        "claims in payment",
        conditions.DLA,
        QUARTERS,
        "statxplore_dla",
    ),
    Scheme(
        "PIP",
        ("PIP_Monthly", "PIP_Monthly_new"),
        _label(r"(personal independence payment|\bPIP\b).*with entitlement"),
        "claims with entitlement",
        conditions.PIP,
        (1, 4, 7, 10),
        "statxplore_pip",
    ),
    Scheme(
        "ESA",
        ("ESA_Caseload", "ESA_Caseload_new"),
        _label(r"(employment and support allowance|\bESA\b).*caseload"),
        "claimants",
        conditions.ICD,
        QUARTERS,
        "statxplore_esa",
    ),
    Scheme(
        "IB/SDA",
        (),
        _label(rf"(?=.*({_IB}))(?=.*({_SDA}))"),
        "claimants",
        conditions.ICD,
        QUARTERS,
        "statxplore_ib_sda",
    ),
)
BENEFITS = {s.benefit: s for s in SCHEMES}


def scheme_of(database: str, label: str) -> Scheme | None:
    """The benefit that a database is of, by its id or else by its label; None where it is of none."""
    for scheme in SCHEMES:
        if database in scheme.databases:
            return scheme
    if _NO_STOCK.search(label):
        return None
    found = [s for s in SCHEMES if s.label.search(label)]
    return found[0] if len(found) == 1 else None


def publication(scheme: Scheme) -> dict[str, object]:
    """The entry of the registry."""
    return {
        "id": scheme.source_id,
        "title": f"Stat-Xplore: {scheme.benefit} by condition, age and nation, each quarter",
        "publisher": "DWP Stat-Xplore, Open Data API",
        "published": "not seen",
        "licence": "Open Government Licence v3.0",
        "address": "https://stat-xplore.dwp.gov.uk/",
        "how_read": "publisher file",
        "cadence": "quarterly",
        "note": "Counts are changed a little so that nobody can be known from them: parts do not add up to totals.",
    }
