"""What the chart of coverage shows, in words made from the same stretches, so that they hold in any edition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from iapt_ledger.measures.coverage import DAY, SECOND_HAND

Gap = tuple[pd.Timestamp, pd.Timestamp]


def gaps(held: pd.DataFrame, label: str) -> list[Gap]:
    """First and last day of each gap between the stretches of a series.

    Args:
        held: from `coverage.coverage`; label: of the series.
    """
    rows = _series(held, label)
    reach = rows["end"].cummax().shift()
    return [
        (last + DAY, first - DAY)
        for last, first in zip(reach, rows["start"], strict=True)
        if pd.notna(last) and first > last + DAY
    ]


def gaps_in_words(found: Sequence[Gap]) -> str:
    """Gaps as a sentence has them; empty where there is none.

    >>> gaps_in_words([(pd.Timestamp("2019-10-01"), pd.Timestamp("2020-02-29"))])
    'from October 2019 to February 2020'
    """
    spans = [
        f"in {a:%B %Y}"
        if (a.year, a.month) == (b.year, b.month)
        else f"from {a:%B %Y} to {b:%B %Y}"
        for a, b in found
    ]
    return " and ".join([", ".join(spans[:-1]), spans[-1]] if len(spans) > 1 else spans)


def alternative_text(held: pd.DataFrame, spending: str) -> str:
    """The alternative text of the chart.

    Args:
        held: from `coverage.coverage`; spending: label of the series of spending, which may not be held yet.
    """
    by_year, by_month = (_since(held, f"Entered treatment, by {one}") for one in ("year", "month"))
    of_groups = [
        f"{words} {_first_year(held, f'Recovered, by {group}')}"
        for group, words in (("deprivation", "by deprivation from"), ("therapy", "by therapy from"))
    ]
    whole = _first_year(held, "Finished and recovered, by year")
    return " ".join(
        [
            f"Chart of bars by series and year. Entering treatment is held by year {by_year}, by month {by_month}.",
            f"Recovery is held by year from {whole}, {' and '.join(of_groups)}.",
            f"Yearly spending on the programme is {_spending(held, spending)}.",
            *_benefits(held),
        ]
    )


def _series(held: pd.DataFrame, label: str) -> pd.DataFrame:
    rows = held[held["label"].eq(label) & held["start"].notna()]
    return rows.sort_values(["start", "end"])


def _since(held: pd.DataFrame, label: str) -> str:
    found = gaps(held, label)
    lacks = f" with gaps {gaps_in_words(found)}" if found else " without a gap"
    return f"from {_series(held, label)['start'].iloc[0].year}{lacks}"


def _first_year(held: pd.DataFrame, label: str) -> str:
    year = _series(held, label)["start"].iloc[0].year
    return f"{year}-{(year + 1) % 100:02d}"


def _spending(held: pd.DataFrame, label: str) -> str:
    rows = _series(held, label)
    return f"held from {_first_year(held, label)}" if len(rows) else "not held"


def _benefits(held: pd.DataFrame) -> Iterator[str]:
    rows = held[held["group"].str.startswith("Benefits") & held["start"].notna()]
    second = int(rows["kind"].eq(SECOND_HAND).sum())
    yield f"Benefits by condition: {len(rows)} stretches or single days, {second} of them second hand."
