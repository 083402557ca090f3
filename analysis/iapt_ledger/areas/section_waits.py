"""Waits of those who finished a course, by year and month, with England beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from iapt_ledger.areas import pictures
from iapt_ledger.areas.desk import WILSON, Desk
from iapt_ledger.areas.model import Number, Picture, Section, Table
from iapt_ledger.areas.words import shown
from iapt_ledger.measures.frames import rows_of


class Standard(NamedTuple):
    """A waiting-time standard: monthly measure, measure of England's report, words, per cent."""

    monthly: str
    national: str
    words: str
    percent: float


STANDARDS = (
    Standard("waited_under_6_weeks_pct", "waited_under_6_weeks", "under 6 weeks", 75),
    Standard("waited_under_18_weeks_pct", "waited_under_18_weeks", "under 18 weeks", 95),
)
YEARS_SHOWN = 3
ENOUGH_TO_DRAW = 6  # months


def waits(desk: Desk) -> Section:
    """Waits of those who finished, by year and month; England beside it."""
    months = desk.months
    if months is None:
        return _england_alone(
            desk,
            "Waits are not published by board in this edition. Those of providers are in their own briefs."
            if desk.kind.key == "icb"
            else "The monthly figures have no waits of this provider.",
        )
    years = sorted(months["year"].unique())[-YEARS_SHOWN:]
    own = {(s.words, y): _year_wait(desk, months, s, y) for s in STANDARDS for y in years}
    held = [y for y in years if any(own[s.words, y] for s in STANDARDS)]
    if not held:
        words = "Its monthly rates of waits are suppressed in the last three years, as are those of all small numbers."
        return _england_alone(desk, words)
    england = _england_waits(desk, held[-1])
    kept = [number for number in own.values() if number]
    return Section(
        "waits",
        "Waits",
        (_waits_words(months, held[-1]),),
        picture=_wait_picture(months),
        table=_wait_table(own, england, held),
        source=desk.source_line(*kept, *england),
    )


def _england_alone(desk: Desk, words: str) -> Section:
    england = _england_waits(desk, desk.peers.period)
    told = (words, _england_words(england))
    return Section("waits", "Waits", told, source=desk.source_line(*england))


def _wait_table(
    own: Mapping[tuple[str, str], Number | None], england: Sequence[Number], years: Sequence[str]
) -> Table:
    rows = tuple(
        (
            standard.words.capitalize(),
            *(shown(own[standard.words, year]) for year in years),
            shown(theirs),
            f"{standard.percent:g}%",
        )
        for standard, theirs in zip(STANDARDS, england, strict=True)
    )
    caption = "Share of those who finished a course, by wait for a first treatment"
    head = ("Wait", *years, "England", "Standard")
    return Table(f"{caption}; England in {england[0].period}", head, rows)


def _waits_words(months: pd.DataFrame, year: str) -> str:
    rows = months[months["year"].eq(year)]
    held = int((rows[STANDARDS[0].monthly].notna() & rows["finished_course"].notna()).sum())
    return (
        "From referral to first treatment, of those who finished a course; whoever still waits or left before is not"
        " in it. Years are means of the months, weighted by finished courses. Months are printed in whole per cent,"
        f" so a year may be half a point off. {year} has {held} of 12 months."
    )


def _year_wait(desk: Desk, months: pd.DataFrame, standard: Standard, year: str) -> Number | None:
    """The mean of a year's monthly rates, weighted by finished courses."""
    rows = months[months["year"].eq(year)].dropna(subset=[standard.monthly, "finished_course"])
    weight = rows["finished_course"]
    if weight.sum() <= 0:
        return None
    value = float((rows[standard.monthly] * weight).sum() / weight.sum())
    return desk.numbers.keep(
        f"{standard.national}_{year.replace('-', '_')}",
        f"Waited {standard.words} for a first treatment",
        year,
        value,
        unit="percent",
        made=f"Mean of {len(rows)} monthly rates in whole per cent, weighted by finished courses.",
        obs=[f"{row}:{m}" for row in rows["row"] for m in (standard.monthly, "finished_course")],
        sources=rows["source"],
        limits=(max(value - 0.5, 0), min(value + 0.5, 100)),
        interval="range that rates in whole per cent leave",
    )


def _england_waits(desk: Desk, year: str) -> list[Number]:
    """England's shares in a year, or in the newest one before it that has both."""
    frame = desk.held.england_waits
    both = [frame[frame["measure"].eq(s.national) & frame["period"].le(year)] for s in STANDARDS]
    held = max(set(both[0]["period"]) & set(both[1]["period"]))
    return [
        _england_wait(desk, standard, next(rows_of(rows[rows["period"].eq(held)])))
        for standard, rows in zip(STANDARDS, both, strict=True)
    ]


def _england_wait(desk: Desk, standard: Standard, row: Any) -> Number:
    return desk.numbers.keep(
        f"england_{standard.national}",
        f"England: waited {standard.words} for a first treatment",
        row.period,
        row.value,
        unit="percent",
        made=f"Share of finished courses, {row.basis}.",
        obs=row.obs,
        sources=[desk.held.source_of[one] for one in row.obs],
        limits=(row.low, row.high),
        interval=WILSON,
    )


def _england_words(england: Sequence[Number]) -> str:
    told = " and ".join(
        f"{n.text} {n.label.removeprefix('England: ').removesuffix(' for a first treatment')}"
        for n in england
    )
    return f"In England {told} in {england[0].period}, of those who finished a course."


def _wait_picture(months: pd.DataFrame) -> Picture | None:
    """The months' rates, where there are enough of them to draw."""
    held = months[months[[s.monthly for s in STANDARDS]].notna().any(axis=1)]
    if len(held) < ENOUGH_TO_DRAW:
        return None
    drawn = pictures.waits(held, [(s.monthly, s.words, s.percent) for s in STANDARDS])
    last = held.index.max()
    newest = {s.words: float(held[s.monthly].iloc[-1]) for s in STANDARDS}
    told = " and ".join(f"{v:.0f}% {words}" for words, v in newest.items() if np.isfinite(v))
    return Picture(
        drawn,
        f"Shares of those who finished that had waited under 6 and under 18 weeks, by month from"
        f" {held.index.min():%B %Y} to {last:%B %Y}. In the last month {told}.",
        "Upper line: waited under 18 weeks; lower line: under 6 weeks; per cent of those who finished, by month. Months"
        " without a figure are gaps.",
    )
