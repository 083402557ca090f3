"""Best and worst cases of two studies that printed them."""

from __future__ import annotations

import pandas as pd

from iapt_ledger.methods.costs.missing_outcomes import Scenario, missing_outcome_bounds
from iapt_ledger.methods.intervals import ratio
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

METHOD = "missing_outcome_bounds"
TEXTS, QUITLINE = "Quitting smoking by text message", "A quitline's answers"
ANSWERED = ("of those who answered, %", "others counted as smoking, %")
PRINTED = {"point prevalence": (46.4, 27.1), "six months continuous": (35.2, 20.6)}


def text_messages() -> list[Check]:
    """Quit rates and their ratios with those of unknown status counted as smoking, not smoking, and the mix."""
    counts = read("text_message_quitting.csv")
    active = missing_outcome_bounds(
        *_counts(counts, "active"),
        comparators={"control": _counts(counts, "control")},
        name="active",
    )
    other = active.comparators["control"]
    cases = {
        "missing smoke": (active.worst, other.worst, (28.1, 12.8), (2.20, 1.79, 2.70)),
        "missing do not smoke": (active.best, other.best, (33.5, 16.9), (1.98, 1.66, 2.36)),
        "missing smoke in the active arm alone": (
            active.worst,
            other.best,
            (28.1, 16.9),
            (1.66, 1.38, 2.00),
        ),
    }
    checks = []
    for name, (first, second, shares, ratios) in cases.items():
        checks += _rodgers(name, first, second, shares, ratios)
    return checks


def quitline() -> list[Check]:
    """Abstinence among those who answered, and with the others counted as smoking."""
    counts = read("quitline_responders.csv")
    checks = []
    for outcome, published in PRINTED.items():
        found = missing_outcome_bounds(*_counts(counts, outcome))
        ours = (100 * found.at_random.share.value, 100 * found.worst.share.value)
        for words, number, own in zip(ANSWERED, published, ours, strict=True):
            quantity = f"{outcome}, {words}"
            checks.append(
                Check(METHOD, QUITLINE, quantity, number, 1, own, "nohlert2018", "table 2")
            )
    return checks


def _counts(table: pd.DataFrame, row: str) -> tuple[float, float, float]:
    """Events, observed and total of the row of this name."""
    events, observed, total = table.set_index(table.columns[0]).loc[row].to_numpy(dtype=float)
    return float(events), float(observed), float(total)


def _rodgers(
    name: str,
    first: Scenario,
    second: Scenario,
    shares: tuple[float, float],
    ratios: tuple[float, float, float],
) -> list[Check]:
    own = ratio(first.events, first.n, second.events, second.n)
    rows = [
        ("active, %", shares[0], 1, 100 * first.share.value),
        ("control, %", shares[1], 1, 100 * second.share.value),
        ("risk ratio", ratios[0], 2, own.value),
        ("risk ratio, lower limit", ratios[1], 2, own.low),
        ("risk ratio, upper limit", ratios[2], 2, own.high),
    ]
    return [
        Check(METHOD, TEXTS, f"{name}: {what}", value, places, ours, "rodgers2005", "table 3")
        for what, value, places, ours in rows
    ]


CASES: tuple[Case, ...] = (
    Case(TEXTS, METHOD, text_messages),
    Case(QUITLINE, METHOD, quitline),
)
