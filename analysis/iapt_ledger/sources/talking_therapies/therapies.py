"""Names and rules of the therapy-based outcomes."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from iapt_ledger.sources.base import Check
from iapt_ledger.sources.reading import markers

TABLE_4: Mapping[str, str] = {
    "OrganisationType": "org_type",
    "Diagnosis": "problem",
    "TherapyType": "therapy",
    "Count_TotalFinishingCourseTreatment": "finished_course",
    "Count_CoursesOfTherapy": "courses_of_therapy",
    "Count_NotCaseness": "not_at_caseness_start",
    "Count_TherRecovery": "therapy_recovery",
    "Percentage_TherRecovery": "therapy_recovery_pct",
    "Count_TherRelRecovery": "therapy_reliable_recovery",
    "Percentage_TherRelRecovery": "therapy_reliable_recovery_pct",
    "Count_TherImprovement": "therapy_reliable_improvement",
    "Percentage_TherImprovement": "therapy_reliable_improvement_pct",
    "Count_TherDeterioration": "therapy_reliable_deterioration",
    "Percentage_TherDeterioration": "therapy_reliable_deterioration_pct",
    "Count_TherNoChange": "therapy_no_reliable_change",
    "Percentage_TherNoChange": "therapy_no_reliable_change_pct",
    "Start_PHQ_Mean": "phq9_mean_start",
    "Start_PHQ_StdDev": "phq9_sd_start",
    "End_PHQ_Mean": "phq9_mean_end",
    "End_PHQ_StdDev": "phq9_sd_end",
    "EffectPHQ": "phq9_effect_size",
    "Start_GAD_Mean": "gad7_mean_start",
    "Start_GAD_StdDev": "gad7_sd_start",
    "End_GAD_Mean": "gad7_mean_end",
    "End_GAD_StdDev": "gad7_sd_end",
    "EffectGAD": "gad7_effect_size",
    "Start_WSAS_Mean": "wsas_mean_start",
    "Start_WSAS_StdDev": "wsas_sd_start",
    "End_WSAS_Mean": "wsas_mean_end",
    "End_WSAS_StdDev": "wsas_sd_end",
    "EffectWSAS": "wsas_effect_size",
}
TABLE_1: Mapping[str, str] = {
    "OrganisationType": "org_type",
    "Organisation": "org_type",
    "TherapyType": "therapy",
    "Count_1Therapy": "position_1",
    "Count_2Therapies": "position_2",
    "Count_3Therapies": "position_3",
    "Count_4Therapies": "position_4",
}
POSITIONS = ("position_1", "position_2", "position_3", "position_4")
ORG_TYPES = frozenset(
    {"England", "Commissioning Region", "CCG", "SubICB", "Provider", "STP", "ICB"}
)
CELLS = {"*": "suppressed", "NULL": "not_applicable", "": "missing", "-": "no_activity"}

PROBLEMS: Mapping[str, str] = {
    "Total": "therapy_type",
    "Depression": "therapy_type_within_depression",
    "Anxiety (Total)": "therapy_type_within_anxiety",
    "Agoraphobia": "",
    "Body Dysmorphic Disorder": "",
    "Chronic Fatigue Syndrome": "",
    "Generalised Anxiety Disorder": "",
    "Hypochondriacal disorders": "",
    "Irritable Bowel Syndrome": "",
    "MUS not otherwise specified": "",
    "Mixed anxiety and depressive disorder": "",
    "Obsessive-compulsive disorder": "",
    "Other anxiety or stress related disorder": "",
    "Panic disorder [episodic paroxysmal anxiety]": "",
    "Post-traumatic stress disorder": "",
    "Social phobias": "",
    "Specific (isolated) phobias": "",
}
"""Problems to the breakdown of the edition; empty for those it does not hold. Capitals change from year to year."""

THERAPIES = [
    "Ante/post natal counselling",
    "Applied relaxation",
    "Behavioural Activation (High Intensity)",
    "Behavioural Activation (Low Intensity)",
    "Brief psychodynamic psychotherapy",
    "Cognitive Behaviour Therapy (CBT)",
    "Collaborative care",
    "Counselling for Depression",
    "Couples Therapy for Depression",
    "Eye Movement Desensitisation Reprocessing",
    "Guided Self Help (Book)",
    "Guided Self Help (Computer)",
    "Interpersonal Psycho therapy (IPT)",
    "Mindfulness",
    "Non-Guided Self Help (Computer)",
    "Non-guided Self Help (Book)",
    "Psychoeducational peer support",
    "Structured Physical Activity",
]
APPOINTMENTS = [
    "20_guided_self_help",
    "20_guided_self_help_book",
    "21_non_guided_self_help_book",
    "22_guided_self_help_computer",
    "23_non_guided_self_help_computer",
    "24_behavioural_activation_low_intensity",
    "25_structured_physical_activity",
    "26_ante_post_natal_counselling",
    "27_psychoeducational_peer_support",
    "40_applied_relaxation",
    "41_behavioural_activation_high_intensity",
    "42_couples_therapy",
    "42_couples_therapy_for_depression",
    "43_collaborative_care",
    "44_counselling_for_depression",
    "45_brief_psychodynamic_psychotherapy",
    "46_eye_movement_desensitisation_reprocessing",
    "47_mindfulness",
    "50_cognitive_behaviour_therapy_cbt",
    "50_cognitive_behavioural_therapy",
    "51_interpersonal_psycho_therapy_ipt",
    "51_interpersonal_psychotherapy",
    "total",
]
_COURSES = ("finished_course", "courses_of_therapy", "not_at_caseness_start")
_OUTCOMES = (
    "therapy_recovery",
    "therapy_reliable_recovery",
    "therapy_reliable_improvement",
    "therapy_reliable_deterioration",
    "therapy_no_reliable_change",
)
_EFFECT_APART = 0.08
"""Means and deviations are rounded to a decimal place; the files so far differ by 0.066 at most."""
_SCORES = {"phq9": 27, "gad7": 21, "wsas": 40}
UNITS: Mapping[str, str] = {
    **dict.fromkeys((*_COURSES, *_OUTCOMES), "courses or referrals"),
    **{f"{name}_pct": "percent" for name in _OUTCOMES},
    **{
        f"{s}_{w}": "score points"
        for s in _SCORES
        for w in ("mean_start", "mean_end", "sd_start", "sd_end")
    },
    **{f"{s}_effect_size": "effect size" for s in _SCORES},
    **dict.fromkeys(POSITIONS, "appointments"),
}
ROUNDING = {
    "courses or referrals": "not rounded",
    "appointments": "not rounded",
    "percent": "1 decimal place",
}


def therapy(label: str) -> str:
    """A therapy as the edition spells it: capitals of the publisher's change from year to year."""
    return next((t for t in THERAPIES if t.lower() == label.lower()), label)


def snake(label: str) -> str:
    """A therapy of table 1 as the edition spells it.

    >>> snake("20 - Guided Self Help (Book)")
    '20_guided_self_help_book'
    """
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")


def bounds_check(cells: pd.DataFrame) -> Check:
    """Counts whole and not negative, shares from 0 to 100, scores within their scales."""
    wrong = []
    for name in (c for c in cells.columns if c in UNITS):
        value = markers.numbers(cells[name])
        most = {"percent": 100.0, "effect size": 5.0, "score points": 40.0}.get(UNITS[name], 5e6)
        least = -5.0 if UNITS[name] == "effect size" else 0.0
        most = min(most, _SCORES.get(name.split("_")[0], most))
        bad = (value < least) | (value > most)
        if UNITS[name] == "courses or referrals":
            bad |= value.notna() & (value % 1).ne(0)
        wrong += [f"{name} {text}" for text in cells.loc[bad, name]]
    if wrong:
        return Check(
            "bounds",
            False,
            f"{len(wrong)} values are out of bounds, such as {', '.join(wrong[:3])}.",
        )
    return Check("bounds", True, f"All values of {len(cells)} therapies are within bounds.")


def totals_check(cells: pd.DataFrame) -> Check:
    """Published shares are those of the published counts, and effects those of the scores, as far as rounding lets."""
    value = {name: markers.numbers(cells[name]) for name in cells.columns if name in UNITS}
    courses = value["courses_of_therapy"]
    wrong = []
    for name in _OUTCOMES:
        base = courses - value["not_at_caseness_start"] if "recovery" in name else courses
        apart = (100 * value[name] / base - value[f"{name}_pct"]).abs() > 0.06
        wrong += [f"{name} of {category}" for category in cells.loc[apart, "category"]]
    for score in _SCORES:
        change = value[f"{score}_mean_start"] - value[f"{score}_mean_end"]
        effect = change / value[f"{score}_sd_start"]
        apart = (effect - value[f"{score}_effect_size"]).abs() > _EFFECT_APART
        wrong += [f"{score}_effect_size of {category}" for category in cells.loc[apart, "category"]]
    if wrong:
        told = ", ".join(wrong[:3])
        sentence = f"{len(wrong)} shares or effects are not those of their parts, such as {told}."
        return Check("totals", False, sentence)
    return Check("totals", True, "All shares and effects are those of their parts.")


def appointments_check(cells: pd.DataFrame) -> Check:
    """An appointment with n therapies counts once under each of them, and once in the total."""
    total = cells["category"].eq("total")
    if total.sum() != 1:
        return Check("totals", False, f"Table 1 has {int(total.sum())} rows of the total.")
    apart = []
    for number, name in enumerate(POSITIONS, 1):
        value = markers.numbers(cells[name])
        hidden = 5 * int(value[~total].isna().sum())
        whole, parts = number * float(value[total].sum()), float(value[~total].sum())
        if not 0 <= whole - parts <= hidden:
            apart.append(f"{name} {parts:,.0f} against {whole:,.0f}")
    if apart:
        return Check(
            "totals", False, f"Therapies do not add up to their total: {'; '.join(apart)}."
        )
    return Check("totals", True, "Appointments by therapy add up to their total.")
