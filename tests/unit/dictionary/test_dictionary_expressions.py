"""The small language of identities and guards: right arithmetic, and nothing else can be said in it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.dictionary.expressions import evaluate, names_of, relation
from iapt_ledger.errors import LedgerError

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@given(a=NUMBERS, b=NUMBERS, c=NUMBERS)
def test_arithmetic_is_that_of_python(a: float, b: float, c: float) -> None:
    values = {"a": a, "b": b, "c": c}
    assert evaluate("a + 2 * b - c", values) == a + 2 * b - c
    assert evaluate("-abs(a - b)", values) == -abs(a - b)
    assert evaluate("min(a, b, c) <= max(a, b)", values) == (min(a, b, c) <= max(a, b))
    assert evaluate("a < b and not b < c or c == c", values)
    assert evaluate("0 < a < b", values) == (0 < a < b)


def test_arrays_are_worked_through_element_by_element() -> None:
    rate = evaluate("100 * part / whole", {"part": np.array([1, 2.0]), "whole": np.array([4, 0.0])})
    assert rate.tolist() == [25.0, np.inf]


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "a.real",
        "a[0]",
        "[a for a in (1, 2)]",
        "'text'",
        "a if b else c",
        "lambda: a",
        "open('/etc/passwd')",
        "abs(a, key=b)",
        "abs()",
        "a ** 99999",
        "a := 2",
        "",
        "a +",
    ],
)
def test_nothing_else_can_be_said(text: str) -> None:
    with pytest.raises(LedgerError, match="cannot be read"):
        evaluate(text, {"a": 1, "b": 2, "c": 3})


@given(st.text(max_size=30))
def test_any_text_is_an_expression_or_one_clear_error(text: str) -> None:
    try:
        names_of(text)
    except LedgerError as error:
        assert "cannot be read" in str(error)


def test_a_name_without_a_value_is_told_with_the_names_there_are() -> None:
    with pytest.raises(LedgerError, match="found finished; valid choices are entered"):
        evaluate("finished / entered", {"entered": 1})


def test_an_identity_is_one_comparison() -> None:
    found = relation("a <= b - c")
    assert (found.left, found.sign, found.right) == ("a", "<=", "b - c")
    for text in ("a + b", "a < b", "a <= b <= c"):
        with pytest.raises(LedgerError, match="not one comparison"):
            relation(text)
