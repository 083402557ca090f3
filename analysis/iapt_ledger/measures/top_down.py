"""Announced central money of the programme's first months over what the same months delivered.

The money is announced, not spent: what primary care trusts added or held back is not known, and some of it
trained therapists who treated people later. It gives an average cost from another side than unit costs do.
"""

from __future__ import annotations

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.announced import READINGS, by_reading, money_of_window
from iapt_ledger.measures.evidence import one_unit, outturn_only
from iapt_ledger.measures.frames import pick
from iapt_ledger.measures.money import Deflator
from iapt_ledger.measures.unit_costs import FINISHED

WINDOW_END = pd.Timestamp("2010-12-31")
WINDOW = "2008-10 to 2010-12"
_COLUMNS = (
    "measure",
    "reading",
    "outcome",
    "value",
    "low",
    "high",
    "total",
    "count",
    "second_hand",
    "obs",
)


def top_down(
    expenditure: pd.DataFrame,
    quarterly: pd.DataFrame,
    prices: Deflator | None = None,
    year: str = "",
) -> pd.DataFrame:
    """Announced central money of October 2008 to December 2010 over what the same months delivered.

    The money is announced, not spent; what primary care trusts added or held back is not known. Entrants are
    the publisher's quarterly counts; finishers and recoveries are a press report, second-hand and rounded.

    Args:
        expenditure, quarterly: tidy tables; prices, year: to move the money to one price year, cash without.

    Returns:
        A measure frame in GBP: measure "cost_per_<outcome>", reading, outcome, total, second_hand.
    """
    money = by_reading(expenditure)
    delivered = _delivered(expenditure, quarterly)
    rows = []
    for reading in READINGS:
        total = money_of_window(money, reading, WINDOW_END, prices, year)
        own = money[money["reading"].eq(reading)]
        obs = [o for ids in own["obs"] for o in ids]
        obs += [] if prices is None else prices.obs(*own["period"], year)
        for outcome, count, second_hand, ids in delivered:
            names = (f"cost_per_{outcome}", reading, outcome)
            each = total.times(1 / count)
            rows.append((*names, *each, total.value, count, second_hand, (*obs, *ids)))
    return pd.DataFrame(rows, columns=list(_COLUMNS)).assign(period=WINDOW, unit="GBP")


def _delivered(
    expenditure: pd.DataFrame, quarterly: pd.DataFrame
) -> list[tuple[str, float, bool, tuple[str, ...]]]:
    """Entrants (published), finishers and recoveries (press report) of the window: outcome, count, second-hand, obs."""
    entered = quarterly[
        quarterly["measure"].eq("entered_treatment")
        & quarterly["period_start"].ge(pd.Timestamp("2008-10-01"))
        & quarterly["period_end"].le(WINDOW_END)
    ]
    if len(entered) != 9:
        raise LedgerError(
            "Entrants of the first nine quarters are not held",
            where="iapt_national_quarterly",
            found=len(entered),
        )
    people = float(one_unit(entered)["value"].sum())
    found = [("entered_treatment", people, False, tuple(entered["obs_id"]))]
    for outcome, measure in (
        (FINISHED, "People completing IAPT treatment (over)"),
        ("moved_to_recovery", "People moving to recovery"),
    ):
        row = pick(outturn_only(expenditure).assign(period=WINDOW), measure, WINDOW)
        found.append((outcome, float(row["value"]), True, (row["obs_id"],)))
    return found
