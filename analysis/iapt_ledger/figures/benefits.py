"""Charts of the chapter on benefits: measure frames in, figures out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from iapt_ledger.figures import style
from iapt_ledger.figures.style import BLUE, GREEN, GREY, INK, MUTED, ORANGE, PURPLE, SAND
from iapt_ledger.measures.benefits import EXTRA_COST, INCAPACITY

MILLION = 1_000_000
BILLION = 1_000_000_000
LONGEST_STEP = 1.1  # years between two rows that a line may join
PRESS = 0.45  # opacity of a mark whose figure was read second-hand

COLOURS = {
    "ib": BLUE,
    "incapacity": GREEN,
    "dla_narrow": PURPLE,
    "dla_wide": SAND,
    "dla_pip_ifs_2022": GREY,
    "dla_pip_ifs_2025": ORANGE,
    "pip": BLUE,
}
# reading, text, year and per cent where it stands, alignment
READING_TEXT = (
    ("ib", "IB alone", 2001.7, 36.2, "right"),
    ("incapacity", "IB and SDA,\nlater ESA too", 2008.6, 36.6, "left"),
    ("dla_narrow", "DLA, all ages,\nwithout learning\ndisabilities", 2012.3, 17.9, "left"),
    ("dla_wide", "DLA, all ages,\nwith them", 2012.3, 31.6, "left"),
    ("dla_pip_ifs_2022", "working age (IFS 2022)", 2004.3, 27.0, "left"),
    ("dla_pip_ifs_2022", "working age\n(IFS 2022)", 2020.6, 47.6, "center"),
    ("dla_pip_ifs_2025", "16 to 64 (IFS 2025)", 2004.0, 24.0, "left"),
    ("dla_pip_ifs_2025", "16 to 64\n(IFS 2025)", 2016.8, 42.6, "center"),
    ("pip", "PIP,\nall ages", 2024.0, 34.4, "center"),
)


def shares(held: pd.DataFrame, quoted: dict[int, float]) -> Figure:
    """Shares with a mental-health condition: one panel a kind of benefit, the quoted figures in both.

    Points only: no line crosses the years between, in which nothing is held.

    Args:
        held: frame of `measures.benefits.shares`.
        quoted: year to the document's own per cent, drawn hollow.
    """
    figure, axes = style.new_figure(1, 2, height=4.4, sharey=True)
    for panel, scheme, name in (
        (axes[0], INCAPACITY, "Incapacity benefits: IB, SDA, ESA"),
        (axes[1], EXTRA_COST, "Disability benefits: DLA, PIP"),
    ):
        style.title(panel, name, "per cent of claimants")
        for reading, rows in held[held["scheme"].eq(scheme)].groupby("reading", sort=False):
            _marks(panel, rows, 1, COLOURS[str(reading)])
        for reading, text, x, y, align in READING_TEXT:
            if reading in set(held["reading"][held["scheme"].eq(scheme)]):
                panel.annotate(text, (x, y), color=COLOURS[reading], fontweight=600, fontsize=8.5,
                               ha=align, va="center")  # fmt: skip
        _quoted(panel, quoted)
        panel.set(xlim=(1995.5, 2026.5), ylim=(0, 55), xticks=[2000, 2005, 2010, 2015, 2020, 2025])
    return figure


def _marks(axes: Axes, rows: pd.DataFrame, unit: float, colour: str, **options: Any) -> None:
    for press, group in rows.groupby("press"):
        axes.plot(
            years(group["end"]), group["value"] / unit, "o", color=colour, ms=6.5, mec=colour,
            alpha=PRESS if press else 1.0, **options,
        )  # fmt: skip


def _quoted(axes: Axes, quoted: dict[int, float]) -> None:
    x = [year + 0.5 for year in quoted]
    axes.plot(x, list(quoted.values()), "D", mfc="none", mec=INK, mew=1.4, ms=8, zorder=4)
    for at, value in zip(x, quoted.values(), strict=True):
        axes.annotate(
            f"{value:g}%", (at, value), xytext=(-9, 0), textcoords="offset points", ha="right",
            va="center", fontsize=8.5, color=INK,
        )  # fmt: skip
    axes.plot(1997, 51.8, "D", mfc="none", mec=INK, mew=1.4, ms=7)
    axes.annotate("the editorial’s own figures", (1998, 51.8), fontsize=8.5, va="center")


def years(dates: pd.Series) -> pd.Series:
    """Dates as decimal years."""
    return dates.dt.year + (dates.dt.day_of_year - 1) / 365.25


COUNT_TITLES = {
    "incapacity": "Incapacity benefits",
    "dla": "DLA, all ages",
    "pip": "PIP, all ages",
}


def counts(held: pd.DataFrame, quarters: pd.DataFrame | None = None) -> Figure:
    """Claimants by scheme, all (grey) and with a mental-health condition (coloured); gaps stay gaps.

    Args:
        held: frame of `measures.benefit_amounts.counts`.
        quarters: frame of `measures.benefit_quarters.drawn`, drawn apart as dotted lines, with breaks marked.
    """
    figure, axes = style.new_figure(1, 3, height=3.9, sharey=True)
    for axis, (panel, name) in zip(axes, COUNT_TITLES.items(), strict=True):
        rows = held[held["panel"].eq(panel)]
        style.title(axis, name, "million")
        _lines(axis, rows[rows["measure"].eq("all")], GREY)
        _lines(axis, rows[rows["measure"].eq("mental")], BLUE)
        _lines(axis, rows[rows["measure"].eq("mental_with_learning")], SAND)
        axis.set(xlim=(1993.5, 2027), ylim=(0, 3.6), xticks=[1995, 2005, 2015, 2025])
    for axis, notes in zip(axes, COUNT_NOTES, strict=True):
        for text, x, y, colour in notes:
            axis.annotate(text, (x, y), color=colour, fontweight=600, fontsize=8.5, ha="center",
                          va="center")  # fmt: skip
    if quarters is not None and len(quarters):
        for axis, panel in zip(axes, COUNT_TITLES, strict=True):
            _quarters(axis, quarters[quarters["panel"].eq(panel)], panel)
        axes[0].set_ylim(
            0, max(3.6, 1.05 * quarters["value"].max() / MILLION)
        )  # nothing is cut off
    return figure


QUARTER_COLOURS = {"all": MUTED, "mental": BLUE, "mental_with_learning": SAND}
QUARTER_BREAKS = {"incapacity": (2008.85, "ESA joins"), "dla": (2018.3, "new data set")}


def _quarters(axes: Axes, rows: pd.DataFrame, panel: str) -> None:
    """The department's quarterly counts: dotted, not joined to any mark, nor across a gap or a break."""
    if rows.empty:
        return
    at, words = QUARTER_BREAKS.get(panel, (np.inf, ""))
    for (measure, _), run in rows.groupby(["measure", "unit"], sort=False):
        run = run.sort_values("end")
        x = years(run["end"])
        stretches = (x.diff() > LONGEST_STEP).cumsum() + (x > at)
        for _, stretch in run.groupby(stretches):
            axes.plot(x[stretch.index], stretch["value"] / MILLION, color=QUARTER_COLOURS[str(measure)],
                      lw=1.2, ls=(0, (1, 1)), marker=".", ms=2.5)  # fmt: skip
    ends = years(rows["end"])
    if ends.min() < at < ends.max():
        style.mark_break(axes, at, words, top=0.06)
    axes.annotate("dotted: quarterly counts", (0.98, 0.995), xycoords="axes fraction", ha="right",
                  va="top", fontsize=7.5, color=MUTED)  # fmt: skip


COUNT_NOTES = (
    (
        ("all claimants", 2009.5, 2.86, MUTED),
        ("with a mental or\nbehavioural disorder", 2010.5, 0.62, BLUE),
    ),
    (
        ("all claimants", 2005.5, 3.3, MUTED),
        ("with learning\ndifficulties", 2018.4, 1.06, SAND),
        ("psychiatric,\nwithout them", 2018.4, 0.64, BLUE),
        ("single, not working,\non another benefit", 2004.5, 0.36, BLUE),
    ),
    (("all", 2017.5, 2.86, MUTED), ("psychiatric\ncategory", 2015.8, 1.32, BLUE)),
)


def _lines(axes: Axes, rows: pd.DataFrame, colour: str) -> None:
    for _, run in rows.groupby(["benefit", "source_id", "unit"], sort=False):
        x = years(run["end"])
        for _, stretch in run.groupby((x.diff() > LONGEST_STEP).cumsum()):
            axes.plot(x[stretch.index], stretch["value"] / MILLION, color=colour, lw=1.6)
    quarterly = rows.groupby("source_id")["end"].transform("size").gt(12)
    _marks(axes, rows[~quarterly], MILLION, colour)


def spending(real: pd.DataFrame, cash: pd.DataFrame, of_all: pd.DataFrame) -> Figure:
    """PIP spending on psychiatric conditions, narrow and wide, in real terms and as a share of all PIP."""
    figure, axes = style.new_figure(1, 2, height=3.9)
    style.title(axes[0], "PIP spending", "£ billion; 2024-25 prices (thin: cash)")
    style.title(axes[1], "Share of all PIP spending", "per cent")
    for group, colour, text in (
        ("wide", ORANGE, "with ADHD,\nautism, learning\ndisabilities"),
        ("narrow", BLUE, "anxiety,\ndepression,\nother psychiatric"),
    ):
        for axis, frame, unit in ((axes[0], real, BILLION), (axes[1], of_all, 1)):
            rows = frame[frame["measure"].eq(group)]
            axis.plot(_starts(rows), rows["value"] / unit, color=colour)
        thin = cash[cash["measure"].eq(group)]
        axes[0].plot(_starts(thin), thin["value"] / BILLION, color=colour, lw=0.9, alpha=0.7)
        end = real[real["measure"].eq(group)].iloc[-1]
        style.label_end(
            axes[0], _starts(rows).iloc[-1], end["value"] / BILLION, f"£{end['value'] / BILLION:.1f}bn",
            colour,
        )  # fmt: skip
        last = rows.iloc[-1]
        style.label_end(axes[1], _starts(rows).iloc[-1], last["value"], text, colour, fontsize=8.5)
    for axis in axes:
        axis.axvspan(2012.6, 2018, color=style.RULE, alpha=0.45, lw=0, zorder=0)
        axis.annotate(
            "people moving\nover from DLA", (2015.3, 0.985), xycoords=("data", "axes fraction"),
            ha="center", va="top", fontsize=8.5, color=MUTED,
        )  # fmt: skip
        axis.set_xticks([2013, 2018, 2024], ["2013-14", "2018-19", "2024-25"])
        axis.set_xlim(2012.6, 2024.5)
    axes[0].set_ylim(0, 11.5)
    axes[1].set_ylim(0, 50)
    axes[1].yaxis.set_major_locator(MultipleLocator(10))
    return figure


def _starts(rows: pd.DataFrame) -> pd.Series:
    return rows["period"].str[:4].astype(int)
