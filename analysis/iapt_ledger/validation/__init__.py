"""Published results that the methods reproduce: the same cases for the tests and for the report.

Each module but `case`, `data` and `printed` holds the cases of one group of methods in a tuple `CASES`;
data typed in from a publication stands in data/validation, with its citation in the first lines.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from iapt_ledger.validation.case import Case

HELPERS = ("case", "data", "printed")


@cache
def cases() -> tuple[Case, ...]:
    """All cases, in order of module and of their place in it."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name not in HELPERS)
    return tuple(c for name in names for c in import_module(f"{__name__}.{name}").CASES)
