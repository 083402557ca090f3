"""Published results of funnel plots: control limits, who lies outside, and the sum of squared z-scores."""

from __future__ import annotations

from functools import partial

from iapt_ledger.methods.units.funnels import Funnel, funnel
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

TRUSTS, SMOKERS = "Primary care trusts", "Smokers in four studies"
BASELINE = 0.80642448
LIMITS = {  # per cent, as printed for these populations: 95% low and high, 99.8% low and high
    9998: (79.867989, 81.416907, 79.421375, 81.863521),
    110000: (80.408963, 80.875933, 80.274317, 81.010578),
}
EVENTS = {0.95: 0.85, 0.998: 1.45}  # by which ours may part from theirs
OUTPUTS = "testdata_funnel_prop_outputs.csv"
INPUTS = "testdata_funnel_prop_inputs.csv"
NORMAL = (
    "They take normal limits; exact ones part from them by the half event of their interpolation and by the "
    "skew of the binomial, here by 0.8 events at 95% and 1.4 at 99.8%."
)


def _trusts() -> Funnel:
    trusts = read("funnel_phe.csv")
    return funnel(trusts["numerator"], trusts["denominator"], names=trusts["area"], target=BASELINE)


def _limits() -> list[Check]:
    drawn = _trusts()
    checks = []
    for population, published in LIMITS.items():
        ends = [(level, side) for level in (0.95, 0.998) for side in ("low", "high")]
        for (level, side), theirs in zip(ends, published, strict=True):
            own = 100 * float(drawn.limits(population, level=level)[side].iloc[0])
            name = f"{side} {100 * level:g}% limit"
            checks.append(
                Check(
                    "funnel",
                    TRUSTS,
                    f"{name} for a population of {population}, per cent",
                    theirs,
                    6,
                    own,
                    "pheindicatormethods",
                    OUTPUTS,
                    slack=EVENTS[level] * 1e8 / population,
                    why=NORMAL,
                )
            )
    return checks


def _outside() -> list[Check]:
    theirs = read("funnel_phe.csv")["significance"].value_counts()
    units = _trusts().units
    beyond, inner = units["outside_99_8"], units["outside_95"]
    ours = {
        "High (0.001)": beyond.eq(1),
        "High (0.025)": inner.eq(1) & beyond.ne(1),
        "Not significant": inner.eq(0),
        "Low (0.025)": inner.eq(-1) & beyond.ne(-1),
        "Low (0.001)": beyond.eq(-1),
    }
    return [
        Check(
            "funnel",
            TRUSTS,
            f"trusts called {name}, of {len(units)}",
            float(theirs[name]),
            0,
            float(found.sum()),
            "pheindicatormethods",
            INPUTS,
        )
        for name, found in ours.items()
    ]


def _smokers() -> list[Check]:
    studies = read("funnel_smokers.csv")
    got = funnel(studies["smokers"], studies["patients"], scale="score", winsorise=0)
    check = partial(
        Check, "funnel", SMOKERS, citation="fleiss1981", where="p. 139; R, help of prop.test"
    )
    return [
        check(
            quantity="sum of squared z-scores",
            published=12.6004,
            decimals=4,
            ours=got.phi * len(got.units),
        ),
        check(
            quantity="p-value of overdispersion", published=0.005585, decimals=6, ours=got.p_value
        ),
    ]


CASES = (
    Case("control limits of the Fingertips funnel", "funnel", _limits),
    Case("significance in the Fingertips funnel", "funnel", _outside),
    Case("Fleiss's four studies", "funnel", _smokers),
)
