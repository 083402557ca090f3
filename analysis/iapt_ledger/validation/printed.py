"""The checks as the report prints them: published, ours, difference."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from iapt_ledger.numbers import MINUS
from iapt_ledger.validation.case import Check


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
        Columns Method, Published result, Published, Ours, Difference, Agreeing. The second holds Markdown
        of our own making (a citation); the others are plain text. Ours has one decimal more than was
        published; an asterisk marks a number for which more than rounding is allowed.
    """
    groups = table.groupby(["method", "example"], sort=False)
    first = groups.head(1).reset_index(drop=True)
    agreeing, held = groups["agrees"].sum(), groups.size()
    more = first["decimals"] + 1
    star = first["why"].map(lambda why: "*" if why else "")
    return pd.DataFrame(
        {
            "Method": first["method"].str.replace("_", " "),
            "Published result": [
                f"{row.example}: {row.quantity} [@{row.citation}, {row.where}]"
                for row in first.itertuples()
            ],
            "Published": pd.Series(_fixed(first["published"], first["decimals"])) + star,
            "Ours": _fixed(first["ours"], more),
            "Difference": _fixed(first["difference"], more),
            "Agreeing": [f"{a} of {n}" for a, n in zip(agreeing, held, strict=True)],
        }
    )


def reasons(table: pd.DataFrame) -> pd.DataFrame:
    """Why more than rounding is allowed, one row an example and reason.

    Args:
        table: as `compared` returns it.

    Returns:
        Columns Example, Allowed beyond rounding, Reason; empty where no number needs a reason.
    """
    loose = table[table["why"].ne("")]
    loose = loose.assign(
        allowed=_fixed(loose["allowed"] - 0.5 * 10.0 ** -loose["decimals"], loose["decimals"] + 1)
    )
    keys = ["example", "why"]
    rows = loose.groupby(keys, sort=False)["allowed"].agg(lambda a: ", ".join(dict.fromkeys(a)))
    named = {"example": "Example", "why": "Reason", "allowed": "Allowed beyond rounding"}
    return rows.reset_index().rename(columns=named)[
        ["Example", "Allowed beyond rounding", "Reason"]
    ]


def _fixed(numbers: pd.Series, decimals: pd.Series) -> list[str]:
    """Numbers with a stated count of decimals; one that prints as nought has no sign."""
    printed = []
    for number, places in zip(numbers, decimals, strict=True):
        text = f"{abs(number):,.{max(places, 0)}f}"
        sign = MINUS if number < 0 and any(c in "123456789" for c in text) else ""
        printed.append(sign + text)
    return printed
