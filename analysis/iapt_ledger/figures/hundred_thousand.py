"""Recoveries for 100,000 pounds beside the three figures that a document quotes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger.figures.recovery_cost import METHODS, dress, row_name
from iapt_ledger.figures.style import BEHIND, BLUE, INK, MUTED, ORANGE, new_figure

SETS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "then": ("All ways of the time", "simulated"),
        "later": ("The study's prices, outcomes of 2024-25", "simulated"),
    }
)
KINDS: Mapping[str, tuple[str, float, str]] = MappingProxyType(
    {"gross": (BLUE, -0.17, "recoveries"), "net": (ORANGE, 0.17, "beyond those anyway")}
)


def for_hundred_thousand(
    ways: pd.DataFrame,
    simulated: pd.DataFrame,
    quoted: Mapping[str, float],
    amounts: Mapping[str, float],
) -> Figure:
    """Ways to work it out at the time, the simulation over them, and the three quoted figures as lines.

    Args:
        ways: recoveries of the time: method, period, low, value, high, over the years whose pounds are meant.
        simulated: set ("then", "later"), measure ("gross", "net"), value, low, high.
        quoted: name to quoted figure; amounts: published unit costs by key, for the names.
    """
    figure, axes = new_figure(height=4.9)
    for y, row in enumerate(ways.to_dict("records")):
        name, what = METHODS[row["method"]]
        own = row["method"] in ("published", "levels", "cumulative")
        row_name(axes, y, name.format(**amounts), what if own else f"{what}, {row['period']}")
        _range(axes, y, row, INK, 2.6)
    start = len(ways)
    axes.axhline(start - 0.5, color=MUTED, linewidth=0.9)
    for y, (name, (heading, what)) in enumerate(SETS.items(), start=start):
        row_name(axes, y, heading, what)
        rows = simulated[simulated["set"].eq(name)].set_index("measure").to_dict("index")
        for kind, (colour, dy, words) in KINDS.items():
            _range(axes, y + dy, rows[kind], colour, 5)
            if y == start:
                _words(axes, _clear(rows["gross"]["high"], quoted), y + dy, words, colour)
    _quoted(axes, quoted)
    dress(axes, start + len(SETS), 125, 25, money=False)
    return figure


def _range(axes: Axes, y: float, row: Mapping[Any, Any], colour: str, width: float) -> None:
    ends = [row["low"], row["high"]]
    axes.plot(ends, [y, y], color=colour, linewidth=width, alpha=0.45, solid_capstyle="butt")
    axes.plot(row["value"], y, "o", color=colour, markersize=5.5, zorder=3)


def _clear(x: float, quoted: Mapping[str, float]) -> float:
    """Where words to the right of x have room: behind the next quoted line."""
    return min((v for v in quoted.values() if v > x), default=x)


def _words(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    axes.annotate(
        text,
        (x, y),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
        fontweight=600,
        color=colour,
        bbox=BEHIND,
        zorder=4,
    )


def _quoted(axes: Axes, quoted: Mapping[str, float]) -> None:
    """The document's own figures as dashed lines, said to be quoted."""
    for value, text in [
        (0.0, "Quoted in the document:"),
        *((v, f"{v:.0f}\n{k}") for k, v in quoted.items()),
    ]:
        if value:
            axes.axvline(value, color=INK, linewidth=1.1, linestyle=(0, (5, 2)), zorder=1)
        axes.annotate(
            text,
            (value, -0.75),
            ha="center" if value else "left",
            va="bottom",
            fontsize=8.5,
            fontweight=600 if value else 400,
            annotation_clip=False,
            linespacing=1.1,
        )
