"""What the second derivation counts and works with: the pinned files as stored, and formulas written out.

Nothing of the package is used here, so that a mistake in it is not made twice.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from math import hypot, sqrt
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
EDITION = "2026-11-22"
Z = 1.959963984540054
ANNUAL, MONTHLY = "iapt_national_annual.csv", "iapt_national_monthly.parquet"
GROUPS, DRUGS, MONEY = "iapt_breakdowns.parquet", "antidepressants_annual.csv", "expenditure.csv"
BENEFITS, COSTS, CONTEXT = "benefits_annual.csv", "../studies/unit_costs.csv", "context.csv"
Triple = tuple[float, float, float]


@cache
def stored(name: str) -> pd.DataFrame:
    path = ROOT / "data" / "editions" / EDITION / "observations" / name
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    return frame.assign(value=pd.to_numeric(frame["value"])) if "value" in frame else frame


def rows(name: str, start: str = "", **cells: str) -> pd.DataFrame:
    """Rows with these cells, and with a period that starts as given."""
    found = stored(name)
    for column, cell in cells.items():
        found = found[found[column].eq(cell)]
    return found[found["period_start"].str.startswith(start, na=False)] if start else found


def one(name: str, start: str = "", **cells: str) -> float:
    """The one number of these rows, in its base unit."""
    found = rows(name, start, **cells)
    assert len(set(found["value"])) == 1, f"{name} {start} {cells}: {len(found)} rows"
    return float(found["value"].iloc[0]) * float(found["unit_scale"].iloc[0])


def count(measure: str, year: int) -> float:
    """England's count of a financial year: the annual report's, else the sum of monthly files."""
    found = rows(ANNUAL, f"{year}-04", measure=measure).set_index("series")["value"]
    series = "annual report" if "annual report" in found.index else "sum of monthly files"
    (own,) = set(found.loc[[series]])
    return float(own)


def base(year: int) -> float:
    return count("finished_course", year) - count("not_at_caseness_start", year)


def unscored(year: int) -> float:
    kinds = ("reliable_improvement", "no_reliable_change", "reliable_deterioration")
    return count("finished_course", year) - sum(count(kind, year) for kind in kinds)


def share(x: float, n: float) -> Triple:
    """Per cent with Wilson's interval."""
    p, q = x / n, Z * Z / n
    middle = (p + q / 2) / (1 + q)
    half = Z * sqrt(p * (1 - p) / n + q / (4 * n)) / (1 + q)
    return 100 * p, 100 * (middle - half), 100 * (middle + half)


def less(first: Triple, second: Triple) -> Triple:
    """A difference by square-and-add; of two shares with Wilson's intervals that is Newcombe's."""
    value = first[0] - second[0]
    low = value - hypot(first[0] - first[1], second[2] - second[0])
    return value, low, value + hypot(first[2] - first[0], second[0] - second[1])


def recovery(year: int) -> Triple:
    return share(count("moved_to_recovery", year), base(year))


def growth(items: pd.Series, first: int, last: int) -> list[float]:
    """Per cent a year over the whole span, then over every span up to two years shorter at each end."""
    spans = [(first, last), *product(range(first, first + 3), range(last - 2, last + 1))]
    return [100 * ((items[b] / items[a]) ** (1 / (b - a)) - 1) for a, b in spans]


def deflator(year: int) -> float:
    """What a pound of a financial year is in the prices of 2024-25."""
    return 100 / one(CONTEXT, f"{year}-04", source_id="hmt_defl_2026_03", status="published")
