"""Rules for what a file holds: its header, its periods, the size of its numbers, and its totals against their parts.

Each gives a Check, pass or fail with a sentence. Only a header that nothing knows is raised at once, since no row below
it can be read.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from iapt_ledger.errors import closest
from iapt_ledger.sources.base import Check, ContentError

FEW = 5
"""Examples that a sentence names before it counts the rest."""


def some(names: Iterable[object], most: int = FEW) -> str:
    """The first few names and how many more there are.

    >>> some(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    listed = [str(name) for name in names]
    head = ", ".join(listed[:most])
    return head if len(listed) <= most else f"{head} and {len(listed) - most} more"


def periods(
    expected: Iterable[str], found: Iterable[str], held: Iterable[str] = (), *, what: str = "file"
) -> Check:
    """Rule "periods": every period expected is there, none that the edition holds inside the file's span is lost.

    Args:
        expected: periods that the file should hold; may be empty.
        found: those that it holds, in a spelling that sorts by time, such as "2025-06" or "2024-25".
        held: those that the edition holds of the same series. Only those between the first and the last found count, as
            a file need not reach as far as the series does.
        what: what was looked at, for the sentence.
    """
    here = sorted(set(found))
    if not here:
        return Check("periods", False, f"The {what} holds no period.")
    missing = sorted(set(expected) - set(here))
    lost = sorted({p for p in held if here[0] < p < here[-1]} - set(here) - set(missing))
    span = here[0] if len(here) == 1 else f"{len(here)} from {here[0]} to {here[-1]}"
    faults = [f"lacks {some(missing)}"] * bool(missing)
    faults += [f"no longer holds {some(lost)}, which the edition has"] * bool(lost)
    if faults:
        return Check("periods", False, f"The {what} {' and '.join(faults)}; it holds {span}.")
    return Check("periods", True, f"The {what} holds every period: {span}.")


def bounds(
    values: Iterable[tuple[Hashable, object]],
    low: float | None,
    high: float | None,
    *,
    what: str,
    whole: bool = False,
) -> Check:
    """Rule "bounds": every number lies between two limits.

    Args:
        values: where each stands ("row 12"), and the number or its text; empty text is passed over.
        low, high: limits, both allowed; None where there is none.
        what: what the numbers are, for the sentence.
        whole: whether they must be whole numbers.
    """
    outside, seen = [], 0
    for where, text in values:
        if text in ("", None):
            continue
        seen += 1
        number = _number(text)
        if number is None:
            outside.append(f"{where} is {str(text)[:40]!r}, no number")
        elif (low is not None and number < low) or (high is not None and number > high):
            outside.append(f"{where} is {text}")
        elif whole and number != number.to_integral_value():
            outside.append(f"{where} is {text}, not a whole number")
    limits = f"from {_shown(low, 'any')} to {_shown(high, 'any')}"
    if outside:
        return Check("bounds", False, f"{what} must be {limits}: {some(outside)}.")
    return Check("bounds", True, f"{what}: {seen:,} numbers, all {limits}.")


def totals(
    whole: Mapping[Hashable, float],
    parts: Mapping[Hashable, float],
    *,
    tolerance: float,
    what: str,
    because: str,
) -> Check:
    """Rule "totals": each national total is the sum of its parts, within a tolerance.

    Args:
        whole: published total by what it is a total of, such as (period, measure).
        parts: sum of the parts by the same; only what stands in both is compared.
        tolerance: greatest difference as a share of the total, such as 0.02.
        what: what is compared, for the sentence: "England against the sum of its regions".
        because: why they may differ so much, without a full stop.
    """
    both = [key for key in whole if key in parts]
    if not both:
        return Check("totals", True, f"{what}: no total stands beside its parts.")
    wrong = [
        f"{_words(key)}: {whole[key]:,.10g} against {parts[key]:,.10g}"
        for key in both
        if abs(whole[key] - parts[key]) > tolerance * abs(whole[key])
    ]
    allowed = f"{tolerance:.2%} are allowed, as {because}"
    if wrong:
        return Check("totals", False, f"{what} differ too much ({allowed}): {some(wrong, 3)}.")
    return Check("totals", True, f"{what}: {len(both)} totals agree ({allowed}).")


def header(
    found: Sequence[str],
    layouts: Mapping[str, Sequence[str]],
    *,
    where: str,
    optional: Collection[str] = (),
) -> tuple[str, Check]:
    """Rule "header": the layout whose columns these are, whatever their order.

    Args:
        found: names of columns as the file has them, already stripped of a byte order mark and blanks.
        layouts: name of each layout known to its columns.
        where: name of the file, for the sentence.
        optional: columns of a layout that a file may leave out.

    Raises:
        ContentError: no layout has these columns, or one stands twice; names the nearest layout and the difference.
    """
    here = set(found)
    twice = sorted({name for name in found if name and list(found).count(name) > 1})
    if not twice:
        for name, columns in layouts.items():
            if set(columns) - set(optional) <= here <= set(columns):
                return name, Check("header", True, f"The header is that of the layout {name!r}.")
    near = nearest_layout(found, layouts)
    told = difference(found, layouts[near]) if near else "nothing to compare it with"
    if twice:
        told = "; ".join([f"twice {some(map(repr, twice))}", *([told] if told else [])])
    raise ContentError(
        "header: the header is of no layout that is known",
        where=where,
        expected=f"the nearest, {near!r}" if near else "a known layout",
        found=told,
    )


def nearest_layout(found: Sequence[str], layouts: Mapping[str, Sequence[str]]) -> str:
    """The layout that shares most of its columns with these; empty where none is known."""

    def likeness(name: str) -> float:
        columns = set(layouts[name])
        return len(columns & set(found)) / max(1, len(columns | set(found)))

    return max(layouts, key=likeness, default="")


def difference(found: Sequence[str], columns: Sequence[str]) -> str:
    """What parts a header from a layout in words: columns gone, new, and those perhaps renamed."""
    gone = [name for name in columns if name not in set(found)]
    added = [name for name in found if name not in set(columns)]
    renamed: dict[str, str] = {}
    for name in gone:
        near = closest(name, [one for one in added if one not in renamed.values()], 1, 0.7)
        renamed.update({name: near[0]} if near else {})
    parts = [f"{new!r} where {old!r} stood" for old, new in renamed.items()]
    lost = [repr(name) for name in gone if name not in renamed]
    more = [repr(name[:60]) for name in added if name not in renamed.values()]
    parts += [f"without {some(lost)}"] if lost else []
    parts += [f"with {some(more)} besides"] if more else []
    return "; ".join(parts)


def _number(text: object) -> Decimal | None:
    try:
        number = Decimal(str(text).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _shown(limit: float | None, otherwise: str) -> str:
    return otherwise if limit is None else f"{limit:,.10g}"


def _words(key: Hashable) -> str:
    return ", ".join(str(part) for part in key) if isinstance(key, tuple) else str(key)
