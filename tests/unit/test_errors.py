"""A fault's sentence: a capital to begin with, names of files as they are, and the nearest names there are."""

import pytest

from iapt_ledger.errors import Faults, LedgerError, closest


@pytest.mark.parametrize(
    ("what", "begins"),
    [
        ("the manifest is missing", "The manifest"),
        ("a cell cannot be read", "A cell"),
        ("Already so", "Already so"),
        ("wrong", "Wrong."),
        ("data/dictionary.yaml cannot be read", "data/dictionary.yaml"),
        ("config.yaml cannot be read", "config.yaml"),
        ("delivered.rate stands twice", "delivered.rate"),
        ("iapt_breakdowns is not there", "iapt_breakdowns"),
        ("'x' is not there", "'x'"),
        ("", "."),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_it_begins_with_a_name(what: str, begins: str):
    assert str(LedgerError(what)).startswith(begins)
    assert str(Faults(what, ["one"])).startswith(begins.removesuffix("."))


def test_the_nearest_names_are_told_and_so_is_that_there_is_none():
    assert str(LedgerError("X", nearest=["unit"])) == "X; nearest is unit."
    assert str(LedgerError("X", nearest=["a", "b"])) == "X; nearest are a, b."
    assert str(LedgerError("X", nearest=[])) == "X; none is close."
    assert str(LedgerError("X")) == "X."


def test_the_closest_are_what_a_slip_may_have_meant():
    assert closest("unitt", ["unit", "measure", "value"]) == ["unit"]
    assert closest("zzz", ["unit", "measure"]) == []
