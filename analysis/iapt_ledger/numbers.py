"""How numbers are printed: one house style for prose, tables and charts."""

from __future__ import annotations

MINUS = "−"
PLAIN_UNITS = {"percent": "%", "percentage points": " percentage points"}
CURRENCIES = {"GBP": "£", "USD": "$"}
MILLION = 1_000_000
SAID_ONCE = (" percentage points", " million", " billion")


def format_value(value: float, unit: str, *, digits: int | None = None, style: str = "auto") -> str:
    """A number with its sign, separators and, for per cent and money, its unit.

    Counts and money are given in millions or billions from a million on, unless `style` is "full".
    `digits` are decimals of the number as printed; below nought they round a count to tens, hundreds and so on, so that
    an estimate is not printed as if it had been counted. Other units are left for the sentence to name.
    """
    sign = MINUS if _rounds_below_zero(value, unit, digits, style) else ""
    return sign + _unsigned(abs(value), unit, digits, style)


def format_range(
    low: float, high: float, unit: str, *, digits: int | None = None, style: str = "auto"
) -> str:
    """An interval in words, a word that both ends share said once: "50.4% to 50.6%", "1.2 to 1.3 million"."""
    first, last = (format_value(end, unit, digits=digits, style=style) for end in (low, high))
    for word in SAID_ONCE:
        if first.endswith(word) and last.endswith(word):
            first = first.removesuffix(word)
    return f"{first} to {last}"


def format_count(value: float) -> str:
    """A whole number with thousands separators."""
    return f"{value:,.0f}"


def _unsigned(value: float, unit: str, digits: int | None, style: str) -> str:
    if unit in PLAIN_UNITS:
        return f"{value:.{1 if digits is None else digits}f}{PLAIN_UNITS[unit]}"
    currency, _, rest = unit.partition(" ")
    coin = CURRENCIES.get(currency, "")
    if coin and rest.startswith("million"):
        value *= MILLION
    if digits is not None and digits < 0:
        value, digits = round(value, digits), None
    if style == "plain":
        return f"{coin}{value:.{digits or 0}f}"
    if style == "auto" and value >= MILLION:
        word, scale = (
            ("billion", 1000 * MILLION) if value >= 1000 * MILLION else ("million", MILLION)
        )
        scaled = value / scale
        return f"{coin}{scaled:,.{_digits(scaled) if digits is None else digits}f} {word}"
    return f"{coin}{value:,.{digits or 0}f}"


def _digits(scaled: float) -> int:
    return 2 if scaled < 10 else 1 if scaled < 100 else 0


def _rounds_below_zero(value: float, unit: str, digits: int | None, style: str) -> bool:
    """A value that prints as nought carries no minus."""
    return value < 0 and any(c in "123456789" for c in _unsigned(-value, unit, digits, style))
