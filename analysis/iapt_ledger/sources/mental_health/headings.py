"""The words of a heading: which money it is of, in what unit, planned or spent, and of which year.

No workbook of the dashboard was at hand when this was written. The words are those by which public code and the
dashboard's own page name its sheets, rows and columns; what they do not settle is refused, not guessed.
"""

from __future__ import annotations

import re
from typing import Literal

Subject = Literal["talking therapies", "all", "share", "other money", "no money", ""]

KNOWN = (
    "spending on talking therapies (IAPT)",
    "spending on mental health",
    "spending on mental health as a % of allocations",
)
"""What is taken, in words, for messages."""

_MONEY = re.compile(r"spen[dt]|expenditure|investment|funding|£|\bcosts?\b|allocation", re.I)
_TALKING = re.compile(r"\biapt\b|talking therap|psychological therap", re.I)
_OTHER = re.compile(
    r"child|\bcyp|young|camhs|eating|perinatal|crisis|psychosis|\beip\b|liaison|suicid|speciali[sz]ed|inpatient|"
    r"in-patient|placement|out of area|older|dementia|learning|\bld\b|prescrib|community|excl|without|\bincrease\b|"
    r"growth|change|long.term condition|employment|workforce|training|per head|per capita|target|investment standard|"
    r"\bmhis\b|\bsdf\b|transformation",
    re.I,
)
_INCLUDED = re.compile(r"\(?\bincl\w*[^)]*\)?", re.I)
_MENTAL = re.compile(r"mental health|\bmh\b", re.I)
_SHARE = re.compile(r"%|per cent|percent|proportion|\bshare\b", re.I)
_UNITS = (
    (re.compile(r"£\s*'?(?:bn|billion)|\bbillions?\b", re.I), 1_000_000_000),
    (re.compile(r"£\s*'?(?:m|mn|million)s?\b|\bmillions?\b", re.I), 1_000_000),
    (re.compile(r"£\s*[’']?(?:000|k\b|thousand)|\bthousands?\b", re.I), 1_000),
    (re.compile(r"£(?!\s*[’']?\w)|\bpounds\b|\bgbp\b", re.I), 1),
)
_YEAR = re.compile(r"(?<!\d)(20\d\d)\s*[/–-]\s*(?:20)?(\d\d)(?!\d)")
_PLANNED = re.compile(r"\bplan(?:ned|s)?\b|\bbudget", re.I)
_ACTUAL = re.compile(r"\bactuals?\b|\bout-?turn\b|\bspent\b", re.I)
_FORECAST = re.compile(r"\bforecast|\bprojected\b|\bestimate", re.I)


def subject(text: str) -> Subject:
    """What a heading is of; empty where it is of money and nothing says which."""
    if not (_MONEY.search(text) or (_TALKING.search(text) and _SHARE.search(text))):
        return "no money"
    rest = _INCLUDED.sub(" ", text)
    if _TALKING.search(rest):
        taken = not (_OTHER.search(rest) or _SHARE.search(rest))
        return "talking therapies" if taken else "other money"
    if _SHARE.search(rest) and _MENTAL.search(rest) and not _OTHER.search(rest):
        return "share"
    if _OTHER.search(rest):
        return "other money"
    return "all" if _MENTAL.search(rest) else ""


def scale(text: str) -> int:
    """Pounds that one stands for in a column of this heading; 0 where it names no unit or two."""
    found = {size for pattern, size in _UNITS if pattern.search(text)}
    return found.pop() if len(found) == 1 else 0


def stage(text: str) -> str:
    """ "planned" or "actual"; "forecast" where it says so; empty where it says none of them or more than one."""
    pairs = (("planned", _PLANNED), ("actual", _ACTUAL), ("forecast", _FORECAST))
    found = [name for name, pattern in pairs if pattern.search(text)]
    return found[0] if len(found) == 1 else ""


def year(text: str) -> str:
    """The financial year that a heading names, written 2021-22; empty where it names none or several."""
    found = {
        f"{first}-{last}"
        for first, last in _YEAR.findall(text)
        if (int(first) + 1) % 100 == int(last)
    }
    return found.pop() if len(found) == 1 else ""


def area_type(code: str, name: str) -> str:
    """The kind of area, from its code and name; empty where neither tells."""
    words = name.lower()
    if words == "england" or code.upper() in ("ENG", "E92000001"):
        return "country"
    if re.search(r"\bccg\b|clinical commissioning group", words):
        return "ccg"
    if re.search(r"\bicb\b|integrated care board", words):
        return "icb"
    if "region" in words or re.fullmatch(r"Y\d\d", code):
        return "commissioning_region"
    if re.fullmatch(r"Q[A-Z0-9]{2}", code):
        return "icb"
    return "ccg" if re.fullmatch(r"\d{2}[A-Z]|[A-Z]\d[A-Z]\d[A-Z]", code) else ""
