"""Every method gives the numbers that others published, within the rounding of print."""

from __future__ import annotations

import pytest

from iapt_ledger import methods
from iapt_ledger.validation import cases

# Shared by all methods, or what one is given, and no method of their own.
NOT_METHODS = {"Estimate", "MethodError", "Uncertain"}


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.method}: {case.name}")
def test_a_published_result_is_reproduced(case) -> None:
    checks = case.work()
    assert checks, "a case without a number checks nothing"
    wrong = [
        f"{c.quantity}: published {c.published}, ours {c.ours:.6g}, allowed {c.tolerance:.2g}"
        for c in checks
        if not c.agrees
    ]
    assert not wrong, "\n".join([f"{case.name}:", *wrong])
    assert all(c.why for c in checks if c.slack), "a wider tolerance needs its reason"


def test_each_method_has_a_published_case() -> None:
    checked = {case.method for case in cases()}
    assert sorted(set(methods.__all__) - NOT_METHODS - checked) == []
