"""Base units: the scale goes into the value, and words after the unit into `unit_detail`."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

import numpy as np
import pandas as pd

_SCALE_WORDS = re.compile(r"\b(million|thousand)\b ?")
_SCALES = {"million": 1_000_000, "thousand": 1_000}
_BASES = (
    (re.compile(r"^percent\b(?! ?points?)"), "percent"),
    (re.compile(r"^percentage points\b"), "percentage points"),
    (re.compile(r"^persons\b"), "people"),
    (re.compile(r"^identified patients\b"), "patients"),
    (re.compile(r"^prescriptions$"), "items"),
    (re.compile(r"^WCA decisions\b"), "WCA decisions"),
    (re.compile(r"^CCGs of\b"), "CCGs"),
    (re.compile(r"^effect size\b"), "effect size"),
)


@lru_cache(maxsize=4096)
def base_unit(unit: str) -> tuple[str, str]:
    """Base unit and the words that qualify it.

    >>> base_unit("million identified patients")
    ('patients', 'identified patients')
    >>> base_unit("percent of IB claimants")
    ('percent', 'of IB claimants')
    """
    plain = _SCALE_WORDS.sub("", unit).strip()
    for pattern, base in _BASES:
        if pattern.search(plain):
            rest = pattern.sub("", plain).strip()
            whole = base in ("patients", "items") or (base == "people" and not rest)
            return base, ("" if plain in (base, "persons") else plain if whole else rest)
    return plain, ""


@lru_cache(maxsize=4096)
def scale_in_words(unit: str) -> int:
    """The scale that a unit names, 1 when it names none.

    >>> scale_in_words("USD million")
    1000000
    """
    found = _SCALE_WORDS.search(unit)
    return _SCALES[found[1]] if found else 1


def scaled(text: pd.Series, scale: pd.Series) -> pd.Series:
    """Numbers written as text times their scale, without binary dust; empty text gives NaN.

    Raises:
        ValueError: a cell is neither empty nor a number.
    """
    values = (
        pd.to_numeric(text.where(text.ne(""), None)).to_numpy(dtype=float, na_value=np.nan).copy()
    )
    for i in np.flatnonzero(scale.ne("1").to_numpy() & ~np.isnan(values)):
        values[i] = float(Decimal(text.iloc[i]) * Decimal(scale.iloc[i]))
    return pd.Series(values, index=text.index)


def with_base_units(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with value, low and high in base units, `unit` and `unit_detail`, and without unit_scale."""
    split = [base_unit(u) for u in frame["unit"]]
    numbers = {c: scaled(frame[c], frame["unit_scale"]) for c in ("value", "low", "high")}
    units = {"unit": [u for u, _ in split], "unit_detail": [d for _, d in split]}
    return frame.drop(columns="unit_scale").assign(**numbers, **units)
