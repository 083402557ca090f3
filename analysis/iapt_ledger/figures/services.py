"""Figures of the chapter on services: the funnel, the ranks with their ranges, and rates near the standards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger.figures.palette import LIGHT, PALE
from iapt_ledger.figures.palette import PAPER as WHITE
from iapt_ledger.figures.style import (
    BEHIND,
    BLUE,
    GREY,
    INK,
    MUTED,
    ORANGE,
    RULE,
    new_figure,
    title,
)
from iapt_ledger.methods.thresholds.bunching_result import Bunching
from iapt_ledger.methods.units.funnels import Funnel

SHOWN = (27, 79)  # recovery, per cent: all services of the year lie within
SIZES = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
Label = tuple[str, str, tuple[float, float], str]  # code, words, offset in points, alignment
Panel = tuple[str, Bunching, str, tuple[int, int]]


def funnel_plot(drawn: Funnel, labels: Sequence[Label]) -> Figure:
    """Recovery of services by their size, with exact limits and limits adjusted for overdispersion.

    Args:
        drawn: the funnel of a year; labels: units to name, and where.
    """
    figure, axes = new_figure(height=4.7)
    sizes = np.unique(np.round(np.geomspace(50, 26_000, 280)))
    _curves(axes, drawn, sizes)
    units = drawn.units.set_index("name")
    far = units["adjusted_99_8"].ne(0)
    outside = units["outside_99_8"].ne(0) & ~far
    for rows, colour, face, marker in (
        (units[~outside & ~far], BLUE, WHITE, "o"),
        (units[outside], BLUE, BLUE, "o"),
        (units[far], ORANGE, ORANGE, "D"),
    ):
        axes.scatter(
            rows["denominator"],
            100 * rows["rate"],
            s=17,
            marker=marker,
            facecolor=face,
            edgecolor=colour,
            linewidth=0.9,
            zorder=3,
        )
    sizes_of, rates = units["denominator"], units["rate"]
    for code, words, offset, side in labels:
        place = float(sizes_of[code]), 100 * float(rates[code])
        _say(axes, words, place, offset, INK, ha=side)
    axes.set_xscale("log")
    axes.set_xlim(47, 33_000)
    axes.set_ylim(*SHOWN)
    axes.set_xticks(SIZES, [f"{n:,}" for n in SIZES])
    axes.minorticks_off()
    axes.set_xlabel("courses begun at caseness in the year (logarithmic)")
    title(axes, "Recovery of services", "per cent of courses begun at caseness")
    return figure


def _curves(axes: Axes, drawn: Funnel, sizes: np.ndarray) -> None:
    axes.axhline(100 * drawn.target, color=MUTED, linewidth=0.9)
    for level, adjusted, colour, dash, words in (
        (0.95, False, GREY, (0, (1.4, 1.4)), "95%"),
        (0.998, False, INK, "-", "99.8%"),
        (0.998, True, ORANGE, (0, (5, 2)), "99.8% with the spread\nbetween services"),
    ):
        limits = drawn.limits(sizes, level=level, adjusted=adjusted)
        for side in ("low", "high"):
            axes.plot(sizes, 100 * limits[side], color=colour, linewidth=1, linestyle=dash)
        at, offset = (0, (4, 4)) if words == "95%" else (-1, (3, 3))
        end = (sizes[at], 100 * limits["high"].iloc[at])
        _say(axes, words, end, offset, colour if colour != GREY else MUTED)
    _say(axes, f"all: {100 * drawn.target:.1f}", (sizes[0], 100 * drawn.target), (4, -7), MUTED)


def rank_ranges(ranks: pd.DataFrame, summary: Mapping[str, int]) -> Figure:
    """Expected ranks of services with the ranges that hold them, best to worst.

    Args:
        ranks: from `BetweenUnits.ranks`, with `sure`: "top" or "bottom" where the range lies in that quarter.
        summary: how many services are sure to be in the top and in the bottom quarter.
    """
    figure, axes = new_figure(height=4.3)
    rows = ranks.sort_values("expected_rank", ignore_index=True)
    k = len(rows)
    for quarter in (1, 2, 3):
        axes.axhline(k * quarter / 4 + 0.5, color=RULE, linewidth=0.9, zorder=0)
    for sure, colour in (("", LIGHT), ("top", BLUE), ("bottom", ORANGE)):
        some = rows[rows["sure"].eq(sure)]
        axes.vlines(some.index + 1, some["rank_low"], some["rank_high"], color=colour, linewidth=2)
        axes.scatter(some.index + 1, some["expected_rank"], s=7, color=INK, zorder=3)
    words = (
        (f"{summary['top']} surely in\nthe top quarter", BLUE, (2, k * 0.45)),
        (f"{summary['bottom']} surely in\nthe bottom quarter", ORANGE, (k, k * 0.2)),
    )
    for text, colour, place in words:
        side = "left" if colour == BLUE else "right"
        _say(axes, text, place, (0, 0), colour, ha=side, fontweight=600, fontsize=9)
    axes.set_ylim(k + 3, -2)
    axes.set_xlim(-1, k + 2)
    axes.set_yticks([1, *(round(k * q / 4) for q in (1, 2, 3)), k])
    axes.grid(False)
    axes.set_xticks([])
    axes.set_xlabel(f"{k} services, by expected rank")
    title(axes, "Rank of each service, and the range that holds it", "1 is the highest recovery")
    return figure


def near_standards(panels: Sequence[Panel]) -> Figure:
    """How many months print each rate near a standard, beside a smooth spread printed alike.

    Args:
        panels: heading, what was found, the null to draw, and the first and last rate shown; four of them.
    """
    figure, axes = new_figure(2, 2, height=6.0)
    for place, (heading, found, null, shown) in zip(axes.flat, panels, strict=True):
        _near(place, found, null, shown)
        title(place, heading, "months, by printed rate in per cent")
    axes[0, 0].annotate(
        "expected",
        (0.78, 0.47),
        xycoords="axes fraction",
        color=ORANGE,
        fontsize=8.5,
        fontweight=600,
    )
    return figure


def _near(axes: Axes, found: Bunching, null: str, shown: tuple[int, int]) -> None:
    bins = found.bins[found.bins["flexibility"].eq(null)]
    bins = bins[bins["bin"].between(*shown)]
    colours = bins["side"].map({"above": BLUE, "below": LIGHT, "outside": PALE})
    axes.bar(bins["bin"], bins["observed"], width=0.82, color=colours)
    # The band lies behind the bars, which keep their colour, and its edges before them.
    axes.fill_between(
        bins["bin"], bins["low"], bins["high"], color=ORANGE, alpha=0.22, linewidth=0, zorder=0.5
    )
    for part, width in (("low", 0.6), ("high", 0.6), ("expected", 1.5)):
        axes.plot(bins["bin"], bins[part], color=ORANGE, linewidth=width, zorder=3)
    axes.axvline(found.threshold - 0.5, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    top = float(max(bins["observed"].max(), bins["high"].max()))
    axes.set_ylim(0, top * 1.16)
    axes.set_xlim(shown[0] - 0.7, shown[1] + 0.7)
    step = 5 if shown[1] - shown[0] > 12 else 2
    axes.set_xticks([t for t in range(shown[0], shown[1] + 1) if (t - found.threshold) % step == 0])
    _say(
        axes,
        f"standard {found.threshold}",
        (found.threshold - 0.5, top * 1.16),
        (3, -5),
        MUTED,
        ha="left",
        va="top",
        fontsize=8,
    )


def _say(
    axes: Axes,
    text: str,
    place: tuple[float, float],
    offset: tuple[float, float],
    colour: str,
    *,
    ha: str = "left",
    va: str = "center",
    fontsize: float = 8.2,
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
        va=va,
        fontsize=fontsize,
        annotation_clip=False,
        bbox=BEHIND,
        linespacing=1.05,
        **options,  # type: ignore[arg-type]
    )
