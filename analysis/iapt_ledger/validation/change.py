"""Reliable change, effect sizes and regression to the mean that others printed."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from scipy.stats import norm

from iapt_ledger.methods.scores.change import standardised_change
from iapt_ledger.methods.scores.change_result import EffectSize, StandardisedChange
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

METHOD = "standardised_change"


def jacobson_truax() -> list[Check]:
    """One client goes from 32.5 to 47.5; spread 7.5, reliability 0.80."""
    found = standardised_change(
        pre_mean=40, post_mean=50, pre_sd=7.5, reliability=0.80, direction="rise"
    ).reliable
    assert found is not None
    return [
        Check(METHOD, "one client", name, published, 2, ours, "jacobsontruax1991", "p. 14")
        for name, published, ours in (
            ("standard error of measurement", 3.35, found.standard_error),
            ("standard error of the difference", 4.74, found.standard_difference),
            ("reliable change index", 3.16, found.index(32.5, 47.5)),
        )
    ]


def _variance(effect: EffectSize) -> float:
    assert effect.g is not None
    return float(((effect.g.high - effect.g.value) / norm.ppf(0.975)) ** 2)


def morris() -> list[Check]:
    """Change in spreads of the first reading and of the change, with variances; then treated less control."""
    data = read("morris_2008.csv").to_dict("records")
    arms = {(row["study"], row["arm"]): _arm(row) for row in data}
    checks = []
    for row in data:
        if row["arm"] == "control":
            continue
        found = arms[row["study"], row["arm"]]
        for column, denominator in (("becker", "start"), ("change", "change")):
            effect = found.effect(denominator)
            words = f"effect in spreads of the {denominator}, study {row['study']}"
            documented = "documented analysis of these data"
            checks += [
                _study(
                    words, row[column], 4, _g(found, denominator), "viechtbauer2010", documented
                ),
                _study(
                    f"variance of the {words}",
                    row[f"{column}_variance"],
                    4,
                    _variance(effect),
                    "viechtbauer2010",
                    documented,
                ),
            ]
        apart = _g(found, "start") - _g(arms[row["study"], "control"], "start")
        quantity = f"treated less control, study {row['study']}"
        checks.append(_study(quantity, row["difference"], 2, apart, "morris2008", "table 1"))
    return checks


def _arm(row: dict[Hashable, Any]) -> StandardisedChange:
    names = ("pre_mean", "post_mean", "pre_sd", "post_sd", "n", "correlation")
    return standardised_change(**{name: row[name] for name in names}, direction="rise")


def _g(found: StandardisedChange, denominator: str) -> float:
    corrected = found.effect(denominator).g
    assert corrected is not None
    return corrected.value


def _study(
    quantity: str, published: float, decimals: int, ours: float, citation: str, where: str
) -> Check:
    case = "five studies of training"
    return Check(METHOD, case, quantity, published, decimals, ours, citation, where)


def films() -> list[Check]:
    """Ten people rate two films: the paired t, which is d_z times the root of n, and the interval."""
    data = read("lakens_2013.csv")
    found = standardised_change(
        pre_mean=data["second"].mean(),
        post_mean=data["first"].mean(),
        pre_sd=data["second"].std(),
        post_sd=data["first"].std(),
        n=len(data),
        correlation=data["first"].corr(data["second"]),
        direction="rise",
    )
    d_z = found.effect("change").d.value
    return [
        Check(METHOD, "two films", name, published, 2, ours, "lakens2013", "within subjects")
        for name, published, ours in (
            ("t of the paired difference", 4.74, d_z * len(data) ** 0.5),
            ("lower limit of the difference", 0.52, found.change.low),
            ("upper limit of the difference", 1.48, found.change.high),
        )
    ]


def crossing_a_line() -> list[Check]:
    """Of those chosen by a first reading, the share beyond a line at a second one that correlates with it."""
    checks = []
    for row in read("taylor_russell_1939.csv").to_dict("records"):
        r, chosen, beyond = (float(row[c]) for c in ("correlation", "selected", "base_rate"))
        change = standardised_change(pre_mean=0, post_mean=0, pre_sd=1, reliability=r)
        found = change.selected(norm.isf(chosen), recovered_at=norm.isf(beyond))
        words = (
            f"still beyond a line that {beyond:.0%} pass, {chosen:.0%} chosen, correlation {r:g}"
        )
        decimals = int(row["decimals"])
        where = "tables" if decimals == 2 else "tr_classic"
        published, citation = float(row["success"]), str(row["citation"])
        ours, case = 1 - found.back, "tables of selection"
        checks.append(Check(METHOD, case, words, published, decimals, ours, citation, where))
    return checks


def mean_of_the_chosen() -> list[Check]:
    """How far the mean of those chosen lies from the mean of all; of that, what is not reliable comes back."""
    change = standardised_change(pre_mean=0, post_mean=0, pre_sd=1, reliability=0)
    checks = []
    for row in read("falconer_1996.csv").to_dict("records"):
        chosen, published = float(row["selected"]), float(row["intensity"])
        ours = change.selected(norm.isf(chosen)).effect
        words = f"regression of the top {chosen:.0%} without reliability, in spreads"
        where, case = "appendix table A", "intensity of selection"
        checks.append(Check(METHOD, case, words, published, 3, ours, "falconer1996", where))
    return checks


CASES = (
    Case("Jacobson and Truax's client", METHOD, jacobson_truax),
    Case("Morris's five studies", METHOD, morris),
    Case("Lakens's two films", METHOD, films),
    Case("Taylor and Russell's tables", METHOD, crossing_a_line),
    Case("Falconer and Mackay's intensity of selection", METHOD, mean_of_the_chosen),
)
