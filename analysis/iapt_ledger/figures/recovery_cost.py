"""Figures of the chapter on what a recovery cost: by method, for 100,000 pounds, over the counts, by year."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from types import MappingProxyType
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger.figures.style import (
    BEHIND,
    BLUE,
    GREEN,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    RULE,
    SAND,
    label_end,
    mark_break,
    new_figure,
    spread_labels,
    title,
)

METHODS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "spent": ("Spent, by NHS England's dashboard", "over the recoveries of {spent}"),
        "published": ("Published for five trusts", "their own recoveries, about 2010-11"),
        "course": ("£{course:,.0f} a course", "× finished courses"),
        "course_mix": (
            "£{course_low:,.0f} to £{course_up:,.0f} by pathway",
            "× finished courses of each pathway",
        ),
        "treated_finished": ("£{treated_finished:,.0f} a treatment", "× finished courses"),
        "treated_entered": ("£{treated_finished:,.0f} a treatment", "× all referrals that entered"),
        "session_mix": (
            "£{session_low:,.0f} to £{session_high:,.0f} a session",
            "× attended appointments by therapy",
        ),
        "cumulative": ("Announced money, one sum", "October 2008 to December 2010"),
        "levels": ("Announced money, yearly levels", "October 2008 to December 2010"),
        "planned": ("£{planned:,.0f} a course, the plan of 2006", "× finished courses"),
    }
)
"""Method: its name, with the published amounts by the key of their unit cost, and what it was multiplied by."""
GROUPS = {"spent": GREEN, "published": INK, "cumulative": ORANGE, "levels": ORANGE, "planned": GREY}
INCREMENTAL: Mapping[str, str] = MappingProxyType(
    {
        "cost per reliable and clinically significant improvement": "per extra person reliably improved",
        "incremental cost per QALY, predicted EQ-5D": "per extra QALY, EQ-5D",
        "incremental cost per QALY, SF-6D": "per extra QALY, SF-6D",
    }
)
LINES: Mapping[str, tuple[str, Any, str]] = MappingProxyType(
    {
        "spent": (INK, "-", "spent, by the dashboard"),
        "course": (BLUE, "-", "£{course:,.0f} × finished courses"),
        "course_mix": (GREEN, "-", "by pathway × finished courses"),
        "treated_finished": (SAND, (0, (5, 1.6)), "£{treated_finished:,.0f} × finished courses"),
        "treated_entered": (PURPLE, (0, (5, 1.6)), "£{treated_finished:,.0f} × entered"),
        "session_mix": (
            ORANGE,
            "-",
            "£{session_low:,.0f} or £{session_high:,.0f} × appointments",
        ),
    }
)
"""Method: colour, dash and name of its line."""


def by_method(
    average: pd.DataFrame, incremental: pd.DataFrame, amounts: Mapping[str, float], year: str
) -> Figure:
    """Average cost per recovery by method; in a panel of its own, what studies found incrementally.

    Args:
        average: method, value, low, high, in GBP of one price year; method "spent" has its year as period.
        incremental: measure, as_read, value, low, high.
        amounts: published unit costs by key, for the names; year: the price year.
    """
    figure, (top, below) = new_figure(2, 1, height=6.0, height_ratios=[10, 4.1])
    rows = average.set_index("method").reindex([m for m in METHODS if m in set(average["method"])])
    for y, (method, row) in enumerate(zip(rows.index, rows.to_dict("records"), strict=True)):
        name, what = METHODS[method]
        row_name(top, y, name.format(**amounts), what.format(spent=row.get("period", "")))
        _dot_range(top, y, row, GROUPS.get(method, BLUE), hollow=method == "planned")
    dress(top, len(rows), _end(rows["high"], 6000, 1000), 1000)
    title(
        top, "Average: money over recoveries, no comparison group", f"£ per recovery, {year} prices"
    )
    for y, row in enumerate(incremental.to_dict("records")):
        row_name(below, y, INCREMENTAL[row["measure"]], "Doncaster against comparator sites")
        below.plot(row["as_read"], y, "o", color=PURPLE, markerfacecolor="white", markersize=6)
        _dot_range(below, y, row, PURPLE)
    dress(below, len(incremental), 60_000, 10_000)
    title(
        below,
        "Incremental: extra cost over extra outcome against other services",
        f"£, hollow as printed (price year not stated), filled in {year} prices",
    )
    return figure


def by_year(frame: pd.DataFrame, amounts: Mapping[str, float], year: str) -> Figure:
    """Cost per recovery by year and method, at unit costs that keep their real value.

    Args:
        frame: method, period, value, in GBP of one price year; amounts: as in `by_method`.
    """
    figure, axes = new_figure(height=4.2)
    frame = frame[frame["method"].isin(LINES)]
    ends, last = {}, max(int(p[:4]) for p in frame["period"])
    for method, (colour, dash, _) in LINES.items():
        rows = frame[frame["method"].eq(method)].sort_values("period")
        if rows.empty:
            continue
        years = [int(p[:4]) for p in rows["period"]]
        axes.plot(years, rows["value"], color=colour, linestyle=dash)
        axes.plot(years[-1], rows["value"].iloc[-1], "o", color=colour, markersize=4)
        ends[method] = float(rows["value"].iloc[-1])
    spread = spread_labels(list(ends.values()), 290)
    for method, y in zip(ends, spread, strict=True):
        colour, _, name = LINES[method]
        label_end(axes, last + 0.1, y, name.format(**amounts), colour, fontsize=8.5)
    mark_break(axes, 2019.5, "data set v2.0,\nCovid", top=0.12)
    axes.set_ylim(0, _end(frame["value"], 5600, 1000))
    axes.set_xlim(2012.7, last + 4.6)
    shown = range(2013, last + 1, 3)
    axes.set_xticks(shown, [f"{y}-{(y + 1) % 100:02d}" for y in shown])
    axes.yaxis.set_major_formatter(lambda v, _: f"£{v:,.0f}")
    axes.spines["bottom"].set_bounds(2012.7, last + 0.4)
    title(
        axes,
        "Cost per recovery by year",
        f"{year} prices; unit costs of about 2010 to 2014 held in real terms",
    )
    return figure


def _end(values: pd.Series, usual: float, step: float) -> float:
    """Where a scale of money ends: at its usual end, or further where a value would not fit."""
    most = float(values.max())
    return usual if most <= usual * 0.97 else step * ceil(1.1 * most / step)


def _dot_range(axes: Axes, y: float, row: Mapping, colour: str, *, hollow: bool = False) -> None:
    axes.plot(
        [row["low"], row["high"]],
        [y, y],
        color=colour,
        linewidth=3.5,
        alpha=0.4,
        solid_capstyle="butt",
    )
    axes.plot(
        row["value"],
        y,
        "o",
        color=colour,
        markersize=7,
        markerfacecolor="white" if hollow else colour,
    )
    axes.annotate(
        f"£{row['value']:,.0f}",
        (max(row["high"], row["value"]), y),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        fontweight=600,
        color=colour if colour != GREY else MUTED,
        bbox=BEHIND,
        zorder=3,
    )


def row_name(axes: Axes, y: float, name: str, what: str) -> None:
    """Name of a row left of the axis, with a second line in lighter type."""
    for text, dy, size, colour in ((name, 5, 9, INK), (what, -6, 8, MUTED)):
        axes.annotate(
            text,
            (0, y),
            xytext=(-8, dy),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=size,
            color=colour,
        )


def dress(axes: Axes, rows: int, right: float, step: float, *, money: bool = True) -> None:
    """Rows from the top down, a scale from nought, thin lines between rows."""
    axes.set_ylim(rows - 0.4, -0.6)
    axes.set_xlim(0, right)
    ticks = [step * i for i in range(int(right / step) + 1)]
    axes.set_xticks(ticks, [f"£{t:,.0f}" if money else f"{t:.0f}" for t in ticks])
    axes.set_yticks([])
    axes.grid(False)
    axes.grid(True, axis="x")
    for y in range(rows - 1):
        axes.axhline(y + 0.5, color=RULE, linewidth=0.4, zorder=0)
