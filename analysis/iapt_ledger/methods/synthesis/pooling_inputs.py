"""What `combine_studies` takes in, checked: effects, their errors or limits, and names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from iapt_ledger.methods.base import MethodError

Array = npt.NDArray[np.float64]
Numbers = Sequence[float] | Array | pd.Series

FEWEST = 2
SKEW = 0.1  # of half a width: how far an estimate may lie from the middle of its limits through rounding
WHAT = "The studies cannot be combined"


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
    _share(level, "level")


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
    y = _numbers(estimates, "estimates")
    if len(y) < FEWEST:
        raise MethodError(
            WHAT, where="argument estimates", expected="two studies or more", found=len(y),
            fix="quote the one study with its own interval",
        )  # fmt: skip
    if (standard_errors is None) == (low is None and high is None) or (low is None) != (
        high is None
    ):
        raise MethodError(WHAT, expected="either standard_errors, or both low and high")
    if standard_errors is not None:
        errors = _same_length(_numbers(standard_errors, "standard_errors"), y, "standard_errors")
    else:
        errors = _from_limits(y, low, high, inputs_level)  # type: ignore[arg-type]
    if (errors <= 0).any():
        _refuse("standard_errors", errors, errors <= 0, "errors above nought")
    return y, errors, _names(labels, len(y))


def _from_limits(y: Array, low: Numbers, high: Numbers, level: float) -> Array:
    ends = [_same_length(_numbers(e, n), y, n) for e, n in ((low, "low"), (high, "high"))]
    _share(level, "inputs_level")
    half = (ends[1] - ends[0]) / 2
    if (half <= 0).any():
        _refuse("high", ends[1], half <= 0, "limits above the lower ones")
    skew = np.abs(y - (ends[0] + ends[1]) / 2) > SKEW * half
    if skew.any():
        _refuse(
            "estimates", y, skew, "an estimate in the middle of its limits",
            "give ratios and odds ratios as logs",
        )  # fmt: skip
    return np.asarray(half / stats.norm.ppf(0.5 + level / 2), dtype=float)


def _numbers(values: Numbers, name: str) -> Array:
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as fault:
        raise MethodError(
            WHAT, where=f"argument {name}", expected="numbers", found=fault
        ) from fault
    if found.ndim != 1:
        raise MethodError(
            WHAT,
            where=f"argument {name}",
            expected="one number a study",
            found=f"shape {found.shape}",
        )
    if not np.isfinite(found).all():
        fix = "leave the study out, and say so"
        _refuse(name, found, ~np.isfinite(found), "numbers without gaps", fix)
    return found


def _same_length(found: Array, y: Array, name: str) -> Array:
    if len(found) != len(y):
        raise MethodError(
            WHAT, where=f"argument {name}", expected=f"{len(y)} numbers", found=len(found)
        )
    return found


def _refuse(
    name: str, values: Array, bad: npt.NDArray[np.bool_], expected: str, fix: str = ""
) -> None:
    place = int(np.flatnonzero(bad)[0])
    raise MethodError(
        WHAT,
        where=f"column {name}, row {place + 1}",
        expected=expected,
        found=values[place],
        fix=fix,
    )


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


def _share(level: float, name: str) -> None:
    if not 0 < level < 1:
        raise MethodError(
            "A level of confidence is a share", where=f"argument {name}",
            expected="a number between 0 and 1", found=level,
        )  # fmt: skip
