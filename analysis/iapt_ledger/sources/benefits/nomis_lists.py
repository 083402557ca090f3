"""Nomis: which data set a benefit has, what its dimensions are, and which codes are asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from iapt_ledger.sources.base import MEGABYTE, ContentError, Get, Request
from iapt_ledger.sources.benefits import conditions
from iapt_ledger.sources.benefits.ages import BANDS, years_of

BASE = "https://www.nomisweb.co.uk/api/v01"
AREAS: Mapping[str, tuple[str, str, str]] = {
    "K03000001": ("2092957698", "GB", "Great Britain"),
    "E92000001": ("2092957699", "England", "England"),
    "W92000004": ("2092957700", "Wales", "Wales"),
    "S92000003": ("2092957701", "Scotland", "Scotland"),
}
"""Code of an area to Nomis's own code, the edition's name and Nomis's name."""
COUNTS = "20100"
"""Measure "value"; others are rates and shares."""

_TOTAL = re.compile(r"(total|all)\b", re.IGNORECASE)
_NOT_ASKED = ("FREQ", "TIME")


@dataclass(frozen=True)
class Benefit:
    """A benefit on Nomis.

    Attributes:
        benefit: as the edition names it.
        known: id of its data set; empty where a search has to find it.
        search: words of its name for the search.
        label: what its name holds.
        source_id: of the publication.
    """

    benefit: str
    known: str
    search: str
    label: re.Pattern[str]
    source_id: str


def _label(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


BENEFITS = (
    Benefit(
        "ESA",
        "NM_134_1",
        "employment and support",
        _label(r"employment and support|\bESA\b"),
        "nomis_esa",
    ),
    Benefit(
        "IB/SDA",
        "",
        "incapacity",
        _label(r"incapacity.*severe disab|\bIB ?/ ?SDA\b"),
        "nomis_ib_sda",
    ),
)


@dataclass(frozen=True)
class DataSet:
    """One data set and what is asked of it.

    Attributes:
        benefit: whose claimants it counts.
        id: such as NM_134_1.
        codes: dimension to the codes that are asked for, GEOGRAPHY and MEASURES among them.
    """

    benefit: Benefit
    id: str
    codes: Mapping[str, str]


def data_set(get: Get, benefit: Benefit) -> DataSet:
    """The data set of a benefit that has a list of conditions.

    Raises:
        FetchError: the host does not answer.
        ContentError: there is none, or a dimension has no total; the message lists what there is.
    """
    if benefit.known:
        url = f"{BASE}/dataset/{benefit.known}/def.sdmx.json"
    else:
        url = f"{BASE}/dataset/def.sdmx.json?search=name-*{quote(benefit.search)}*"
    families = _read(get, url, f"Nomis, data sets of {benefit.benefit}", "keyfamilies", "keyfamily")
    named = [(str(f.get("id")), _name(f.get("name")), _dimensions(f)) for f in families]
    found = [
        (name, dimensions)
        for name, label, dimensions in named
        if benefit.label.search(label) and any("ICD" in d for d in dimensions)
    ]
    if len(found) != 1:
        told = ", ".join(f"{label} ({name})" for name, label, _ in named[:8]) or "none"
        raise ContentError(
            f"there is not one data set of {benefit.benefit} by condition", where=url, found=told
        )
    name, dimensions = found[0]
    codes = {d: _codes(get, name, d, c) for d, c in dimensions.items() if d not in _NOT_ASKED}
    return DataSet(benefit, name, codes)


def _dimensions(family: Mapping[str, Any]) -> dict[str, str]:
    try:
        dimensions = family["components"]["dimension"]
        return {str(d["conceptref"]).upper(): str(d["codelist"]) for d in dimensions}
    except (KeyError, TypeError):
        return {}


def _codes(get: Get, name: str, dimension: str, codelist: str) -> str:
    """The codes of a dimension that are asked for, as a query writes them."""
    if dimension == "GEOGRAPHY":
        return ",".join(code for code, _, _ in AREAS.values())
    if dimension == "MEASURES":
        return COUNTS
    url = f"{BASE}/codelist/{codelist}.def.sdmx.json"
    listed = _read(
        get, url, f"Nomis, {name}, codes of {dimension}", "codelists", "codelist", "code"
    )
    labels = {str(c.get("value")): _name(c.get("description")) for c in listed}
    totals = [code for code, label in labels.items() if is_total(label)]
    if len(totals) != 1:
        shown = ", ".join(f"{c} {label}" for c, label in list(labels.items())[:8])
        raise ContentError("a dimension has not one total", where=url, found=shown or "no codes")
    if "ICD" in dimension:
        rest = {c: label for c, label in labels.items() if c not in totals}
        conditions.named(list(rest.values()), conditions.ICD, url)
        return ",".join(labels)
    if dimension == "AGE":
        return ",".join([*totals, *(c for c, label in labels.items() if band(label))])
    return totals[0]


def is_total(label: str) -> bool:
    """Whether a label is of all codes of a list together."""
    return bool(_TOTAL.match(label.strip()))


def band(label: str) -> str:
    """The band of the edition that a label is, years for years; empty where it is none."""
    years = years_of(label)
    return next((name for name, span in BANDS.items() if span == years), "")


def _read(get: Get, url: str, what: str, *path: str) -> list[dict[str, Any]]:
    """A list inside an answer in SDMX as JSON."""
    raw = get(Request(url=url, what=what, content="json", most=50 * MEGABYTE))
    try:
        found = list(_inside(json.loads(raw.read())["structure"], path))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ContentError(
            "an answer is no list of this interface", where=url, expected="/".join(path)
        ) from None
    return found


def _inside(node: Any, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for one in node if isinstance(node, list) else [node]:
        if path:
            yield from _inside(one[path[0]], path[1:])
        elif isinstance(one, dict):
            yield one
        else:
            raise TypeError(f"{one!r} in the place of an entry")


def _name(node: Any) -> str:
    return str(node.get("value", "")) if isinstance(node, dict) else ""
