"""A share can rise because others leave: each rise in the psychiatric share, split between count and others.

With M claimants counted as psychiatric and O others, the share is M / (M + O). Its change over a span is split
exactly in two, with neither part left over: what the change in M does and what the change in O does, each taken
as the mean of doing it first and doing it second (Shapley 1953; for two factors the same as Kitagawa 1955 with
mean weights). Each scheme is split by itself, over every span of which enough is held to tell M from O.

Most ends are known to a few digits only. Every number is let run over what its printed digits allow, and the
parts are given with the widest range so found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.series import last_digit

Array = npt.NDArray[np.float64]
Counts = tuple[
    Array, Array
]  # psychiatric and others, over all that rounding allows; the point first

HALF_PERCENT = 0.5  # shares are printed as whole per cents
WORDED = 0.05  # how far a fraction in words, such as four fifths, may be from what it rounds
NUMBERS = (
    "share_first",
    "share_last",
    "change",
    "by_mental",
    "by_others",
    "mental_growth",
    "others_growth",
)


class Known(NamedTuple):
    """A number with what its printed digits allow, and the observations it was read from."""

    value: float
    low: float
    high: float
    obs: tuple[str, ...]
    press: bool


class Split(NamedTuple):
    """The two ends of a span, as arrays over all that rounding allows; the point comes first."""

    first: Counts
    last: Counts

    def parts(self) -> tuple[Array, Array]:
        """Percentage points of the share that psychiatric claimants and others account for."""
        (m_0, o_0), (m_1, o_1) = self
        by_mental = (share(m_1, o_0) - share(m_0, o_0) + share(m_1, o_1) - share(m_0, o_1)) / 2
        by_others = (share(m_0, o_1) - share(m_0, o_0) + share(m_1, o_1) - share(m_1, o_0)) / 2
        return by_mental, by_others


def share(mental: Array, others: Array) -> Array:
    """Per cent of all that are psychiatric."""
    return 100 * mental / (mental + others)


def count_row(row: pd.Series) -> Known:
    """A count with half a step of its last printed digit either way; "almost" cuts the upper half off."""
    half = last_digit(row["value"]) / 2
    high = row["value"] if row["qualifier"] == "almost" else row["value"] + half
    return Known(
        row["value"], row["value"] - half, high, (row["obs_id"],), bool(row["second_hand"])
    )


def share_row(row: pd.Series) -> Known:
    """A whole per cent with half of one either way."""
    value = row["value"]
    return Known(
        value,
        value - HALF_PERCENT,
        value + HALF_PERCENT,
        (row["obs_id"],),
        bool(row["second_hand"]),
    )


def noted_million(row: pd.Series) -> Known:
    """How many claimants the source of a share names beside it, which the row's note keeps.

    Raises:
        LedgerError: the note names none.
    """
    found = re.search(r"about ([\d.]+) million claimants", str(row["note"]))
    if found is None:
        raise LedgerError(
            "A note no longer names the claimants", where=f"benefits_annual, {row['obs_id']}",
            expected="about ... million claimants", found=row["note"],
        )  # fmt: skip
    value = float(found[1]) * 1e6
    half = last_digit(value) / 2
    return Known(value, value - half, value + half, (row["obs_id"],), bool(row["second_hand"]))


def noted_part(row: pd.Series, words: str, value: float) -> Known:
    """A fraction that the source gives in words, which the row's note keeps.

    Raises:
        LedgerError: the note does not have the words.
    """
    if words not in str(row["note"]):
        raise LedgerError(
            "A note no longer says what is read from it", where=f"benefits_annual, {row['obs_id']}",
            expected=words, found=row["note"],
        )  # fmt: skip
    return Known(value, value - WORDED, value + WORDED, (row["obs_id"],), bool(row["second_hand"]))


def summed(rows: Sequence[Known]) -> Known:
    """Several counts added up, with their observations."""
    return Known(
        sum(r.value for r in rows), sum(r.low for r in rows), sum(r.high for r in rows),
        tuple(o for r in rows for o in r.obs), any(r.press for r in rows),
    )  # fmt: skip


def one_row(benefits: pd.DataFrame, **wanted: str | int | datetime) -> pd.Series:
    """The one row with these values.

    Raises:
        LedgerError: there is none, or more than one.
    """
    rows = benefits
    for column, value in wanted.items():
        rows = rows[rows[column].eq(value)]
    if len(rows) != 1:
        where = "benefits_annual, " + ", ".join(map(str, wanted.values()))
        raise LedgerError("Expected one row", where=where, expected=1, found=len(rows))
    return rows.iloc[0]


def grid(known: Sequence[Known], ends: Callable[..., Split]) -> Split:
    """Both ends over every combination of what rounding allows of the numbers they are made from.

    Args:
        known: the numbers; each runs over its point, its limits and places between, the point first.
        ends: makes the ends from arrays of them.

    Raises:
        LedgerError: a combination leaves no claimants on one side.
    """
    places = [[k.value, *(x for x in np.linspace(k.low, k.high, 5) if x != k.value)] for k in known]
    split = ends(*np.array(list(product(*places))).T)
    for counts in split:
        if min(c.min() for c in counts) <= 0:
            raise LedgerError(
                "Rounding leaves no claimants on one side",
                where="benefit_change",
                expected="counts above 0",
            )
    return split


def row(
    key: str, scheme: str, span: str, counted: str, known: Sequence[Known], split: Split
) -> dict[str, object]:
    """One span as a row: shares, the change, its two parts and the growth of both counts, each with its range."""
    by_mental, by_others = split.parts()
    (m_0, o_0), (m_1, o_1) = split
    numbers = (
        share(m_0, o_0), share(m_1, o_1), by_mental + by_others, by_mental, by_others,
        100 * (m_1 / m_0 - 1), 100 * (o_1 / o_0 - 1),
    )  # fmt: skip
    found: dict[str, object] = {
        "measure": key,
        "scheme": scheme,
        "period": span,
        "counted": counted,
    }
    for name, values in zip(NUMBERS, numbers, strict=True):
        found |= {name: values[0], f"{name}_low": values.min(), f"{name}_high": values.max()}
    ends = {"mental_first": m_0, "others_first": o_0, "mental_last": m_1, "others_last": o_1}
    return {
        **found,
        **{name: float(values[0]) for name, values in ends.items()},
        "value": found["change"],
        "low": found["change_low"],
        "high": found["change_high"],
        "unit": "percentage points",
        "press": any(k.press for k in known),
        "obs": tuple(dict.fromkeys(o for k in known for o in k.obs)),
    }
