"""The checks as the report prints them: published, ours, and why they may differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import pandas as pd

from iapt_ledger.numbers import MINUS
from iapt_ledger.validation.case import Check

# What a reader calls a method, where its name in the library says too little.
IN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "between_unit_variance": "Variance between units",
        "combine_studies": "Combining studies",
        "inequality": "Slope and ratio of inequality",
        "missing_outcome_bounds": "Bounds for missing outcomes",
        "multiverse": "Many choices at once",
        "panel_effect": "Effect in a panel",
        "proportion_interval": "Interval of a share",
        "rate_interval": "Interval of a rate",
        "threshold_bunching": "Pile-up at a threshold",
    }
)
POWER = re.compile(r"\b1e-(\d+)\b")
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def compared(checks: Iterable[Check]) -> pd.DataFrame:
    """One row a published number, with numbers as they are, for download.

    Returns:
        Columns method, example, quantity, published, decimals, ours, difference, allowed, agrees, why,
        citation, where.
    """
    return pd.DataFrame(
        [
            {
                "method": c.method,
                "example": c.case,
                "quantity": c.quantity,
                "published": c.published,
                "decimals": c.decimals,
                "ours": c.ours,
                "difference": c.difference,
                "allowed": c.tolerance,
                "agrees": c.agrees,
                "why": c.why,
                "citation": c.citation,
                "where": c.where,
            }
            for c in checks
        ]
    )


def for_print(table: pd.DataFrame) -> pd.DataFrame:
    """One row an example for the page: its first number, and how many of its numbers agree.

    Args:
        table: as `compared` returns it.

    Returns:
        Columns Method, Published result, Published, Ours, Difference, Agreeing. The second holds Markdown of
        our own making (a citation); the others are plain text. Ours and the difference, ours less theirs,
        have one decimal more than was published; an asterisk marks a number for which more than rounding is
        allowed.
    """
    groups = table.groupby(["method", "example"], sort=False)
    first = groups.head(1).reset_index(drop=True)
    agreeing, held = groups["agrees"].sum(), groups.size()
    star = first["why"].map(lambda why: "*" if why else "")
    return pd.DataFrame(
        {
            "Method": first["method"].map(_in_words),
            "Published result": [
                f"{_begun(str(row.example))}: {row.quantity} [@{row.citation}, {_place(str(row.where))}]"
                for row in first.itertuples()
            ],
            "Published": pd.Series(_fixed(first["published"], first["decimals"])) + star,
            "Ours": _fixed(first["ours"], first["decimals"] + 1),
            "Difference": _fixed(first["difference"], first["decimals"] + 1),
            "Agreeing": [f"{a} of {n}" for a, n in zip(agreeing, held, strict=True)],
        }
    )


def reasons(table: pd.DataFrame) -> pd.DataFrame:
    """Why more than rounding is allowed, one row a reason.

    Args:
        table: as `compared` returns it.

    Returns:
        Columns Example (those with the reason), Allowed beyond rounding (the most of them, to two digits),
        Reason; empty where no number needs a reason.
    """
    loose = table[table["why"].ne("")]
    loose = loose.assign(beyond=loose["allowed"] - 0.5 * 10.0 ** -loose["decimals"])
    rows = [
        {
            "Example": _begun("; ".join(dict.fromkeys(of["example"]))),
            "Allowed beyond rounding": _short(float(of["beyond"].max())),
            "Reason": _sentence(str(why)),
        }
        for why, of in loose.groupby("why", sort=False)
    ]
    return pd.DataFrame(rows, columns=["Example", "Allowed beyond rounding", "Reason"])


def _in_words(method: str) -> str:
    return IN_WORDS.get(method, _begun(method.replace("_", " ")))


def _begun(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def _place(where: str) -> str:
    """Where in a publication, fit to stand in a citation, which a semicolon would end."""
    return where.replace(";", ",")


def _sentence(text: str) -> str:
    """A reason as a sentence, small numbers as powers of ten."""
    said = POWER.sub(lambda found: "10⁻" + found[1].translate(RAISED), text)
    return _begun(said).rstrip(".") + "."


def _short(number: float) -> str:
    """A number above nought with two digits that count, without an exponent."""
    text = f"{number:.2g}"
    if "e" in text:
        text = f"{number:.{1 - int(text.split('e')[1])}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fixed(numbers: pd.Series, decimals: pd.Series) -> list[str]:
    """Numbers with a stated count of decimals; one that prints as nought has no sign."""
    printed = []
    for number, places in zip(numbers, decimals, strict=True):
        text = f"{abs(number):,.{max(places, 0)}f}"
        sign = MINUS if number < 0 and any(c in "123456789" for c in text) else ""
        printed.append(sign + text)
    return printed
