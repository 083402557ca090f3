"""Numbers as users hand them over, checked once for all methods: columns, single numbers, levels of confidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.methods.base import MethodError

Array = npt.NDArray[np.float64]


def column(name: str, values: Any, what: str, *, fix: str = "") -> Array:
    """A list, array or Series as finite floats, one a row.

    Args:
        name: of the column, for errors; what: the fault in words when it cannot be used; fix: what to do with a row
            that has no number.

    Raises:
        MethodError: the values are no numbers, lie in more than one dimension, or one is missing or infinite.
    """
    given = list(values) if isinstance(values, Iterator) else values
    where = f"column {name}"
    try:
        found = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        found = _without_gaps(where, given, what, fix)
    if found.ndim != 1:
        raise MethodError(
            what, where=where, expected="one dimension, a number a row",
            found=f"{found.ndim} dimensions" if found.ndim else f"{type(values).__name__} {values}",
        )  # fmt: skip
    bad = np.flatnonzero(~np.isfinite(found))
    if bad.size:
        raise MethodError(
            what, where=row_of(where, int(bad[0]), values), expected="numbers known and finite",
            found=found[bad[0]], fix=fix or "leave the row out of every column",
        )  # fmt: skip
    return found


def refuse_rows(
    what: str,
    name: str,
    values: Array,
    bad: npt.NDArray[np.bool_],
    expected: str,
    fix: str = "",
    *,
    names: Sequence[object] | pd.Index | None = None,
) -> None:
    """Refuse a column for the first of its bad rows, with its number and, where rows have names, its name.

    Raises:
        MethodError: a row is bad.
    """
    if not bad.any():
        return
    row = int(np.flatnonzero(bad)[0])
    named = "" if names is None else f" ({names[row]})"
    where = f"column {name}, row {row + 1}{named}"
    raise MethodError(what, where=where, expected=expected, found=f"{values[row]:g}", fix=fix)


def row_of(where: str, place: int, values: Any = None) -> str:
    """A row in words: its number from 1, and the label of a Series that has labels of its own."""
    labelled = isinstance(values, pd.Series) and not isinstance(values.index, pd.RangeIndex)
    return f"{where}, row {place + 1}" + (f" (index {values.index[place]})" if labelled else "")


def columns(given: Mapping[str, Any], what: str, *, fix: str = "") -> dict[str, Array]:
    """Several columns of one table, by name: as many rows in each, and in one order.

    Raises:
        MethodError: as `column`; lengths differ; Series hold the same labels in another order.
    """
    found = {name: column(name, values, what, fix=fix) for name, values in given.items()}
    if len({len(values) for values in found.values()}) > 1:
        raise MethodError(
            what, where=f"columns {' and '.join(found)}", expected="as many rows in each",
            found=", ".join(f"{name} {len(values)}" for name, values in found.items()),
        )  # fmt: skip
    refuse_shuffled(given, what)
    return found


def refuse_shuffled(columns: Mapping[str, Any], what: str) -> None:
    """Refuse Series that hold the same labels in another order.

    Numbers are taken by their place, so that columns sorted apart would be paired wrongly without a sign of it.

    Raises:
        MethodError: two of the columns do.
    """
    labelled = [(n, v.index) for n, v in columns.items() if isinstance(v, pd.Series)]
    for (one, first), (other, second) in pairwise(labelled):
        if len(first) != len(second) or first.equals(second):
            continue
        if first.is_unique and first.sort_values().equals(second.sort_values()):
            row = int(np.flatnonzero(np.asarray(first) != np.asarray(second))[0])
            raise MethodError(
                what, where=f"columns {one} and {other}, row {row + 1}",
                expected="the same labels in the same order, for numbers are paired by their place",
                found=f"index {first[row]} beside {second[row]}",
                fix="take both columns from one table, or sort both by their index",
            )  # fmt: skip


def number(name: str, value: Any, what: str, *, expected: str = "a number") -> float:
    """A single number, which may be infinite or missing.

    Raises:
        MethodError: it is text, a list or nothing.
    """
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.ndim or isinstance(value, str | bytes):
        raise MethodError(what, where=f"argument {name}", expected=expected, found=repr(value))
    return float(found)


def several(names: str | Sequence[str]) -> tuple[str, ...]:
    """Names of columns, a single one perhaps given without a list around it."""
    return (names,) if isinstance(names, str) else tuple(names)


def refuse_level(level: Any, name: str = "level") -> None:
    """Refuse a level of confidence that is no share.

    Raises:
        MethodError: it is none.
    """
    expected = "a number between 0 and 1"
    what = "A level of confidence is a share"
    if not 0 < number(name, level, what, expected=expected) < 1:
        raise MethodError(
            what, where=f"argument {name}", expected=expected, found=level,
            fix="write 0.95 for 95 per cent",
        )  # fmt: skip


def _without_gaps(where: str, given: Any, what: str, fix: str) -> Array:
    """A column of objects, `pd.NA` as NaN; refuses the first value that is neither."""
    if not isinstance(given, Iterable) or isinstance(given, str | bytes | Mapping):
        found = f"a {type(given).__name__}"
        raise MethodError(what, where=where, expected="numbers", found=found, fix=fix)
    read = []
    for place, value in enumerate(given):
        try:
            read.append(np.nan if value is pd.NA else float(value))
        except (TypeError, ValueError):
            raise MethodError(
                what,
                where=row_of(where, place, given),
                expected="numbers",
                found=repr(value),
                fix=fix,
            ) from None
    return np.array(read)
