"""How the studies are named in pictures, how their numbers are written, and which of them share a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.literature import INTERVAL, POINT, RANGE, WORDS, digits_of
from iapt_ledger.numbers import format_range, format_value

POINT_ONLY = "no interval"
WORKED, INTERESTED, SECOND_HAND = "*", "°", "§"
EITHER_WAY = ("models_wampold", "models_luborsky")  # sizes of differences, without a direction

LABELS: Mapping[str, str] = {
    "alliance_fluckiger": "Flückiger 2018, face to face",
    "alliance_internet": "Flückiger 2018, internet",
    "alliance_horvath": "Horvath 2011, individual",
    "alliance_as_result": "Fonagy and Clark 2015",
    "supportive_against_control": "Cuijpers 2012, supportive therapy",
    "supportive_against_others": "Cuijpers 2012, supportive less others",
    "models_wampold": "Wampold 1997, at most",
    "models_luborsky": "Luborsky 2002, mean size",
    "counselling_less_cbt": "Pybis 2017, counselling less CBT",
    "anxiety_specific": "Fonagy and Clark 2015",
    "components_jacobson": "Jacobson 1996, a trial",
    "components_longmore": "Longmore 2007, a review",
    "components_spielmans": "Spielmans 2007, young people",
    "youth_models_miller": "Miller 2008, therapies compared",
    "youth_usual_care_2013": "Weisz 2013, against usual care",
    "youth_usual_care_2006": "Weisz 2006, against usual care",
    "youth_usual_care_again": "A later re-analysis",
    "youth_trials": "Weisz 2017, five decades of trials",
    "youth_practice_review": "Weisz and Jensen 2001, practice",
    "stark_county": "Stark County, randomised",
    "pcoms_ostergard": "Østergård 2018, PCOMS",
    "pcoms_reese": "Reese 2009, PCOMS",
    "feedback_lambert": "Lambert 2011, another system",
    "practice_wakefield_depression": "Wakefield 2021, depression",
    "practice_wakefield_anxiety": "Wakefield 2021, anxiety",
    "practice_wakefield_functioning": "Wakefield 2021, functioning",
    "practice_gaskell_depression": "Gaskell 2022, depression",
    "practice_gaskell_anxiety": "Gaskell 2022, anxiety",
    "practice_stiles": "Stiles 2008, those who finished",
    "practice_pybis_cbt": "Pybis 2017, CBT, cases",
    "practice_pybis_counselling": "Pybis 2017, counselling, cases",
    "waiting_list_phq9": "Richards 2020, PHQ-9",
    "waiting_list_gad7": "Richards 2020, GAD-7",
    "durability_clark": "Clark 2009, two first sites",
}
"""Short name of a study to the name printed in pictures."""

INSIDE = {
    "Alliance and outcome|correlation": (
        "alliance_fluckiger", "alliance_internet", "alliance_horvath", "alliance_as_result",
    ),
    "One therapy against another|standard deviations": (
        "models_wampold", "models_luborsky", "supportive_against_others", "counselling_less_cbt",
        "anxiety_specific",
    ),
    "Full treatment against its parts|no number was read": (
        "components_jacobson", "components_longmore", "components_spielmans",
    ),
}  # fmt: skip
YOUNG = {
    "Therapy for young people|standard deviations; right of nought: better": (
        "youth_trials", "youth_usual_care_2013", "youth_usual_care_2006", "youth_usual_care_again",
        "youth_models_miller", "youth_practice_review", "stark_county",
    ),
    "Feedback in therapy|standard deviations; right of nought: better": (
        "pcoms_ostergard", "pcoms_reese", "feedback_lambert",
    ),
}  # fmt: skip
BENCHMARKS = {
    "Before to after, in the programme|standard deviations at the start; nobody compared": (
        "practice_wakefield_depression", "practice_wakefield_anxiety", "practice_wakefield_functioning",
        "practice_pybis_cbt", "practice_pybis_counselling",
    ),
    "Before to after, in other services|standard deviations at the start; nobody compared": (
        "practice_gaskell_depression", "practice_gaskell_anxiety", "practice_stiles",
    ),
    "Against people without it|standard deviations": ("supportive_against_control",),
    "Against the programme’s waiting list|points of the scale, eight weeks; left of nought: better": (
        "waiting_list_phq9", "waiting_list_gad7",
    ),
}  # fmt: skip
"""Panel of a picture, "title|unit", to its studies from top to bottom."""


def number(row: pd.Series) -> str:
    """A study's number with its interval, as text: "0.28 (0.26 to 0.30)", "0.20, no interval", "40% to 60%"."""
    digits = digits_of(row["unit"], (row["value"], row["low"], row["high"]))
    unit = "percent" if row["unit"] == "percent" else ""
    limits = format_range(row["low"], row["high"], unit, digits=digits)
    if row["kind"] == RANGE:
        return limits
    value = format_value(row["value"], unit, digits=digits)
    return f"{value} ({limits})" if row["kind"] == INTERVAL else value


def panels(
    layout: Mapping[str, Sequence[str]],
    studies: pd.DataFrame,
    worked: Sequence[Mapping[str, object]] = (),
) -> pd.DataFrame:
    """The rows of a forest plot.

    Args:
        layout: one of INSIDE, YOUNG, BENCHMARKS.
        studies: from `literature.held`; worked: further rows (slug, value, low, high, unit, kind, second_hand,
            interested, words, obs) that are worked out here and in no publication.

    Returns:
        panel, unit_shown, slug, label (with marks: "°" an author has a part in what is judged, "§" second
        hand, "*" worked out here), kind, value, low, high, words, obs,
        either_way (a size without a direction), text.

    Raises:
        LedgerError: a study of the layout is not coded.
    """
    own = {str(row["slug"]): pd.Series(row) for row in worked}
    asked = {slug for slugs in layout.values() for slug in slugs}
    if unknown := sorted(asked - set(own) - set(studies.index)):
        raise LedgerError(
            "A study of a picture is not coded", where="claims.yaml, studies", found=unknown,
            choices=sorted(studies.index),
        )  # fmt: skip
    rows = []
    for heading, slugs in layout.items():
        panel, unit = heading.split("|")
        for slug in slugs:
            row: Any = own[slug] if slug in own else studies.loc[slug]
            shown = _shown(slug, row, here=slug in own)
            rows.append({"panel": panel, "unit_shown": unit, "slug": slug, **shown})
    return pd.DataFrame(rows)


def _shown(slug: str, row: pd.Series, *, here: bool) -> dict[str, object]:
    """One row of a forest plot; `here`: worked out here and in no publication."""
    told = ((WORKED, here), (INTERESTED, row["interested"]), (SECOND_HAND, row["second_hand"]))
    marks = "".join(mark for mark, holds in told if holds)
    either = slug in EITHER_WAY
    text = "" if row["kind"] == WORDS else "±" * either + number(row)
    return {
        "label": LABELS[slug] + (f" {marks}" if marks else ""),
        **{end: row[end] for end in ("kind", "value", "low", "high", "words", "obs")},
        "either_way": either,
        "text": f"{text}, {POINT_ONLY}" if row["kind"] == POINT else text,
    }
