"""Charts of the yearly series in the chapter on whether the programme changed prescribing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iapt_ledger.figures import style
from iapt_ledger.figures.style import BLUE, GREY, INK, MUTED, ORANGE, PURPLE, SAND

MILLION = 1_000_000
# What else happened, and when: first and last year on the axis, where its words stand, the words.
# Each is a rival to the programme.
RIVALS: Mapping[str, tuple[float, float, float, str]] = MappingProxyType(
    {
        "warnings": (2003.0, 2004.9, 2003.95, "SSRI warnings"),
        "contract": (2006.25, 2006.25, 2005.78, "GP contract"),
        "recession": (2008.25, 2009.5, 2009.35, "recession"),
        "reassessment": (2010.0, 2013.0, 2011.5, "reassessment of benefits"),
    }
)
NARROW = 0.14  # years: how wide a rival of one day is drawn
ROLL_OUT = 2008.75  # 1 October 2008 on an axis whose whole numbers are beginnings of years
MIDDLE = 0.5  # of a year
LINK_TITLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "gaussian": ("Straight lines", "million items a year"),
        "quasipoisson": ("Steady growth", "million items a year; equal growth, in per cent, each year"),
    }
)  # fmt: skip
SCAN_LINES: Mapping[str, tuple[str, object]] = MappingProxyType(
    {
        "items": (BLUE, "-"),
        "items per head": (ORANGE, (0, (5, 1.6))),
        "SSRIs": (PURPLE, (0, (1.4, 1.4))),
    }
)


def segments(fits: pd.DataFrame) -> Figure:
    """Items as they were, the fitted segments, and what the years before lead on to, under each link.

    Args:
        fits: link, year, value, fitted, expected, low, high (items); expected is NaN before the break.
    """
    figure, panels = style.new_figure(1, 2, height=3.9, sharey=True)
    for panel, (link, (name, unit)) in zip(panels, LINK_TITLES.items(), strict=True):
        rows = fits[fits["link"].eq(link)]
        x, after = rows["year"] + MIDDLE, rows["expected"].notna()
        style.title(panel, name, unit)
        _rivals(panel, named=link == "gaussian")
        panel.fill_between(
            x[after], rows["low"][after] / MILLION, rows["high"][after] / MILLION, color=GREY,
            alpha=0.3, linewidth=0,
        )  # fmt: skip
        panel.plot(
            x[after], rows["expected"][after] / MILLION, color=GREY, linestyle=style.DASHES[1]
        )
        for part in (rows[~after], rows[after]):
            panel.plot(part["year"] + MIDDLE, part["fitted"] / MILLION, color=ORANGE, linewidth=1.6)
        panel.plot(x, rows["value"] / MILLION, "o", color=BLUE, ms=4)
        panel.axvline(ROLL_OUT, color=INK, linewidth=0.8)
        panel.set(xlim=(1997.5, 2024.5), ylim=(0, 118), xticks=range(2000, 2025, 5))
    _segment_labels(panels)
    return figure


def _rivals(axes: Axes, *, named: bool) -> None:
    for first, last, middle, text in RIVALS.values():
        axes.axvspan(first, max(last, first + NARROW), color=SAND, alpha=0.2, linewidth=0)
        if named:
            axes.annotate(
                text, (middle, 0.985), xycoords=("data", "axes fraction"), rotation=90, ha="center",
                va="top", fontsize=8, color=MUTED,
            )  # fmt: skip


def _segment_labels(panels: Sequence[Axes]) -> None:
    for panel, (x, y) in zip(panels, ((2023.9, 43), (2018.2, 104)), strict=True):
        panel.annotate(
            "as before 2009", (x, y), ha="right", va="center", color=MUTED, fontweight=600
        )
    panels[1].annotate(
        "IAPT, October 2008", (ROLL_OUT, 5), xytext=(4, 0), textcoords="offset points", fontsize=8.5,
    )  # fmt: skip


def scan(breaks: pd.DataFrame) -> Figure:
    """How much a break in each year stands out, under each link: its statistic over the greatest.

    Args:
        breaks: series, link, year, value (per cent of the greatest statistic of that series and link).
    """
    figure, panels = style.new_figure(1, 2, height=3.4, sharey=True)
    for panel, (link, (name, _)) in zip(panels, LINK_TITLES.items(), strict=True):
        style.title(panel, name, "how much a break stands out, the best year = 100")
        _rivals(panel, named=False)
        panel.axvline(ROLL_OUT, color=INK, linewidth=0.8)
        for series, (colour, dashes) in SCAN_LINES.items():
            rows = breaks[breaks["link"].eq(link) & breaks["series"].eq(series)]
            best = rows.sort_values("value").iloc[-1]
            panel.plot(rows["year"], rows["value"], color=colour, linestyle=dashes)
            panel.plot(
                best["year"], best["value"], "o", color=colour, ms=7, zorder=4, clip_on=False
            )
        panel.set(xlim=(2001.5, 2015.5), ylim=(0, 108), xticks=range(2002, 2016, 3))
    for series, panel, x, y in (
        ("items", 0, 2006.55, 45),
        ("items per head", 0, 2011.55, 58),
        ("SSRIs", 0, 2001.7, 62),
        ("SSRIs", 1, 2004.0, 84),
        ("items", 1, 2009.95, 45),
        ("items per head", 1, 2009.7, 98),
    ):
        panels[panel].annotate(
            series, (x, y), color=SCAN_LINES[series][0], fontweight=600, va="center"
        )
    return figure
