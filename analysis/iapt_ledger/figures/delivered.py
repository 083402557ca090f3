"""Figures of the chapter on what was delivered: the pathway of a year, and recovery under each denominator."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger.figures.palette import PALE
from iapt_ledger.figures.palette import PAPER as WHITE
from iapt_ledger.figures.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    mark_break,
    new_figure,
    title,
)
from iapt_ledger.numbers import format_count

# Each row of the pathway: stage, its name, the stage it is a part of, and who makes up the rest of that.
STEPS = (
    ("referrals_received", "Referred", "", ""),
    ("entered_treatment", "Entered treatment", "referrals_received", "not treated, or not yet"),
    ("finished_course", "Finished a course", "entered_treatment", "one treatment only, or open"),
    ("recovery_denominator", "… begun at caseness", "finished_course", "begun below caseness"),
    ("moved_to_recovery", "Recovered", "recovery_denominator", "not recovered"),
    ("reliable_recovery", "Reliably recovered", "moved_to_recovery", "change within error"),
)
CHANGES = (  # of finished courses; each bar begins where the one above ends
    ("reliable_improvement", "Reliably improved", GREEN),
    ("no_reliable_change", "No reliable change", GREY),
    ("reliable_deterioration", "Reliably worse", ORANGE),
    ("no_paired_scores", "No second score", INK),
)
LABEL_AT, COUNT_AT, SHARE_AT = -194, -46, -10  # columns of text left of the bars, in points
ROOM = 1.55  # width of the plot in longest bars: the rest is for words

# Recovery lines: denominator, name, colour, where the name stands.
RECOVERY_LINES = (
    ("recovery_denominator", "per course begun at caseness", BLUE, (2014.4, 55.5)),
    ("finished_course", "per finished course", GREEN, (2016.9, 43.7)),
    ("entered_treatment", "per referral entering treatment", ORANGE, (2014.6, 30.3)),
    ("referrals_received", "per referral received", PURPLE, (2015.7, 21.9)),
)
VERSIONS = ((2014.25, "v1.5"), (2020.42, "v2.0"), (2022.0, "v2.1"))  # 2014.25 is July 2014
GROUPS = {"no treatment": "untreated", "care as usual": "usual care"}


def pathway(steps: pd.DataFrame) -> Figure:
    """One year's pathway: how many referrals reach each stage, and what change finished courses showed.

    Args:
        steps: from `per_hundred_referrals`, one year.
    """
    figure, axes = new_figure(height=4.6)
    value = dict(zip(steps["measure"], steps["value"], strict=True))
    share = dict(zip(steps["measure"], steps["per_hundred"], strict=True))
    for y, (name, label, whole, rest) in enumerate(STEPS):
        _row(axes, y, label, value[name], share[name])
        axes.barh(y, value[name], height=0.62, color=BLUE)
        if whole:
            _rest(axes, y, value[name], value[whole], rest)
    left = 0.0
    for y, (name, label, colour) in enumerate(CHANGES, len(STEPS) + 1):
        _row(axes, y, label, value[name], share[name])
        axes.barh(y, value[name], left=left, height=0.62, color=colour)
        left += value[name]
    _text(
        axes,
        len(STEPS) + 0.1,
        LABEL_AT,
        "Change in the scores of finished courses",
        "left",
        color=MUTED,
    )
    for at, head in ((COUNT_AT, "referrals"), (SHARE_AT, "per 100")):
        _text(axes, -0.8, at, head, "right", color=MUTED, fontsize=8.5)
    axes.set_ylim(len(STEPS) + len(CHANGES) + 0.6, -1.1)
    axes.set_xlim(0, value["referrals_received"] * ROOM)
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    return figure


def recovery(rates: pd.DataFrame, benchmarks: pd.DataFrame, standard: float) -> Figure:
    """Recovery by year under each denominator, beside remission without therapy in studies.

    Args:
        rates: from `pathway_rates`, outcome moved_to_recovery.
        benchmarks: from `natural_recovery`, remission only.
        standard: the recovery standard, per cent.
    """
    figure, (left, right) = new_figure(
        columns=2, height=4.5, sharey=True, gridspec_kw={"width_ratios": [4.3, 2]}
    )
    left.axhline(standard, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    _say(left, f"standard {standard:.0f}", (2011.9, standard), (0, 7), MUTED, ha="left", fontsize=8)
    for denominator, label, colour, place in RECOVERY_LINES:
        _recovery_line(left, rates[rates["denominator"] == denominator], colour)
        _say(left, label, place, (0, 0), colour, ha="left", fontweight=600)
    for x, text in VERSIONS:
        mark_break(left, x, text, top=0.05)
    _undercount(left, rates)
    _benchmarks(right, benchmarks)
    left.set_ylim(0, 60)
    left.set_xlim(2011.8, 2026.9)
    years = range(2013, 2026, 4)
    left.set_xticks([y + 0.5 for y in years], [f"{y}-{(y + 1) % 100:02d}" for y in years])
    title(left, "Recovered, by denominator", "per cent, England")
    title(right, "Remission without therapy", "per cent, other people and yardsticks")
    return figure


def middle_of(periods: pd.Series) -> pd.Series:
    """The middle of financial years on an axis whose whole numbers are the first of April."""
    return periods.str[:4].astype(int) + 0.5


def _say(
    axes: Axes,
    text: str,
    place: tuple[float, float],
    offset: tuple[float, float],
    colour: str,
    *,
    ha: str = "center",
    **options: object,
) -> None:
    """Small text at a place of the data, moved by some points."""
    axes.annotate(
        text,
        place,
        offset,
        textcoords="offset points",
        color=colour,
        ha=ha,
        **{"fontsize": 8.5, "va": "center", **options},  # type: ignore[arg-type]
    )


def _text(axes: Axes, y: float, dx: float, text: str, ha: str, **options: object) -> None:
    """Text on the row y, dx points from the beginning of the bars."""
    axes.annotate(
        text,
        (0, y),
        (dx, 0),
        textcoords="offset points",
        ha=ha,
        va="center",
        annotation_clip=False,
        **options,  # type: ignore[arg-type]
    )


def _row(axes: Axes, y: float, label: str, value: float, share: float) -> None:
    _text(axes, y, LABEL_AT, label, "left")
    _text(axes, y, COUNT_AT, format_count(value), "right")
    _text(axes, y, SHARE_AT, f"{share:.1f}", "right", fontweight=600)


def _rest(axes: Axes, y: float, value: float, whole: float, rest: str) -> None:
    axes.barh(y, whole - value, left=value, height=0.62, color=PALE)
    _say(axes, f"{format_count(whole - value)} {rest}", (whole, y), (6, 0), MUTED, ha="left")


def _recovery_line(axes: Axes, line: pd.DataFrame, colour: str) -> None:
    """A line of comparable years; hollow points rest in part on sums of months."""
    line = line[line["comparable"]].sort_values("period")
    years, whole = middle_of(line["period"]), (line["basis"] == "annual report").to_numpy()
    axes.plot(years, line["value"], color=colour, linewidth=1.8)
    axes.scatter(years[whole], line["value"][whole], color=colour, s=16, zorder=3)
    axes.scatter(
        years[~whole], line["value"][~whole], facecolor=WHITE, edgecolor=colour, s=18, zorder=3
    )
    first = (-3, -10) if colour == GREEN else (-12, 0)  # clear of the year before
    last = (12, 4) if colour == BLUE else (12, 0)  # clear of the line of the standard
    for place, offset in ((0, first), (-1, last)):
        value = float(line["value"].iloc[place])
        _say(axes, f"{value:.0f}", (years.iloc[place], value), offset, colour, fontweight=600)


def _undercount(axes: Axes, rates: pd.DataFrame) -> None:
    early = rates[~rates["comparable"] & (rates["denominator"] == "recovery_denominator")]
    years = middle_of(early["period"])
    axes.scatter(years, early["value"], facecolor=WHITE, edgecolor=BLUE, marker="D", s=20)
    for x, y in zip(years, early["value"], strict=True):
        _say(axes, f"{y:.0f}\nunder-\ncount", (x, y), (0, -6), MUTED, fontsize=7.5, va="top")


def _benchmarks(axes: Axes, benchmarks: pd.DataFrame) -> None:
    """Studies by months of follow-up, with the intervals that were published."""
    moved = 0.0  # two studies of up to twelve months with intervals stand beside each other
    for study in benchmarks.to_dict("records"):
        x, beyond = study["months_high"], study["months_high"] > 6
        if pd.notna(study["low"]):
            x, moved = x - moved, moved + 0.7
            axes.plot([x, x], [study["low"], study["high"]], color=GREY, linewidth=1)
        axes.scatter(x, study["value"], color=INK, marker="s", s=18, zorder=3)
        words = f"{study['value']:.0f} {GROUPS.get(study['group'], study['group'])}"
        at = (x - 0.7 if beyond and x == 12 and pd.notna(study["low"]) else x, study["value"])
        _say(
            axes,
            words,
            at,
            (-6 if beyond else 6, 0),
            INK,
            ha="right" if beyond else "left",
            fontsize=8,
        )
    axes.set_xlim(1.5, 13)
    axes.set_xticks([3, 6, 12], ["3", "6", "12 months"])
