"""How the checks of the methods are printed: names a reader knows, no needless digits, one row a reason."""

from __future__ import annotations

import pandas as pd

from iapt_ledger.validation import printed
from iapt_ledger.validation.case import Check

SEARCH = "the search stops at 1e-8 of the best"


def check(case: str, published: float, decimals: int, ours: float, **more: object) -> Check:
    fields = {"method": "combine_studies", "quantity": "mean", "citation": "a2020", "where": "p. 1"}
    return Check(case=case, published=published, decimals=decimals, ours=ours, **{**fields, **more})  # type: ignore[arg-type]


def table() -> pd.DataFrame:
    return printed.compared(
        [
            check("two trials", 0.53, 2, 0.5312),
            check("two trials", 0.6, 1, 0.61),
            check("maize", 0.7229, 4, 0.7233, slack=4.5, why=SEARCH, where="p. 2; R, help of x"),
            check("drinking", -1.25, 2, -1.3, slack=6, why=SEARCH, method="new_way"),
        ]
    )


def test_an_example_is_one_row_with_its_first_number():
    shown = printed.for_print(table()).set_index("Published")
    first = shown.loc["0.53"]
    assert first["Method"] == "Combining studies"
    assert first["Published result"] == "Two trials: mean [@a2020, p. 1]"
    assert (first["Ours"], first["Difference"], first["Agreeing"]) == ("0.531", "0.001", "2 of 2")
    assert shown.loc["−1.25*", "Method"] == "New way"
    assert shown.loc["−1.25*", "Difference"] == "−0.050"


def test_no_semicolon_ends_the_citation_early():
    places = printed.for_print(table())["Published result"]
    assert "[@a2020, p. 2, R, help of x]" in places[1]


def test_a_reason_is_told_once_with_the_most_that_it_allows():
    (row,) = printed.reasons(table()).to_dict("records")
    assert row["Example"] == "Maize; drinking"
    assert row["Allowed beyond rounding"] == "0.06"
    assert row["Reason"] == "The search stops at 10⁻⁸ of the best."


def test_numbers_that_agree_within_rounding_need_no_reason():
    assert printed.reasons(table().head(2)).empty
    assert list(printed.reasons(table().head(2)).columns)[-1] == "Reason"
