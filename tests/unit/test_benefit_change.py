"""A share can rise because others leave: the split of its change, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import benefit_change as change

counts = st.floats(1, 1e7)


def split(m_0: float, o_0: float, m_1: float, o_1: float) -> change.Split:
    one = [np.array([float(x)]) for x in (m_0, o_0, m_1, o_1)]
    return change.Split((one[0], one[1]), (one[2], one[3]))


def parts(*ends: float) -> tuple[float, float]:
    by_mental, by_others = split(*ends).parts()
    return float(by_mental[0]), float(by_others[0])


class TestSplit:
    def test_nobody_more_and_others_gone_is_all_by_others(self):
        assert parts(100, 300, 100, 100) == pytest.approx((0, 25))

    def test_others_the_same_is_all_by_the_count(self):
        assert parts(100, 300, 300, 300) == pytest.approx((25, 0))

    def test_a_share_may_rise_though_the_count_falls(self):
        by_mental, by_others = parts(100, 300, 90, 200)
        assert by_mental < 0 < by_others
        assert by_mental + by_others > 0

    @settings(max_examples=60, deadline=None)
    @given(counts, counts, counts, counts)
    def test_the_parts_add_up_and_follow_their_own_counts(self, m_0, o_0, m_1, o_1):
        by_mental, by_others = parts(m_0, o_0, m_1, o_1)
        whole = 100 * (m_1 / (m_1 + o_1) - m_0 / (m_0 + o_0))
        assert by_mental + by_others == pytest.approx(whole, abs=1e-9)
        assert by_mental * (m_1 - m_0) >= -1e-9
        assert by_others * (o_0 - o_1) >= -1e-9

    @settings(max_examples=40, deadline=None)
    @given(counts, counts, counts, counts, st.floats(0.001, 1000))
    def test_units_do_not_matter_and_going_back_turns_the_signs(self, m_0, o_0, m_1, o_1, unit):
        there = parts(m_0, o_0, m_1, o_1)
        assert parts(*(unit * x for x in (m_0, o_0, m_1, o_1))) == pytest.approx(there, abs=1e-9)
        assert parts(m_1, o_1, m_0, o_0) == pytest.approx(tuple(-p for p in there), abs=1e-9)


def known(value: float, low: float, high: float, name: str = "a") -> change.Known:
    return change.Known(value, low, high, (name,), False)


def ends(m_0, o_0, m_1, o_1) -> change.Split:
    return change.Split((m_0, o_0), (m_1, o_1))


EXACT = [known(x, x, x) for x in (100.0, 300.0, 90.0, 200.0)]


class TestRounding:
    def test_exact_numbers_leave_no_range(self):
        row = change.row("k", "s", "p", "claimants", EXACT, change.grid(EXACT, ends))
        assert row["low"] == row["value"] == row["high"]
        assert row["by_mental_low"] == row["by_mental_high"]

    def test_the_range_holds_the_point_and_every_corner(self):
        loose = [known(100.0, 80.0, 110.0), *EXACT[1:]]
        row = change.row("k", "s", "p", "claimants", loose, change.grid(loose, ends))
        for corner in (80.0, 100.0, 110.0):
            by_mental, _ = parts(corner, 300, 90, 200)
            assert row["by_mental_low"] <= by_mental <= row["by_mental_high"]
        assert row["mental_first"] == 100.0

    def test_rounding_that_leaves_nobody_stops_the_build(self):
        bad = [known(100.0, -1.0, 110.0), *EXACT[1:]]
        with pytest.raises(LedgerError, match="no claimants on one side"):
            change.grid(bad, ends)

    @pytest.mark.parametrize(
        ("value", "qualifier", "limits"),
        [
            (1_100_000.0, "almost", (1_050_000.0, 1_100_000.0)),
            (1_100_000.0, "", (1_050_000.0, 1_150_000.0)),
            (824_110.0, "", (824_105.0, 824_115.0)),
        ],
    )
    def test_a_count_runs_over_half_a_step_of_its_last_digit(self, value, qualifier, limits):
        row = pd.Series(
            {"value": value, "qualifier": qualifier, "obs_id": "b:1", "second_hand": True}
        )
        found = change.count_row(row)
        assert (found.low, found.high) == limits
        assert found.press

    def test_counts_add_up_with_their_limits(self):
        both = change.summed([known(10.0, 9.0, 11.0, "a"), known(5.0, 4.5, 5.5, "b")])
        assert both == change.Known(15.0, 13.5, 16.5, ("a", "b"), False)


def noted(note: str) -> pd.Series:
    return pd.Series({"note": note, "obs_id": "b:7", "second_hand": False})


class TestNotes:
    def test_claimants_named_beside_a_share_are_read_with_their_rounding(self):
        found = change.noted_million(noted("report; about 2.5 million claimants"))
        assert (found.value, found.low, found.high) == (2.5e6, 2.45e6, 2.55e6)

    def test_a_note_that_names_them_no_more_stops_the_build(self):
        with pytest.raises(LedgerError, match=r"b:7.*about ... million claimants"):
            change.noted_million(noted("second-hand"))

    def test_a_fraction_in_words_must_be_there(self):
        assert change.noted_part(noted("four fifths of the rise"), "four fifths", 0.8).value == 0.8
        with pytest.raises(LedgerError, match="expected four fifths"):
            change.noted_part(noted("most of the rise"), "four fifths", 0.8)


def test_one_row_is_one():
    rows = pd.DataFrame({"benefit": ["IB", "IB"], "value": [1.0, 2.0]})
    assert change.one_row(rows, value=2.0)["benefit"] == "IB"
    with pytest.raises(LedgerError, match=r"IB.*expected 1; found 2"):
        change.one_row(rows, benefit="IB")
