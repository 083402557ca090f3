"""The simulated cost of a recovery: everything at once, then each input moved alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger.figures.recovery_cost import dress, row_name
from iapt_ledger.figures.style import BEHIND, BLUE, INK, MUTED, ORANGE, new_figure, title

Words = Callable[[float, float], str]
PANELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "gross": ("Per recovery", BLUE),
        "net": ("Per recovery beyond those that might have come anyway", ORANGE),
    }
)
RANGES: Mapping[str, Words] = MappingProxyType(
    {
        "How a course is costed": lambda a, b: f"£{a:,.0f} to £{b:,.0f} in the study's pounds",
        "Price year of the source": lambda a, b: f"its pounds × {a:.2f} to {b:.2f}",
        "Rate of the outcome": lambda a, b: f"{100 * a:.1f}% to {100 * b:.1f}%, chance alone",
        "Recovery anyway": lambda a, b: f"{100 * a:.0f}% to {100 * b:.0f}% of those at caseness",
    }
)
NAMES = {"Rate of the outcome": "Recovery rate of the year"}
RIGHT, STEP = 12_000.0, 2_000.0


def tornado(swings: pd.DataFrame, together: pd.DataFrame, year: str) -> Figure:
    """Two panels on one scale, gross and net.

    Args:
        swings: measure ("gross", "net"), input, from, to, value (others at their points), low, high.
        together: measure, value (median), low, high: the simulation interval.
        year: the price year, for the heading.
    """
    sizes = [1 + int(swings["measure"].eq(name).sum()) for name in PANELS]
    figure, panels = new_figure(2, 1, height=5.3, height_ratios=sizes)
    for axes, (name, (heading, colour)) in zip(panels, PANELS.items(), strict=True):
        all_at_once = together[together["measure"].eq(name)].iloc[0]
        rows = swings[swings["measure"].eq(name)].to_dict("records")
        row_name(axes, 0, "All inputs at once", "dot: middle draw; bar: 95 of 100 draws")
        _bar(axes, 0, all_at_once["low"], all_at_once["high"], INK, 0.34)
        axes.plot(all_at_once["value"], 0, "o", color="white", markersize=5, zorder=4)
        for y, row in enumerate(rows, start=1):
            row_name(
                axes,
                y,
                NAMES.get(row["input"], row["input"]),
                RANGES[row["input"]](row["from"], row["to"]),
            )
            _bar(axes, y, row["low"], row["high"], colour, 0.5)
        axes.axvline(rows[0]["value"], color=MUTED, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
        dress(axes, 1 + len(rows), RIGHT, STEP)
        title(axes, heading, f"£, {year} prices" if name == "gross" else "same scale")
    return figure


def _bar(axes: Axes, y: float, low: float, high: float, colour: str, height: float) -> None:
    """One bar with its two ends written beside it; without an upper end it runs out of the picture."""
    end = high if np.isfinite(high) else RIGHT
    axes.barh(y, end - low, left=low, height=height, color=colour, edgecolor=colour, zorder=2)
    texts = [(low, f"£{low:,.0f}", -5, "right")]
    texts.append((end, f"£{high:,.0f}" if np.isfinite(high) else "no recovery left", 5, "left"))
    for x, text, dx, side in texts:
        axes.annotate(
            text,
            (x, y),
            xytext=(dx, 0),
            textcoords="offset points",
            ha=side,
            va="center",
            fontsize=8.5,
            bbox=BEHIND,
            zorder=3,
        )
