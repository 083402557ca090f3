"""What is at hand while one brief is written: its organisation's figures, and where numbers are kept."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from iapt_ledger.areas.held import Cell, Held, Peers
from iapt_ledger.areas.model import ROUNDING_RANGE, Kind, Number, Numbers, Organisation
from iapt_ledger.measures import services
from iapt_ledger.methods.intervals import proportion_interval
from iapt_ledger.registry import Source

WILSON, NEWCOMBE = "95% Wilson interval", "95% Newcombe interval"
# Finished courses less those not at caseness at the start began at caseness.
CASENESS = ("finished_course", "not_at_caseness_start")
RECOVERY = (*CASENESS, "moved_to_recovery")
NOTHING = Cell(math.nan, "", "")


@dataclass
class Desk:
    """One organisation's figures."""

    held: Held
    organisation: Organisation
    registry: dict[str, Source]
    numbers: Numbers = field(default_factory=Numbers)

    @property
    def kind(self) -> Kind:
        """Whether it is a board or a provider."""
        return self.organisation.kind

    @property
    def peers(self) -> Peers:
        """All of its kind."""
        return self.held.peers[self.kind.key]

    @property
    def code(self) -> str:
        """Its code."""
        return self.organisation.code

    def cell(self, measure: str, period: str = "") -> Cell:
        """A count of the annual report; without a value where it is suppressed or not there."""
        years = self.peers.counts.get(self.code, {})
        return years.get(period or self.peers.period, {}).get(measure, NOTHING)

    def year(self, period: str = "") -> Any:
        """The row of a year with its recovery (see `services.service_years`), or None."""
        rows = self.peers.by_code.get(self.code)
        period = period or self.peers.period
        return rows.loc[period] if rows is not None and period in rows.index else None

    def fit_for_comparison(self, period: str = "") -> bool:
        """Whether a year is large enough and nothing is declared against it."""
        row = self.year(period)
        return row is not None and row["base"] >= services.LEAST and row["odd"] == ""

    @property
    def months(self) -> pd.DataFrame | None:
        """A provider's figures by month, None where there are none."""
        return self.held.months.get(self.code) if self.kind.key == "provider" else None

    def count(self, name: str, label: str, measure: str, period: str = "") -> Number | None:
        """Keep a published count, if it is published."""
        period = period or self.peers.period
        cell = self.cell(measure, period)
        if not math.isfinite(cell.value):
            return None
        near = services.ROUNDED_BY
        return self.numbers.keep(
            name,
            label,
            period,
            cell.value,
            unit="referrals",
            made="As published, to the nearest five.",
            obs=[cell.obs],
            sources=[cell.source],
            limits=(max(cell.value - near, 0), cell.value + near),
            interval=ROUNDING_RANGE,
        )

    def share(
        self, name: str, label: str, events: float, base: float, cells: Iterable[Cell], period: str
    ) -> Number | None:
        """Keep a share of a count with its Wilson interval; None where a count is suppressed or the base nought."""
        if not (math.isfinite(events) and base > 0):
            return None
        limits = proportion_interval(min(events, base), base).percent
        held = [cell for cell in cells if cell.obs]
        return self.numbers.keep(
            name,
            label,
            period,
            limits.value,
            unit="percent",
            made=f"{label}: {events:,.0f} of {base:,.0f}, both from counts rounded to five.",
            obs=[cell.obs for cell in held],
            sources=[cell.source for cell in held],
            limits=(limits.low, limits.high),
            interval=WILSON,
        )

    def recovery(self, name: str, period: str) -> Number | None:
        """Keep the recovery rate of a year as `services.service_years` has it; None where that has none."""
        row = self.year(period)
        if row is None:
            return None
        cells = [cell for cell in (self.cell(m, period) for m in RECOVERY) if cell.obs]
        return self.numbers.keep(
            name,
            "Recovery rate",
            period,
            row["value"],
            unit="percent",
            made="Moved to recovery over courses begun at caseness, from counts rounded to five.",
            obs=[cell.obs for cell in cells],
            sources=[cell.source for cell in cells],
            limits=(row["low"], row["high"]),
            interval=WILSON,
        )

    def source_line(self, *numbers: Number | None) -> str:
        """Where numbers are from: publications, table, period, edition."""
        every: dict[str, tuple[set[str], set[str]]] = {}
        for number in (n for n in numbers if n is not None):
            ids, periods = every.setdefault(number.table.replace(" ", " and "), (set(), set()))
            ids.update(number.sources)
            periods.add(number.period)
        told: dict[str, list[str]] = {}
        for table, (ids, periods) in every.items():
            told.setdefault(self._titles(ids), []).append(f"table {table}, {_span(periods)}")
        lines = [f"{titles} ({'; '.join(tables)})" for titles, tables in told.items()]
        return f"Source: {'; '.join(lines)}. Edition {self.held.edition}." if lines else ""

    def _titles(self, ids: set[str]) -> str:
        known = [self.registry[one] for one in sorted(ids)]
        if len(known) <= 2:
            return " and ".join(f"{one.publisher}, {one.title}" for one in known)
        publishers = " and ".join(dict.fromkeys(one.publisher for one in known))
        return f"{publishers}, {len(known)} publications, the last of them {known[-1].title}"


def _span(periods: set[str]) -> str:
    ordered = sorted(periods)
    return ordered[0] if len(ordered) == 1 else f"{ordered[0]} to {ordered[-1]}"
