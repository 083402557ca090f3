"""Results: the numbers that the report prints, each with its interval, unit, making and observations."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.files import write_text
from iapt_ledger.numbers import format_range, format_value

ID = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")
# What a result may be: worked out from observations; worked out with a figure of a document under test in it;
# such a figure itself; or a count of how the methods were checked. Only the first can be evidence for a claim.
STATUSES = ("computed", "compared", "quoted", "check")
# The last digits of a float depend on the processor and on how libraries were compiled; a build must not.
SIGNIFICANT = 12
MONEY_UNITS = ("GBP", "GBP million", "GBP per month", "GBP per year")


@dataclass(frozen=True)
class Result:
    """One printed number.

    Numbers are kept to 12 significant digits, so that a build gives the same bytes on another Python.

    Attributes:
        id: dotted name; the first part is the chapter.
        value: the number, in `unit`.
        unit: base unit, such as percent, referrals, GBP.
        made: how it was made, in one sentence.
        low, high: interval or range, None where there is none.
        interval: what the interval is, such as "95% Wilson interval"; needed with low and high.
        price_base: price year and deflator; needed where the unit is money.
        digits: decimals printed (of the scaled number where it is printed in millions); -3 rounds to thousands.
        style: "auto" (millions from a million on), "full" or "plain" (no thousands separator).
        observations: compact observation ids, see `compact_observations`.
        sources: ids in data/sources.yaml.
        notebook, function: where it was made.
        status: "computed"; "compared", when a figure of a document under test went into it; "quoted", for
            such a figure itself; "check", for a count of checks of the methods, behind which no observation stands.
    """

    id: str
    value: float
    unit: str
    made: str
    low: float | None = None
    high: float | None = None
    interval: str = ""
    price_base: str = ""
    digits: int | None = None
    style: str = "auto"
    observations: tuple[str, ...] = field(default=())
    sources: tuple[str, ...] = field(default=())
    notebook: str = ""
    function: str = ""
    status: str = "computed"

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            object.__setattr__(self, name, _steady(getattr(self, name)))

    @property
    def text(self) -> str:
        """The number as prose prints it."""
        return format_value(self.value, self.unit, digits=self.digits, style=self.style)

    @property
    def range_text(self) -> str:
        """The interval as prose prints it; empty where there is none, or where both ends print alike."""
        if self.low is None or self.high is None:
            return ""
        low, high = (
            format_value(end, self.unit, digits=self.digits, style=self.style)
            for end in (self.low, self.high)
        )
        if low == high:
            return ""
        return format_range(self.low, self.high, self.unit, digits=self.digits, style=self.style)

    def faults(self) -> list[str]:
        """Everything that is wrong with this result, as sentences."""
        found = []
        if not ID.match(self.id):
            found.append(
                f"result id '{self.id}': expected dotted lower-case words, such as delivered.recovery.y2024_25"
            )
        if not isinstance(self.value, int | float) or not math.isfinite(self.value):
            found.append(f"result {self.id}: expected a finite number, found {self.value!r}")
        if (self.low is None) != (self.high is None):
            found.append(
                f"result {self.id}: low and high come together, found {self.low!r} and {self.high!r}"
            )
        elif self.low is not None and self.high is not None:
            if not self.low <= self.value <= self.high:
                found.append(
                    f"result {self.id}: {self.value} lies outside its interval {self.low} to {self.high}"
                )
            if not self.interval:
                found.append(f"result {self.id}: the interval has no name (argument interval)")
        if self.unit in MONEY_UNITS and not self.price_base:
            found.append(f"result {self.id}: money needs a price base (argument price_base)")
        if not self.made.strip().endswith("."):
            found.append(
                f"result {self.id}: 'made' is one sentence with a full stop, found {self.made!r}"
            )
        if self.status not in STATUSES:
            found.append(
                f"result {self.id}: status is one of {', '.join(STATUSES)}, found {self.status!r}"
            )
        if self.status in ("computed", "compared") and not self.observations:
            found.append(f"result {self.id}: no observation stands behind it (argument obs)")
        return found

    def record(self) -> dict[str, object]:
        """The result as it stands in results.json."""
        return {**asdict(self), "text": self.text, "range_text": self.range_text}


def _steady(number: Any) -> Any:
    if not isinstance(number, float) or not math.isfinite(number):
        return number
    return float(f"{number:.{SIGNIFICANT}g}")


def compact_observations(ids: Iterable[str]) -> tuple[str, ...]:
    """Observation ids with runs of rows joined: "t:3", "t:4", "t:7" become "t:3-4,7".

    Ids are "table:row" or, for wide tables, "table:row:column". Sorted and without repeats.
    """
    rows: dict[tuple[str, str], set[int]] = defaultdict(set)
    for one in ids:
        table, row, *column = one.split(":", 2)
        rows[table, column[0] if column else ""].add(int(row))
    return tuple(
        f"{table}:{_runs(sorted(numbers))}" + (f":{column}" if column else "")
        for (table, column), numbers in sorted(rows.items())
    )


def expand_observations(compact: Iterable[str]) -> tuple[str, ...]:
    """Single observation ids of compact ones (the way back of `compact_observations`): "t:3-4,7:c" is three."""
    found = []
    for one in compact:
        table, runs, *column = one.split(":", 2)
        tail = f":{column[0]}" if column else ""
        for run in runs.split(","):
            first, _, last = run.partition("-")
            found += [f"{table}:{row}{tail}" for row in range(int(first), int(last or first) + 1)]
    return tuple(found)


def _runs(numbers: list[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs)


class ResultBook:
    """The results of one chapter, or of all: unique ids, none a prefix of another."""

    def __init__(self, results: Iterable[Result] = ()) -> None:
        self._results: dict[str, Result] = {}
        for result in results:
            self.add(result)

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results[key] for key in sorted(self._results))

    def __len__(self) -> int:
        return len(self._results)

    def __contains__(self, result_id: str) -> bool:
        return result_id in self._results

    def __getitem__(self, result_id: str) -> Result:
        if result_id not in self._results:
            raise LedgerError("Unknown result", found=result_id, choices=sorted(self._results))
        return self._results[result_id]

    def add(self, result: Result) -> Result:
        """Keep a result.

        Raises:
            Faults: the result is malformed, or its id stands already.
        """
        faults = result.faults()
        if result.id in self._results:
            faults.append(f"result {result.id}: the id stands already")
        if faults:
            raise Faults("A result was refused", faults)
        self._results[result.id] = result
        return result

    def clashes(self) -> list[str]:
        """Ids that are a prefix of another at a dot: they could not stand in one nested file."""
        return [
            f"result {short} is a prefix of {long}"
            for short in self._results
            for long in self._results
            if long.startswith(short + ".")
        ]

    def variables(self, texts: Mapping[str, str] | None = None) -> dict[str, object]:
        """Nested texts for Quarto's _variables.yml: each id's text, and `<id>_range` where it has an interval.

        Args:
            texts: words that depend on results, by dotted name, to stand among them.
        """
        nested: dict[str, object] = {}
        for name, words in (texts or {}).items():
            _put(nested, name, words)
        for result in self:
            _put(nested, result.id, result.text)
            if result.interval:  # also where its ends print alike, or nothing is rounded any more
                _put(nested, f"{result.id}_range", result.range_text or result.text)
        return nested

    def write(self, path: Path) -> None:
        """Write the results as sorted JSON, whole or not at all."""
        records = [result.record() for result in self]
        write_text(path, json.dumps(records, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def read_results(path: Path) -> list[Result]:
    """Read results written by `ResultBook.write`."""
    return [result_of(record) for record in json.loads(path.read_text(encoding="utf8"))]


def result_of(record: dict[str, Any]) -> Result:
    """A result from its record; the texts in the record are made anew from the number."""
    fields = {key: value for key, value in record.items() if key in Result.__dataclass_fields__}
    plain: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()
    }
    return Result(**plain)


def _put(tree: dict, dotted: str, text: str) -> None:
    *parents, leaf = dotted.split(".")
    for parent in parents:
        tree = tree.setdefault(parent, {})
    tree[leaf] = text
