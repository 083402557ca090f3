"""Announced money by year, drawn with what is not held: the first figure of the chapter on promises and money."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from iapt_ledger.figures.palette import PALE
from iapt_ledger.figures.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MUTED,
    ORANGE,
    new_figure,
    title,
)
from iapt_ledger.measures.announced import CUMULATIVE, LEVELS

MILLION = 1_000_000.0
BILLION = 1000 * MILLION
EARLY, LATE = list(range(2007, 2011)), list(range(2011, 2029))  # first years of financial years
HELD_TO = 2025  # the last year that activity is held for
BAR = 0.4  # width in years

# Announcements after 2011 that are drawn: the words around the amount, whether it is the outer of two blocks.
BLOCKS: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "Spending Review 2010 funding for psychological therapies, four years": (
            "{}\nover four years\n(Spending Review 2010)",
            False,
        ),
        "Integrated IAPT early implementers funding": ("{}\nintegrated services", False),
        "Autumn Statement 2023: Talking Therapies and Individual Placement and Support, five years": (
            "Autumn Statement 2023:\n{} with\nemployment support",
            True,
        ),
        "Autumn Statement 2023: new funding to expand NHS Talking Therapies": (
            "{}\nover five years",
            False,
        ),
    }
)


def drawn(announcements: pd.DataFrame) -> pd.DataFrame:
    """The announcements that the figure draws as blocks: first-hand where two sources tell of one sum."""
    rows = announcements[announcements["measure"].isin(BLOCKS)]
    rows = rows.sort_values("second_hand", kind="stable")
    return rows[~rows.duplicated(["measure", "period"])].sort_values(["first_year", "value"])


def announced(
    readings: pd.DataFrame, others: pd.DataFrame, before: pd.Series, spent: pd.DataFrame
) -> Figure:
    """Money announced for talking therapies by year, in cash, over a strip of what was spent and what is not held.

    Args:
        readings: from `announced.by_reading`.
        others: later announcements, from `drawn`.
        before: the row of what local trusts spent before the programme.
        spent: from `spending.spent`, what the programme spent by year; often empty.
    """
    figure, ((early, late), *strips) = new_figure(
        2, 2, height=4.4, sharex="col", height_ratios=[1, 0.13], width_ratios=[0.43, 0.57]
    )
    _before(early, before)
    _readings(early, readings)
    for row in others.to_dict("records"):
        _block(late, row)
    title(early, "Announced for talking therapies", "£ million a year, cash")
    for axes, years in ((early, EARLY), (late, LATE)):
        axes.set_ylim(0, 205)
        axes.set_xlim(years[0] - 0.55, years[-1] + 0.55)
    late.set_yticklabels([])
    by_year = {int(p[:4]): v for p, v in zip(spent["period"], spent["value"], strict=True)}
    _gap(strips[0][0], strips[0][1], by_year)
    return figure


def _before(axes: Axes, row: pd.Series) -> None:
    _bar(axes, EARLY[0], 0.62, row["value"], GREY, filled=False)
    words = f"{row['value'] / MILLION:.0f} spent by\nlocal trusts\nbefore"
    _say(axes, EARLY[0] - 0.5, row["value"], words, GREY, ha="left")


def _readings(axes: Axes, readings: pd.DataFrame) -> None:
    looks = (
        (LEVELS, -1, BLUE, "a level for each year,\n£{:.0f}m in all", 2009.55, 150, "right"),
        (CUMULATIVE, 1, ORANGE, "added each year,\n£{:.0f}m in all", 2009.55, 119, "right"),
    )
    for reading, side, colour, words, x, y, ha in looks:
        rows = readings[readings["reading"].eq(reading)]
        for first, value in zip(rows["first_year"], rows["value"], strict=True):
            at = first + side * BAR / 2
            _bar(axes, at, BAR, value, colour, filled=side < 0)
            _say(axes, at, value, f"{value / MILLION:.0f}", colour)
        _say(axes, x, y * MILLION, words.format(rows["value"].sum() / MILLION), colour, ha=ha)


def _block(axes: Axes, row: Mapping) -> None:
    """A sum over several years as one block of the average height: its yearly split is not published."""
    words, outer = BLOCKS[row["measure"]]
    single = row["years"] == 1
    left, width = row["first_year"] - 0.44, row["years"] - 0.12
    height = row["value"] / MILLION / row["years"]
    axes.add_patch(
        Rectangle(
            (left, 0),
            width,
            height,
            facecolor=GREEN if single else "none" if outer else PALE,
            edgecolor=GREEN,
            linewidth=1.1,
            linestyle="-" if single else (0, (4, 2)),
            zorder=2,
        )
    )
    amount = f"{row['qualifier']} £{row['value'] / MILLION:.0f}m".strip()
    inside, x = "five" in words, left + width / 2
    ha = "center" if row["first_year"] > LATE[0] else "left"
    if single:  # two bars side by side: each label keeps to its own side
        earlier = row["first_year"] == 2016
        x, ha = (left + width, "right") if earlier else (left, "left")
        words = words.split("\n")[0] if earlier else words
    elif ha == "left":
        x = left
    _say(axes, x, row["value"] / row["years"], words.format(amount), INK, ha=ha, inside=inside)


def _gap(early: Axes, late: Axes, spent: Mapping[int, float]) -> None:
    """The strip under the years: what the programme spent, by first year, and that it is not held for the others."""
    for strip, years, start, step in ((early, EARLY, EARLY[1], 1), (late, LATE, LATE[0], 4)):
        strip.add_patch(
            Rectangle(
                (start - 0.5, 0.08),
                min(years[-1], HELD_TO) + 1 - start,
                0.84,
                facecolor="none",
                edgecolor=GREY,
                hatch="////",
                linewidth=0.8,
            )
        )
        strip.set_ylim(0, 1)
        strip.set_yticks([])
        strip.grid(False)
        shown = years[::step]
        strip.set_xticks(shown, [f"{y}-{(y + 1) % 100:02d}" for y in shown])
        for first in set(years) & set(spent):
            _spent(strip, first, spent[first])
    at, words = _unheld(spent)
    for strip, x, text in ((early, EARLY[2], "Spent: not held"), (late, at, words)):
        strip.annotate(
            text,
            (x, 0.5),
            ha="center",
            va="center",
            fontsize=9,
            fontweight=600,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 2.5},
        )


def _spent(strip: Axes, first: int, value: float) -> None:
    strip.add_patch(
        Rectangle((first - 0.5, 0.08), 1, 0.84, facecolor=PALE, edgecolor=GREEN, linewidth=0.8)
    )
    strip.annotate(f"{value / MILLION:.0f}", (first, 0.5), ha="center", va="center", fontsize=7.5)


def _unheld(spent: Mapping[int, float]) -> tuple[float, str]:
    """Middle of the longest stretch of later years whose spending is not held, and what stands there."""
    if not set(LATE) & set(spent):
        return (LATE[0] + HELD_TO) / 2, "Spent on the programme in any year: not held"
    runs: list[list[int]] = [[]]
    for year in range(LATE[0], HELD_TO + 1):
        if year in spent:
            runs.append([])
        else:
            runs[-1].append(year)
    longest = max(runs, key=len)
    return (sum(longest) / len(longest), "Spent: not held") if len(longest) > 2 else (LATE[0], "")


def _bar(axes: Axes, x: float, width: float, value: float, colour: str, *, filled: bool) -> None:
    axes.bar(
        x,
        value / MILLION,
        width=width,
        facecolor=colour if filled else "white",
        edgecolor=colour,
        linewidth=1.2,
        hatch=None if filled else "...",
        zorder=2,
    )


def _say(
    axes: Axes,
    x: float,
    value: float,
    text: str,
    colour: str,
    ha: str = "center",
    *,
    inside: bool = False,
) -> None:
    axes.annotate(
        text,
        (x, value / MILLION),
        xytext=(0, -5 if inside else 3),
        textcoords="offset points",
        ha=ha,
        va="top" if inside else "bottom",
        color=colour if colour != GREY else MUTED,
        fontsize=8.5,
        fontweight=600,
        linespacing=1.1,
    )
