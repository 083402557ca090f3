"""Published results that the methods reproduce: the same cases for the tests and for the report.

Each module but `case`, `data` and `printed` holds the cases of one group of methods in a tuple `CASES`;
data typed in from a publication stands in data/validation, with its citation in the first lines.
"""

from __future__ import annotations

from iapt_ledger.validation import (
    between_units,
    bunching,
    change,
    controlled,
    cost_simulation,
    funnels,
    inequalities,
    intervals,
    margins,
    missing_outcomes,
    multiverses,
    panel,
    pooling,
    segmented,
    synthetic,
)
from iapt_ledger.validation.case import Case

# Named one by one, so that a build sees which files the chapter on the checks depends on.
MODULES = (
    intervals,
    segmented,
    controlled,
    panel,
    synthetic,
    funnels,
    between_units,
    bunching,
    inequalities,
    change,
    cost_simulation,
    missing_outcomes,
    margins,
    pooling,
    multiverses,
)


def cases() -> tuple[Case, ...]:
    """All cases, in the order in which the report tells of the methods."""
    return tuple(case for module in MODULES for case in module.CASES)
