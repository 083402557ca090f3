"""Attended sessions by intensity, from the therapy recorded first at each, and what a recovery costs by them.

The publisher's codes tell the intensity: therapies of low intensity are numbered from 20, those of high from 40.
At a third of attended appointments no therapy is recorded: assessments, reviews and gaps. Whether the published
price of a session is for those too is not known, nor is their intensity, so a year's bill has a low without them
and a high with all of them at the price of high intensity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import pick
from iapt_ledger.measures.gaps import group_counts
from iapt_ledger.measures.money import Deflator
from iapt_ledger.measures.unit_costs import ATTENDED, unit_cost
from iapt_ledger.methods.intervals import Interval

LOW = frozenset(
    {
        "Guided Self Help (Book)",
        "Non-Guided Self Help (Book)",
        "Guided Self Help (Computer)",
        "Non-Guided Self Help (Computer)",
        "Behavioural Activation (Low Intensity)",
        "Structured Physical Activity",
        "Ante/post natal counselling",
        "Psychoeducational peer support",
    }
)
HIGH = frozenset(
    {
        "Applied relaxation",
        "Behavioural Activation (High Intensity)",
        "Brief psychodynamic psychotherapy",
        "Cognitive Behaviour Therapy (CBT)",
        "Collaborative care",
        "Counselling for Depression",
        "Couples Therapy for Depression",
        "Eye Movement Desensitisation Reprocessing",
        "Interpersonal psychotherapy (IPT)",
        "Mindfulness",
    }
)
SESSION_MIX = "session_mix"


@dataclass(frozen=True)
class SessionMix:
    """Attended appointments of a year by the intensity of the therapy recorded first.

    Attributes:
        low, high: appointments; attended: all of them, with and without a recorded therapy.
        obs: observations.
    """

    low: float
    high: float
    attended: float
    obs: tuple[str, ...]

    @property
    def untyped(self) -> float:
        """Attended appointments at which no therapy is recorded."""
        return self.attended - self.low - self.high

    @property
    def share_high(self) -> float:
        """Share of high intensity among appointments with a recorded therapy."""
        return self.high / (self.low + self.high)

    def bill(self, low: float, high: float) -> Interval[float]:
        """Pounds for a year's sessions, from the price of one of either intensity.

        All attended at the recorded mix; at least those with a recorded therapy alone; at most all attended with
        the others of high intensity.
        """
        recorded = low * self.low + high * self.high
        value = recorded * self.attended / (self.low + self.high)
        return Interval(value, recorded, recorded + high * self.untyped)


def session_mixes(breakdowns: pd.DataFrame, counts: pd.DataFrame) -> dict[str, SessionMix]:
    """The mix of every year that both tables hold.

    Args:
        breakdowns: tidy iapt_breakdowns; counts: from `recovery_cost.activity`.

    Raises:
        LedgerError: no year is held, or one holds a therapy that is in neither list.
    """
    kinds = group_counts(breakdowns, "therapy_type_appointments", levels=("overlapping",))
    kinds = kinds[kinds["group"].ne("All")]
    held = counts.loc[counts["measure"].eq(ATTENDED), "period"]
    kinds = kinds[kinds["period"].isin(held)]
    unknown = sorted(set(kinds["group"]) - LOW - HIGH)
    if kinds.empty or unknown:
        raise LedgerError(
            "These sessions have no intensity",
            where="iapt_breakdowns, therapy_type_appointments",
            expected="therapies of low or of high intensity",
            found=unknown or "no row",
        )
    return {
        str(period): _mix(rows, counts, str(period)) for period, rows in kinds.groupby("period")
    }


def bottom_up_sessions(
    counts: pd.DataFrame,
    mixes: Mapping[str, SessionMix],
    unit_costs: pd.DataFrame,
    year: str,
    prices: Deflator,
    outcomes: Sequence[str] = ("moved_to_recovery",),
) -> pd.DataFrame:
    """Published price of a session at each year's own mix of intensities, times attended appointments.

    Low and high span the price years that the source leaves open and the appointments without a recorded therapy.

    Args:
        counts: from `recovery_cost.activity`; mixes: from `session_mixes`; year: price year.

    Returns:
        A measure frame in GBP, measure "cost_per_<outcome>", with method, label, outcome, total, count.
    """
    costs = [unit_cost(unit_costs, f"session_{kind}") for kind in ("low", "high")]
    own = costs[0].prices
    each = [own.in_prices_of(cost.amount, year, prices) for cost in costs]
    price_obs = prices.obs(own.used, own.first, own.last, year)
    parts = []
    for (period, mix), outcome in product(mixes.items(), outcomes):
        reached = pick(counts, outcome, period)
        used = mix.bill(each[0].value, each[1].value)
        least, most = mix.bill(each[0].low, each[1].low), mix.bill(each[0].high, each[1].high)
        obs = [*mix.obs, *reached["obs"], *(o for cost in costs for o in cost.obs), *price_obs]
        parts.append(
            {
                "measure": f"cost_per_{outcome}",
                "method": SESSION_MIX,
                "label": "Session, by the therapy recorded",
                "outcome": outcome,
                "period": period,
                "value": used.value / reached["value"],
                "low": least.low / reached["value"],
                "high": most.high / reached["value"],
                "unit": "GBP",
                "total": used.value,
                "count": reached["value"],
                "obs": tuple(dict.fromkeys(obs)),
            }
        )
    return pd.DataFrame(parts)


def _mix(kinds: pd.DataFrame, counts: pd.DataFrame, period: str) -> SessionMix:
    attended = pick(counts, ATTENDED, period)
    low = kinds.loc[kinds["group"].isin(LOW), "position_1"].sum()
    high = kinds.loc[kinds["group"].isin(HIGH), "position_1"].sum()
    obs = (*(ids["position_1"] for ids in kinds["obs"] if "position_1" in ids), *attended["obs"])
    return SessionMix(float(low), float(high), float(attended["value"]), obs)
