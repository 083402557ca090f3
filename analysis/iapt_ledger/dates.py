"""Dates as prose writes them."""

from __future__ import annotations

from calendar import month_name
from datetime import date


def day_in_words(text: str) -> str:
    """An ISO date as prose writes it; a text that is no date, such as an edition's name may be, stays as it is.

    >>> day_in_words("2026-11-22"), day_in_words("trial")
    ('22 November 2026', 'trial')
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {month_name[day.month]} {day.year}"
