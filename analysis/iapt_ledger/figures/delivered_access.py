"""Further figures of the chapter on what was delivered: those reached against plan, and waits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from iapt_ledger.figures.delivered import WHITE, middle_of
from iapt_ledger.figures.style import (
    BEHIND,
    BLUE,
    INK,
    MUTED,
    ORANGE,
    RULE,
    mark_break,
    new_figure,
    title,
)
from iapt_ledger.numbers import format_value

PANELS = (("under 6 weeks", 75, 100), ("under 18 weeks", 95, 100), ("over 90 days", 0, 30))
TOP = 1_400_000


def entrants(counts: pd.DataFrame, base: float, share: float, quoted: float) -> Figure:
    """Those entering treatment by year, against the planned level, with what is not held shown as a gap.

    Args:
        counts: from `pathway_counts`, measure entered_treatment.
        base: people on whom the target was planned; share: per cent of them to be reached.
        quoted: the yearly number that one of the two documents states.
    """
    figure, axes = new_figure(height=4.1)
    _gap(axes)
    for row in counts.to_dict("records"):
        _bar(axes, row)
    _planned(axes, base, share, quoted)
    axes.annotate("people", (2009.3, 560_000), color=ORANGE, fontweight=600)
    axes.annotate("referrals", (2017.1, 1_180_000), color=BLUE, fontweight=600, ha="right")
    axes.set_ylim(0, TOP)
    ticks = range(0, TOP + 1, 200_000)
    axes.set_yticks(ticks, [f"{v / 1e6:.1f}" for v in ticks])
    axes.set_xlim(2008.2, 2026.4)
    _ticks(axes, range(2009, 2026, 2), 0.75)
    title(
        axes,
        "Entering treatment in a year",
        "million; hatched: part of a year, undercount, or sum of months",
    )
    return figure


def waiting_times(found: pd.DataFrame) -> Figure:
    """Waits to the first and to the second treatment appointment, as shares of finished courses.

    Args:
        found: from `iapt_ledger.measures.waits.waits`.
    """
    figure, panels = new_figure(columns=3, height=3.7)
    for axes, (band, standard, top) in zip(panels, PANELS, strict=True):
        for to, colour, words, above, at in (
            ("first treatment", BLUE, "referral to first", True, 2021.9),
            ("second treatment", ORANGE, "first to second", not standard, 2019.4),
        ):
            line = found[(found["band"] == band) & (found["to"] == to)]
            _wait_line(axes, line, colour, words, above, at)
        if standard:
            axes.axhline(standard, color=BLUE, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        mark_break(axes, 2020.42, "v2.0", top=0.07 if standard else 0.98)
        axes.set_ylim(0, top * 1.09)
        axes.set_yticks(range(0, top + 1, top // 5))
        axes.set_xlim(2016.9, 2025.3)
        _ticks(axes, (2018, 2021, 2024), 0.5)
        title(
            axes,
            f"Waited {band}",
            f"%; dashed: standard for first, {standard}" if standard else "%",
        )
    return figure


def _gap(axes: Axes) -> None:
    """The months that no national series covers in full."""
    axes.axvspan(2012.0, 2013.25, ymax=0.93, color=RULE, alpha=0.55, linewidth=0, zorder=0)
    axes.annotate(
        "January 2012 to\nMarch 2013:\nnot held in full",
        (2012.62, 1_290_000),
        ha="center",
        va="top",
        color=MUTED,
        fontsize=8,
    )


def _planned(axes: Axes, base: float, share: float, quoted: float) -> None:
    """The planned level and the document's own figure, over the two years that they speak of."""
    planned = base * share / 100
    for level, dash in ((planned, "-"), (quoted, (0, (1.5, 1.2)))):
        axes.plot(
            [2014.25, 2016.25],
            [level] * 2,
            color=INK,
            linewidth=1.5,
            linestyle=dash,
            path_effects=[withStroke(linewidth=3.2, foreground=WHITE)],
        )
    axes.annotate(
        f"planned for March 2015: {share:.0f}% of {format_value(base, 'people')}\n"
        f"(dotted: {format_value(quoted, 'people')}, the document's figure)",
        (2014.2, planned),
        (-3, 3),
        textcoords="offset points",
        color=INK,
        fontsize=8.5,
        fontweight=600,
        ha="right",
        va="bottom",
    )


def _bar(axes: Axes, row: dict[Any, Any]) -> None:
    """A year's bar on a calendar axis, as wide as the months it covers; hatched where it needs a caution."""
    months = {"2008-09": 6, "2011-12": 9}.get(row["period"], 12)
    start = int(row["period"][:4]) + (0.75 if row["period"] == "2008-09" else 0.25)
    colour = ORANGE if row["unit"] == "people" else BLUE
    sound = months == 12 and row["basis"] in ("annual report", "earlier collection")
    axes.bar(
        start + 0.04,
        row["value"],
        width=months / 12 - 0.08,
        align="edge",
        color=colour if sound else WHITE,
        edgecolor=colour,
        linewidth=1,
        hatch="" if sound else "////",
        zorder=2,
    )
    axes.annotate(
        f"{row['value'] / 1e6:.2f}",
        (start + months / 24, row["value"]),
        (0, 3),
        textcoords="offset points",
        ha="center",
        fontsize=7.5,
        color=INK,
    )


def _wait_line(
    axes: Axes, line: pd.DataFrame, colour: str, words: str, above: bool, at: float
) -> None:
    line = line[line["basis"] == "annual report"].sort_values("period")
    years, shares = middle_of(line["period"]), line["value"]
    axes.plot(years, shares, color=colour, marker="o", markersize=3.5)
    near = shares.iloc[int((years - at).abs().argmin())]
    labels = [(years.iloc[i], shares.iloc[i], f"{shares.iloc[i]:.0f}", 9) for i in (0, -1)]
    for x, y, text, gap in (*labels, (at, near, words, 13 if above else 17)):
        axes.annotate(
            text,
            (x, y),
            (0, gap if above else -gap),
            textcoords="offset points",
            color=colour,
            ha="center",
            va="center",
            fontsize=8.5,
            fontweight=600,
            bbox=BEHIND,
            zorder=1.6,  # over the rules, under the lines
        )


def _ticks(axes: Axes, years: Iterable[int], offset: float) -> None:
    axes.set_xticks([y + offset for y in years], [f"{y}-{(y + 1) % 100:02d}" for y in years])
