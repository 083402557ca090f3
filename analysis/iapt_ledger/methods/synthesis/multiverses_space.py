"""Declared judgement calls, and every combination of them that makes sense, each counted once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.synthesis.multiverses_fingerprint import fingerprint

Options = Mapping[str, Any] | Sequence[Any]
MOST = 200_000  # combinations; above it a multiverse would rather be drawn from at random
WHAT = "No multiverse can be made"
# Columns of the result beside the dimensions.
TAKEN = ("value", "low", "high", "p_value", "level", "combinations", "verdict", "row", "rank")


@dataclass(frozen=True)
class Specification:
    """One way to do the analysis.

    Attributes:
        labels: dimension to the label of its option.
        values: dimension to the value handed to the function.
        members: labels of all declared combinations that come to this one; the first are its own.
    """

    labels: dict[str, str]
    values: dict[str, Any]
    members: tuple[dict[str, str], ...]

    def __str__(self) -> str:
        return ", ".join(f"{name} = {label}" for name, label in self.labels.items())


@dataclass(frozen=True)
class Space:
    """The specifications of a multiverse.

    Attributes:
        options: dimension to its labels, as declared; the first of each makes up the base.
        specifications: in the order of the declaration, the last dimension varying fastest.
        combinations: of the declaration; excluded: those that the constraint refused.
    """

    options: dict[str, tuple[str, ...]]
    specifications: tuple[Specification, ...]
    combinations: int
    excluded: int


def space(
    dimensions: Mapping[str, Options],
    constraint: Callable[[dict[str, str]], bool] | None,
    key: Callable[[dict[str, str]], Hashable] | None,
) -> Space:
    """Enumerate the combinations, leave out the refused, and count those that come to one only once.

    Raises:
        MethodError: no dimension, a dimension without options or with one label twice, no combination left.
    """
    named, total = _declared(dimensions)
    marks = {
        name: {label: _mark(label, value) for label, value in options.items()}
        for name, options in named.items()
    }
    kept: dict[Hashable, Specification] = {}
    excluded = 0
    for picks in itertools.product(*(options.items() for options in named.values())):
        labels = {name: label for name, (label, _) in zip(named, picks, strict=True)}
        if constraint is not None and not constraint(dict(labels)):
            excluded += 1
            continue
        same = (
            key(dict(labels))
            if key is not None
            else tuple(marks[name][label] for name, label in labels.items())
        )
        values = {name: value for name, (_, value) in zip(named, picks, strict=True)}
        first = kept.get(same)
        kept[same] = (
            Specification(labels, values, (labels,))
            if first is None
            else replace(first, members=(*first.members, labels))
        )
    if not kept:
        raise MethodError(
            WHAT, where="argument constraint", expected="at least one combination that is allowed",
            found=f"all {total:,} refused",
        )  # fmt: skip
    return Space(
        {name: tuple(options) for name, options in named.items()},
        tuple(kept.values()),
        total,
        excluded,
    )


def _declared(dimensions: Mapping[str, Options]) -> tuple[dict[str, dict[str, Any]], int]:
    """Label to option of each dimension, and how many combinations they make."""
    where = "argument dimensions"
    if not isinstance(dimensions, Mapping):
        expected = "a mapping of each name to its options"
        raise MethodError(WHAT, where=where, expected=expected, found=repr(dimensions))
    named = {name: _named(name, options) for name, options in dimensions.items()}
    total = math.prod(len(options) for options in named.values())
    if not named or total > MOST:
        raise MethodError(
            WHAT, where=where, expected=f"one dimension or more, {MOST:,} combinations at most",
            found=f"{len(named)} dimensions, {total:,} combinations",
        )  # fmt: skip
    return named, total


def _named(name: str, options: Options) -> dict[str, Any]:
    if isinstance(options, Mapping):
        named = {str(label): value for label, value in options.items()}
    elif isinstance(options, str) or not isinstance(options, Iterable):
        raise MethodError(
            WHAT, where=f"dimension {name}", expected="several options", found=repr(options)
        )
    else:
        options = list(options)
        named = {str(value): value for value in options}
    if name in TAKEN:
        raise MethodError(
            WHAT, where=f"dimension {name}", expected="a name that no column of the result has",
            found=name, fix=f"call it otherwise; taken are {', '.join(TAKEN)}",
        )  # fmt: skip
    if not named:
        raise MethodError(
            WHAT, where=f"dimension {name}", expected="one option or more", found="none"
        )
    if len(named) != len(options):
        raise MethodError(
            WHAT, where=f"dimension {name}", expected="a label of its own for each option",
            found=", ".join(map(str, options)), fix="give a mapping of labels to options",
        )  # fmt: skip
    return named


def _mark(label: str, value: Any) -> Hashable:
    """What an option amounts to: options of one dimension with equal values are one option under two names."""
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return "number", float(value)  # 5 and 5.0 are one choice
    try:
        return fingerprint(value)
    except MethodError:
        return "label", label
