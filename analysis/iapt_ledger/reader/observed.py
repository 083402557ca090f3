"""Observations in words: what a published figure is, for the reader who asks where a number comes from."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from iapt_ledger.dictionary.model import Dictionary
from iapt_ledger.measures.evidence import Evidence
from iapt_ledger.measures.series import period_label
from iapt_ledger.numbers import format_value

# What tells one row of a table from another, beside measure, place and period.
DIMENSIONS = (
    "org_name",
    "breakdown",
    "category",
    "benefit",
    "condition_group",
    "age_group",
    "bnf_section",
    "bnf_scope",
    "series",
)
NO_NUMBER = "no number"
SAID = ("percent", "percentage points")  # units that a printed value says itself


class Observed:
    """The observations of one build by id, each table read once.

    Args:
        evidence: the tidy tables.
        dictionary: what their measures are called.
    """

    def __init__(self, evidence: Evidence, dictionary: Dictionary) -> None:
        self._evidence = evidence
        self._dictionary = dictionary
        self._tables: dict[str, _Held] = {}

    def source(self, observation: str) -> str:
        """Id of the publication of an observation; empty where no table holds it."""
        return self._held(observation).sources.get(observation, "")

    def words(self, observation: str) -> str:
        """One observation: what, where, when, and its value with its unit."""
        name = observation.split(":", 1)[0]
        row = self._held(observation).row(observation)
        what = self.label(name, row["measure"], _text(row, "unit"))
        said = [what, *_dimensions(row), *_place(row), *_period(row)]
        return f"{', '.join(said)}: {_value(row)}"

    def label(self, table: str, measure: str, unit: str) -> str:
        """What a measure is called in the dictionary; its own name where it is one of a study."""
        return self._labels.get((table, measure, unit)) or measure.replace("_", " ")

    @cached_property
    def _labels(self) -> dict[tuple[str, str, str], str]:
        dictionary = self._dictionary
        return {
            (name, measure, unit): dictionary.measures[definition].label
            for name, table in dictionary.tables.items()
            for measure, by_unit in (table.measures or {}).items()
            for unit, definition in by_unit.items()
        }

    def _held(self, observation: str) -> _Held:
        name = observation.split(":", 1)[0]
        if name not in self._tables:
            self._tables[name] = _Held(self._evidence.table(name))
        return self._tables[name]


class _Held:
    """A table whose rows are found by id: thousands are asked for, so that pandas would be asked too often."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._positions = {one: i for i, one in enumerate(frame["obs_id"])}
        self.sources = dict(zip(frame["obs_id"], frame["source_id"], strict=True))

    def row(self, observation: str) -> pd.Series:
        return self._frame.iloc[self._positions[observation]]


def _dimensions(row: pd.Series) -> list[str]:
    held = (_text(row, name) for name in ("study", *DIMENSIONS))
    return list(dict.fromkeys(word.replace("_", " ") for word in held if word))


def _text(row: pd.Series, name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""


def _place(row: pd.Series) -> list[str]:
    place = _text(row, "geography")
    return [place] if place and place != _text(row, "org_name") else []


def _period(row: pd.Series) -> list[str]:
    start, end = row.get("period_start"), row.get("period_end")
    if start is None or pd.isna(start) or pd.isna(end):
        return []
    return [period_label(start, end)]


def _value(row: pd.Series) -> str:
    unit = _text(row, "unit")
    if not _missing(row["value"]):
        return with_unit(float(row["value"]), unit)
    ends = [float(row[name]) for name in ("low", "high") if not _missing(row.get(name))]
    if len(ends) == 2:
        return " to ".join(with_unit(end, unit) for end in ends)
    return _text(row, "status").replace("_", " ") or NO_NUMBER


def _missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def with_unit(value: float, unit: str) -> str:
    """A value to six significant digits (whole numbers in full), with its unit."""
    short = (
        "" if value % 1 == 0 else np.format_float_positional(value, 6, fractional=False, trim="-")
    )
    digits = len(short.partition(".")[2])
    if unit == "year":
        return f"{value:.{digits}f}"
    printed = format_value(value, unit, digits=digits, style="full")
    said = unit in SAID or unit.startswith(("GBP", "USD"))
    return printed if said else f"{printed} {unit}".strip()
