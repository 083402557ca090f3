"""Every combination of defensible judgement calls, run: how much a result depends on them.

A multiverse (Steegen, Tuerlinckx, Gelman and Vanpaemel 2016) or specification curve (Simonsohn, Simmons and
Nelson 2020) shows what an analysis would have said had other defensible choices been made. It is no sample:
shares of specifications are shares of what somebody thought to declare, and never probabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from iapt_ledger.methods.base import Estimate, MethodError
from iapt_ledger.methods.synthesis.multiverses_result import ORDER, Multiverse
from iapt_ledger.methods.synthesis.multiverses_run import Outcome, run_all
from iapt_ledger.methods.synthesis.multiverses_space import Options, Space, Specification, space

NUMBERS = ("value", "low", "high", "p_value")


def multiverse(
    function: Callable[..., Any],
    dimensions: Mapping[str, Options],
    *,
    data: Any = None,
    verdict: Callable[[Estimate], str] | None = None,
    order: Sequence[str] = ORDER,
    constraint: Callable[[dict[str, str]], bool] | None = None,
    key: Callable[[dict[str, str]], Hashable] | None = None,
    reference: float = 0.0,
    workers: int = 1,
    cache: Path | str | None = None,
    version: str = "",
    progress: Callable[[int, int], None] | None = None,
    name: str = "Estimate",
) -> Multiverse:
    """Run `function` under every combination of the declared options.

    What is counted once. Combinations are one specification when `key` says so; without `key`, when in each
    dimension the options are equal in value, whatever their labels. After the run, specifications whose function
    returned the same `inputs` (a mapping's entry: what the analysis really used, such as the rows kept) and the same
    numbers are one as well. Equal numbers alone are not enough: two analyses may agree. The first in the order of
    the declaration stands for the others, and `combinations` counts them.

    Args:
        function: called as function(**options), or function(data, **options), with one option a dimension. It
            returns an `Estimate` or another result with value (low, high, p_value, level, unit), a mapping with
            these and perhaps `inputs`, or a number.
        dimensions: name to options, a mapping of label to value or a sequence of values whose text is the label.
            Put the option of the main analysis first: the first of each dimension make up the base.
        data: handed to the function; sent once to each worker.
        verdict: a word for an estimate, one of `order`.
        order: of the verdicts, the worst first.
        constraint: whether a combination (dimension to label) makes sense; those that do not are left out.
        key: what a combination (dimension to label) amounts to; combinations of one key are one specification.
        reference: of no effect: 0 for differences, 1 for ratios.
        workers: processes. A function of a notebook, or one that cannot be pickled, runs in this one. The result is
            the same for any number.
        cache: folder in which outcomes are kept, named for the function's source and that of its whole package, the
            data, the options and the versions of the libraries. Helpers of a notebook's function are not seen:
            change `version` with them.
        progress: called with how many specifications are done, and of how many.
        name: of the quantity, for summaries.

    Raises:
        MethodError: nothing to combine, an option that is no option, a specification that failed or gave no finite
            value (it is named, and there is no result), a verdict that is not in `order`, units that differ.
    """
    cache = None if cache is None else Path(cache)
    _check(order, workers, cache)
    declared = space(dimensions, constraint, key)
    outcomes = run_all(
        function, declared.specifications, data,
        workers=workers, cache=cache, version=version, progress=progress,
    )  # fmt: skip
    _one_unit(declared.specifications, outcomes)
    table, members = _tables(declared, outcomes)
    unit = outcomes[0].unit
    if verdict is not None:
        table["verdict"] = [_judged(verdict, row, name, unit, order) for _, row in table.iterrows()]
    return Multiverse(
        name=name,
        table=table,
        members=members,
        options=declared.options,
        tried=declared.combinations,
        excluded=declared.excluded,
        reference=reference,
        order=tuple(order),
        unit=unit,
    )


def _check(order: Sequence[str], workers: int, cache: Path | None) -> None:
    if len(set(order)) != len(order) or not order:
        raise MethodError(
            "No multiverse can be made",
            where="argument order",
            expected="verdicts, each once",
            found=order,
        )
    if workers < 1:
        raise MethodError(
            "No multiverse can be made",
            where="argument workers",
            expected="1 or more",
            found=workers,
        )
    if cache is not None and cache.exists() and not cache.is_dir():
        raise MethodError(
            "No multiverse can be made", where="argument cache", expected="a folder", found=cache
        )


def _one_unit(specifications: Sequence[Specification], outcomes: Sequence[Outcome]) -> None:
    for specification, found in zip(specifications, outcomes, strict=True):
        if found.unit != outcomes[0].unit:
            raise MethodError(
                "Specifications must measure one thing", where=str(specification),
                expected=f"unit {outcomes[0].unit!r}", found=repr(found.unit),
            )  # fmt: skip


def _tables(declared: Space, outcomes: Sequence[Outcome]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row a specification, those with the same inputs and numbers put together; and one row a combination."""
    rows: dict[Hashable, dict[str, Any]] = {}
    members: list[dict[str, Any]] = []
    for place, (spec, found) in enumerate(zip(declared.specifications, outcomes, strict=True)):
        numbers = {n: getattr(found, n) for n in NUMBERS}
        same = place if found.inputs is None else (found.inputs, *map(repr, numbers.values()))
        row = rows.setdefault(
            same,
            {**spec.labels, **numbers, "level": found.level, "combinations": 0, "row": len(rows)},
        )
        row["combinations"] += len(spec.members)
        members += [{**labels, "row": row["row"]} for labels in spec.members]
    return pd.DataFrame(list(rows.values())).drop(columns="row"), pd.DataFrame(members)


def _judged(
    verdict: Callable[[Estimate], str],
    row: pd.Series,
    name: str,
    unit: str,
    order: Sequence[str],
) -> str:
    value, low, high, level, p_value = (
        float(row[n]) for n in ("value", "low", "high", "level", "p_value")
    )
    p = None if np.isnan(p_value) else p_value
    word = verdict(Estimate(name, value, low, high, level, p_value=p, unit=unit))
    if word not in order:
        raise MethodError(
            "A verdict is not among those ordered",
            where="argument verdict",
            found=repr(word),
            choices=order,
        )
    return word
