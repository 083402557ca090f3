"""What changed in a year: each rate and count beside the year before, with its range, and how far it can be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from iapt_ledger.areas.desk import NEWCOMBE, Desk
from iapt_ledger.areas.held import Cell
from iapt_ledger.areas.model import ROUNDING_RANGE, Number
from iapt_ledger.measures import services
from iapt_ledger.methods.intervals import difference
from iapt_ledger.numbers import format_count

INSIDE_ROUNDING = "inside rounding"
INSIDE_CHANCE = "inside what chance alone would show"
UNLESS_ROUNDING = "more than chance, unless rounding made it"
BEYOND = "more than chance alone would show"
COUNTS = (
    ("referrals_received", "Referrals received"),
    ("finished_course", "Finished courses"),
)
BASE = ("finished_course", "not_at_caseness_start")
RATES = (
    ("moved_to_recovery", "Recovery rate", BASE),
    ("reliable_recovery", "Reliable recovery", BASE),
    ("reliable_improvement", "Reliable improvement", ("finished_course",)),
)


@dataclass(frozen=True)
class Change:
    """One row: printed figures of both years, the change with its range, and how it may be read."""

    label: str
    before: str
    after: str
    change: str
    reading: str
    number: Number


@dataclass(frozen=True)
class Counted:
    """Events of a base, and by how many rounding may have moved either.

    Attributes:
        fewer, more: by how many the base may truly be smaller or larger.
    """

    events: float
    base: float
    fewer: float
    more: float
    cells: tuple[Cell, ...]

    @property
    def rate(self) -> float:
        """Events over base."""
        return self.events / self.base

    @property
    def least(self) -> tuple[float, float]:
        """Events and base where rounding had lifted the rate as far as it can."""
        base = self.base + self.more
        return max(self.events - services.ROUNDED_BY, 0), base

    @property
    def most(self) -> tuple[float, float]:
        """Events and base where rounding had lowered the rate as far as it can."""
        base = max(self.base - self.fewer, 1)
        return min(self.events + services.ROUNDED_BY, base), base


def changes(desk: Desk) -> list[Change]:
    """All changes that both years' published counts allow; none where a year is not there or declared odd."""
    for period in (desk.peers.before, desk.peers.period):
        row = desk.year(period)
        if row is not None and row["odd"]:
            return []
    found = [_count_change(desk, measure, label) for measure, label in COUNTS]
    found += [_rate_change(desk, *rate) for rate in RATES]
    return [one for one in found if one is not None]


def _count_change(desk: Desk, measure: str, label: str) -> Change | None:
    first, second = (desk.cell(measure, p) for p in (desk.peers.before, desk.peers.period))
    if not (math.isfinite(first.value) and math.isfinite(second.value)):
        return None
    gap, near = second.value - first.value, 2 * services.ROUNDED_BY
    number = _keep(desk, measure, label, gap, (gap - near, gap + near), (first, second))
    inside = abs(gap) <= near
    share = f"{100 * gap / first.value:+.1f}%".replace("-", "−") if first.value else ""
    reading = INSIDE_ROUNDING if inside else f"{share} of the year before"
    change = f"{number.signed} ({number.signed_range})"
    return Change(
        label, format_count(first.value), format_count(second.value), change, reading, number
    )


def _rate_change(desk: Desk, measure: str, label: str, base: Sequence[str]) -> Change | None:
    first, second = (
        counted(desk, measure, base, p) for p in (desk.peers.before, desk.peers.period)
    )
    if first is None or second is None:
        return None
    gap = difference(second.events, second.base, first.events, first.base).percent
    cells = (*first.cells, *second.cells)
    number = _keep(desk, measure, label, gap.value, (gap.low, gap.high), cells, rate=True)
    change = f"{number.signed} points ({number.signed_range})"
    before, after = (f"{100 * one.rate:.1f}%" for one in (first, second))
    return Change(label, before, after, change, reading(first, second), number)


def reading(first: Counted, second: Counted) -> str:
    """How a change in a rate may be read: inside rounding, inside chance, or beyond both."""
    gap = difference(second.events, second.base, first.events, first.base)
    up = gap.value > 0
    (x, n), (x_0, n_0) = (second.least, first.most) if up else (second.most, first.least)
    if (x / n - x_0 / n_0 <= 0) if up else (x / n - x_0 / n_0 >= 0):
        return INSIDE_ROUNDING
    if gap.low <= 0 <= gap.high:
        return INSIDE_CHANCE
    worst = difference(x, n, x_0, n_0)
    return UNLESS_ROUNDING if worst.low <= 0 <= worst.high else BEYOND


def counted(desk: Desk, measure: str, base: Sequence[str], period: str) -> Counted | None:
    """A rate's counts in a year; None where they are suppressed or too few to compare."""
    cells = tuple(desk.cell(m, period) for m in (measure, *base))
    events, whole, *less = (cell.value for cell in cells)
    if not (math.isfinite(events) and math.isfinite(whole)):
        return None
    near, hidden = services.ROUNDED_BY, bool(less) and not math.isfinite(less[0])
    n = whole - sum(v for v in less if math.isfinite(v))
    if n < services.LEAST:
        return None
    known = near * (1 + (len(less) and not hidden))
    fewer = near + services.HIDDEN_MOST if hidden else known
    return Counted(min(events, n), n, fewer, known, tuple(c for c in cells if c.obs))


def _keep(
    desk: Desk,
    measure: str,
    label: str,
    value: float,
    limits: tuple[float, float],
    cells: Sequence[Cell],
    *,
    rate: bool = False,
) -> Number:
    before, period = desk.peers.before, desk.peers.period
    return desk.numbers.keep(
        f"{measure}_change",
        f"{label}: change from {before}",
        period,
        value,
        unit="percentage points" if rate else "referrals",
        made=f"{period} less {before}, from counts rounded to five.",
        obs=[cell.obs for cell in cells],
        sources=[cell.source for cell in cells],
        limits=limits,
        interval=NEWCOMBE if rate else ROUNDING_RANGE,
    )
