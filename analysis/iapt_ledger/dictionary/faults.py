"""One thing that is wrong with the data: where, what was expected, what was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import pandas as pd


@dataclass(frozen=True, order=True)
class Fault:
    """One fault of one table.

    Attributes:
        file: the tidy file.
        row: 1-based row in it; 0 when the fault is of the whole table.
        column: column at fault, empty when it is the whole row.
        expected, found: in words.
        rule: the entry of the dictionary that says so.
        obs_id: the observation, empty where the table has none.
    """

    file: str
    row: int
    column: str
    expected: str
    found: str
    rule: str
    obs_id: str = ""

    def __str__(self) -> str:
        """The fault in one line."""
        place = f"{self.file}, row {self.row}" if self.row else self.file
        place += f", column {self.column}" if self.column else ""
        name = f" ({self.obs_id})" if self.obs_id else ""
        return f"{place}{name}: expected {self.expected}; found {self.found} [{self.rule}]"

    def record(self) -> dict[str, object]:
        """The fault as it stands in the validation report."""
        return asdict(self)


def in_rows(
    file: str,
    frame: pd.DataFrame,
    bad: pd.Series,
    column: str,
    expected: str | pd.Series,
    rule: str,
) -> Iterable[Fault]:
    """A fault for each row where `bad` holds, with what its column holds there."""
    for position in bad.to_numpy().nonzero()[0]:
        wanted = expected if isinstance(expected, str) else expected.iloc[position]
        yield Fault(
            file,
            int(position) + 1,
            column,
            str(wanted),
            shown(frame[column].iloc[position]),
            rule,
            str(frame["obs_id"].iloc[position]) if "obs_id" in frame else "",
        )


def shown(value: object) -> str:
    """A cell as a fault prints it."""
    if (
        value is None
        or value is pd.NaT
        or value is pd.NA
        or (isinstance(value, float) and value != value)
    ):
        return "nothing"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return repr(value) if isinstance(value, str) else str(value)
