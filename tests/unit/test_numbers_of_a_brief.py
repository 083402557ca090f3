"""A brief's numbers are kept whole: what lacks a name of its own, observations or the name of its range is refused."""

import pytest

from iapt_ledger.areas.model import Number, Numbers
from iapt_ledger.errors import LedgerError

WHOLE = {
    "name": "rate",
    "label": "Rate",
    "period": "2024-25",
    "value": 50.0,
    "unit": "percent",
    "made": "One over the other.",
    "obs": ["iapt_organisations_annual:1"],
    "sources": ["A"],
    "limits": (49.0, 51.0),
    "interval": "95% Wilson interval",
}


def keep(numbers: Numbers, **changed: object) -> Number:
    return numbers.keep(**(WHOLE | changed))  # type: ignore[arg-type]


def test_a_whole_number_is_kept_with_its_range() -> None:
    numbers = Numbers()
    kept = keep(numbers)
    assert (kept.value, kept.low, kept.high, kept.interval) == (50, 49, 51, WHOLE["interval"])
    assert numbers.all() == (kept,)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"obs": []}, "observations"),
        ({"interval": ""}, "limits with the name"),
        ({"limits": None}, "limits with the name"),
        ({"name": "taken"}, "a name that no other number"),
    ],
)
def test_a_number_that_lacks_something_is_refused_with_what_it_lacks(
    changed: dict[str, object], said: str
) -> None:
    numbers = Numbers()
    keep(numbers, name="taken")
    with pytest.raises(LedgerError, match=rf"expected {said}.*to mend it") as told:
        keep(numbers, **changed)
    assert str(told.value).count(" and ") == 0, "what is there is not called lacking"
    assert len(numbers.all()) == 1
