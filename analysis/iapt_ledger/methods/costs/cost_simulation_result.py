"""What a cost simulation found: cost per outcome gross and net, the tornado, and what an amount buys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from iapt_ledger.methods.base import Estimate, MethodError, printed
from iapt_ledger.methods.costs.cost_simulation_inputs import Array, Uncertain
from iapt_ledger.methods.costs.cost_simulation_plane import THRESHOLDS, Incremental, from_draws

ROLES = ("unit_cost", "activity", "success", "people", "price", "without")
"""Inputs in a fixed order: the place of a role is its stream of random numbers."""


@dataclass(frozen=True)
class Swing:
    """One input moved over its interval while the others stay at their points.

    Attributes:
        name, source: of the input.
        inputs: the two ends of its interval.
        low, high: the lower and the higher answer; NaN for an end that leaves no outcome to cost.
    """

    name: str
    source: str
    inputs: tuple[float, float]
    low: float
    high: float

    @property
    def width(self) -> float:
        """How far the answer moves; infinite where one end leaves no outcome."""
        return self.high - self.low if np.isfinite([self.low, self.high]).all() else np.inf


@dataclass(frozen=True)
class CostPerOutcome:
    """What one outcome costs, over draws of the inputs.

    Attributes:
        gross: money over all outcomes; `value` is at the points of the inputs.
        net: money over the outcomes beyond those that would have come anyway; None where `without` is
            not given. `value` is NaN where the points leave none, `high` where more draws than the interval
            leaves out have none: no interval is drawn through infinity.
        none_left: share of draws without a net outcome.
        bill, outcomes: total money and total outcomes.
        inputs: by role; sample: draws of bill, outcomes, net outcomes, people, by name.
        level, draws, seed: as asked for.
    """

    gross: Estimate
    net: Estimate | None
    none_left: float
    bill: Estimate
    outcomes: Estimate
    inputs: Mapping[str, Uncertain]
    level: float
    draws: int
    seed: int
    sample: Mapping[str, Array] = field(repr=False, compare=False)

    @property
    def value(self) -> float:
        """Gross cost per outcome at the points of the inputs."""
        return self.gross.value

    @property
    def low(self) -> float:
        """Lower end of the gross simulation interval."""
        return self.gross.low

    @property
    def high(self) -> float:
        """Upper end of the gross simulation interval."""
        return self.gross.high

    @property
    def p_value(self) -> None:
        """None: nothing is tested."""
        return None

    @property
    def median(self) -> float:
        """Median of the gross draws."""
        return float(np.median(each_of(self.sample["bill"], self.sample["outcomes"])))

    @property
    def net_median(self) -> float:
        """Median of the net draws; NaN where half of them or more leave no outcome."""
        return _known(float(np.median(each_of(self.sample["bill"], self._net_outcomes()))))

    @cached_property
    def tornado(self) -> tuple[Swing, ...]:
        """Gross cost with each input moved alone, widest first."""
        return self._swings(net=False)

    @cached_property
    def net_tornado(self) -> tuple[Swing, ...]:
        """Net cost with each input moved alone, widest first."""
        self._net_outcomes()
        return self._swings(net=True)

    @property
    def monte_carlo_error(self) -> float:
        """Standard error, from the number of draws, of the worse known end of the gross interval."""
        each = np.sort(each_of(self.sample["bill"], self.sample["outcomes"]))
        return max(_quantile_error(each, q) for q in _tails(self.level))

    def for_money(self, amount: float, *, net: bool = False) -> Estimate:
        """Outcomes that an amount buys, gross or net; where none is left, none is bought."""
        outcomes = self._net_outcomes() if net else self.sample["outcomes"]
        sample = amount * np.maximum(outcomes, 0) / self.sample["bill"]
        own = self.net if net else self.gross
        assert own is not None
        value = amount / own.value if np.isfinite(own.value) else 0.0
        name = f"{'Net outcomes' if net else 'Outcomes'} for {amount:,.0f}"
        return estimate_of(name, value, sample, self.level)

    def share_within(self, amount: float, *, net: bool = False) -> float:
        """Share of draws in which one outcome costs the amount or less."""
        outcomes = self._net_outcomes() if net else self.sample["outcomes"]
        return float(np.mean(each_of(self.sample["bill"], outcomes) <= amount))

    def against(
        self,
        other: CostPerOutcome,
        *,
        worth: Uncertain | None = None,
        thresholds: tuple[float, ...] = THRESHOLDS,
    ) -> Incremental:
        """Extra cost and extra outcomes a person against another service simulated with as many draws.

        Simulated from one seed, the same input of both (their unit costs, say) takes high and low values together,
        as where one source errs for both; from two seeds their inputs are independent.

        Args:
            other: the comparator; worth: QALYs (or another unit) of one outcome, 1 if not given.
            thresholds: money for one more unit at which the acceptability curve is read.
        """
        if self.draws != other.draws:
            raise MethodError(
                "Two simulations can be compared draw by draw only if they have as many draws",
                where="argument other",
                expected=self.draws,
                found=other.draws,
            )
        each = 1.0 if worth is None else worth.drawn(self.draws, self.seed, len(ROLES))
        cost = _a_person(self, "bill") - _a_person(other, "bill")
        effect = each * (_a_person(self, "outcomes") - _a_person(other, "outcomes"))
        points = (
            self.bill.value / self._people() - other.bill.value / other._people(),
            (1.0 if worth is None else worth.point)
            * (self.outcomes.value / self._people() - other.outcomes.value / other._people()),
        )
        return from_draws(cost, effect, points=points, thresholds=thresholds, level=self.level)

    def summary(self) -> str:
        """What an outcome costs, net of what would have come anyway, and what moves it most."""
        lines = [self.gross.summary()]
        if self.net is not None:
            lines.append(_net_line(self.net, self.none_left, self.level))
        lines += [
            f"  {s.name}, {printed(s.inputs[0])} to {printed(s.inputs[1])}: "
            f"{printed(s.low, 'GBP')} to {printed(s.high, 'GBP') if np.isfinite(s.high) else 'no end'}"
            for s in (self.tornado if self.net is None else self.net_tornado)
        ]
        lines.append(f"{self.draws:,} draws; an interval over the stated inputs, not of sampling.")
        return "\n".join(lines)

    def _people(self) -> float:
        return self.inputs.get("people", self.inputs["activity"]).point

    def _net_outcomes(self) -> Array:
        if self.net is None:
            raise MethodError(
                "Net outcomes need what would have come anyway",
                where="argument without",
                expected="an Uncertain share",
                fix="give `without` to cost_per_outcome",
            )
        return self.sample["net_outcomes"]

    def _swings(self, *, net: bool) -> tuple[Swing, ...]:
        points = {role: one.point for role, one in self.inputs.items()}
        found = []
        for role, one in self.inputs.items():
            ends = one.interval(self.level)
            if ends[0] == ends[1] or (role == "without" and not net):
                continue
            answers = [_at({**points, role: end}, net=net) for end in ends]
            worst = np.nan if np.isnan(answers).any() else max(answers)
            best = np.nan if np.isnan(answers).all() else float(np.nanmin(answers))
            found.append(Swing(one.name, one.source, ends, best, worst))
        return tuple(sorted(found, key=lambda s: -s.width))


def totals_of(values: Mapping[str, Array]) -> dict[str, Array]:
    """Bill, outcomes and net outcomes from the inputs, draw by draw."""
    people = values.get("people", values["activity"])
    found = {
        "bill": values["unit_cost"] * values.get("price", 1.0) * values["activity"],
        "outcomes": values["success"] * people,
        "people": people,
    }
    if "without" in values:
        found["net_outcomes"] = (values["success"] - values["without"]) * people
    return {name: np.asarray(total, dtype=float) for name, total in found.items()}


def each_of(bill: Array, outcomes: Array) -> Array:
    """Money over outcomes; without an outcome no money is enough."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(outcomes > 0, bill / outcomes, np.inf)


def estimate_of(name: str, value: float, sample: Array, level: float, unit: str = "") -> Estimate:
    """A quantity with its simulation interval; an end without a bound is NaN."""
    low, high = np.quantile(sample, _tails(level), method="inverted_cdf")
    words = f"{level:.0%} simulation interval"
    return Estimate(name, _known(value), _known(low), _known(high), level, None, unit, words)


def _at(points: Mapping[str, float], *, net: bool) -> float:
    totals = totals_of({role: np.array([point]) for role, point in points.items()})
    return _known(float(each_of(totals["bill"], totals["net_outcomes" if net else "outcomes"])[0]))


def _known(value: float) -> float:
    return float(value) if np.isfinite(value) else float("nan")


def _tails(level: float) -> tuple[float, float]:
    return (1 - level) / 2, (1 + level) / 2


def _quantile_error(ordered: Array, share: float) -> float:
    """Standard error of a quantile: half the gap between the values one binomial error to either side."""
    n = ordered.size
    step = np.sqrt(n * share * (1 - share))
    ends = np.clip([round(n * share - step), round(n * share + step)], 0, n - 1)
    low, high = ordered[ends]
    return _known((high - low) / 2)


def _a_person(simulated: CostPerOutcome, name: str) -> Array:
    return simulated.sample[name] / simulated.sample["people"]


def _net_line(net: Estimate, none_left: float, level: float) -> str:
    line = net.summary()
    if not np.isfinite(net.high) and np.isfinite(net.low):
        line += (
            f" ({level:.0%} simulation interval from {printed(net.low, net.unit)}, no upper end)"
        )
    return line + (f"; {none_left:.1%} of draws leave no outcome" if none_left else "")
