"""The chart that splits each rise in the psychiatric share between psychiatric claimants and all others."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from iapt_ledger.figures import style
from iapt_ledger.figures.benefits import PRESS
from iapt_ledger.figures.style import BLUE, GREY, INK, MUTED
from iapt_ledger.numbers import format_value

HEAD, GAP = 0.72, 0.34  # rows a scheme's heading takes, and the space before it
PARTS = (("by_mental", BLUE, -0.16), ("by_others", GREY, 0.16))
LIMITS = (-17.0, 26.0)
LEFT = 0.375  # of the width: what the words of the rows take


def apart(spans: pd.DataFrame) -> Figure:
    """Each span as two bars, what psychiatric claimants and what all others did to the share; a mark for both together.

    Args:
        spans: frame of `measures.benefit_spans.spans`. Thin lines are what rounding allows; pale bars are second-hand.
    """
    places, heads, last = _places(spans)
    height = 0.36 * last + 0.85
    figure, axes = style.new_figure(height=height, layout="none")
    axes.set_position((LEFT, 0.55 / height, 0.99 - LEFT, 1 - 0.6 / height))
    axes.set(ylim=(last, -0.75), xlim=LIMITS, yticks=[])
    axes.grid(axis="x")
    axes.axvline(0, color=INK, lw=0.9)
    for y, row in zip(places, spans.to_dict("records"), strict=True):
        for part, colour, dy in PARTS:
            alpha = PRESS if row["press"] else 1.0
            axes.barh(y + dy, row[part], height=0.3, color=colour, alpha=alpha)
            axes.plot([row[f"{part}_low"], row[f"{part}_high"]], [y + dy] * 2, color=INK, lw=0.9)
        axes.plot(row["change"], y, "D", mfc="white", mec=INK, mew=1.3, ms=6.5, zorder=4)
        _label(axes, y, row["period"])
        top = max(row["by_mental_high"], row["by_others_high"], row["change"])
        sign = "+" if row["change"] > 0 else ""
        words = " together" if y == places[0] else ""
        axes.annotate(
            sign + format_value(row["change"], "percentage points").split()[0] + words, (top, y), xytext=(9, 0),
            textcoords="offset points", va="center", fontsize=8.5, fontweight=600, color=INK,
        )  # fmt: skip
    for y, name in heads:
        _label(axes, y, name, fontweight=600, color=INK)
    _key(axes, places[0])
    axes.set_xlabel("percentage points of the share")
    axes.set_xticks([-10, 0, 10, 20], ["−10", "0", "10", "20"])
    return figure


def _places(spans: pd.DataFrame) -> tuple[list[float], list[tuple[float, str]], float]:
    """Where the rows and the headings of the schemes stand, from the top down."""
    places: list[float] = []
    heads: list[tuple[float, str]] = []
    y, scheme = 0.0, None
    for row in spans.to_dict("records"):
        if row["scheme"] != scheme:
            y += GAP if scheme else 0
            scheme = row["scheme"]
            heads.append((y, f"{scheme}; {row['counted']}"))
            y += HEAD
        places.append(y)
        y += 1
    return places, heads, y - 0.3


def _label(axes: Axes, y: float, text: str, **options: Any) -> None:
    where = blended_transform_factory(axes.transAxes, axes.transData)
    settings = {"fontsize": 8.5, "color": MUTED, "va": "center", "ha": "left", **options}
    axes.annotate(
        text, (-LEFT / (0.99 - LEFT) + 0.01, y), xycoords=where, annotation_clip=False, **settings
    )


def _key(axes: Axes, y: float) -> None:
    """Names of the two bars, beside those of the first row."""
    for dy, text, colour in ((-0.22, "psychiatric", BLUE), (0.22, "all others", MUTED)):
        axes.annotate(
            text, (0, y + dy), xytext=(-6, 0), textcoords="offset points", color=colour, fontweight=600,
            fontsize=8.5, ha="right", va="center", bbox=style.BEHIND,
        )  # fmt: skip
