"""Published multiverses, enumerated and run again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from iapt_ledger.methods.synthesis.multiverses import multiverse
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

Array = npt.NDArray[np.float64]

METHOD = "multiverse"
VOTE = "Religiosity and fertility, study 1"

# Days of the cycle that count as fertile, and as not.
FERTILITY = {
    "7-14 or 17-25": ((7, 14), (17, 25), (17, 25)),
    "6-14 or 17-27": ((6, 14), (17, 27), (17, 27)),
    "9-17 or 18-25": ((9, 17), (18, 25), (18, 25)),
    "8-14 or all others": ((8, 14), (1, 7), (15, 28)),
    "9-17 or all others": ((9, 17), (1, 8), (18, 28)),
}
# Relationship answers that count as single, and as in a relationship.
STATUS = {
    "1, 2 against 3, 4": ((1, 2), (3, 4)),
    "1 against 2 to 4": ((1,), (2, 3, 4)),
    "1 against 3, 4": ((1,), (3, 4)),
}
LENGTH = {"computed": "computed", "reported": "reported"}
LENGTH_STUDY_2 = {**LENGTH, "as expected": "expected"}
EXCLUSION = {"nobody": None, "computed length": "computed", "reported length": "reported"}
CERTAINTY = {"everybody": 0, "sure of both dates": 6}
STEEGEN = "table 1, p. 705, and the analysis code shared with it"


def vote_dimensions(length: dict[str, str]) -> dict[str, Mapping[str, Any]]:
    """The choices of Steegen and others (2016), the original authors' first."""
    return {
        "cycle length": length,
        "fertile days": FERTILITY,
        "relationship": STATUS,
        "irregular cycles left out by": EXCLUSION,
        "certainty": CERTAINTY,
    }


def consistent(labels: dict[str, str]) -> bool:
    """Whoever is left out by one length of the cycle is not placed in it by the other."""
    return (labels["cycle length"], labels["irregular cycles left out by"]) not in (
        ("computed", "reported length"),
        ("reported", "computed length"),
    )


def women() -> pd.DataFrame:
    """Study 1 of Durante and others (2013): the mean of the religiosity items, and both lengths of the cycle."""
    rows = read("fluctuating_vote_study_1.csv")
    dates = {c: pd.to_datetime(rows[c]) for c in ("tested", "last_period", "period_before")}
    return pd.DataFrame(
        {
            "religiosity": rows[["rel1", "rel2", "rel3"]].mean(axis=1).round(2),
            "computed": (dates["last_period"] - dates["period_before"]).dt.days.astype(float),
            "reported": rows["cycle"].astype(float),
            "since": (dates["tested"] - dates["last_period"]).dt.days.astype(float),
            "sure": rows[["sure1", "sure2"]].min(axis=1),
            "relationship": rows["relationship"],
        }
    )


def interaction(data: pd.DataFrame, **choices: Any) -> dict[str, float]:
    """How much more fertility goes with religiosity among the single: a difference of differences of means."""
    cells = cells_of(data, **choices)
    gap = (cells["fertile single"].mean() - cells["infertile single"].mean()) - (
        cells["fertile together"].mean() - cells["infertile together"].mean()
    )
    df = sum(len(c) - 1 for c in cells.values())
    within = sum(((c - c.mean()) ** 2).sum() for c in cells.values()) / df
    error = float(np.sqrt(within * sum(1 / len(c) for c in cells.values())))
    half = float(stats.t(df).ppf(0.975)) * error
    p_value = float(2 * stats.t(df).sf(abs(gap) / error))
    return {
        "value": float(gap),
        "low": gap - half,
        "high": gap + half,
        "p_value": p_value,
        "level": 0.95,
    }


def cells_of(data: pd.DataFrame, **choices: Any) -> dict[str, Array]:
    """Religiosity of the four groups that a combination of choices makes."""
    column = {name: data[name].to_numpy(float) for name in data}
    day = np.clip(28 - (column[choices["cycle length"]] - column["since"]), 1, 28)
    high, *low = choices["fertile days"]
    kept = column["sure"] >= choices["certainty"]
    if (length := choices["irregular cycles left out by"]) is not None:
        kept &= _between(column[length], (25, 35))
    by_day = {
        "fertile": _between(day, high),
        "infertile": _between(day, low[0]) | _between(day, low[1]),
    }
    by_status = {
        name: np.isin(column["relationship"], answers)
        for name, answers in zip(("single", "together"), choices["relationship"], strict=True)
    }
    return {
        f"{one} {other}": column["religiosity"][kept & a & b]
        for one, a in by_day.items()
        for other, b in by_status.items()
    }


def _between(values: Array, ends: tuple[float, float]) -> npt.NDArray[np.bool_]:
    """Whether values lie between two ends, both included; a missing one does not."""
    return (values >= ends[0]) & (values <= ends[1])


def fluctuating_vote() -> list[Check]:
    """120 of 180 combinations run on the women of study 1; 210 of 270 enumerated for study 2."""
    data = women()
    found = multiverse(interaction, vote_dimensions(LENGTH), data=data, constraint=consistent)
    base = {name: next(iter(options.values())) for name, options in vote_dimensions(LENGTH).items()}
    means = {name: float(cell.mean()) for name, cell in cells_of(data, **base).items()}
    first = found.table.iloc[0]
    error = (first["high"] - first["value"]) / float(stats.t(159).ppf(0.975))
    second = multiverse(_nothing, vote_dimensions(LENGTH_STUDY_2), constraint=consistent)
    rows: list[tuple[str, float, int, float, str, str]] = [
        ("combinations", 180, 0, found.tried, "steegen2016", STEEGEN),
        ("combinations that make sense", 120, 0, len(found.table), "steegen2016", STEEGEN),
        ("combinations, study 2", 270, 0, second.tried, "steegen2016", STEEGEN),
        (
            "combinations that make sense, study 2",
            210,
            0,
            len(second.table),
            "steegen2016",
            STEEGEN,
        ),
    ]
    original = "durante2013", "p. 1010, study 1"
    rows += [
        (
            "F of the interaction, the original choices",
            6.46,
            2,
            (first["value"] / error) ** 2,
            *original,
        ),
        ("p-value of the interaction, the original choices", 0.012, 3, first["p_value"], *original),
        ("religiosity, single and fertile", 4.32, 2, means["fertile single"], *original),
        ("religiosity, single and not", 5.62, 2, means["infertile single"], *original),
        ("religiosity, together and fertile", 5.95, 2, means["fertile together"], *original),
        ("religiosity, together and not", 4.88, 2, means["infertile together"], *original),
    ]
    return [
        Check(METHOD, VOTE, quantity, published, decimals, float(ours), citation, where)
        for quantity, published, decimals, ours, citation, where in rows
    ]


def hurricanes() -> list[Check]:
    """The seven choices of the specification curve of hurricanes with female names, enumerated."""
    found = multiverse(
        _nothing,
        {
            "deadliest storms left out": (0, 1, 2),
            "costliest storms left out": (0, 1, 2, 3),
            "femininity": ("yes or no", "rating"),
            "model": ("logarithm of deaths", "negative binomial"),
            "damages": ("dollars", "logarithm"),
            "interactions": (
                "damages", "and pressure", "and wind", "and category", "and their mean", "main effect only",
            ),
            "year": ("none", "year by damages", "after 1979 by damages"),
        },
    )  # fmt: skip
    where = "figure 2, p. 1210, and the analysis code shared with it"
    return [
        Check(METHOD, "Hurricanes with female names", "specifications", 1728, 0, len(found.table),
              "simonsohn2020", where)
    ]  # fmt: skip


def _nothing(**choices: Any) -> float:
    """For counting alone."""
    return 0.0


CASES = (
    Case("religiosity and fertility, study 1", METHOD, fluctuating_vote),
    Case("hurricanes with female names", METHOD, hurricanes),
)
