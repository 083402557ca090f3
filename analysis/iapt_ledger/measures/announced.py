"""Announced money: what was promised, by whom, for which years, as a level, an increment or a sum.

Announced money is not spend, and nothing here calls it so. What the programme spent in a year is
published only in the NHS mental health dashboard, which is not among the tables held: it is a gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum  # the same last digit on every Python
from types import MappingProxyType

import numpy as np
import pandas as pd

from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.measures.evidence import without_copies
from iapt_ledger.measures.frames import financial_year
from iapt_ledger.measures.money import Deflator
from iapt_ledger.methods.intervals import Interval

LEVELS = "levels"
CUMULATIVE = "cumulative"
READINGS: Mapping[str, str] = MappingProxyType(
    {
        LEVELS: "IAPT central programme funding announced, annual level",
        CUMULATIVE: "IAPT central allocation, additional in year",
    }
)
"""The two readings of the money of 2008 to 2011; they are the same announcement and are never added.

Levels: 33, then 103, then 173 million for the year. Cumulative: 33, 70 and 70 million, 173 million in all.
"""

RETURNED = "Talking therapies spending, planned"
"""Plans that commissioners return each year, beside what they spent: no announcement."""

ADULT, WIDER, CHILDREN = "adult talking therapies", "wider mental health", "children"


@dataclass(frozen=True)
class Announced:
    """How one row of the table of money is to be read.

    Attributes:
        kind: "level of the year", "added in the year", "sum over the years" or "reported later".
        scope: what the money was for, as far as the source says.
        by: whose announcement or statement it was.
    """

    kind: str
    scope: str
    by: str


_LEVEL, _ADDED, _SUM, _LATER = (
    "level of the year",
    "added in the year",
    "sum over the years",
    "reported later",
)
_OCTOBER_2007 = "Government, October 2007"
_SR_2010 = "Government, Spending Review 2010"
_NHS_2016 = "NHS England, July 2016"
_AUTUMN_2023 = "Government, Autumn Statement 2023"
_MARCH_2015 = "Government, March 2015"
_MINISTER = "Government, in answer to Parliament"

DECLARED: Mapping[str, Announced] = MappingProxyType(
    {
        READINGS[LEVELS]: Announced(_LEVEL, ADULT, _OCTOBER_2007),
        READINGS[CUMULATIVE]: Announced(_ADDED, ADULT, _OCTOBER_2007),
        "IAPT funding, annual level at end of first phase": Announced(_LEVEL, ADULT, _OCTOBER_2007),
        "NHS spending on psychological therapies promised by 2010/11 (IAPT)": Announced(
            _LEVEL, ADULT, _OCTOBER_2007
        ),
        "IAPT funding announced October 2007": Announced(_SUM, ADULT, _OCTOBER_2007),
        "IAPT investment 2009/10 as reported later": Announced(
            _LATER, ADULT, "Authors of a paper, 2017"
        ),
        "IAPT third-year funding confirmed June 2010": Announced(
            _ADDED, ADULT, "Government, June 2010"
        ),
        "Spending Review 2010 funding for psychological therapies, four years": Announced(
            _SUM, ADULT, _SR_2010
        ),
        "Spending Review 2010 settlement for psychological therapies to April 2015": Announced(
            _SUM, ADULT, _SR_2010
        ),
        "Better access standards investment (all, includes IAPT waiting standard)": Announced(
            _LEVEL, WIDER, _MINISTER
        ),
        "Integrated IAPT early implementers funding": Announced(_LEVEL, ADULT, _NHS_2016),
        "Integrated IAPT early implementers funding, two years": Announced(_SUM, ADULT, _NHS_2016),
        "Five Year Forward View for Mental Health additional funding, annual by 2020/21": Announced(
            _LEVEL, WIDER, _NHS_2016
        ),
        "Long Term Plan local mental health investment fund, annual by 2023/24": Announced(
            _LEVEL, WIDER, "NHS England, Long Term Plan 2019"
        ),
        "Spring Budget 2023: digital mental health including Talking Therapies modernisation": Announced(
            _SUM, WIDER, "Government, Spring Budget 2023"
        ),
        "Autumn Statement 2023: Talking Therapies and Individual Placement and Support, five years": (
            Announced(_SUM, WIDER, _AUTUMN_2023)
        ),
        "Autumn Statement 2023: new funding to expand NHS Talking Therapies": Announced(
            _SUM, ADULT, _AUTUMN_2023
        ),
        "CYP IAPT funding pledged 2011, four years": Announced(_SUM, CHILDREN, "Government, 2011"),
        "CYP IAPT additional funding, three years": Announced(
            _SUM, CHILDREN, "Government, February 2012"
        ),
        "CYP IAPT funding in total": Announced(_SUM, CHILDREN, _MINISTER),
        "CYP IAPT roll-out completion funding": Announced(_SUM, CHILDREN, _MARCH_2015),
        "CYP and perinatal mental health funding announced March 2015, five years": Announced(
            _SUM, CHILDREN, _MARCH_2015
        ),
        "CYP mental health transformation allocation": Announced(_LEVEL, CHILDREN, _MINISTER),
        "CYP mental health in CCG baselines": Announced(_LEVEL, CHILDREN, _MINISTER),
    }
)
"""Every announcement of money that the table holds, by its measure."""

START = pd.Timestamp("2008-10-01")  # the first quarter of activity: the programme began to treat


def announcements(expenditure: pd.DataFrame, cyp: pd.DataFrame) -> pd.DataFrame:
    """Every announcement held, as published: never added up, since several tell of the same money.

    Args:
        expenditure, cyp: tidy tables of those names; money for children stands in both, and is read from the second.

    Returns:
        A measure frame in GBP, cash unless `price_basis` says otherwise: measure, period (words), value,
        low, high, unit, obs, with first_year, years (how many), kind, scope, by, qualifier, price_basis,
        second_hand, source_id, note.

    Raises:
        Faults: a row of planned money is not declared here, or a declared one is not in the tables.
    """
    both = pd.concat([without_copies(expenditure), cyp])
    money = both[both["unit"].eq("GBP")]
    rows = money[money["measure"].isin(DECLARED)]
    planned = set(money.loc[money["status"].eq("target_or_plan"), "measure"])
    faults = [f"not declared: {m}" for m in planned - set(DECLARED) - {RETURNED}]
    faults += [f"not in the tables: {m}" for m in set(DECLARED) - set(rows["measure"])]
    if faults:
        raise Faults(
            "Announced money and its declarations differ", faults, fix="edit measures/announced.py"
        )
    said = [DECLARED[m] for m in rows["measure"]]
    return _frame(rows).assign(
        kind=[s.kind for s in said],
        scope=[s.scope for s in said],
        by=[s.by for s in said],
        years=[_years(a, b) for a, b in zip(rows["period_start"], rows["period_end"], strict=True)],
    )


def by_reading(expenditure: pd.DataFrame) -> pd.DataFrame:
    """Central money announced for 2008-09 to 2010-11 by year, under each reading, in cash.

    Returns:
        A measure frame in GBP with the column `reading`; three rows a reading.
    """
    parts = [
        _frame(expenditure[expenditure["measure"].eq(measure)]).assign(reading=reading)
        for reading, measure in READINGS.items()
    ]
    return pd.concat(parts, ignore_index=True)


def total(
    money: pd.DataFrame, reading: str, prices: Deflator | None = None, year: str = ""
) -> float:
    """Money of one reading over its years, in cash, or each year moved to the prices of `year`."""
    rows = money[money["reading"].eq(reading)]
    return float(
        fsum(_moved(v, p, prices, year) for v, p in zip(rows["value"], rows["period"], strict=True))
    )


def money_of_window(
    money: pd.DataFrame,
    reading: str,
    end: pd.Timestamp,
    prices: Deflator | None = None,
    year: str = "",
) -> Interval[float]:
    """Announced money of the months from the programme's start to `end`, under one reading.

    How money falls within a year is not published; three assumptions bound it. Value: each year's money is
    spread evenly over the months of that year in which the programme ran. Low: evenly over all twelve
    months, so that half of the first year's came before the start. High: all the money of every year touched.

    Args:
        money: from `by_reading`; end: last day of the window.
        prices, year: to move each year's money to the prices of `year`; cash without them.

    Raises:
        LedgerError: the window ends before the programme began or after the money's last year.
    """
    rows = money[money["reading"].eq(reading)]
    if not START < end <= pd.Timestamp(int(rows["first_year"].max()) + 1, 3, 31):
        raise LedgerError(
            "The window of announced money is not held",
            expected=f"an end after {START:%B %Y} and within the announced years",
            found=f"{end:%Y-%m-%d}",
        )
    sums = np.zeros(3)
    for value, period, first in zip(rows["value"], rows["period"], rows["first_year"], strict=True):
        moved = _moved(value, period, prices, year)
        sums += moved * np.array(_shares(int(first), end))
    return Interval(float(sums[0]), float(sums[1]), float(sums[2]))


def _shares(first: int, end: pd.Timestamp) -> tuple[float, float, float]:
    """Share of a financial year's money inside the window: over running months, over all months, whole."""
    opens, closes = pd.Timestamp(first, 4, 1), pd.Timestamp(first + 1, 3, 31)
    runs = _months(max(opens, START), closes)
    inside = _months(max(opens, START), min(closes, end))
    if inside <= 0:
        return 0.0, 0.0, 0.0
    return inside / runs, inside / 12, 1.0


def _months(start: pd.Timestamp, end: pd.Timestamp) -> int:
    return max(0, (end.year - start.year) * 12 + end.month - start.month + 1)


def yearly_average(amount: float, first: pd.Timestamp, last: pd.Timestamp) -> float:
    """A sum over several financial years as an average a year: for drawing only, no yearly split is published."""
    return amount / (_months(first, last) / 12)


def in_prices_of(
    amount: float, first: pd.Timestamp, last: pd.Timestamp, year: str, prices: Deflator
) -> Interval[float] | None:
    """A sum for some years in the prices of `year`; None where a year has no deflator.

    Value: the same cash in every year. Low: all in the last year; high: all in the first (prices rose).
    """
    years = [financial_year(pd.Timestamp(y, 4, 1)) for y in _first_years(first, last)]
    if any(y not in prices.index for y in years):
        return None
    each = [prices.deflate(amount, y, year) for y in years]
    return Interval(float(np.mean(each)), min(each), max(each))


def _first_years(first: pd.Timestamp, last: pd.Timestamp) -> range:
    start = int(financial_year(first)[:4])
    return range(start, int(financial_year(last)[:4]) + 1)


def _years(first: pd.Timestamp, last: pd.Timestamp) -> int:
    return len(_first_years(first, last))


def _moved(value: float, period: str, prices: Deflator | None, year: str) -> float:
    return value if prices is None else prices.deflate(value, period, year)


def _frame(rows: pd.DataFrame) -> pd.DataFrame:
    first = [financial_year(d) for d in rows["period_start"]]
    last = [financial_year(d) for d in rows["period_end"]]
    return pd.DataFrame(
        {
            "measure": rows["measure"],
            "period": [a if a == b else f"{a} to {b}" for a, b in zip(first, last, strict=True)],
            "value": rows["value"],
            "low": np.nan,
            "high": np.nan,
            "unit": rows["unit"],
            "first_year": [int(a[:4]) for a in first],
            "period_start": rows["period_start"],
            "period_end": rows["period_end"],
            "qualifier": rows["qualifier"],
            "price_basis": rows["price_basis"],
            "status": rows["status"],
            "second_hand": rows["second_hand"],
            "source_id": rows["source_id"],
            "note": rows["note"],
            "obs": [(o,) for o in rows["obs_id"]],
        }
    ).reset_index(drop=True)
