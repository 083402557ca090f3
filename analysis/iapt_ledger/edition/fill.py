"""Fill the core columns that the compiled figures leave out, by rule, from what their own columns say.

Nothing is invented: where no rule speaks, the cell stays empty.
"""

from __future__ import annotations

import re

import pandas as pd

GEOGRAPHY = {
    "England": ("country", "E92000001"),
    "Wales": ("country", "W92000004"),
    "Scotland": ("country", "S92000003"),
    "Northern Ireland": ("country", "N92000002"),
    "UK": ("country", "K02000001"),
    "United Kingdom": ("country", "K02000001"),
    "GB": ("country", "K03000001"),
    "Great Britain": ("country", "K03000001"),
    "England and Wales": ("country", "K04000001"),
}
"""Geography as worded: its type and its code of the Office for National Statistics."""

_PERIOD_NAMES = {
    ("04-01", "03-31"): "financial_year",
    ("01-01", "12-31"): "calendar_year",
    ("09-01", "08-31"): "academic_year",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def period_type(start: str, end: str) -> str:
    """The kind of period between two ISO dates, both included; "other" when it has no name or no start."""
    if not start or not end:
        return "other"
    if start == end:
        return "snapshot"
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    whole = first.day == 1 and last.is_month_end
    if whole and months == 1:
        return "month"
    if whole and months == 3:
        return "quarter"
    if whole and months == 12:
        return _PERIOD_NAMES.get((start[5:], end[5:]), "other")
    return "part_year" if months <= 12 else "several_years"


def period_types(frame: pd.DataFrame) -> pd.Series:
    """`period_type` for each row of a frame with period_start and period_end (text)."""
    pairs = frame[["period_start", "period_end"]].drop_duplicates()
    known = {(a, b): period_type(a, b) for a, b in pairs.itertuples(index=False)}
    names = [known[a, b] for a, b in zip(frame["period_start"], frame["period_end"], strict=True)]
    return pd.Series(names, index=frame.index, dtype=str)


def flow_start(end: str, words: str) -> str:
    """First day of a flow of benefit claims, from the words of its unit and note; empty when they do not say.

    >>> flow_start("2025-09-30", "initial WCAs decided Jan-Sep 2025")
    '2025-01-01'
    """
    last = pd.Timestamp(end)
    if "12 months to date" in words:
        return str((last - pd.DateOffset(years=1) + pd.Timedelta(days=1)).date())
    said = re.search(r"\b([A-Z][a-z]{2}) ?(\d{4})?-([A-Z][a-z]{2}) (\d{4})", words)
    if said and said[4] == end[:4] and _MONTHS.index(said[3].lower()) + 1 == last.month:
        return f"{said[2] or said[4]}-{_MONTHS.index(said[1].lower()) + 1:02d}-01"
    if re.search(rf"(^|; )(average )?{end[:4]}( to September)?$", words):
        return f"{end[:4]}-01-01"
    if last.strftime("%B %Y") in words:
        return f"{end[:7]}-01"
    return ""


def geography_types(geography: pd.Series) -> pd.Series:
    """`geography_type` for geographies as worded; empty when the words do not say."""
    return geography.map(_geography_type).astype(str)


def geography_codes(geography: pd.Series) -> pd.Series:
    """Country codes for geographies as worded; empty for every other area."""
    return geography.map(lambda name: GEOGRAPHY.get(name, ("", ""))[1]).astype(str)


def _geography_type(name: str) -> str:
    if name in GEOGRAPHY:
        return GEOGRAPHY[name][0]
    if name.startswith("NHS region"):
        return "nhs_region"
    if name.startswith("NHS "):
        return "ccg"
    if name.startswith("England ("):
        return "part_of_country"
    if "CAMHS" in name or "partnerships" in name:
        return "services"
    return ""


def roundings(table: str, frame: pd.DataFrame) -> pd.Series:
    """How the publisher rounded each value, from the rules of its collection or the words of its note."""
    words = frame["note"].fillna("").str.lower()
    out = pd.Series("", index=frame.index, dtype=str)
    if table.startswith("iapt_"):
        out = _iapt_roundings(frame)
    for pattern, rounding in _SPOKEN:
        out = out.mask(words.str.contains(pattern, regex=True), rounding)
    return out.mask(frame["source_id"].eq("ons_mye2024_series"), "nearest 100")


_SPOKEN = (
    (r"\brounded\b", "rounded"),
    (r"rounded to whole percent", "whole per cent"),
    (r"rounded to (?:nearest )?10\b", "nearest 10"),
    (r"count rounded up to the nearest 5", "nearest 5"),
    (r"rounded to hundreds", "nearest 100"),
    (r"rounded to thousands", "nearest 1000"),
)


def _iapt_roundings(frame: pd.DataFrame) -> pd.Series:
    """England counts are not rounded and published rates have one decimal, in the publisher's own files."""
    own = frame["source_id"].str.match(r"IAPT_AR_|IAPT_TBO_|NHSTT_MONTHLY") & frame["status"].eq(
        "published"
    )
    out = pd.Series("", index=frame.index, dtype=str)
    counts = frame["unit"].isin(["referrals", "people", "appointments", "courses or referrals"])
    out = out.mask(own & counts, "not rounded")
    return out.mask(own & frame["unit"].eq("percent"), "1 decimal place")
