"""Published meta-analyses, combined again."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from iapt_ledger.methods.synthesis.pooling import combine_studies
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

# quantity, published, decimals, ours
Row = tuple[str, float, int, float]
METHOD = "combine_studies"
LOOSE_ROOT = "the published root was sought to a coarser tolerance (metafor's default, 0.0001)"


def _checks(case: str, citation: str, where: str, rows: Iterable[Row]) -> list[Check]:
    return [
        Check(METHOD, case, quantity, published, decimals, ours, citation, where)
        for quantity, published, decimals, ours in rows
    ]


def third_wave() -> list[Check]:
    """REML with the Hartung-Knapp interval and the prediction interval; Paule-Mandel; DerSimonian-Laird's I²."""
    trials = read("third_wave_psychotherapies.csv")
    args = trials["g"], trials["standard_error"]
    fit = combine_studies(*args, never_narrower=False)
    name, book = "Third-wave psychotherapies", "harrer2021"
    rows: list[Row] = [
        ("mean, REML", 0.5771, 4, fit.value),
        ("lower limit, Hartung-Knapp", 0.3782, 4, fit.low),
        ("upper limit, Hartung-Knapp", 0.7760, 4, fit.high),
        ("variance between studies, REML", 0.0820, 4, fit.tau2.value),
        ("its lower limit, Q-profile", 0.0295, 4, fit.tau2.low),
        ("its upper limit, Q-profile", 0.3533, 4, fit.tau2.high),
        ("Q", 45.50, 2, fit.q),
        ("p-value of Q", 0.0002, 4, fit.q_p_value),
        ("I² from Q, per cent", 62.6, 1, combine_studies(*args, method="DL").i2.value),
        ("lower prediction limit", -0.0619, 4, fit.prediction.low),
        ("upper prediction limit", 1.2162, 4, fit.prediction.high),
    ]
    checks = _checks(name, book, "chapters 4.2.1 and 5.2", rows)
    pm = combine_studies(*args, method="PM")
    checks += [
        Check(METHOD, name, quantity, published, 7, ours, book, "chapter 4.2.1", slack, LOOSE_ROOT)
        for quantity, published, ours, slack in (
            ("mean, Paule-Mandel", 0.5873544, pm.value, 50),
            ("variance between studies, Paule-Mandel", 0.1104957, pm.tau2.value, 120),
        )
    ]
    return checks + _without_outliers(trials)


def _without_outliers(trials: pd.DataFrame) -> list[Check]:
    kept = trials[~trials["trial"].isin(["DanitzOrsillo", "Shapiro et al."])]
    fit = combine_studies(kept["g"], kept["standard_error"], never_narrower=False)
    rows: list[Row] = [
        ("mean", 0.4528, 4, fit.value),
        ("lower limit", 0.3257, 4, fit.low),
        ("upper limit", 0.5800, 4, fit.high),
        ("variance between studies", 0.0139, 4, fit.tau2.value),
        ("its lower limit", 0.0, 4, fit.tau2.low),
        ("its upper limit", 0.1032, 4, fit.tau2.high),
        ("lower prediction limit", 0.1693, 4, fit.prediction.low),
        ("upper prediction limit", 0.7363, 4, fit.prediction.high),
    ]
    return _checks(
        "Third-wave psychotherapies without two outliers", "harrer2021", "chapter 5.4.1", rows
    )


def bcg() -> list[Check]:
    """Log risk ratios: with smoothed variances as Berkey has them (empirical Bayes is Paule-Mandel), and plain."""
    t = read("bcg_trials.csv")
    treated, control = (
        t["vaccinated_cases"] + t["vaccinated_others"],
        t["control_cases"] + t["control_others"],
    )
    y = np.log((t["vaccinated_cases"] / treated) / (t["control_cases"] / control))
    smooth = (t["vaccinated_others"] / t["vaccinated_cases"]).mean() / treated + (
        t["control_others"] / t["control_cases"]
    ).mean() / control
    fit = combine_studies(y, np.sqrt(smooth), method="PM", knapp_hartung=False)
    checks = _checks(
        "BCG vaccine trials, smoothed variances", "berkey1995", "p. 408",
        [
            ("mean log risk ratio, empirical Bayes", -0.5429, 4, fit.value),
            ("its standard error", 0.1842, 4, fit.standard_error),
            ("variance between trials", 0.268, 3, fit.tau2.value),
        ],
    )  # fmt: skip
    plain = 1 / t["vaccinated_cases"] - 1 / treated + 1 / t["control_cases"] - 1 / control
    fit = combine_studies(y, np.sqrt(plain), knapp_hartung=False)
    rows: list[Row] = [
        ("mean log risk ratio, REML", -0.7145, 4, fit.value),
        ("its standard error", 0.1798, 4, fit.standard_error),
        ("lower limit", -1.0669, 4, fit.low),
        ("upper limit", -0.3622, 4, fit.high),
        ("variance between trials", 0.3132, 4, fit.tau2.value),
        ("its lower limit, Q-profile", 0.1197, 4, fit.tau2.low),
        ("its upper limit, Q-profile", 1.1115, 4, fit.tau2.high),
        ("I², per cent", 92.2214, 4, fit.i2.value),
        ("upper limit of I²", 97.6781, 4, fit.i2.high),
        ("Q", 152.2330, 4, fit.q),
    ]
    where = "documentation of metafor, dat.bcg and confint.rma"
    case, key = "BCG vaccine trials", "viechtbauer2010"
    loose = Check(
        METHOD, case, "lower limit of I²", 81.9177, 4, fit.i2.low, key, where, 30, LOOSE_ROOT
    )
    return [*checks, *_checks(case, key, where, rows), loose]


def stroke() -> list[Check]:
    """Mean differences with a pooled standard deviation, DerSimonian-Laird and REML."""
    s = read("stroke_length_of_stay.csv")
    n_1, n_2 = s["n_specialist"], s["n_routine"]
    pooled = ((n_1 - 1) * s["sd_specialist"] ** 2 + (n_2 - 1) * s["sd_routine"] ** 2) / (
        n_1 + n_2 - 2
    )
    args = s["mean_specialist"] - s["mean_routine"], np.sqrt(pooled * (1 / n_1 + 1 / n_2))
    dl = combine_studies(*args, method="DL", knapp_hartung=False)
    reml = combine_studies(*args, method="REML", knapp_hartung=False)
    rows: list[Row] = [
        ("mean difference in days, DerSimonian-Laird", -14.10, 2, dl.value),
        ("lower limit", -24.45, 2, dl.low),
        ("upper limit", -3.75, 2, dl.high),
        ("variance between studies", 218.72, 2, dl.tau2.value),
        ("mean difference in days, REML", -15.12, 2, reml.value),
        ("lower limit, REML", -32.67, 2, reml.low),
        ("upper limit, REML", 2.43, 2, reml.high),
        ("variance between studies, REML", 685.20, 2, reml.tau2.value),
    ]
    return _checks("Length of stay after stroke", "normand1999", "table IX, p. 352", rows)


def lidocaine() -> list[Check]:
    """Risk differences that differ less than chance lets them: no variance between studies."""
    d = read("lidocaine_deaths.csv")
    p_1, p_2 = d["deaths_lidocaine"] / d["n_lidocaine"], d["deaths_control"] / d["n_control"]
    error = np.sqrt(p_1 * (1 - p_1) / d["n_lidocaine"] + p_2 * (1 - p_2) / d["n_control"])
    fit = combine_studies(100 * (p_1 - p_2), 100 * error, method="DL", knapp_hartung=False)
    rows: list[Row] = [
        ("mean risk difference, percentage points", 2.94, 2, fit.value),
        ("lower limit", 0.4, 1, fit.low),
        ("upper limit", 5.5, 1, fit.high),
        ("variance between studies", 0.000, 3, fit.tau2.value),
    ]
    return _checks("Lidocaine after a heart attack", "normand1999", "table VII, p. 349", rows)


def diuretics() -> list[Check]:
    """Log odds ratios: two estimators of the variance, and its Q-profile interval."""
    d = read("diuretics_preeclampsia.csv")
    cells = [d["cases_treated"], d["n_treated"] - d["cases_treated"],
             d["cases_control"], d["n_control"] - d["cases_control"]]  # fmt: skip
    y = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    error = np.sqrt(1 / cells[0] + 1 / cells[1] + 1 / cells[2] + 1 / cells[3])
    dl, reml = (combine_studies(y, error, method=m) for m in ("DL", "REML"))
    rows: list[Row] = [
        ("variance between studies, DerSimonian-Laird", 0.230, 3, dl.tau2.value),
        ("variance between studies, REML", 0.301, 3, reml.tau2.value),
        ("lower limit, Q-profile", 0.072, 3, dl.tau2.low),
        ("upper limit, Q-profile", 2.203, 3, dl.tau2.high),
    ]
    return _checks("Diuretics in pregnancy", "viechtbauer2007", "table II, p. 44", rows)


CASES = (
    Case("third-wave psychotherapies", METHOD, third_wave),
    Case("BCG vaccine trials", METHOD, bcg),
    Case("length of stay after stroke", METHOD, stroke),
    Case("lidocaine after a heart attack", METHOD, lidocaine),
    Case("diuretics in pregnancy", METHOD, diuretics),
)
