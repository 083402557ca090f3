"""Synthetic control: California's Proposition 99, as printed by the authors and by another program."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd

from iapt_ledger.methods.panels.synthetic import SyntheticControl, synthetic_control
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

METHOD = "synthetic_control"
EIGHTIES = range(1980, 1989)
# The specification of the paper, section 3.2.
PREDICTORS = (
    ("lnincome", EIGHTIES),
    ("retprice", EIGHTIES),
    ("age15to24", EIGHTIES),
    ("beer", range(1984, 1989)),
    ("cigsale", 1975),
    ("cigsale", 1980),
    ("cigsale", 1988),
)
SEARCH = (
    "Weights of the predictors are searched for, and the fit before 1989 is flat about the best: with ours it is a "
    "little nearer (root of mean squared gap 1.754 packs, with the printed weights 1.758)"
)
PROGRAM = "Another search for the weights of the predictors, about the same flat best"


def panel() -> pd.DataFrame:
    """Cigarette sales by state and year, with the predictors in the years that are used."""
    sales = read("cigarettes_39_states.csv").melt("year", var_name="state", value_name="cigsale")
    wide = read("proposition_99_predictors.csv").melt("state")
    wide[["column", "year"]] = wide["variable"].str.rsplit("_", n=1, expand=True)
    wide["year"] = wide["year"].astype(int)
    others = wide.pivot_table("value", ["state", "year"], "column").reset_index()
    return sales.merge(others, on=["state", "year"], how="left", validate="one_to_one")


@cache
def california() -> SyntheticControl:
    """The study of the paper, its predictors' weights searched for."""
    return synthetic_control(
        panel(), unit="state", time="year", outcome="cigsale", treated="California", start=1989,
        predictors=PREDICTORS, effect_unit="packs",
    )  # fmt: skip


def _paper() -> list[Check]:
    found = california()

    def check(quantity: str, published: float, decimals: int, ours: float, where: str) -> Check:
        return Check(
            METHOD, "Proposition 99", quantity, published, decimals, ours, "abadie2010", where
        )

    printed = (
        ("Utah", 0.334),
        ("Nevada", 0.234),
        ("Montana", 0.199),
        ("Colorado", 0.164),
        ("Connecticut", 0.069),
    )
    # With California's own predictor weights; the tests search them anew for each state.
    same = synthetic_control(
        panel(), unit="state", time="year", outcome="cigsale", treated="California", start=1989,
        predictors=PREDICTORS, predictor_weights=found.predictor_weights,
    )  # fmt: skip
    weights = [
        replace(
            check(f"weight of {state}", share, 3, float(found.weights[state]), "table 2"),
            slack=5, why=SEARCH,
        )
        for state, share in printed
    ]  # fmt: skip
    in_2000 = float(found.gap.set_index("time")["gap"][2000])
    return [
        *weights,
        check("gap in 2000, packs", -26, 0, in_2000, "abstract"),
        check("mean squared gap before 1989", 3, 0, found.rmspe_before**2, "section 3.4"),
        check("ratio of mean squared gaps", 130, -1, found.ratio, "section 3.4"),
        check("placebo p, 1 of 39", 0.026, 3, same.placebo_p(), "section 3.4"),
    ]


def _program() -> list[Check]:
    found = california()
    gaps = found.gap.set_index("time")["gap"]

    def check(quantity: str, published: float, decimals: int, ours: float) -> Check:
        return Check(
            METHOD, "Proposition 99 by Stata's synth2", quantity, published, decimals, ours,
            "mendez2026", "section 6, output", 2, PROGRAM,
        )  # fmt: skip

    weights = {
        "Utah": 0.334, "Nevada": 0.235, "Montana": 0.202, "Colorado": 0.161, "Connecticut": 0.068
    }  # fmt: skip
    printed = {1989: -7.6, 1990: -9.7, 1993: -17.8, 1997: -23.9, 1999: -26.4, 2000: -25.8}
    return [
        *(check(f"weight of {s}", w, 3, float(found.weights[s])) for s, w in weights.items()),
        check("root of mean squared gap before 1989", 1.756, 3, found.rmspe_before),
        *(check(f"gap in {y}, packs", g, 1, float(gaps[y])) for y, g in printed.items()),
        check("average gap 1989-2000, packs", -19.0, 1, found.value),
    ]


CASES = (
    Case("California's Proposition 99", METHOD, _paper),
    Case("California's Proposition 99, by another program", METHOD, _program),
)
