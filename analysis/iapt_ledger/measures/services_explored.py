"""Each service of the funnel with all that the chapter says of it, for readers who look for their own."""

from __future__ import annotations

import pandas as pd

from iapt_ledger.methods.units.funnels import Funnel

LEVEL = 0.998
COLUMNS = (
    "code",
    "name",
    "base",
    "recovered",
    "value",
    "low",
    "high",
    "limit_low",
    "limit_high",
    "adjusted_low",
    "adjusted_high",
    "outside",
    "adjusted",
    "rank",
    "rank_low",
    "rank_high",
)


def explored(services: pd.DataFrame, drawn: Funnel, ranks: pd.DataFrame) -> pd.DataFrame:
    """One row a service, the largest first.

    Args:
        services: of `services.compared`, one year; rates in per cent.
        drawn: their funnel, shares, with adjusted limits.
        ranks: of `spread_of(services).ranks`, by code in the column `name`.

    Returns:
        code, name, base (courses begun at caseness), recovered, value with its interval (per cent), the 99.8% limits
        of chance and the adjusted ones at its size (per cent), the side of each on which it lies (-1, 0 or 1), and
        its rank with its 95% range.
    """
    rows = services.sort_values(["base", "code"], ascending=[False, True], ignore_index=True)
    for name, adjusted in (("limit", False), ("adjusted", True)):
        limits = drawn.limits(rows["base"].to_numpy(), level=LEVEL, adjusted=adjusted)
        for end in ("low", "high"):
            rows[f"{name}_{end}"] = 100 * limits[end].to_numpy()
    sides = drawn.units.rename(columns={"outside_99_8": "outside", "adjusted_99_8": "adjusted"})
    rows = rows.merge(
        sides[["name", "outside", "adjusted"]], left_on="code", right_on="name", suffixes=("", "_")
    )
    of_rank = ranks[["name", "rank", "rank_low", "rank_high"]]
    rows = rows.merge(of_rank, left_on="code", right_on="name", suffixes=("", "_r"))
    return rows[list(COLUMNS)].astype({"outside": int, "adjusted": int})
