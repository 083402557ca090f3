"""A provider's months added up: those of a year, and of the year that no annual report covers yet."""

from __future__ import annotations

from iapt_ledger.areas.desk import Desk
from iapt_ledger.areas.held import MONTHS_IN_A_YEAR
from iapt_ledger.areas.model import ROUNDING_RANGE, Number
from iapt_ledger.measures import services

SUMMED = (
    ("referrals_received", "referrals received"),
    ("entered_treatment", "entered treatment"),
    ("finished_course", "finished a course"),
    ("moved_to_recovery", "moved to recovery"),
)


def sum_of_months(desk: Desk, measure: str, label: str, year: str, name: str) -> Number | None:
    """A monthly count added up over the months of a year that have it; None where there is none."""
    months = desk.months
    if months is None:
        return None
    rows = months[months["year"].eq(year) & months[measure].notna()]
    if rows.empty:
        return None
    total, near = float(rows[measure].sum()), services.ROUNDED_BY * len(rows)
    return desk.numbers.keep(
        name,
        label,
        year,
        total,
        unit="referrals",
        made=f"Sum of {len(rows)} months, each to the nearest five; hidden months are not in it.",
        obs=[f"{row}:{measure}" for row in rows["row"]],
        sources=rows["source"],
        limits=(max(total - near, 0), total + near),
        interval=ROUNDING_RANGE,
    )


def since_then(desk: Desk) -> tuple[str, list[Number]]:
    """What a provider's months since the newest annual report add up to, in a sentence."""
    months = desk.months
    if months is None:
        return "", []
    later = sorted(year for year in months["year"].unique() if year > desk.peers.period)
    if not later:
        return "", []
    year = later[-1]
    suffix = year.replace("-", "_")
    found = {
        words: sum_of_months(desk, m, f"Sum of months: {words}", year, f"{m}_{suffix}")
        for m, words in SUMMED
    }
    kept = [number for number in found.values() if number]
    if not kept:
        return f"Its monthly counts of {year} are all hidden, because under five.", []
    held = int((months["year"].eq(year) & months["referrals_received"].notna()).sum())
    told = ", ".join(f"{number.text} {words}" for words, number in found.items() if number)
    return (
        f"Since then: its months of {year} add up to {told}. {held} of {MONTHS_IN_A_YEAR} months have a count of"
        " referrals, and hidden counts are in no sum.",
        kept,
    )
