"""Answers of the SuperSTAR Open Data API: a cube for each measure, flattened by the product of the items of its fields.

Nothing is added up: a total is an item of its own, and the publisher changes every cell a little, so that parts do not
make their total.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from iapt_ledger.errors import Faults
from iapt_ledger.sources.base import Check, ContentError

_KEYS = ("database", "measures", "fields", "cubes")
NIL = ".."
"""What the publisher's own tables show for nil or a negligible number."""
MOST_CELLS = 2_000_000


@dataclass(frozen=True)
class Item:
    """One item of a field.

    Attributes:
        labels: of the values that it is made of; one, unless several were put together.
        ids: of these values; empty for a total.
        total: whether it is the total of the field.
        marks: keys of its annotations, such as r for revised.
    """

    labels: tuple[str, ...]
    ids: tuple[str, ...]
    total: bool
    marks: tuple[str, ...]

    @property
    def code(self) -> str:
        """The last part of its one id; empty for a total and for several values put together."""
        return self.ids[0].rsplit(":", 1)[-1] if len(self.ids) == 1 else ""


@dataclass(frozen=True)
class Field:
    """One axis of the cubes."""

    id: str
    label: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        database, label: id without its prefix, and label.
        measures: id to (label, function).
        fields: the axes, in the order in which the values nest.
        cubes: measure to nested lists of numbers.
        asked: field to the ids of each item of the query, as the answer repeats it; empty where it does not.
    """

    database: str
    label: str
    measures: Mapping[str, tuple[str, str]]
    fields: tuple[Field, ...]
    cubes: Mapping[str, list[Any]]
    asked: Mapping[str, list[tuple[str, ...]]]

    def cells(self, measure: str) -> Iterator[tuple[tuple[Item, ...], float | str | None]]:
        """The items of each cell, one for each field, and its number."""
        values = self.cubes[measure]
        for places in product(*(range(len(field.items)) for field in self.fields)):
            cell: Any = values
            for place in places:
                cell = cell[place]
            yield (
                tuple(f.items[place] for f, place in zip(self.fields, places, strict=True)),
                cell,
            )


def is_answer(data: bytes) -> bool:
    """Whether bytes look like an answer; for recognising one."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and all(key in found for key in _KEYS)


def read_answer(data: bytes, where: str) -> Answer:
    """An answer, every part of it seen to.

    Raises:
        ContentError: it is no answer, or misses a part.
        Faults: cubes that have not the shape of the fields, items twice, or numbers that are none.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ContentError("the answer is no JSON", where=where, found=str(error)[:120]) from None
    missing = [k for k in _KEYS if not isinstance(found, dict) or k not in found]
    if missing:
        raise ContentError("no answer to a query", where=where, expected=", ".join(_KEYS))
    try:
        answer = _answer(found)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ContentError(
            "a part of the answer is not as it should be", where=where, found=repr(error)[:120]
        ) from None
    if faults := [*_doubles(answer), *_shapes(answer)]:
        raise Faults(f"the answer {where} does not hold together", faults)
    return answer


def _answer(found: Mapping[str, Any]) -> Answer:
    query = found.get("query") or {}
    return Answer(
        database=_text(found["database"]["id"]),
        label=_text(found["database"]["label"]),
        measures={m["uri"]: (_text(m["label"]), str(m.get("function"))) for m in found["measures"]},
        fields=tuple(
            Field(_text(f["uri"]), _text(f["label"]), tuple(_item(i) for i in f["items"]))
            for f in found["fields"]
        ),
        cubes={measure: cube["values"] for measure, cube in found["cubes"].items()},
        asked={
            _text(name): [tuple(map(_text, ids)) for ids in recode.get("map") or ()]
            for name, recode in (query.get("recodes") or {}).items()
        },
    )


def _item(item: Mapping[str, Any]) -> Item:
    total = item["type"] == "Total"
    ids = tuple(map(_text, item.get("uris") or ()))
    labels = tuple(map(_text, item["labels"]))
    if total == bool(ids) or not labels or (ids and len(ids) != len(labels)):
        raise TypeError(f"an item with {len(ids)} ids and {len(labels)} labels")
    return Item(labels, ids, total, tuple(map(_text, item.get("annotationKeys") or ())))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} in the place of a text")
    return value


def _doubles(answer: Answer) -> Iterator[str]:
    for field in answer.fields:
        ids = Counter(one for item in field.items for one in item.ids)
        for name in [i for i, times in ids.items() if times > 1][:5]:
            yield f"an item stands twice in {field.label!r}: {name}"
        if sum(item.total for item in field.items) > 1:
            yield f"two totals in {field.label!r}"


def _shapes(answer: Answer) -> Iterator[str]:
    lengths = [len(field.items) for field in answer.fields]
    if not lengths or math.prod(lengths) > MOST_CELLS:
        yield f"{math.prod(lengths):,} cells are more than any answer has, or there is no field"
        return
    for measure in answer.measures:
        if measure not in answer.cubes:
            yield f"no cube for {measure}"
        elif (told := _shape_fault(answer.cubes[measure], lengths)) is not None:
            yield f"the cube of {measure} {told}"
    for measure in set(answer.cubes) - set(answer.measures):
        yield f"a cube of {measure}, which is none of the measures"


def _shape_fault(values: object, lengths: Sequence[int]) -> str | None:
    if not lengths:
        sound = values is None or values == NIL or _is_number(values)
        return (
            None if sound else f"holds {str(values)[:40]!r}, which is no number and no known marker"
        )
    if not isinstance(values, list) or len(values) != lengths[0]:
        size = len(values) if isinstance(values, list) else "no list"
        return f"has not the shape of its fields: {size} where {lengths[0]} are expected"
    return next((t for v in values if (t := _shape_fault(v, lengths[1:])) is not None), None)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def asked_check(answer: Answer) -> Check:
    """Rule "periods": every item that was asked for is there, quarters and all else."""
    here = {field.id: {item.ids for item in field.items} for field in answer.fields}
    labels = {field.id: field.label for field in answer.fields}
    lost = [f"the field {name}" for name in answer.asked if name not in here]
    for name in here:
        gone = [ids for ids in answer.asked.get(name, ()) if ids not in here[name]]
        lost += [f"{labels[name]}: {' + '.join(ids)}" for ids in gone]
    if lost:
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        return Check("periods", False, f"The answer lacks {', '.join(lost[:3])}{more}.")
    return Check("periods", True, "The answer holds every item that was asked for.")
