"""Published effects on prescribing held against the same margin, and every causal-looking statement with its design.

A study of all items of its years is held against what the programme of those years could attain: it was far smaller
than today's, so that today's margin would be too wide. Who took and who stopped medicine is known for today alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from iapt_ledger.measures.prescribing_margin import COURSES
from iapt_ledger.methods.base import Estimate
from iapt_ledger.methods.synthesis.margins import equivalence
from iapt_ledger.numbers import MINUS, format_range, format_value

HALF_A_YEAR = 0.5
RATIO, PATIENTS = "sreeharan2013", "delusignan2012"
NONE_READ = "None named in the abstract, all that was read"


def against_margins(
    forest: pd.DataFrame,
    bounds: pd.DataFrame,
    finished: pd.Series,
    referrals: pd.Series,
    then: pd.Series,
) -> pd.DataFrame:
    """The two studies of the programme itself against margin and ceiling, each in its own unit.

    A ratio of prescribing is held against the share of all items, at the size that the programme had then.
    Prescriptions of a referred patient in six months are held against what a referral could spare in six months.

    Args:
        forest: `antidepressant_reach.forest` by study.
        bounds: `prescribing_margin.margins` by measure.
        finished, referrals: the year's counts (value, obs).
        then: from `size_then`.

    Returns:
        study, measure, margin (in the unit of the result), unit, digits, verdict, made, obs.
    """
    rows = []
    for measure, bound in bounds.iterrows():
        share = bound["share"] / 100 * then["value"]
        each = bound["per_100"] / COURSES * finished["value"] / referrals["value"] * HALF_A_YEAR
        ratio = equivalence(
            _estimate(_study(forest, RATIO)), (1 - share, 1 / (1 - share)), scale="ratio"
        )
        mean = equivalence(_estimate(_study(forest, PATIENTS)), float(each))
        obs = (*bound["obs"], *finished["obs"], *referrals["obs"])
        early = (*bound["obs"], *then["obs"])
        rows += [
            (RATIO, measure, 1 - share, "ratio", 3, ratio.verdict,
             "Ratio of prescribing at the share of items that could fall, at the size of the study's years", early),
            (PATIENTS, measure, each, "prescriptions a patient", 2, mean.verdict,
             "Prescriptions that a referral could spare in six months", obs),
        ]  # fmt: skip
    columns = ["study", "measure", "margin", "unit", "digits", "verdict", "made", "obs"]
    return pd.DataFrame(rows, columns=columns)


def size_then(
    entered: pd.Series, items: pd.Series, entered_now: pd.Series, items_now: pd.Series
) -> pd.Series:
    """How much of all items the programme of an earlier year could reach, over what it can today.

    Those who entered for each item, then over now: as if they took medicine, and as much of it, as those of today.

    Args:
        entered, items: of the earlier year (value, obs); entered_now, items_now: of the year of the margin.

    Returns:
        value (a ratio), obs.
    """
    then, now = (e["value"] / i["value"] for e, i in ((entered, items), (entered_now, items_now)))
    obs = [one for row in (entered, items, entered_now, items_now) for one in row["obs"]]
    return pd.Series({"value": then / now, "obs": tuple(obs)})


def _study(forest: pd.DataFrame, name: str) -> pd.Series:
    return forest.loc[[name]].iloc[0]


def _estimate(row: pd.Series) -> Estimate:
    return Estimate(str(row.name), row["value"], row["low"], row["high"])


def _as_printed(row: pd.Series, digits: int, sign: bool = True) -> str:
    """Value and interval of a study, as the chapter before prints them."""
    low, value, high = (
        f"{row[end]:{'+' if sign else ''},.{digits}f}".replace("-", MINUS)
        for end in ("low", "value", "high")
    )
    return f"{value} ({low} to {high})"


def designs(
    forest: pd.DataFrame,
    agreed: Mapping[tuple[str, str], str],
    texts: Mapping[str, str],
    verdicts: Mapping[str, tuple[str, str]],
    gaps: Mapping[str, Estimate],
    obs: Mapping[str, tuple[str, ...]],
) -> pd.DataFrame:
    """Each statement that could be taken for one of cause: its design, its negative control, its result.

    Args:
        forest: `antidepressant_reach.forest` by study.
        agreed: verdict by study and measure of the margin, from `against_margins`.
        texts: estimates of `prescribing_effect.compared` as printed, by name.
        verdicts: verdicts of the margin and of the ceiling, by "detectable" and "detectable_trends".
        gaps: fitted over expected in the last year, per cent, by link.
        obs: observations behind "england", "regions" and "medication".

    Returns:
        Statement, Design, and what it rests on, Negative control, Result; and obs.
    """
    rows = [
        *_own(texts, verdicts, gaps, obs),
        *_of_the_programme(forest, agreed),
        *_of_others(forest),
    ]
    names = ["Statement", "Design, and what it rests on", "Negative control", "Result", "obs"]
    return pd.DataFrame(rows, columns=names)


Row = tuple[str, str, str, str, tuple[str, ...]]


def _own(
    texts: Mapping[str, str],
    verdicts: Mapping[str, tuple[str, str]],
    gaps: Mapping[str, Estimate],
    obs: Mapping[str, tuple[str, ...]],
) -> list[Row]:
    gap = {
        link: f"{format_value(e.value, 'percent', digits=0)} "
        f"({format_range(e.low, e.high, 'percent', digits=0)})"
        for link, e in gaps.items()
    }
    return [
        ("This report: items went on rising after 2008",
         "One country by year, segmented; rests on the trend before going on by itself",
         "None possible: every area was treated",
         f"In 2023 above the continued trend by {gap['gaussian']} with straight lines, "
         f"{gap['quasipoisson']} with steady growth. No verdict", obs["england"]),
        ("This report: items move with courses, by region",
         "Seven regions by month, region and month effects; rests on regions with more courses being like the others "
         "else",
         f"Five control drugs move by {texts['control']} for each hundred courses, antidepressants by "
         f"{texts['apart']}",
         f"Difference {texts['difference']}: {_both(verdicts['detectable'])}", obs["regions"]),
        ("The same, with a line for each region",
         "As above; rests on what departs from each region’s own straight line",
         "The same five, taken off each region and month",
         f"Difference {texts['trends']}: {_both(verdicts['detectable_trends'])}", obs["regions"]),
        ("Patients’ own report of medicine",
         "Start and end of therapy, nobody compared; rests on nothing but what they say",
         "None", "More began than stopped; a fifth gave no answer at the end", obs["medication"]),
    ]  # fmt: skip


def _of_the_programme(forest: pd.DataFrame, agreed: Mapping[tuple[str, str], str]) -> list[Row]:
    ratio, patients = _study(forest, RATIO), _study(forest, PATIENTS)
    both = {s: (agreed[s, "stopped"], agreed[s, "finished_taking"]) for s in (RATIO, PATIENTS)}
    return [
        ("Sreeharan and others 2013: IAPT and antidepressant items",
         "Primary care trusts over time and the date their service opened; rests on that date being chance for "
         "prescribing", NONE_READ,
         f"Rate ratio {_as_printed(ratio, 2, sign=False)}. At the size of those years: {_both(both[RATIO])}",
         ratio["obs"]),
        ("de Lusignan and others 2012: referral to IAPT",
         "Six months before and after, against matched patients; rests on those being alike but for the referral",
         "No outcome named that therapy cannot touch",
         f"Prescriptions a patient {_as_printed(patients, 2)}. At today’s size: {_both(both[PATIENTS])}",
         patients["obs"]),
    ]  # fmt: skip


def _of_others(forest: pd.DataFrame) -> list[Row]:
    portugal, benefits = _study(forest, "lopes_thesis"), _study(forest, "barr2016")
    return [
        ("Lopes, thesis: psychologists in Portugal",
         "Groups of family doctors over time; rests on changes in psychologists within a group",
         "None named in the pages read",
         f"Percentage points of depressed adults given one {_as_printed(portugal, 2)}", portugal["obs"]),
        ("Barr and others 2016: reassessment of benefits (a rival)",
         "Local authorities over time, by how many were reassessed; rests on that number being chance for "
         "prescribing", NONE_READ,
         f"Items for each 10,000 reassessed {_as_printed(benefits, 0)}", benefits["obs"]),
    ]  # fmt: skip


def _both(pair: tuple[str, str]) -> str:
    """The two verdicts in words."""
    margin, ceiling = pair
    if margin == ceiling:
        return f"{margin} at the margin and at the ceiling"
    return f"{margin} at the margin, {ceiling} at the ceiling"
