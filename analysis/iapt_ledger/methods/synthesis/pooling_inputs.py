"""What `combine_studies` takes in, checked: effects, their errors or limits, and names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.columns import columns, refuse_level, refuse_rows

Array = npt.NDArray[np.float64]
Numbers = Sequence[float] | Array | pd.Series

FEWEST = 2
SKEW = 0.1  # of half a width: how far an estimate may lie from the middle of its limits through rounding
WHAT = "The studies cannot be combined"
LEAVE_OUT = "leave the study out, and say so"
_refuse = partial(refuse_rows, WHAT)


def check_choices(method: str, known: Iterable[str], level: float) -> None:
    """Refuse an unknown method of the variance and a level that is no share.

    Raises:
        MethodError: either of them.
    """
    if method not in known:
        raise MethodError(
            "No such estimator of the variance between studies",
            where="argument method",
            found=repr(method),
            choices=tuple(known),
        )
    refuse_level(level)


def studies(
    estimates: Numbers,
    standard_errors: Numbers | None,
    low: Numbers | None,
    high: Numbers | None,
    inputs_level: float,
    labels: Sequence[object] | pd.Series | None,
) -> tuple[Array, Array, list[object]]:
    """Effects, standard errors and names of k studies.

    Raises:
        MethodError: as `combine_studies` says.
    """
    if (standard_errors is None) == (low is None and high is None) or (low is None) != (
        high is None
    ):
        raise MethodError(WHAT, expected="either standard_errors, or both low and high")
    given = {"estimates": estimates, "standard_errors": standard_errors, "low": low, "high": high}
    read = columns({n: v for n, v in given.items() if v is not None}, WHAT, fix=LEAVE_OUT)
    y = read["estimates"]
    if len(y) < FEWEST:
        raise MethodError(
            WHAT, where="column estimates", expected="two studies or more", found=len(y),
            fix="quote the one study with its own interval",
        )  # fmt: skip
    refuse_level(inputs_level, "inputs_level")
    errors = (
        _from_limits(y, read["low"], read["high"], inputs_level)
        if standard_errors is None
        else read["standard_errors"]
    )
    _refuse("standard_errors", errors, errors <= 0, "errors above nought")
    return y, errors, _names(labels, len(y))


def _from_limits(y: Array, low: Array, high: Array, level: float) -> Array:
    half = (high - low) / 2
    _refuse("high", high, half <= 0, "limits above the lower ones")
    skew = np.abs(y - (low + high) / 2) > SKEW * half
    expected = "an estimate in the middle of its limits"
    _refuse("estimates", y, skew, expected, "give ratios and odds ratios as logs")
    return np.asarray(half / stats.norm.ppf(0.5 + level / 2), dtype=float)


def _names(labels: Sequence[object] | pd.Series | None, k: int) -> list[object]:
    names = list(range(1, k + 1)) if labels is None else list(labels)
    if len(names) != k:
        raise MethodError(WHAT, where="argument labels", expected=f"{k} labels", found=len(names))
    for place, name in enumerate(names, start=1):
        if name in names[: place - 1]:
            raise MethodError(
                WHAT, where=f"column labels, row {place}", expected="a label for each study",
                found=f"{name} a second time", fix="combine the arms of one study first, or tell them apart",
            )  # fmt: skip
    return names
