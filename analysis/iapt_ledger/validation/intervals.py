"""Limits of shares and rates that a paper and England's public health guidance printed."""

from __future__ import annotations

from iapt_ledger.methods.intervals import proportion_interval, rate_interval
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

PACKAGE, VIGNETTE = "pheindicatormethods", "introduction, rates and proportions"
WORDS = {"low": "lower", "high": "upper"}


def _row(name: str) -> list[dict[str, float]]:
    return read(name).select_dtypes("number").to_dict("records")  # type: ignore[return-value]


def newcombe() -> list[Check]:
    """The four shares of Newcombe's first table."""
    checks = []
    for row in _row("newcombe_1998.csv"):
        found = proportion_interval(row["events"], row["n"])
        for name, ours in (("low", found.low), ("high", found.high)):
            words = f"{WORDS[name]} limit of {row['events']:.0f} in {row['n']:.0f}"
            source = ("newcombe1998single", "table I, method 3")
            checks.append(
                Check("proportion_interval", "four shares", words, row[name], 4, ours, *source)
            )
    return checks


def wilson_998() -> list[Check]:
    """Wilson's limits at the level of a control chart, per cent."""
    checks = []
    for row in _row("phe_rates.csv"):
        found = proportion_interval(row["events"], row["population"], level=0.998).percent
        for name, decimals, ours in (("low", 6, found.low), ("high", 5, found.high)):
            words = f"{WORDS[name]} 99.8% limit"
            published = row[f"wilson_{name}_998"]
            checks.append(_package("proportion_interval", words, row, published, decimals, ours))
    return checks


def byar() -> list[Check]:
    """Byar's limits at both levels of public health practice."""
    checks = []
    for row in _row("phe_rates.csv"):
        usual = rate_interval(row["events"], row["population"]).times(100_000)
        wide = rate_interval(row["events"], row["population"], level=0.998).times(100)
        for name, decimals, ours, words in (
            ("low", 3, usual.low, "lower limit, per 100,000"),
            ("high", 2, usual.high, "upper limit, per 100,000"),
            ("low_998", 6, wide.low, "lower 99.8% limit, per 100"),
            ("high_998", 5, wide.high, "upper 99.8% limit, per 100"),
        ):
            checks.append(
                _package("rate_interval", words, row, row[f"byar_{name}"], decimals, ours)
            )
    return checks


def _package(
    method: str, words: str, row: dict[str, float], published: float, decimals: int, ours: float
) -> Check:
    quantity = f"{words}, of {row['events']:.0f} in {row['population']:.0f}"
    return Check(method, "rates of areas", quantity, published, decimals, ours, PACKAGE, VIGNETTE)


CASES = (
    Case("Newcombe's four shares", "proportion_interval", newcombe),
    Case("Wilson's limits at 99.8%", "proportion_interval", wilson_998),
    Case("Byar's limits of rates", "rate_interval", byar),
)
