"""Stat-Xplore's tree of folders, databases, fields and lists of values, walked by label where an id is not known."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urlsplit

from iapt_ledger.sources.base import MEGABYTE, ContentError, Get, Request
from iapt_ledger.sources.benefits import conditions
from iapt_ledger.sources.benefits.ages import is_unknown, put_into_bands
from iapt_ledger.sources.benefits.schemes import Scheme, scheme_of

BASE = "https://stat-xplore.dwp.gov.uk/webapi/rest/v1"
SECRET = "stat-xplore"
NATIONS: Mapping[str, str] = {"E92000001": "England", "W92000004": "Wales", "S92000003": "Scotland"}

_BRANCHES = ("FOLDER", "GROUP")
_T = TypeVar("_T")
_MOST_PAGES = 200
_MOST_FOLDERS = 200
_DATE = re.compile(r":(F_[A-Za-z_]+):[A-Z_0-9]*DATE[A-Z_0-9]*$")
_DATE_LABEL = re.compile(r"^(quarter|month|date)\b", re.I)
_CONDITION = re.compile(r":(DISABILITY_CODE|ICDGP)$")
_CONDITION_LABEL = re.compile(
    r"main disabling condition|^disability|\bICD\b|disease group|medical condition|^condition", re.I
)
_NATION = re.compile(r":COA_CODE$", re.I)
_NATION_LABEL = re.compile(r"national|geograph|country", re.I)
_NATION_LIST = re.compile(r"countr|national", re.I)
_AGE_LABEL = re.compile(r"^age\b", re.I)
_MONTH = re.compile(r":(\d{4})(\d{2})$")


@dataclass(frozen=True)
class Node:
    """One node of the tree."""

    id: str
    label: str
    kind: str


@dataclass(frozen=True)
class Plan:
    """What a database is asked for.

    Attributes:
        scheme: the benefit.
        database, count: ids.
        dates: field, and month (2013-02) to id of its value.
        nations: field, and ids of values.
        conditions: field, and ids of values.
        ages: field, ids of the values of each band, and of those of unknown ages; None where its ages make no bands.
    """

    scheme: Scheme
    database: str
    count: str
    dates: tuple[str, Mapping[str, str]]
    nations: tuple[str, list[str]]
    conditions: tuple[str, list[str]]
    ages: tuple[str, list[list[str]], list[list[str]]] | None


class Tree:
    """The tree, each node asked for once."""

    def __init__(self, get: Get) -> None:
        self._get = get
        self._below: dict[str, list[Node]] = {}

    def below(self, node: str = "") -> list[Node]:
        """The children of a node, all pages of them; of the root where none is named.

        Raises:
            FetchError: it cannot be brought.
            ContentError: it is no node, or its pages go on without end.
        """
        if node not in self._below:
            self._below[node] = list(self._pages(node))
        return self._below[node]

    def _pages(self, node: str) -> Iterator[Node]:
        url = f"{BASE}/schema" + (f"/{quote(node, safe=':')}" if node else "")
        seen: set[str] = set()
        while url:
            if url in seen or len(seen) >= _MOST_PAGES:
                raise ContentError("the pages of a list lead nowhere", where=url, found=len(seen))
            seen.add(url)
            what = f"Stat-Xplore, schema {node or 'root'}"
            raw = self._get(
                Request(url=url, what=what, content="json", secret=SECRET, most=20 * MEGABYTE)
            )
            yield from _children(raw.read(), url)
            url = raw.next
            if url and urlsplit(url).hostname != urlsplit(BASE).hostname:
                raise ContentError("a next page lies at another host", where=node, found=url)

    def inside(self, node: str, kinds: tuple[str, ...]) -> list[Node]:
        """Nodes of these kinds below a node, also inside folders and groups, the nearer first."""
        found: list[Node] = []
        waiting, seen = [node], set[str]()
        while waiting and len(seen) < _MOST_FOLDERS:
            one = waiting.pop(0)
            if one in seen:
                continue
            seen.add(one)
            children = self.below(one)
            found += [child for child in children if child.kind in kinds]
            waiting += [child.id for child in children if child.kind in _BRANCHES]
        return found


def _children(data: bytes, where: str) -> list[Node]:
    try:
        children = json.loads(data)["children"]
        return [Node(str(c["id"]), str(c["label"]), str(c["type"])) for c in children]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ContentError(
            "an answer is no node of the schema", where=where, expected="id, label, type, children"
        ) from None


def databases(tree: Tree) -> list[tuple[Scheme, Node]]:
    """The databases of our benefits, in the order in which a later one is to be preferred for a quarter that both hold.

    Those known by their label alone come before those known by their id, the older of these first.
    """
    found = []
    for node in {n.id: n for n in tree.inside("", ("DATABASE",))}.values():
        if scheme := scheme_of(_last(node.id), node.label):
            found.append((scheme, node))

    def order(pair: tuple[Scheme, Node]) -> tuple[str, int]:
        scheme, name = pair[0], _last(pair[1].id)
        known = scheme.databases.index(name) if name in scheme.databases else -1
        return scheme.source_id, known

    return sorted(found, key=order)


def plan(tree: Tree, scheme: Scheme, database: Node) -> Plan:
    """What a database is asked for.

    Raises:
        FetchError: a node cannot be brought.
        ContentError: a field or a list of values is not there; the message lists those there are.
    """
    fields = tree.inside(database.id, ("FIELD",))
    counts = tree.inside(database.id, ("COUNT",))
    if len(counts) != 1:
        raise _none("one count", database, counts)
    return Plan(
        scheme,
        database.id,
        counts[0].id,
        _first(
            tree,
            database,
            _fitting(fields, _DATE, _DATE_LABEL),
            lambda vs: _months(vs, scheme),
            "dates",
        ),
        _first(tree, database, _nation_fields(fields), _nations, "nations", _NATION_LIST),
        _first(
            tree,
            database,
            _fitting(fields, _CONDITION, _CONDITION_LABEL),
            lambda values: _conditions(values, scheme),
            "conditions",
        ),
        _ages(tree, [f for f in fields if _AGE_LABEL.search(f.label)]),
    )


def _fitting(
    fields: list[Node], by_id: re.Pattern[str], by_label: re.Pattern[str] | None = None
) -> list[Node]:
    """Fields by id, or by label where no id fits."""
    known = [f for f in fields if by_id.search(f.id)]
    return known or [f for f in fields if by_label and by_label.search(f.label)]


def _nation_fields(fields: list[Node]) -> list[Node]:
    return _fitting(fields, _NATION, _NATION_LABEL)


def _first(
    tree: Tree,
    database: Node,
    fields: list[Node],
    made: Callable[[list[Node]], _T],
    what: str,
    lists: re.Pattern[str] | None = None,
) -> tuple[str, _T]:
    """The first field of those that has a list of values that serves, and what it comes to."""
    seen = []
    for field in fields:
        valuesets = tree.inside(field.id, ("VALUESET",))
        wanted = [v for v in valuesets if not lists or lists.search(f"{v.id} {v.label}")]
        for valueset in wanted or valuesets[:1]:
            seen.append(valueset)
            if found := made(tree.below(valueset.id)):
                return field.id, found
    raise _none(f"a list of {what}", database, seen or tree.inside(database.id, ("FIELD",)))


def _none(what: str, database: Node, there: list[Node]) -> ContentError:
    return ContentError(
        f"there is not {what}",
        where=f"Stat-Xplore, {database.label} ({database.id})",
        found=", ".join(f"{n.label} ({n.id})" for n in there[:8]) or "nothing of the kind",
        fix="see how the publisher names it now and teach analysis/iapt_ledger/sources/benefits",
    )


def _months(values: list[Node], scheme: Scheme) -> dict[str, str]:
    found = {v.id: _MONTH.search(v.id) for v in values}
    return {f"{m[1]}-{m[2]}": name for name, m in found.items() if m and int(m[2]) in scheme.months}


def _nations(values: list[Node]) -> list[str]:
    held = {_last(v.id): v.id for v in values}
    return [held[code] for code in NATIONS] if set(NATIONS) <= set(held) else []


def _conditions(values: list[Node], scheme: Scheme) -> list[str]:
    fits = conditions.fits([v.label for v in values], scheme.conditions)
    return [v.id for v in values] if fits else []


def _ages(tree: Tree, fields: list[Node]) -> tuple[str, list[list[str]], list[list[str]]] | None:
    """The shortest list of ages that can be put into bands."""
    best: tuple[str, list[list[str]], list[list[str]]] | None = None
    shortest = 0
    for field in fields:
        for valueset in tree.inside(field.id, ("VALUESET",)):
            values = tree.below(valueset.id)
            bands = put_into_bands(v.label for v in values)
            ids = {v.label: v.id for v in values}
            if bands is None or len(ids) < len(values) or (best and len(ids) >= shortest):
                continue
            groups = [[ids[label] for label in labels] for labels in bands.values()]
            best = (field.id, groups, [[v.id] for v in values if is_unknown(v.label)])
            shortest = len(ids)
    return best


def _last(uri: str) -> str:
    return uri.rsplit(":", 1)[-1]
