"""Dates in words."""

import pytest

from iapt_ledger.dates import day_in_words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-22", "22 November 2026"),
        ("2027-01-03", "3 January 2027"),
        ("2027-13-03", "2027-13-03"),
        ("trial", "trial"),
    ],
)
def test_a_day_is_said_as_prose_says_it_and_what_is_no_day_as_it_is(text: str, said: str) -> None:
    assert day_in_words(text) == said
