"""A change in an overall rate, split into what happened within groups and the shift of weight between them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from iapt_ledger.errors import LedgerError


@dataclass(frozen=True)
class Mix:
    """A change in percentage points: `total` is `within` plus `between`.

    Attributes:
        within: the change with every group weighted as in the first year.
        between: what the shift of weight adds, each group at its rate of the last year.
        obs: observation ids of both years.
    """

    total: float
    within: float
    between: float
    obs: tuple[str, ...]


def at_fixed_mix(rates: pd.DataFrame, first: str, last: str) -> Mix:
    """Split the change of a rate over all groups given (Kitagawa 1955, weights of the first year).

    Args:
        rates: rows of one measure from `iapt_ledger.measures.gaps.group_rates`.
        first, last: two of its years.

    Raises:
        LedgerError: the groups of the two years differ.
    """
    before, after = (
        rates[rates["period"].eq(year)].set_index("group").sort_index() for year in (first, last)
    )
    if before.empty or list(before.index) != list(after.index):
        raise LedgerError(
            "The same groups are needed in both years",
            where=f"{first} and {last}",
            expected=sorted(before.index),
            found=sorted(after.index),
        )
    weight_0, weight_1 = (year["base"] / year["base"].sum() for year in (before, after))
    within = float((weight_0 * (after["value"] - before["value"])).sum())
    between = float(((weight_1 - weight_0) * after["value"]).sum())
    obs = tuple(one for year in (before, after) for ids in year["obs"] for one in ids)
    return Mix(total=within + between, within=within, between=between, obs=obs)
