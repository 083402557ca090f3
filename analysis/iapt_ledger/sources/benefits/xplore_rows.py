"""Rows of the edition from an answer of Stat-Xplore: which axis is which, and what each cell comes to."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from iapt_ledger.sources.base import ContentError
from iapt_ledger.sources.benefits import conditions
from iapt_ledger.sources.benefits.ages import BANDS, band_of, is_unknown
from iapt_ledger.sources.benefits.schemes import Scheme
from iapt_ledger.sources.benefits.xplore_answer import NIL, Answer, Field, Item
from iapt_ledger.sources.benefits.xplore_schema import NATIONS

GB = ("K03000001", "GB")
_WORKING = tuple(BANDS)[1:6]
_WHOLE = "all of the database, with people abroad or of unknown area"


@dataclass(frozen=True)
class Axes:
    """The place of each field in an answer, and the edition's names of its conditions."""

    date: int
    nation: int | None
    condition: int
    age: int | None
    names: Mapping[str, str]


def count_of(answer: Answer, where: str) -> str:
    """The one measure, a count."""
    found = [m for m, (_, function) in answer.measures.items() if function == "COUNT"]
    if len(found) != 1 or len(answer.measures) > 1:
        told = ", ".join(f"{label} ({function})" for label, function in answer.measures.values())
        raise ContentError("an unknown measure", where=where, expected="one count", found=told)
    return found[0]


def axes_of(answer: Answer, scheme: Scheme, where: str) -> Axes:
    """Which field is which, by what its items are; each is known and there once."""
    places: dict[str, int] = {}
    for place, field in enumerate(answer.fields):
        role = _role(field, scheme)
        if not role or role in places:
            raise ContentError(
                "an unknown field" if not role else "two fields for one thing",
                where=where,
                found=f"{field.label} ({field.id})",
                choices=("quarter", "nation", "condition", "age"),
            )
        places[role] = place
    if missing := {"quarter", "condition"} - set(places):
        found = [field.label for field in answer.fields]
        raise ContentError(
            "a field is not there", where=where, expected=sorted(missing), found=found
        )
    if (nation := places.get("nation")) is not None:
        _see_nations(answer.fields[nation], where)
    field = answer.fields[places["condition"]]
    labels = [item.labels[0] for item in field.items if not item.total]
    names = conditions.named(labels, scheme.conditions, f"{where}, {field.label}")
    if not any(item.total for item in field.items):
        raise ContentError("the conditions have no total", where=where, found=field.label)
    return Axes(
        places["quarter"], places.get("nation"), places["condition"], places.get("age"), names
    )


def _see_nations(field: Field, where: str) -> None:
    """A total counts as Great Britain only where it is of all three nations."""
    here = {item.code for item in field.items if not item.total}
    if any(item.total for item in field.items) and here != set(NATIONS):
        found = ", ".join(sorted(here))
        raise ContentError(
            "a total of nations that are not all", where=where, expected="all three", found=found
        )


def _role(field: Field, scheme: Scheme) -> str:
    items = [item for item in field.items if not item.total]
    if items and all(_month(item) for item in items):
        return "quarter"
    if items and all(item.code in NATIONS for item in items):
        return "nation"
    if re.search(r"^age\b", field.label, re.IGNORECASE):
        return "age"
    condition = r":(DISABILITY_CODE|ICDGP)$"
    single = all(len(item.ids) == 1 for item in items)
    if single and items and (re.search(condition, field.id) or _some_known(items, scheme)):
        return "condition"
    return ""


def _some_known(items: list[Item], scheme: Scheme) -> bool:
    labels = [item.labels[0].lower() for item in items]
    return sum(any(re.search(p, text) for text in labels) for p in scheme.conditions) >= 4


def _month(item: Item) -> tuple[int, int] | None:
    """Year and month of a quarter, from its id and not from its label, which differs by database."""
    found = re.fullmatch(r"((?:19|20)\d\d)(0[1-9]|1[0-2])", item.code)
    return (int(found[1]), int(found[2])) if found else None


def rows_of(
    answer: Answer, measure: str, scheme: Scheme, axes: Axes, where: str
) -> tuple[list[dict[str, str]], Counter[str]]:
    """A row for each cell that the edition holds, and how many cells are known and not taken, by reason.

    Raises:
        ContentError: ages that make no band, a count that is no whole number, or nothing that is held.
    """
    rows, left = [], Counter[str]()
    ages = _ages(answer, axes, where)
    for items, number in answer.cells(measure):
        item = items[axes.condition]
        condition = conditions.ALL if item.total else axes.names[item.labels[0]]
        age = ages[items[axes.age]] if axes.age is not None else "all"
        if why := _not_held(condition, age):
            left[why] += 1
            continue
        code, area, note = _area(items, axes)
        value, status, said = _number(number, where)
        marked = any("r" in one.marks for one in items)
        notes = (said, note, "marked r: revised since the release before" if marked else "")
        day = _last_day(items[axes.date])
        rows.append(
            {
                "period_start": day,
                "period_end": day,
                "geography_code": code,
                "geography": area,
                "value": value,
                "unit": scheme.unit,
                "status": status,
                "locator": f"{answer.database}, {answer.fields[axes.condition].label}",
                "note": "; ".join(n for n in notes if n),
                "benefit": scheme.benefit,
                "condition_group": condition,
                "age_group": age,
            }
        )
    if not rows:
        raise ContentError("the answer holds nothing that the edition holds", where=where)
    return rows, left


def _area(items: tuple[Item, ...], axes: Axes) -> tuple[str, str, str]:
    """Code, name and note of the area of a cell."""
    if axes.nation is None:
        return *GB, _WHOLE
    nation = items[axes.nation]
    return (*GB, "") if nation.total else (nation.code, NATIONS[nation.code], "")


def _last_day(item: Item) -> str:
    year, month = _month(item) or (0, 0)
    return f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]}"


def _ages(answer: Answer, axes: Axes, where: str) -> dict[Item, str]:
    """The band of each item of the ages; empty for unknown ages."""
    if axes.age is None:
        return {}
    field = answer.fields[axes.age]
    made: dict[Item, str] = {}
    for item in field.items:
        if item.total:
            made[item] = "all"
        elif all(is_unknown(label) for label in item.labels):
            made[item] = ""
        else:
            made[item] = band_of(item.labels, f"{where}, {field.label}")
    twice = [band for band, times in Counter(made.values()).items() if band and times > 1]
    if twice:
        raise ContentError("a band of ages stands twice", where=where, found=", ".join(twice))
    if "all" in made.values() and not set(_WORKING) <= set(made.values()):
        raise ContentError(
            "a total of ages that are not all ages",
            where=where,
            expected=", ".join(_WORKING),
            found=", ".join(made.values()),
        )
    return made


def _not_held(condition: str, age: str) -> str:
    """Why a cell is known and not taken, in words; empty where it is taken."""
    if not age:
        return "people whose age is not known"
    if age != "all" and condition != conditions.ALL and condition not in conditions.MENTAL:
        return "conditions that are not mental, by age: held for all ages only"
    return ""


def _number(number: float | str | None, where: str) -> tuple[str, str, str]:
    """Value, status and note of a cell."""
    if number is None:
        return "", "missing", ""
    if number == NIL:
        return "", "suppressed", "nil or negligible"
    if isinstance(number, str) or number < 0 or number != int(number):
        raise ContentError("a count is no whole number", where=where, found=number)
    return str(int(number)), "published", "" if number else "nil or negligible"
