"""Coverage: stretches join what touches, show every gap, and cover no day that no row covers."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.coverage import NOT_HELD, Series, coverage, read_through, spans

DAY = pd.Timedelta(days=1)


def rows(*periods: tuple, period_type: str = "month") -> pd.DataFrame:
    """Tidy rows from (start, end) or (start, end, second_hand)."""
    return pd.DataFrame(
        [
            {
                "period_start": pd.Timestamp(start),
                "period_end": pd.Timestamp(end),
                "period_type": period_type,
                "second_hand": bool(rest and rest[0]),
                "status": "published",
                "value": 1.0,
                "measure": "items",
                "obs_id": f"t:{i}",
            }
            for i, (start, end, *rest) in enumerate(periods, start=1)
        ]
    )


def test_months_that_touch_are_one_stretch_and_a_gap_makes_two():
    found = spans(
        rows(
            ("2019-08-01", "2019-08-31"),
            ("2019-09-01", "2019-09-30"),
            ("2021-01-01", "2021-01-31"),
        )
    )
    assert [str(d.date()) for d in found["start"]] == ["2019-08-01", "2021-01-01"]
    assert str(found["end"].iloc[0].date()) == "2019-09-30"
    assert found["obs"].iloc[0] == ("t:1", "t:2")


def test_second_hand_is_shown_only_where_nothing_first_hand_covers_it():
    found = spans(
        rows(
            ("2010-04-01", "2011-03-31"),
            ("2010-06-01", "2010-06-30", True),
            ("2012-04-01", "2013-03-31", True),
        )
    )
    assert list(found["kind"]) == ["first hand", "second hand"]
    assert found["obs"].iloc[1] == ("t:3",)


def test_a_press_report_counts_as_second_hand():
    frame = rows(("2010-04-01", "2011-03-31")).assign(status="press_report")
    assert list(spans(frame)["kind"]) == ["second hand"]


def test_snapshots_stay_days():
    found = spans(rows(("2010-05-31", "2010-05-31"), period_type="snapshot"))
    assert found["start"].iloc[0] == found["end"].iloc[0]


def test_what_is_awaited_stands_in_the_chart_without_dates_until_it_comes():
    years = rows(("2010-01-01", "2010-12-31"))
    awaited = Series("g", "spend", "t", {"measure": ("cost",)}, awaited=True)
    come = awaited.where | {"measure": tuple(years["measure"].unique())}
    assert coverage({"t": years}, [replace(awaited, where=come)])["kind"].tolist() == ["first hand"]
    frame = coverage({"t": years}, [Series("g", "held", "t"), awaited])
    assert list(frame["kind"]) == ["first hand", NOT_HELD]
    assert pd.isna(frame["start"].iloc[1])


def test_a_series_that_fits_no_row_is_a_fault():
    with pytest.raises(LedgerError, match="No row belongs"):
        Series("g", "lost", "t", {"measure": ("cost",)}).rows(rows(("2010-01-01", "2010-12-31")))


periods = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), min_size=1, max_size=15)


@settings(max_examples=40, deadline=None)
@given(periods)
def test_stretches_cover_just_the_days_of_the_rows(pairs):
    zero = pd.Timestamp("2010-01-01")
    found = spans(rows(*((zero + a * DAY, zero + (a + b) * DAY) for a, b in pairs)))
    days = {a + i for a, b in pairs for i in range(b + 1)}
    covered = [
        i
        for start, end in zip(found["start"], found["end"], strict=True)
        for i in range((start - zero).days, (end - zero).days + 1)
    ]
    assert sorted(covered) == sorted(days)
    assert sum(len(ids) for ids in found["obs"]) == len(pairs)


def test_each_number_is_counted_in_the_one_way_that_it_was_read():
    how = {"A": "publisher file", "B": "copy or re-layout", "C": "third-party data", "D": "press"}
    numbers = pd.DataFrame({"source_id": list("BBCDAB")})
    parts = read_through(numbers, how)
    assert {name: list(part.index) for name, part in parts.items()} == {
        "publisher_file": [4],
        "copy": [0, 1, 5],
        "compiled": [2],
        "elsewhere": [3],
    }
    with pytest.raises(KeyError):
        read_through(pd.DataFrame({"source_id": ["E"]}), how)
