"""Conditions as the department words them, and what the edition calls them.

Each benefit has a list of its own. Of ICD-10 chapters and of the PIP categories every label is known or is a fault; of
the long DLA list the mental and developmental ones must be there, and all others stand as the publisher words them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.sources.base import ContentError

CHAPTER_V = "mental and behavioural disorders (ICD-10 chapter V, F00-F99)"
ALL = "all"

_CHAPTERS = (
    ("I", "infectious", "infectious and parasitic diseases"),
    ("II", "neoplasm", "neoplasms"),
    ("III", "of the blood", "diseases of the blood and immune disorders"),
    ("IV", "endocrine", "endocrine, nutritional and metabolic diseases"),
    ("V", "mental", ""),
    ("VI", "nervous system", "diseases of the nervous system"),
    ("VII", r"\beyes?\b", "diseases of the eye and adnexa"),
    ("VIII", r"\bears?\b", "diseases of the ear and mastoid process"),
    ("IX", "circulatory", "diseases of the circulatory system"),
    ("X", "respiratory", "diseases of the respiratory system"),
    ("XI", "digestive", "diseases of the digestive system"),
    ("XII", r"\bskin\b", "diseases of the skin and subcutaneous tissue"),
    ("XIII", "musculoskeletal", "diseases of the musculoskeletal system and connective tissue"),
    ("XIV", "genito-?urinary", "diseases of the genitourinary system"),
    ("XV", "pregnancy", "pregnancy, childbirth and the puerperium"),
    ("XVI", "perinatal", "conditions of the perinatal period"),
    ("XVII", "congenital", "congenital malformations and chromosomal abnormalities"),
    ("XVIII", "symptoms", "symptoms, signs and abnormal findings"),
    ("XIX", "injury", "injury, poisoning and other external consequences"),
    ("XX", "external causes of", "external causes of morbidity and mortality"),
    ("XXI", "factors influencing", "factors influencing health status"),
    ("XXII", "special purposes", "codes for special purposes"),
)
ICD: Mapping[str, str] = {
    **{p: f"{name} (ICD-10 chapter {n})" if name else CHAPTER_V for n, p, name in _CHAPTERS},
    r"(without any|no) diagnosis|\bunknown\b|not known": "no diagnosis recorded",
}
"""What a label of an ICD-10 group holds, and the name in the edition."""

PSYCHIATRIC = "psychiatric disorders"
PIP: Mapping[str, str] = {
    "haematological": "haematological disease",
    "infectious": "infectious disease",
    "malignant": "malignant disease",
    "^metabolic": "metabolic disease",
    "psychiatric": PSYCHIATRIC,
    "neurological": "neurological disease",
    "visual": "visual disease",
    "hearing": "hearing disorders",
    "cardiovascular": "cardiovascular disease",
    "gastrointestinal": "gastrointestinal disease",
    "liver": "diseases of the liver, gallbladder and biliary tract",
    r"\bskin\b": "skin disease",
    "musculoskeletal.*general": "musculoskeletal disease (general)",
    "musculoskeletal.*regional": "musculoskeletal disease (regional)",
    "autoimmune": "autoimmune disease",
    "genitourinary": "genitourinary disease",
    "endocrine": "endocrine disease",
    "respiratory": "respiratory disease",
    "multisystem": "multisystem and extremes of age",
    "immune system": "diseases of the immune system",
    r"unknown|missing": "unknown or missing",
    r"not recorded|not completed": "not recorded",
}

DLA: Mapping[str, str] = {
    "learning difficult": "learning difficulties",
    r"\bpsychosis": "psychosis",
    "psychoneurosis": "psychoneurosis (anxiety, depression, phobia)",
    "personality disorder": "personality disorder",
    "dementia": "dementia",
    r"behaviou?ral disorder": "behavioural disorder",
    "alcohol and drug": "alcohol and drug abuse",
    "hyperkinetic": "hyperkinetic syndrome",
}

MENTAL = frozenset([CHAPTER_V, PSYCHIATRIC, *DLA.values()])
"""Conditions that are held by age too."""

FEWEST = 18
"""Conditions that every list has at least; a total over fewer would not be of all claimants."""

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,()/&'’.:;+\-–]{0,159}")


def named(
    labels: Sequence[str], known: Mapping[str, str], where: str, *, whole: bool = True
) -> dict[str, str]:
    """The edition's name of each label of a list of conditions.

    Args:
        labels: all labels of the list.
        known: ICD, PIP or DLA.
        where: the list, for messages.
        whole: whether the list is all of it, so that nothing may be missing.

    Raises:
        Faults: a label that is not known, two that are one condition, or a mental one that is gone.
    """
    faults: list[LedgerError] = []
    made: dict[str, str] = {}
    for label in labels:
        fitting = {name for pattern, name in known.items() if re.search(pattern, label.lower())}
        if len(fitting) == 1:
            made[label] = fitting.pop()
        elif known is DLA and not fitting and _LABEL.fullmatch(label):
            made[label] = label.lower()
        else:
            near = closest(label.lower(), known.values())
            found = repr(label[:80])
            faults.append(LedgerError("an unknown condition", found=found, nearest=near))
    for name, times in Counter(made.values()).items():
        if times > 1:
            both = [label for label, n in made.items() if n == name]
            faults.append(LedgerError("two labels for one condition", found=both))
    if whole:
        faults += _missing(labels, made, known)
    if faults:
        raise Faults(f"the conditions of {where} are not those known", faults)
    return made


def _missing(
    labels: Sequence[str], made: Mapping[str, str], known: Mapping[str, str]
) -> list[LedgerError]:
    needed = DLA.values() if known is DLA else [n for n in known.values() if n in MENTAL]
    faults = [
        LedgerError("a condition is not there", expected=name)
        for name in needed
        if name not in made.values()
    ]
    if len(labels) < FEWEST:
        found = f"{len(labels)} conditions"
        faults.append(LedgerError("the list is cut", expected=f"{FEWEST} or more", found=found))
    return faults


def fits(labels: Iterable[str], known: Mapping[str, str]) -> bool:
    """Whether a list of labels is the list of conditions that is wanted."""
    try:
        return bool(named(list(labels), known, "a list"))
    except (Faults, ContentError):
        return False
