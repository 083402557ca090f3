"""One spelling for each category of the breakdowns: published label in, harmonised label out.

Labels change from year to year ("Baha i", "Baha`i"), and the group in front of an ethnic group is left out in 2013-14.
Only spellings are mended here. Where the publisher moved a problem to another group, both labels stay.
"""

from __future__ import annotations

from collections.abc import Mapping

NOT_STATED = "Not stated/Not known/Invalid"

_ETHNIC_GROUPS: Mapping[str, tuple[str, ...]] = {
    "White": ("British", "Irish", "Any other White background"),
    "Mixed": (
        "White and Asian",
        "White and Black African",
        "White and Black Caribbean",
        "Any other Mixed background",
    ),
    "Asian or Asian British": ("Indian", "Pakistani", "Bangladeshi", "Any other Asian background"),
    "Black or Black British": ("African", "Caribbean", "Any other Black background"),
    "Other Ethnic Groups": ("Chinese", "Any other ethnic group"),
}
_GROUP_OF = {detail: group for group, details in _ETHNIC_GROUPS.items() for detail in details}

_SAME: Mapping[str, Mapping[str, str]] = {
    "deprivation_decile_imd": {"Unknown IMD": NOT_STATED},
    "disability": {
        "Invalid code": "Invalid Code",
        "NN No disability": "NN No Disability",
        "No code recorded": "No Code Recorded",
        "ZZ Not stated": "ZZ Not Stated (Person asked but declined to provide a response)",
    },
    "long_term_condition": {
        "LTC": "Long term condition",
        "No_LTC": "No long term condition",
        "Invalid": NOT_STATED,
    },
    "mental_health_care_cluster": {
        "Other Mental Health Care Cluster": "Other mental health care cluster"
    },
    "psychotropic_medication_status": {
        "Not Prescribed": "Not prescribed",
        "Not known/Not stated/Invalid": NOT_STATED,
    },
    "religion": {
        "Baha i": "Baha'i",
        "Baha`i": "Baha'i",
        "Invalid": "Invalid code",
        "Patient Religion Unknown": "Unknown",
        "None (published label)": "None",
    },
    "sexual_orientation": {
        "Asked but unknown/unsure": "Person asked and does not know or is not sure",
        "Not stated": "Not stated (Person asked but declined to provide a response)",
    },
    "stepped_care_pathway": {
        "Received both LI and HI therapies": "Received both high and low intensity therapy",
        "Received only HI therapy": "Received only high intensity therapy",
        "Received only LI therapy": "Received only low intensity therapy",
    },
}

_PROBLEMS = {
    "Depression": "Depression | All",
    "Other Recorded Problems": "Other recorded problems | All",
    "Other recorded problems": "Other recorded problems | All",
    "Anxiety and stress related disorders | Total": "Anxiety and stress related disorders | All",
    f"{NOT_STATED} | {NOT_STATED}": NOT_STATED,
}

_THERAPIES = {
    "Interpersonal Psycho therapy (IPT)": "Interpersonal psychotherapy (IPT)",
    "Non-guided Self Help (Book)": "Non-Guided Self Help (Book)",
}

_APPOINTMENTS = {
    "20_guided_self_help": "Guided Self Help (Book)",
    "20_guided_self_help_book": "Guided Self Help (Book)",
    "21_non_guided_self_help_book": "Non-Guided Self Help (Book)",
    "22_guided_self_help_computer": "Guided Self Help (Computer)",
    "23_non_guided_self_help_computer": "Non-Guided Self Help (Computer)",
    "24_behavioural_activation_low_intensity": "Behavioural Activation (Low Intensity)",
    "25_structured_physical_activity": "Structured Physical Activity",
    "26_ante_post_natal_counselling": "Ante/post natal counselling",
    "27_psychoeducational_peer_support": "Psychoeducational peer support",
    "40_applied_relaxation": "Applied relaxation",
    "41_behavioural_activation_high_intensity": "Behavioural Activation (High Intensity)",
    "42_couples_therapy": "Couples Therapy for Depression",
    "42_couples_therapy_for_depression": "Couples Therapy for Depression",
    "43_collaborative_care": "Collaborative care",
    "44_counselling_for_depression": "Counselling for Depression",
    "45_brief_psychodynamic_psychotherapy": "Brief psychodynamic psychotherapy",
    "46_eye_movement_desensitisation_reprocessing": "Eye Movement Desensitisation Reprocessing",
    "47_mindfulness": "Mindfulness",
    "50_cognitive_behaviour_therapy_cbt": "Cognitive Behaviour Therapy (CBT)",
    "50_cognitive_behavioural_therapy": "Cognitive Behaviour Therapy (CBT)",
    "51_interpersonal_psycho_therapy_ipt": "Interpersonal psychotherapy (IPT)",
    "51_interpersonal_psychotherapy": "Interpersonal psychotherapy (IPT)",
    "total": "All",
}


def harmonise(breakdown: str, label: str) -> str:
    """The one spelling of a published category label; a label that needs no mending comes back unchanged."""
    if breakdown == "ethnic_group":
        return _ethnic(label)
    if breakdown in ("presenting_complaint", "problem_descriptor"):
        return _problem(label)
    if breakdown == "therapy_type_appointments":
        return _APPOINTMENTS.get(label, label)
    if breakdown.startswith("therapy_type"):
        return _THERAPIES.get(label, label)
    return _SAME.get(breakdown, {}).get(label, label)


def _ethnic(label: str) -> str:
    group, _, detail = label.rpartition(" | ")
    if label in _ETHNIC_GROUPS or (group and group == detail and group in _ETHNIC_GROUPS):
        return f"{detail} | All"
    if NOT_STATED in (group, detail) or detail == "Unknown Ethnic Groups":
        return NOT_STATED
    if detail.startswith("Any Other ") and detail.endswith(" Background"):
        detail = (
            "Any other "
            + detail.removeprefix("Any Other ").removesuffix(" Background")
            + " background"
        )
    if detail == "Any Other Ethnic Group":
        detail = "Any other ethnic group"
    group = group or _GROUP_OF.get(detail, "")
    return f"{group} | {detail}" if group else detail


def _problem(label: str) -> str:
    label = label.replace("Generalized anxiety disorder", "Generalised anxiety disorder")
    label = label.replace("Body Dysmorphic Disorder", "Body dysmorphic disorder")
    return _PROBLEMS.get(label, label)
