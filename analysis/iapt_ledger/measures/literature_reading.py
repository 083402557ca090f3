"""What follows from the published effects by arithmetic, and whether any of them may be combined.

Nothing here is in a publication: shares of variance, one effect less another, the chance of doing better. A
question's studies are combined only if they measure one effect, with intervals, on different people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from iapt_ledger.measures.literature import INTERVAL, WORDS
from iapt_ledger.methods.base import Estimate
from iapt_ledger.methods.synthesis.pooling import Pooled, combine_studies

FEWEST = 2


def variance_explained(correlation: pd.Series) -> Estimate:
    """A correlation's square, per cent of variance that goes together, with its limits squared.

    Only for a correlation whose limits lie on one side of nought.
    """
    value, low, high = (100 * correlation[end] ** 2 for end in ("value", "low", "high"))
    return Estimate("Variance shared", value, min(low, high), max(low, high), unit="percent")


def variance_of_difference(difference: float) -> float:
    """The per cent of variance that a standardised difference of two equal groups amounts to: d² / (d² + 4)."""
    return 100 * difference**2 / (difference**2 + 4)


def better_off(difference: float) -> float:
    """How many of a hundred pairs, one of each group, the better group wins: normal, equal spreads."""
    return float(100 * stats.norm.cdf(difference / np.sqrt(2)))


def less(first: pd.Series, second: pd.Series, name: str) -> Estimate:
    """One effect less another of different people, with limits from both (Zou and Donner 2008), which may be lopsided.

    If the two share people or studies, the true limits are narrower or wider by an unknown amount.
    """
    value = first["value"] - second["value"]
    below = np.hypot(first["value"] - first["low"], second["high"] - second["value"])
    above = np.hypot(first["high"] - first["value"], second["value"] - second["low"])
    return Estimate(name, value, value - below, value + above, unit="standard deviations")


def implied_by_p(value: float, p_value: float, name: str) -> Estimate:
    """The 95% limits that fit an effect and its two-sided p-value, if errors are normal (Altman and Bland 2011)."""
    half = stats.norm.ppf(0.975) * abs(value) / stats.norm.isf(p_value / 2)
    return Estimate(name, value, value - half, value + half, p_value=p_value)


@dataclass(frozen=True)
class Question:
    """Studies that somebody could think of combining.

    Attributes:
        title: the question.
        slugs: the studies.
        same_effect: whether all are the same effect on the same kind of outcome.
        shared: what the studies share that keeps them from counting as independent; empty where nothing.
        compared: whether each has a comparison group.
    """

    title: str
    slugs: tuple[str, ...]
    same_effect: str = ""
    shared: str = ""
    compared: str = ""


QUESTIONS = (
    Question(
        "Alliance and outcome",
        ("alliance_fluckiger", "alliance_horvath", "alliance_internet"),
        shared="The later review takes in the studies of the earlier one",
    ),
    Question(
        "One therapy against another",
        ("models_wampold", "models_luborsky", "supportive_against_others"),
        same_effect="A bound, a mean of absolute differences and a signed difference",
        shared="Reviews of overlapping trials",
    ),
    Question(
        "Shares of improvement",
        ("outside_cuijpers", "outside_lambert"),
        same_effect="An estimate from arms of trials and a judgement in a book",
    ),
    Question(
        "Full treatment against its parts",
        ("components_jacobson", "components_longmore", "components_spielmans"),
        shared="A trial, and reviews of such trials",
    ),
    Question(
        "Therapy for young people",
        ("youth_trials", "youth_usual_care_2013", "youth_usual_care_2006"),
        same_effect="Against any control, and against usual care",
        shared="The same team's reviews of overlapping trials",
    ),
    Question(
        "Feedback systems",
        ("pcoms_ostergard", "pcoms_reese", "feedback_lambert"),
        shared="A review, and trials of the kind that it reviews",
    ),
    Question(
        "Before to after in services",
        ("practice_wakefield_depression", "practice_gaskell_depression", "practice_stiles",
         "practice_pybis_cbt", "practice_pybis_counselling"),
        same_effect="Different scales, and all patients or cases alone",
        shared="Reviews that may take in the single audits",
        compared="Nobody is compared: a mean would be a mean of change, not of effect",
    ),
    Question(
        "Against a waiting list in the programme",
        ("waiting_list_phq9", "waiting_list_gad7"),
        same_effect="Two scales",
        shared="One trial, the same people",
    ),
)  # fmt: skip


def refusals(question: Question, studies: pd.DataFrame) -> tuple[str, ...]:
    """Why the studies of a question are not combined; empty where they may be.

    Args:
        studies: from `literature.held`.
    """
    rows = studies.loc[list(question.slugs)]
    usable = rows[rows["kind"].eq(INTERVAL)]
    reasons = [question.same_effect, question.shared, question.compared]
    if len(usable) < FEWEST:
        number = "None prints" if usable.empty else "Only one prints"
        reasons.append(f"{number} an interval")
    elif len(set(usable["unit"])) > 1 and not question.same_effect:
        reasons.append("Different units")
    return tuple(reason for reason in reasons if reason)


def combined(question: Question, studies: pd.DataFrame) -> Pooled | None:
    """The studies of a question combined at random effects, or None where that is refused."""
    if refusals(question, studies):
        return None
    rows = studies.loc[list(question.slugs)]
    usable = rows[rows["kind"].eq(INTERVAL)]
    return combine_studies(
        usable["value"], low=usable["low"], high=usable["high"], labels=usable["slug"],
        name=question.title,
    )  # fmt: skip


def pooling_table(studies: pd.DataFrame) -> pd.DataFrame:
    """Every question, what is held of it, and whether it was combined: printed words and obs."""
    rows = []
    for question in QUESTIONS:
        chosen = studies.loc[list(question.slugs)]
        pooled = combined(question, studies)
        why = refusals(question, studies)
        rows.append(
            {
                "Question": question.title,
                "Estimates held": str(len(chosen)),
                "With a number": str(int(chosen["kind"].ne(WORDS).sum())),
                "With an interval": str(int(chosen["kind"].eq(INTERVAL).sum())),
                "Combined": f"yes: {pooled.value:.2f}" if pooled else "no",
                "Why not": "; ".join([why[0], *(w[0].lower() + w[1:] for w in why[1:])])
                if why
                else "",
                "obs": tuple(sorted({o for ids in chosen["obs"] for o in ids})),
            }
        )
    return pd.DataFrame(rows)


def share_gaps(studies: pd.DataFrame) -> Mapping[str, tuple[float, tuple[str, ...]]]:
    """What lies outside therapy less what therapies have in common, percentage points, by each source.

    The book splits what is in common into relationship and expectation; `lambert_relationship` leaves
    expectation out.
    """
    value, obs = studies["value"], studies["obs"]

    def gap(outside: str, *others: str) -> tuple[float, tuple[str, ...]]:
        behind = tuple(one for slug in (outside, *others) for one in obs[slug])
        return float(value[outside] - sum(value[slug] for slug in others)), behind

    return {
        "cuijpers": gap("outside_cuijpers", "common_cuijpers"),
        "lambert": gap("outside_lambert", "relationship_lambert", "expectation_lambert"),
        "lambert_relationship": gap("outside_lambert", "relationship_lambert"),
    }
