"""The house style of numbers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.numbers import format_range, format_value


@pytest.mark.parametrize(
    ("value", "unit", "options", "text"),
    [
        (50.46, "percent", {}, "50.5%"),
        (50.46, "percent", {"digits": 0}, "50%"),
        (-0.04, "percent", {}, "0.0%"),
        (-3.2, "percentage points", {}, "−3.2 percentage points"),
        (1260381, "referrals", {}, "1.26 million"),
        (91737277, "items", {}, "91.7 million"),
        (1260381, "referrals", {"style": "full"}, "1,260,381"),
        (491000, "people", {}, "491,000"),
        (692_851.4, "people", {"digits": -3}, "693,000"),
        (1_260_381, "people", {"digits": -3}, "1.26 million"),
        (877, "GBP", {}, "£877"),
        (1766.4, "GBP", {}, "£1,766"),
        (309, "GBP million", {}, "£309 million"),
        (1250, "GBP million", {}, "£1.25 billion"),
        (-12.5, "GBP", {"digits": 2}, "−£12.50"),
        (94, "USD million", {"digits": 0}, "$94 million"),
        (94e6, "USD", {"digits": 0}, "$94 million"),
        (94, "millions of things", {}, "94"),
        (0.987, "ratio", {"digits": 2}, "0.99"),
        (2014, "year", {"style": "plain"}, "2014"),
    ],
)
def test_style(value, unit, options, text):
    assert format_value(value, unit, **options) == text


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (50.4, 50.6, "percent", "50.4% to 50.6%"),
        (12.9, 14.04, "percentage points", "12.9 to 14.0 percentage points"),
        (-0.3, 0.4, "percentage points", "−0.3 to 0.4 percentage points"),
        (1.2e6, 1.3e6, "people", "1.20 to 1.30 million"),
        (0.9e6, 1.3e6, "people", "900,000 to 1.30 million"),
        (500, 1400, "GBP", "£500 to £1,400"),
        (2.1e6, 3.5e6, "GBP", "£2.10 to £3.50 million"),
    ],
)
def test_a_range_names_both_ends_and_a_shared_word_once(low, high, unit, text):
    assert format_range(low, high, unit) == text


@given(st.floats(-1e12, 1e12), st.sampled_from(["percent", "GBP", "people"]), st.integers(0, 3))
def test_every_number_prints_and_no_nought_has_a_minus(value, unit, digits):
    text = format_value(value, unit, digits=digits)
    assert re.fullmatch(r"−?£?[\d,]+(\.\d+)?(%| million| billion)?", text)
    assert not ("−" in text and not re.search("[1-9]", text))
