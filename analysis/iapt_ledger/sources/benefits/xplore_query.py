"""Queries to Stat-Xplore: one quarter each, in which order, and what is done where an answer would be too large."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from iapt_ledger.sources.base import MEGABYTE, ContentError, FetchError, Get, RawFile, Request
from iapt_ledger.sources.benefits.xplore_schema import BASE, SECRET, Plan

CLAIM_YEARS = ("2000", "2013")
"""Years whose quarters come first: those of the claim on claimants with a psychiatric disorder."""
REVISED = 4
"""Newest quarters, which the department may still revise."""
_IN_A_ROW = 3
_TOO_MUCH = re.compile(
    r"status (400|413|422).*\b(cells?|too (large|big|many)|limit|maximum)\b|status 504",
    re.DOTALL | re.IGNORECASE,
)


def queue(plans: Iterable[Plan], wanted: Mapping[str, list[str]]) -> list[tuple[Plan, str]]:
    """Plans with one quarter each: those of the claim first, then the newest.

    Args:
        plans: one a database.
        wanted: database to its quarters that are to be brought.
    """
    made = [(plan, month) for plan in plans for month in wanted[plan.database]]
    made.sort(key=lambda one: one[1], reverse=True)
    return sorted(made, key=lambda one: one[1][:4] not in CLAIM_YEARS)


def newest(plan: Plan) -> list[str]:
    """Quarters that are asked for though they are held."""
    return sorted(plan.dates[1])[-REVISED:]


def body_of(plan: Plan, month: str, ages: list[list[str]], *, total: bool = True) -> bytes:
    """The query for a quarter, always the same bytes for the same.

    Args:
        plan: of its database.
        month: the quarter.
        ages: items of the ages; none for all ages together.
        total: whether all ages are an item too.
    """
    parts: list[tuple[str, list[list[str]], bool]] = [
        (plan.dates[0], [[plan.dates[1][month]]], False),
        (plan.nations[0], [[one] for one in plan.nations[1]], True),
        (plan.conditions[0], [[one] for one in plan.conditions[1]], True),
    ]
    if ages and plan.ages:
        parts.append((plan.ages[0], ages, total))
    query = {
        "database": plan.database,
        "measures": [plan.count],
        "recodes": {field: {"map": items, "total": both} for field, items, both in parts},
        "dimensions": [[field] for field, _, _ in parts],
    }
    return json.dumps(query, separators=(",", ":")).encode()


def ask(get: Get, plan: Plan, month: str) -> Iterator[RawFile]:
    """The answer for a quarter; first for all ages and then for a part of them at a time where that is too much.

    Raises:
        FetchError: it cannot be brought, or its smallest part is too much.
        ContentError: it is no answer.
    """
    bands, unknown = (plan.ages[1], plan.ages[2]) if plan.ages else ([], [])
    try:
        raw = get(_request(plan, month, body_of(plan, month, [*bands, *unknown])))
    except FetchError as error:
        if not bands or not _TOO_MUCH.search(str(error)):
            raise
        error.overcome = True
    else:
        yield raw
        return
    yield get(_request(plan, month, body_of(plan, month, [])))
    yield from _halves(get, plan, month, bands)


def _halves(get: Get, plan: Plan, month: str, bands: list[list[str]]) -> Iterator[RawFile]:
    half = (len(bands) + 1) // 2
    for part in filter(None, (bands[:half], bands[half:])):
        try:
            raw = get(_request(plan, month, body_of(plan, month, part, total=False)))
        except FetchError as error:
            if len(part) == 1 or not _TOO_MUCH.search(str(error)):
                raise
            error.overcome = True
        else:
            yield raw
            continue
        yield from _halves(get, plan, month, part)


def _request(plan: Plan, month: str, body: bytes) -> Request:
    return Request(
        url=f"{BASE}/table",
        what=f"Stat-Xplore, {plan.scheme.benefit}, {month}",
        content="json",
        body=body,
        secret=SECRET,
        most=50 * MEGABYTE,
        fresh=month in newest(plan),
    )


def bring(get: Get, todo: Iterable[tuple[Plan, str]], failed: list[str]) -> Iterator[RawFile]:
    """Each answer that can be brought; sentences on those that cannot are added to `failed`, one for each reason.

    After three failures in a row nothing more is asked: the host is down, or wants to be left alone.
    """
    reasons: dict[str, list[str]] = {}
    in_a_row, left = 0, list(todo)
    while left and in_a_row < _IN_A_ROW:
        plan, month = left.pop(0)
        try:
            yield from ask(get, plan, month)
        except (FetchError, ContentError) as error:
            reasons.setdefault(str(error), []).append(f"{plan.scheme.benefit}, {month}")
            in_a_row += 1
        else:
            in_a_row = 0
    failed += [f"{'; '.join(quarters)}: {reason}" for reason, quarters in reasons.items()]
    if left:
        more = "1 more quarter was" if len(left) == 1 else f"{len(left)} more quarters were"
        failed.append(f"{more} not asked for, as the last three failed.")
