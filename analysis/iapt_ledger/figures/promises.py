"""Promises beside what came, and all mental-health money: the other figures of the chapter on promises and money."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger.figures.style import (
    BLUE,
    INK,
    ORANGE,
    PURPLE,
    RULE,
    label_end,
    new_figure,
    title,
)
from iapt_ledger.measures.promises import CCG, CCG_AND_SPECIAL, STATEMENT

BILLION = 1_000_000_000.0
RIGHT = 132  # where the counts end, in per cent of what was promised

PROMISED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "therapists": ("New therapists by March 2011", "trained by August 2011"),
        "therapists_press": ("", "trained by April 2011, press"),
        "treated": ("More people treated by March 2011", "entered treatment"),
        "recovered": ("… of them “cured”", "recovered by December 2010, press"),
        "off_benefits": ("Fewer on sick pay and benefits", "moved off by December 2010, press"),
        "access_year": ("15% of prevalence by March 2015", "entered in 2014-15"),
        "access_rate": ("", "January to March 2015, times four"),
        "long_term_plan": ("People a year by 2023-24", "entered in 2023-24"),
    }
)
"""Row of the figure: what was promised, what was counted."""


def promises(rows: pd.DataFrame) -> Figure:
    """Outturn as a share of what was promised; hollow where the count is a press report.

    Args:
        rows: from `promises.promises`.
    """
    figure, axes = new_figure(height=4.1)
    order = [m for m in PROMISED if m in set(rows["measure"])]
    table = rows.set_index("measure").loc[order]
    axes.axvline(100, color=INK, linewidth=1)
    axes.annotate(
        "as promised",
        (100, -0.85),
        xytext=(4, 0),
        textcoords="offset points",
        fontsize=8.5,
        va="center",
    )
    for y, (measure, row) in enumerate(table.iterrows()):
        promise, counted = PROMISED[str(measure)]
        press = counted.endswith("press")
        axes.plot([0, row["value"]], [y, y], color=RULE, linewidth=5, solid_capstyle="butt")
        axes.plot(
            row["value"],
            y,
            "o",
            markersize=8,
            color=BLUE,
            markerfacecolor="white" if press else BLUE,
            markeredgewidth=1.8,
        )
        axes.annotate(f"{row['outturn']:,.0f}", (RIGHT, y), ha="right", va="center", fontsize=9)
        axes.annotate(counted, (RIGHT + 3, y), ha="left", va="center", fontsize=9)
        if promise:
            _promise(axes, y, promise, row["target"])
    _dress_promises(axes, len(table))
    return figure


def _promise(axes: Axes, y: int, promise: str, target: float) -> None:
    axes.annotate(
        promise,
        (0, y),
        xytext=(-58, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=9,
    )
    axes.annotate(
        f"{target:,.0f}",
        (0, y),
        xytext=(-8, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=9,
        fontweight=600,
    )


def _dress_promises(axes: Axes, rows: int) -> None:
    axes.set_ylim(rows - 0.4, -1.2)
    axes.set_xlim(0, 200)
    axes.set_xticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
    axes.set_yticks([])
    axes.grid(False)
    axes.spines["bottom"].set_bounds(0, 100)
    for x in (25, 50, 75):
        axes.axvline(x, color=RULE, linewidth=0.6, zorder=0)
    for y in (1.5, 4.5, 6.5):
        axes.axhline(y, color=RULE, linewidth=0.6, xmin=-0.55, clip_on=False)


def context(spend: pd.DataFrame, year: str) -> Figure:
    """All mental-health money on three bases that do not join, in one price year.

    Args:
        spend: from `promises.mental_health_spend`; year: its price year.
    """
    figure, axes = new_figure(height=3.5)
    looks = {
        CCG_AND_SPECIAL: (PURPLE, "Local and specialised commissioning", "o", (12, 4), 2017),
        CCG: (BLUE, "Local commissioning alone", "o", (0, -15), 2017),
        STATEMENT: (
            ORANGE,
            "Ministers' yearly statement\n(other basis, forecast)",
            "s",
            (-4, -14),
            2022,
        ),
    }
    for basis, (colour, name, marker, offset, at) in looks.items():
        rows = spend[spend["basis"].eq(basis)].sort_values("period")
        x = [int(p[:4]) for p in rows["period"]]
        y = rows["value"] / BILLION
        dashed = "-" if basis != STATEMENT else (0, (4, 2))
        axes.plot(x, y, color=colour, marker=marker, markersize=4.5, linestyle=dashed)
        for i in (0, -1):
            _point(axes, x[i], float(y.iloc[i]), colour, below=basis == CCG)
        other = _otherwise(rows)
        at_other = [int(p[:4]) for p in other["period"]]
        axes.plot(at_other, other["check"] / BILLION, **_HOLLOW, color=colour)
        axes.annotate(
            name,
            (at, float(y.iloc[x.index(at)])),
            xytext=offset,
            textcoords="offset points",
            color=colour,
            fontsize=9,
            fontweight=600,
            va="bottom" if offset[1] > 0 else "top",
        )
    axes.set_ylim(0, 18.5)
    axes.set_yticks([0, 5, 10, 15])
    axes.set_xlim(2014.5, 2025)
    axes.set_xticks(
        range(2015, 2025, 3), [f"{y}-{(y + 1) % 100:02d}" for y in range(2015, 2025, 3)]
    )
    if len(_otherwise(spend)):
        note = "Open circle: another figure published for the same year."
        axes.annotate(note, (2014.7, 0.5), fontsize=8.5, color=INK)
    title(axes, "NHS money for all mental health in England", f"£ billion, {year} prices")
    return figure


_HOLLOW: Mapping[str, Any] = MappingProxyType(
    {"marker": "o", "markersize": 8, "markerfacecolor": "none", "linestyle": "none"}
)
_SEEN = 0.05 * BILLION
"""A difference that the figure's one decimal shows."""


def _otherwise(spend: pd.DataFrame) -> pd.DataFrame:
    """Years that another source tells otherwise, as far as it can be seen."""
    return spend[(spend["check"] - spend["value"]).abs().ge(_SEEN)]


def _point(axes: Axes, x: float, y: float, colour: str, *, below: bool) -> None:
    label_end(axes, x, y, f"{y:.1f}", colour, dx=-8, dy=-9 if below else 9, fontsize=8.5)
