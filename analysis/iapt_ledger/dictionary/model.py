"""What the data dictionary says, as typed records: units, vocabularies, columns, measures, tables, identities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["observations", "studies", "codelists", "claims"]
Type = Literal["text", "number", "whole", "date", "flag"]
Where = Mapping[str, tuple[object, ...]]
"""Rows chosen by column: each named column holds one of the values given."""


@dataclass(frozen=True)
class Unit:
    """A base unit: its meaning, whether values are whole numbers, and the bounds that hold of any value in it."""

    name: str
    meaning: str
    whole: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Column:
    """A column or dimension.

    Attributes:
        name: as it stands in the tidy tables.
        meaning: in plain words.
        type: text, number, whole, date or flag.
        empty: whether a cell may be empty (text) or null (numbers and dates).
        values: the vocabulary that it is closed to, as value to meaning; empty where it is open.
    """

    name: str
    meaning: str
    type: Type = "text"
    empty: bool = False
    values: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Measure:
    """One definition of a measure, shared by the tables that list it.

    Attributes:
        id: name of the definition; a table may list it under another name.
        units: base units that its values may have.
        low, high: bounds of its own, where those of the unit do not hold.
        whole: whether values are whole numbers, where the unit does not say so rightly.
        source: where the definition was read: ids of data/sources.yaml.
        made_by: the correction that makes it, for measures that stand in no published file.
        awaited: pattern of the names under which a publication still to come brings it; no data need use it.
    """

    id: str
    label: str
    meaning: str
    units: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    own_bounds: bool = False
    whole: bool | None = None
    source: tuple[str, ...] = ()
    made_by: str = ""
    awaited: str = ""


@dataclass(frozen=True)
class Pattern:
    """Measures of a table of studies that are documented together: every name that matches."""

    match: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """One table of the tidy data.

    Attributes:
        row: what one row is.
        first, last: no row is dated before or after; None where open.
        key: columns that no two rows share; empty where a source may repeat itself.
        columns: in the order of the file.
        measures: name in the data, then unit, to the id of its definition.
        patterns: for studies, what measures are documented together.
        bounds: limits of plausible size by unit, which catch a wrong scale.
    """

    name: str
    title: str
    kind: Kind
    row: str
    publisher: str
    cite: str
    cautions: tuple[str, ...]
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    measures: Mapping[str, Mapping[str, str]] | None = None
    patterns: tuple[Pattern, ...] = ()
    bounds: Mapping[str, tuple[float | None, float | None]] | None = None

    @property
    def file(self) -> str:
        """Path of the tidy file, as a reader finds it."""
        return f"data/tidy/{self.name}.parquet"


@dataclass(frozen=True)
class Scope:
    """Where an identity is checked in one table, and how exactly it must hold.

    Attributes:
        tolerance: a number, or an expression in the measures, that may lie between the sides.
        because: why that tolerance, in one sentence.
    """

    table: str
    by: tuple[str, ...]
    where: Where
    tolerance: str
    because: str


@dataclass(frozen=True)
class Identity:
    """A relation between measures of the same place, period and group, as an expression."""

    id: str
    says: str
    rule: str
    scopes: tuple[Scope, ...]


@dataclass(frozen=True)
class Departure:
    """Rows of a total for which another ratio is right, and why."""

    where: Where
    low: float
    high: float
    because: str


@dataclass(frozen=True)
class Total:
    """Parts that add up to a whole: the sum of some rows over the value of others.

    Attributes:
        table, where, by: the parts and how they are grouped.
        whole_table, whole_where, whole_by: the wholes; `whole_by` names the same groups in that table.
        low, high: least and greatest ratio of parts to whole.
    """

    id: str
    says: str
    table: str
    where: Where
    by: tuple[str, ...]
    whole_table: str
    whole_where: Where
    whole_by: tuple[str, ...]
    low: float
    high: float
    because: str
    departures: tuple[Departure, ...] = ()


@dataclass(frozen=True)
class Dictionary:
    """The whole data dictionary."""

    units: Mapping[str, Unit]
    vocabularies: Mapping[str, Mapping[str, str]]
    measures: Mapping[str, Measure]
    tables: Mapping[str, Table]
    identities: tuple[Identity, ...]
    totals: tuple[Total, ...]
