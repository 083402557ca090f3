"""Incremental cost and information, against a textbook model and an analytic example of a package."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iapt_ledger.methods.costs.cost_simulation import NormalIncremental, Uncertain, incremental
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

METHOD = "cost_per_outcome"
HIV = "Zidovudine with or without lamivudine"
ZIDOVUDINE, LAMIVUDINE, RELATIVE_RISK = 2278.0, 2087.0, 0.509  # pounds a year; risk of moving on
YEARS, YEARS_COMBINED, DISCOUNT = 20, 2, 0.06
CUT = (
    "the book cuts off what others round: ours is 6,276.92, from costs that it prints to the pound"
)


def hiv_model() -> list[Check]:
    """The ratio of the textbook's model, whose costs and life-years are worked here and are no part of the method."""
    table = read("hiv_markov.csv")
    (mono, years_mono), (both, years_both) = (_lived(table, combined=c) for c in (False, True))
    found = incremental(
        Uncertain.fixed("cost", both - mono, "the model"),
        Uncertain.fixed("life-years", years_both - years_mono, "the model"),
        draws=2,
        seed=1,
    )
    return [
        Check(
            METHOD,
            HIV,
            "extra cost of a life-year",
            6_276,
            0,
            found.value,
            "briggs2006",
            "exercise 2.5 and its solution",
            slack=0.5,
            why=CUT,
        )
    ]


def perfect_information() -> list[Check]:
    """The expected value of perfect information where effect is N(1, 1) and cost N(0, 2)."""
    ours = NormalIncremental(cost=0, se_cost=2, effect=1, se_effect=1).perfect_information(1)
    return [
        Check(
            METHOD,
            "Two normal inputs",
            "expected value of perfect information",
            0.4798107,
            7,
            ours,
            "jackson2024voi",
            "package overview, analytic computation",
        )
    ]


def _lived(table: pd.DataFrame, *, combined: bool) -> tuple[float, float]:
    """Discounted cost and undiscounted life-years of one patient over twenty years."""
    moved = table[["to_a", "to_b", "to_c", "to_d"]].to_numpy(dtype=float)
    alone = np.vstack([moved / moved.sum(axis=1, keepdims=True), [0, 0, 0, 1]])
    slowed = alone * RELATIVE_RISK
    np.fill_diagonal(slowed, 0)
    np.fill_diagonal(slowed, 1 - slowed.sum(axis=1))
    care = np.append(table["care"].to_numpy(dtype=float), 0.0)
    state, cost, years = np.array([1.0, 0.0, 0.0, 0.0]), 0.0, 0.0
    for year in range(1, YEARS + 1):
        both = combined and year <= YEARS_COMBINED
        state = state @ (slowed if both else alone)
        alive = float(state[:3].sum())
        drugs = ZIDOVUDINE + (LAMIVUDINE if both else 0.0)
        cost += (float(state @ care) + alive * drugs) / (1 + DISCOUNT) ** year
        years += alive
    return cost, years


CASES: tuple[Case, ...] = (
    Case(HIV, METHOD, hiv_model),
    Case("Two normal inputs", METHOD, perfect_information),
)
